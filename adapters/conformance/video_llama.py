"""VideoRefer's second generation and PixelRefer: packages of one build, each with the scripts of VideoRefer-Bench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

from sama_bench.adapter import Adapter
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
from sama_bench.adapters.conformance.tiny import attention_by_lengths, tokenizer
from sama_bench.adapters.models.pixelrefer import Lite, PixelRefer
from sama_bench.adapters.models.pixelrefer import Model as PixelReferModel
from sama_bench.adapters.models.videorefer import VideoRefer
from sama_bench.adapters.models.videorefer.v2 import Second
from sama_bench.adapters.shared import flash_attention
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.types import Question

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<|stream_start|>", "<|stream_end|>", "<REGION>",
)  # fmt: skip
DESCRIBE = "Please describe in detail the marked object <mask> in the video."
TOKENS = 3


class VideoLlamaRecipe(Recipe):
    """Compares descriptions and questions with VideoRefer-Bench-D and -Q of the model's own scripts."""

    kind: ClassVar[type[Second]] = Second
    evaluation: ClassVar[str] = "videorefer_videollama3/evaluation"
    alias: ClassVar[str] = "videollama3"
    """The name by which the scripts import the package."""
    classes: ClassVar[tuple[str, str]] = ("videollama3_qwen2", "Videollama3Qwen2")
    """The module of the model, and how its classes begin."""
    checkpoint: ClassVar[str] = "VideoRefer-VideoLLaMA3-tiny"
    dtype: ClassVar[Dtype] = "float32"

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare what reaches `generate` for questions about one video of the demo, with and without a region."""
        begin(self.kind.repository, repo)
        with self._on_cpu():
            checkpoint = self._tiny(folder)
            adapter = self._made(checkpoint, repo)
            for question in questions(DESCRIBE):
                if adapter.can.suits(question):
                    yield self._compared(adapter, question, folder, self.kind.repository.folder(repo))

    def _made(self, checkpoint: Path, repo: Path) -> Adapter:
        return VideoRefer(str(checkpoint), repo=repo, generation="2", device="cpu", dtype=self.dtype)

    def _compared(self, adapter: Adapter, question: Question, folder: Path, code: Path) -> Finding:
        model = adapter._model  # type: ignore[attr-defined]
        ours = asked(adapter, question, generate_seen(model._model, TOKENS))
        with generate_seen(model._model) as theirs:
            self._asked_by_script(model, question, folder, code)
        return compared(str(question.key), ours[0], theirs[0])

    def _asked_by_script(self, model: Loaded, question: Question, folder: Path, code: Path) -> None:
        """Let the authors' data set build the question, and hand it on as their loop does."""
        import torch

        name = "d" if question.key.task == "c" else "q"
        aliases = {f"{self.alias}{part}": f"{self.kind.package}{part}" for part in ("", ".mm_utils")}
        script = imported(code / self.evaluation / f"infer_videorefer_{name}.py", aliases)
        row = line(question, written(question.video, folder))
        built = getattr(script, f"VideoRefer_Bench_{name.upper()}")(str(folder), [row], None, "single")[0]
        entry = getattr(import_module(self.kind.package), self.kind.entry)
        with foreign("cpu"), torch.random.fork_rng(devices=[]):
            try:
                entry(
                    built["video"], built["question"], model=model._model, tokenizer=model._tokenizer,
                    masks=built["masks"], mask_ids=built["mask_ids"],
                    **{name: built[name] for name in ("mask_ids_raw",) if name in built},
                )  # fmt: skip
            except Reached:
                return

    def _tiny(self, folder: Path) -> Path:
        """A checkpoint of the real classes: one layer of everything, random weights."""
        module, begins = self.classes
        package = self.kind.package
        encoder = import_module(f"{package}.model.damovl_encoder")
        config_module = import_module(f"{package}.model.damovl_encoder.configuration_damovl_encoder")
        tower, out = folder / "tower-SigLIP-NaViT", folder / self.checkpoint
        small = {"hidden_size": 32, "intermediate_size": 32, "num_attention_heads": 2}
        vision = config_module.DAMOVLVisionConfig(**small, num_hidden_layers=1, patch_size=14)
        vision._attn_implementation = "flash_attention_2"
        encoder.DAMOVLVisionModel(vision).save_pretrained(tower)
        encoder.DAMOVLImageProcessor().save_pretrained(tower)
        size = tokenizer(out, SPECIAL, "<|im_end|>")
        import torch

        classes = import_module(f"{package}.model.{module}")
        config = getattr(classes, f"{begins}Config")(
            **small, vocab_size=size, num_hidden_layers=2, num_key_value_heads=2, max_position_embeddings=32768,
            eos_token_id=2, bos_token_id=None, mm_vision_encoder=str(tower), mm_projector_type="mlp2x_gelu",
            mm_hidden_size=32, spatial_merge_size=2, use_token_compression=True, mm_vision_select_layer=-1,
            mask_num=32, torch_dtype=getattr(torch, self.dtype),
        )  # fmt: skip
        getattr(classes, f"{begins}ForCausalLM")(config).save_pretrained(out)
        return out

    @contextmanager
    def _on_cpu(self) -> Iterator[None]:
        """While the context is open, the code runs without FlashAttention: what it computes is computed by PyTorch."""
        import transformers
        from transformers.models.qwen2 import modeling_qwen2

        encoder = import_module(f"{self.kind.package}.model.damovl_encoder.modeling_damovl_encoder")

        def taken(_: Loaded, config: Loaded, *__: Loaded, **___: Loaded) -> Loaded:
            config._attn_implementation = "flash_attention_2"
            return config

        with ExitStack() as patches:
            for place, name, value in (
                (encoder, "flash_attn_varlen_func", attention_by_lengths),
                (transformers.PreTrainedModel, "_check_and_enable_flash_attn_2", classmethod(taken)),
                (flash_attention, "problems", lambda *_: []),
            ):
                patches.enter_context(patch.object(place, name, value))
            attention = getattr(modeling_qwen2, "QWEN2_ATTENTION_CLASSES", {})
            patches.enter_context(patch.dict(attention, flash_attention_2=attention.get("sdpa")))
            yield


