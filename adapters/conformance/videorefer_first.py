"""VideoRefer-7B, the first generation, against its scripts of VideoRefer-Bench."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from sama_bench.adapters.conformance.bench_entries import line, questions, written
from sama_bench.adapters.conformance.recipe import (
    Finding,
    Loaded,
    Reached,
    Recipe,
    asked,
    begin,
    compared,
    generate_seen,
)
from sama_bench.adapters.conformance.scripts import imported
from sama_bench.adapters.conformance.tiny import CHAT, computing_in_float32, tokenizer
from sama_bench.adapters.models.videorefer import VideoRefer
from sama_bench.adapters.models.videorefer.v1 import First
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.types import Question

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<region>")
DESCRIBE = "Please give a detailed description of the highlighted object <mask> in the video."
TOKENS = 3
TOWER = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
"""Two layers: the last but one is what is looked at."""


class FirstRecipe(Recipe):
    """Compares descriptions and questions with VideoRefer-Bench-D and -Q of the model's own scripts, in float16."""

    adapter: ClassVar[str] = "videorefer-1"
    commit: ClassVar[str] = "cbd4207"
    script: ClassVar[str] = "videorefer/eval/inference_videorefer_{d,q}_bench.py"

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare what reaches `generate` for questions about the demo's videos, with one region and with two."""
        begin(First.repository, repo)
        adapter = VideoRefer(str(_tiny(folder)), repo=repo, generation="1", device="cpu")
        computing_in_float32(adapter._model._model)
        for question in questions(DESCRIBE):
            model: Loaded = adapter._model
            ours = asked(adapter, question, generate_seen(model._model, TOKENS))
            with generate_seen(model._model) as theirs:
                _asked_by_script(model, question, folder, First.repository.folder(repo))
            yield compared(str(question.key), ours[0], theirs[0])


def _asked_by_script(model: Loaded, question: Question, folder: Path, code: Path) -> None:
    """Let the authors' data set build the question, and hand it on as their loop does."""
    name = "d" if question.key.task == "c" else "q"
    script = imported(code / "videorefer/eval" / f"inference_videorefer_{name}_bench.py")
    row = line(question, written(question.video, folder))
    kind = getattr(script, f"VideoRefer_Bench_{name.upper()}")
    built = kind(str(folder), [row], model._processor, "single")[0]
    with foreign("cpu"):
        try:
            import_module("videorefer").mm_infer(
                built["video"], built["question"], model=model._model, tokenizer=model._tokenizer,
                masks=built["masks"], frame=built["frame"], ann_indices=built["ann_indices"],
                frame_nums=built["frame_nums"],
            )  # fmt: skip
        except Reached:
            return


def _tiny(folder: Path) -> Path:
    """A checkpoint of the real classes, as small as they go, with random weights."""
    import torch
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel

    tower, out = folder / "clip-tiny", folder / "VideoRefer-tiny"
    CLIPVisionModel(CLIPVisionConfig(**TOWER, image_size=56, patch_size=14)).save_pretrained(tower)
    sides = {"height": 56, "width": 56}
    CLIPImageProcessor(size={"shortest_edge": 56}, crop_size=sides).save_pretrained(tower)
    size = tokenizer(out, SPECIAL, "<|im_end|>", CHAT)
    classes = import_module("videorefer.model.videorefer_qwen2")
    config = classes.VideoReferQwen2Config(
        hidden_size=32, intermediate_size=32, num_attention_heads=2, num_key_value_heads=2, num_hidden_layers=2,
        vocab_size=size, max_position_embeddings=32768, eos_token_id=2, bos_token_id=None, mm_hidden_size=32,
        mm_vision_tower=str(tower), mm_vision_select_layer=-2, mm_projector_type="mlp2x_gelu", num_frames=8,
        image_aspect_ratio="square", torch_dtype=torch.float16,
    )  # fmt: skip
    classes.VideoReferQwen2ForCausalLM(config).half().save_pretrained(out)
    return out
