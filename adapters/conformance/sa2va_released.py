"""Sa2VA's released code (InternVL variants), and Sa2VA-i's, against their scripts of referring segmentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import ClassVar

from sama_bench.adapters.conformance.bench_entries import written
from sama_bench.adapters.conformance.demo_questions import demo_questions, without_regions
from sama_bench.adapters.conformance.recipe import Finding, Loaded, Recipe, asked, compared
from sama_bench.adapters.conformance.sa2va_family import SAM2, Code, all_seen, bring_code, fill
from sama_bench.adapters.conformance.scripts import path_kept, unneeded
from sama_bench.adapters.models.sa2va_released import SAMPLES, Sa2VA
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.errors import UserError
from sama_bench.prompting.grounding_request import without_request
from sama_bench.types import Question

UNNEEDED = ("mmengine", "mmengine.config", "mmengine.dist", "mmengine.fileio", "mmengine.logging", "utils")
ASK, SEGMENT = " {} Please respond with a segmentation mask.", "Please segment {}."
"""The script's sentences for questions and for expressions. The prompt `sa2va` has no space before a question."""


class Sa2vaReleasedRecipe(Recipe):
    """Compares questions and expressions with its data set of videos, from the prompt to the masks."""

    adapter: ClassVar[str] = "sa2va-released"
    commit: ClassVar[str] = "9832e1a"
    script: ClassVar[str] = "projects/sa2va/evaluation/dataset/refVOS.py, as sa2va_eval_ref_vos.py calls it"
    repository: ClassVar[str] = "https://github.com/bytedance/Sa2VA"
    code: ClassVar[Code] = Code("projects/sa2va/hf/models")
    evaluation: ClassVar[str] = "projects.sa2va.evaluation"
    ask: ClassVar[str] = ASK
    """What the script makes of a question."""
    checkpoint: ClassVar[str] = "Sa2VA-tiny"

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare what reaches `generate`, the answer and its masks, question by question."""
        self.check(repo)
        adapter = smaller_adapter(self._tiny(folder / self.checkpoint, repo))
        model, speaker = adapter._model, self._speaker(adapter._model)
        for question, words in questions(self.ask):
            ours = asked(adapter, question, all_seen(model, speaker))
            with all_seen(model, speaker) as theirs:
                self.asked_by_script(adapter, question, words, folder, repo)
            yield compared(str(question.key), ours, theirs)

    def check(self, repo: Path) -> None:
        """Raise UserError where `repo` is no checkout of the code."""
        if not (repo / self.code.file).is_file():
            raise UserError(f"repo={repo}: has no {self.code.file}; expected a checkout of {self.repository}")

    def asked_by_script(self, adapter: Sa2VA, question: Question, words: str, folder: Path, repo: Path) -> None:
        """Let the authors' data set build the question, and the adapter's model answer it, as their loop does."""
        import torch

        item = self._built_by_script(question, words, folder, repo)
        with torch.no_grad(), foreign("cpu"):
            adapter._model.predict_forward(video=item["images"], text=item["text_prompt"], **self._more(adapter))

    def _speaker(self, model: Loaded) -> Loaded:
        """What of the model has the `generate` that `predict_forward` calls."""
        return model

    def _more(self, adapter: Sa2VA) -> Mapping[str, Loaded]:
        """What the script passes with every question."""
        return {"tokenizer": adapter._fixed_args["tokenizer"], "processor": None}

    def _built_by_script(self, question: Question, words: str, folder: Path, repo: Path) -> dict[str, Loaded]:
        """The question as the authors' data set builds it."""
        name = written(question.video, folder, "jpg")
        frames = [f"{place:05d}" for place in range(len(question.video))]
        expressions = folder / "expressions.json"
        content = {"videos": {name: {"frames": frames, "expressions": {"0": {"exp": words}}}}}
        expressions.write_text(json.dumps(content), encoding="utf-8")
        with unneeded(*UNNEEDED, f"{self.evaluation}.utils"), path_kept(repo):
            module = import_module(f"{self.evaluation}.dataset")
            item: dict[str, Loaded] = module.RefVOSDataset(str(folder), str(expressions), None)[0]
        return item

    def _tiny(self, out: Path, repo: Path) -> Path:
        """A checkpoint of the real class with random weights, as small as it goes, that brings its code along."""
        from sama_bench.adapters.models.sama.tiny import TinyLanguage, write_config_and_tokenizer

        write_config_and_tokenizer(out, "qwen2", TinyLanguage(), {"sam2": asdict(SAM2)})
        bring_code(out, repo, self.code)
        with foreign("cpu"):
            fill(out, self.code)
        return out


class Sa2vaIReleasedRecipe(Sa2vaReleasedRecipe):
    """`sa2va-released` with a checkpoint of Sa2VA-i: frames that are spread evenly, and two mask decoders."""

    adapter: ClassVar[str] = "sa2va-i-released"
    commit: ClassVar[str] = "c5a809b"
    script: ClassVar[str] = "projects/llava_sam2/evaluation/dataset/refVOS.py, as ref_vos_eval.py calls it"
    repository: ClassVar[str] = "https://github.com/kumuji/sa2va-i"
    code: ClassVar[Code] = Code("projects/llava_sam2/hf/models")
    evaluation: ClassVar[str] = "projects.llava_sam2.evaluation"
    ask: ClassVar[str] = SEGMENT
    checkpoint: ClassVar[str] = "Sa2VA-i-tiny"

    def _more(self, adapter: Sa2VA) -> Mapping[str, Loaded]:
        return {"tokenizer": adapter._fixed_args["tokenizer"], SAMPLES: 5}


def smaller_adapter(checkpoint: Path) -> Sa2VA:
    """The adapter about a tiny checkpoint, whose frames for SAM 2 are as small as the checkpoint's SAM 2 wants them.

    transformers 4.42 runs the code of a checkpoint again as it loads it, and drops what was put into its module.
    """
    adapter = Sa2VA(str(checkpoint), device="cpu", trust_remote_code=True)
    assert adapter._segmenter is not None, "the code prepares frames by its `extra_image_processor`"
    adapter._segmenter._original.target_length = SAM2.image
    return adapter


def questions(ask: str) -> Iterator[tuple[Question, str]]:
    """A question and an expression about the demo's shortest video, and the words that the data have."""
    first, second = islice(without_regions(demo_questions(shortest_first=True)), 2)
    words = without_request(first.text)
    yield replace(first, text=ask.format(words)), words
    expression = "the thing that moves"
    yield replace(second, text=SEGMENT.format(expression)), expression
