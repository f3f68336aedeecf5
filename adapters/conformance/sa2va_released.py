"""Sa2VA's released code (InternVL variants) against its script of referring segmentation in videos."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from sama_bench.adapters.conformance.bench_entries import written
from sama_bench.adapters.conformance.recipe import Finding, Loaded, Recipe, asked, compared
from sama_bench.adapters.conformance.sa2va_family import SAM2, all_seen, bring_code, fill
from sama_bench.adapters.conformance.scripts import path_kept, unneeded
from sama_bench.adapters.models.sa2va_released import Sa2VA
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.errors import UserError
from sama_bench.prompting.grounding_request import without_request
from sama_bench.types import Question

MODULE = "modeling_sa2va_chat"
CODE = "projects/sa2va/hf/models"
UNNEEDED = (
    "mmengine", "mmengine.config", "mmengine.dist", "mmengine.fileio", "mmengine.logging",
    "projects.sa2va.evaluation.utils",
)  # fmt: skip
ASK, SEGMENT = " {} Please respond with a segmentation mask.", "Please segment {}."
"""The script's sentences for questions and for expressions. The prompt `sa2va` has no space before a question."""


class Sa2vaReleasedRecipe(Recipe):
    """Compares questions and expressions with its data set of videos, from the prompt to the masks."""

    adapter: ClassVar[str] = "sa2va-released"
    commit: ClassVar[str] = "9832e1a"
    script: ClassVar[str] = "projects/sa2va/evaluation/dataset/refVOS.py, as sa2va_eval_ref_vos.py calls it"

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare what reaches `generate`, the answer and its masks, question by question."""
        if not (repo / CODE / f"{MODULE}.py").is_file():
            raise UserError(f"repo={repo}: has no {repo / CODE / MODULE}.py; expected a checkout of Sa2VA")
        adapter = Sa2VA(str(_tiny(folder, repo)), device="cpu", trust_remote_code=True)
        for question, words in _questions():
            ours = asked(adapter, question, all_seen(adapter._model))
            item = _built_by_script(question, words, folder, repo)
            import torch

            with all_seen(adapter._model) as theirs, torch.no_grad(), foreign("cpu"):
                adapter._model.predict_forward(
                    video=item["images"], text=item["text_prompt"], tokenizer=adapter._fixed_args["tokenizer"],
                    processor=None,
                )  # fmt: skip
            yield compared(str(question.key), ours, theirs)


def _questions() -> Iterator[tuple[Question, str]]:
    """A question and an expression about the demo's shortest video, and the words that the data have."""
    from sama_bench.benchmark import open_benchmark

    demo = open_benchmark("demo")
    shortest = min(demo.entries, key=lambda entry: len(entry.video))
    first, second, *_ = (question for question in demo.questions(shortest.video.id) if not question.regions)
    asked = without_request(first.text)
    yield replace(first, text=ASK.format(asked), history=()), asked
    expression = "the thing that moves"
    yield replace(second, text=SEGMENT.format(expression), history=()), expression


def _built_by_script(question: Question, words: str, folder: Path, repo: Path) -> dict[str, Loaded]:
    """The question as the authors' data set builds it."""
    name = written(question.video, folder, "jpg")
    frames = [f"{place:05d}" for place in range(len(question.video))]
    expressions = folder / "expressions.json"
    content = {"videos": {name: {"frames": frames, "expressions": {"0": {"exp": words}}}}}
    expressions.write_text(json.dumps(content), encoding="utf-8")
    with unneeded(*UNNEEDED), path_kept(repo):
        module = import_module("projects.sa2va.evaluation.dataset")
        item: dict[str, Loaded] = module.RefVOSDataset(str(folder), str(expressions), None)[0]
    return item


def _tiny(folder: Path, repo: Path) -> Path:
    """A checkpoint of the real class with random weights, as small as it goes, that brings its code along."""
    from sama_bench.adapters.models.sama.tiny import TinyLanguage, write_config_and_tokenizer

    out = folder / "Sa2VA-tiny"
    write_config_and_tokenizer(out, "qwen2", TinyLanguage(), {"sam2": asdict(SAM2)})
    bring_code(out, repo / CODE, MODULE)
    with foreign("cpu"):
        fill(out, MODULE)
    return out
