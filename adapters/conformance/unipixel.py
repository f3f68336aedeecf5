"""UniPixel against its scripts of VideoRefer-Bench-D and of segmentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar
from unittest.mock import patch

from sama_bench.adapters.conformance.bench_entries import line, questions, written
from sama_bench.adapters.conformance.demo_questions import demo_questions, first_of_each, without_regions
from sama_bench.adapters.conformance.recipe import Finding, Loaded, Recipe, asked, begin, compared, generate_seen
from sama_bench.adapters.conformance.scripts import run, unneeded
from sama_bench.adapters.conformance.tiny import tokenizer
from sama_bench.adapters.models.unipixel import REGION, REPOSITORY, SEG, UniPixel
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.prompting.grounding_request import without_request
from sama_bench.types import Question

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
    "<|video_pad|>", "<|ref|>", SEG, REGION,
)  # fmt: skip
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}"
    "{{ message['content'] }}{% else %}{% for part in message['content'] %}{% if part['type'] == 'video' %}"
    "<|vision_start|><|video_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
DESCRIBE = "Please give a detailed description of the highlighted object <mask> in the video."
ASK = "{} Please provide the segmentation mask."
TOKENS = 3
PLOTS = ("matplotlib", "matplotlib.pyplot", "unipixel.utils.visualizer")
"""What the scripts import to draw masks, and their requirements do not name."""
IMAGE = 128
"""SAM 2's frames are so many pixels wide; the released ones are 1,024."""
VIDEOS = ("mevis/val_u/JPEGImages/harbour", "mevis/val_u/JPEGImages/evening_street", "lvvis/val/JPEGImages/3")
"""The videos of the demo about which a question without regions is compared."""


class UniPixelRecipe(Recipe):
    """Compares descriptions with the script of VideoRefer-Bench-D (one frame's mask), questions with that for masks."""

    adapter: ClassVar[str] = "unipixel"
    commit: ClassVar[str] = "5c8e941"
    script: ClassVar[str] = "unipixel/eval/infer_{videorefer_d,seg}.py"

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare what reaches `generate`, for descriptions of a region and for questions that want masks."""
        begin(REPOSITORY, repo)
        adapter = UniPixel(str(_tiny(folder)), repo=repo, device="cpu", dtype="float32")
        eval_folder = REPOSITORY.folder(repo) / "unipixel/eval"
        for question in (*_described(), *_segmented()):
            ours = asked(adapter, question, generate_seen(adapter._model, TOKENS))
            ask = _describe_by_script if question.expects == "text" else _segment_by_script
            with generate_seen(adapter._model) as theirs, foreign("cpu"), _loaded(adapter):
                ask(eval_folder, question, folder)
            yield compared(str(question.key), ours[0], theirs[0])


def _described() -> Iterator[Question]:
    return (question for question in questions(DESCRIBE) if question.expects == "text")


def _segmented() -> Iterator[Question]:
    """Questions without regions, in the words of the authors' for sentences."""
    for question in first_of_each(without_regions(demo_questions()), lambda question: question.video.id, VIDEOS):
        yield replace(question, text=ASK.format(without_request(question.text)))


def _loaded(adapter: UniPixel) -> AbstractContextManager[Loaded]:
    """While it is open, the scripts are given the adapter's model in place of one that they would load."""
    builder = import_module("unipixel.model.builder")
    return patch.object(builder, "build_model", lambda *_, **__: (adapter._model, adapter._processor))


def _describe_by_script(scripts: Path, question: Question, folder: Path) -> None:
    """Run the script of VideoRefer-Bench-D with masks of one frame, about a benchmark of this one question."""
    annotations = folder / "descriptions.json"
    row = line(question, written(question.video, folder, "jpg"), all_frames=True)
    annotations.write_text(json.dumps([row]), encoding="utf-8")
    kind = import_module("unipixel.dataset.sub_classes.evaluation.videorefer").VideoReferBenchDDataset
    arguments = "--dataset videorefer_bench_d --split test --device cpu --single_frame_mode --model_path x"
    where: dict[str, Loaded] = {"ANNO_PATH": str(annotations), "DATA_ROOT": str(folder)}
    with patch.multiple(kind, **where), unneeded(*PLOTS):
        run(scripts / "infer_videorefer_d.py", [*arguments.split(), "--res_pred_path", str(folder)], folder)


def _segment_by_script(scripts: Path, question: Question, folder: Path) -> None:
    """Run the script for masks about a data set of this one question."""
    frames = sorted((folder / written(question.video, folder, "jpg")).iterdir())
    sample = {"type": "sentence", "query": question.text.removesuffix(ASK.format("")), "qid": "0"}
    row = {"frames": [str(path) for path in frames], "samples": [sample], "data_type": "video", "vid": "0"}
    known = SimpleNamespace(get=lambda _: SimpleNamespace(load_annos=lambda **_: [row]))
    arguments = "--dataset revos --split valid --device cpu --workers 0 --model_path x"
    with patch.object(import_module("unipixel.dataset.hybrid"), "DATASETS", known), unneeded(*PLOTS):
        run(scripts / "infer_seg.py", [*arguments.split(), "--seg_pred_path", str(folder)], folder)


def _tiny(folder: Path) -> Path:
    """A checkpoint of the real classes with random weights, as small as they go; SAM 2 is its smallest."""
    import transformers

    out = folder / "UniPixel-tiny"
    size = tokenizer(out, SPECIAL, "<|im_end|>", TEMPLATE)
    classes = import_module("unipixel.model.qwen2_5_vl")
    words = transformers.Qwen2TokenizerFast.from_pretrained(out)
    classes.PatchedQwen2_5_VLProcessor(
        transformers.Qwen2VLImageProcessorFast(), words, transformers.Qwen2VLVideoProcessor(), chat_template=TEMPLATE
    ).save_pretrained(out)
    small: dict[str, Loaded] = {"hidden_size": 32, "intermediate_size": 32}
    ids = {f"{name}_token_id": SPECIAL.index(token) for name, token in (
        ("image", "<|image_pad|>"), ("video", "<|video_pad|>"), ("vision_start", "<|vision_start|>"),
        ("vision_end", "<|vision_end|>"), ("ref", "<|ref|>"), ("seg", SEG), ("mem", REGION),
    )}  # fmt: skip
    config = classes.PixelQwen2_5_VLConfig(
        **small, **ids, vocab_size=size, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
        max_position_embeddings=32768, eos_token_id=2, pad_token_id=0,
        rope_scaling={"type": "mrope", "mrope_section": [2, 3, 3]}, sam2_config="configs/sam2.1_hiera_t",
        vision_config={**small, "depth": 2, "num_heads": 2, "out_hidden_size": 32, "fullatt_block_indexes": [1]},
        sam2_image_size=IMAGE, sam2_hidden_tokens=2, sam2_batch_mode=False, sam2_enable_decoder=True,
        sam2_inference_mode=True, sam2_checkpoint=None, base_model="qwen2_5_vl",
    )  # fmt: skip
    model: Loaded = classes.PixelQwen2_5_VLForConditionalGeneration(config)
    model.save_pretrained(out)
    return out
