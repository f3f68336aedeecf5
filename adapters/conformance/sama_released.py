"""SAMA's released code against its scripts of grounded dialogues and of descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from io import StringIO
from pathlib import Path
from typing import ClassVar, Literal, TypeAlias

from sama_bench.adapters.conformance.bench_entries import written
from sama_bench.adapters.conformance.demo_questions import demo_questions, first_of_each
from sama_bench.adapters.conformance.recipe import Finding, Loaded, Recipe, asked, compared
from sama_bench.adapters.conformance.sa2va_family import SAM2, Code, all_seen, bring_code, fill
from sama_bench.adapters.conformance.scripts import imported, unneeded
from sama_bench.adapters.models.sama_released import Sama, bert, checkout
from sama_bench.adapters.shared.sama_frames import sparse
from sama_bench.adapters.shared.sama_prompt import place
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.errors import UserError
from sama_bench.types import Question, Region

CODE = Code("projects/llava_sam2/hf/models", "modeling_sa2va_chat_all.Sa2VAChatModel")
SCRIPTS = {"g": "video_gcg_eval_video_wise.py", "c": "video_region_cap_eval_video_wise.py"}
Shown: TypeAlias = Literal["first", "all"]
KINDS: Mapping[Shown, Set[tuple[str, int]]] = {
    "first": {("g", 0), ("g", 1), ("g", 2), ("c", 1)},
    "all": {("g", 2), ("c", 1)},
}
"""One question of each task with so many regions is compared, by where the regions are shown."""
FRAMES = 32
"""What the scripts are called with."""
ROOM = "projects.llava_sam2.evaluation"
UNNEEDED = (
    "mmengine", "mmengine.dist", "mmengine.config", "mmengine.fileio", "xtuner", "xtuner.registry", "xtuner.configs",
    "xtuner.model", "xtuner.model.utils", "utils", f"{ROOM}.utils", f"{ROOM}.utils.clair",
    f"{ROOM}.eval_gcg_metrics_demo", "matplotlib", "matplotlib.pyplot", "matplotlib.colors",
)  # fmt: skip
MASKS = "/SAMA/reproduce/"
"""Where the scripts look for the masks of all objects."""


class SamaReleasedRecipe(Recipe):
    """Compares dialogues and descriptions, with regions shown on one frame and, as the scripts do, on all."""

    adapter: ClassVar[str] = "sama-released"
    commit: ClassVar[str] = "7c75e44"
    script: ClassVar[str] = "projects/llava_sam2/evaluation/video_{gcg,region_cap}_eval_video_wise.py"

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare what reaches `generate`, the answer and its masks, question by question."""
        if problem := checkout.problem_of(repo):
            raise UserError(problem)
        checkpoint = _tiny(folder, repo)
        for shown, kinds in KINDS.items():
            adapter = Sama(
                str(checkpoint), repo=repo, bert=checkpoint / bert.NAME, device="cpu", prompt_frames=shown,
                trust_remote_code=True,
            )  # fmt: skip
            questions = demo_questions(shortest_first=True)
            for question in first_of_each(
                questions, lambda question: (question.key.task, len(question.regions)), kinds
            ):
                yield _compared(adapter, question, shown, folder, repo)


def _compared(adapter: Sama, question: Question, shown: Shown, folder: Path, repo: Path) -> Finding:
    model: Loaded = adapter._loaded.model
    ours = asked(adapter, question, all_seen(model))
    built = _built_by_script(question, shown, folder, repo / "projects/llava_sam2/evaluation")
    import torch

    with all_seen(model) as theirs, torch.inference_mode(), foreign("cpu"), adapter._chance(question):
        model.predict_forward(
            video=built["images"], prompt_masks=built["prompt_masks"], prompt_masks_112=built["prompt_masks_112"],
            text_prompts=built["text_prompts"][0], text=built["qa_list"][0]["input"], mask_count=built["mask_count"],
            tokenizer=adapter._loaded.tokenizer, max_frames=FRAMES, prediction_only=question.key.task == "c",
        )  # fmt: skip
    return compared(f"{question.key}, regions on {shown}", ours, theirs)


def _built_by_script(question: Question, shown: Shown, folder: Path, scripts: Path) -> dict[str, Loaded]:
    """The question as the authors' data set builds it."""
    rows, masks = folder / "rows.json", folder / "masks.json"
    name = written(question.video, folder, "jpg")
    tracks = {str(number): _track(region, shown) for number, region in enumerate(question.regions)}
    lvvis = {number: {"segmentations": track} for number, track in tracks.items()}
    masks.write_text(json.dumps(lvvis if "lvvis" in name else tracks), encoding="utf-8")
    rows.write_text(json.dumps([_row(question, name)]), encoding="utf-8")
    with unneeded(*UNNEEDED):
        script = imported(scripts / SCRIPTS[question.key.task])
        script.open = lambda path, *_, **__: _opened(masks if str(path).startswith(MASKS) else Path(path))
        data: dict[str, Loaded] = script.GCGVideoInferenceDataset(str(folder), str(rows), 1, FRAMES)[0]
    return data


def _opened(path: Path) -> StringIO:
    return StringIO(path.read_text("utf-8"))


def _row(question: Question, name: str) -> dict[str, object]:
    """The question as an entry of SAMA-Bench; objects are numbered as its regions."""
    height, width = question.video.size
    numbers = list(range(len(question.regions)))
    said = [{"from": "human", "value": question.text, "question_id": "1"}, {"from": "gpt", "value": "No."}]
    return {
        "video": name, "frames": [f"{place:05d}" for place in range(len(question.video))], "height": height,
        "width": width, "anno_map": numbers, "obj_masks": [numbers], "groundtruth": [[]], "conversation": said,
        "description": {"obj0": "It is."}, "description_id": {"obj0": "1"},
    }  # fmt: skip


def _track(region: Region, shown: Shown) -> list[dict[str, object] | None]:
    frames = region.visible if shown == "all" else place(region, sparse(len(region), FRAMES))
    return [dict(mask) if mask and index in set(frames) else None for index, mask in enumerate(region.track)]


def _tiny(folder: Path, repo: Path) -> Path:
    """A checkpoint of the real class with random weights, as small as it goes, that brings its code along."""
    from sama_bench.adapters.models.sama.config import Sizes
    from sama_bench.adapters.models.sama.tiny import TinyLanguage, write_all_but_weights

    out = folder / "SAMA-tiny"
    sizes = Sizes(width=48, heads=4, feed_forward=96, spatial_layers=4, sam2=SAM2)
    write_all_but_weights(out, "qwen2", sizes, TinyLanguage())
    bring_code(out, repo, CODE)
    checkout.make_importable(repo)
    with bert.standing_in(out / bert.NAME), foreign("cpu"):
        fill(out, CODE)
    return out