class VideoReferRecipe(VideoLlamaRecipe):
    """The second generation of `videorefer`."""

    adapter: ClassVar[str] = "videorefer"
    commit: ClassVar[str] = "cbd4207"
    script: ClassVar[str] = "videorefer_videollama3/evaluation/infer_videorefer_{d,q}.py"


class PixelReferRecipe(VideoLlamaRecipe):
    """`pixelrefer`."""

    adapter: ClassVar[str] = "pixelrefer"
    commit: ClassVar[str] = "2a18ec7"
    script: ClassVar[str] = "PixelRefer/evaluation/pixelrefer/infer_videorefer_{d,q}.py"
    kind: ClassVar[type[Second]] = PixelReferModel
    evaluation: ClassVar[str] = "evaluation/pixelrefer"
    alias: ClassVar[str] = "pixelrefer"
    classes: ClassVar[tuple[str, str]] = ("pixelrefer_qwen2", "PixelreferQwen2")
    checkpoint: ClassVar[str] = "PixelRefer-tiny"

    def _made(self, checkpoint: Path, repo: Path) -> Adapter:
        return PixelRefer(str(checkpoint), repo=repo, device="cpu", dtype=self.dtype)


class PixelReferLiteRecipe(PixelReferRecipe):
    """`pixelrefer` with a checkpoint of PixelRefer-Lite, which is asked for descriptions alone."""

    adapter: ClassVar[str] = "pixelrefer-lite"
    script: ClassVar[str] = "PixelRefer/evaluation/pixelrefer_lite/infer_videorefer_d.py"
    kind: ClassVar[type[Second]] = Lite
    evaluation: ClassVar[str] = "evaluation/pixelrefer_lite"
    alias: ClassVar[str] = "pixelreferlite"
    classes: ClassVar[tuple[str, str]] = ("pixelreferlite_qwen2", "PixelreferliteQwen2")
    checkpoint: ClassVar[str] = "PixelRefer-Lite-tiny"
    dtype: ClassVar[Dtype] = "bfloat16"
