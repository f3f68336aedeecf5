"""VideoRefer's second generation and PixelRefer: packages of one build, each with the scripts of VideoRefer-Bench."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

from sama_bench.adapter import Adapter
from sama_bench.adapters.conformance.recipe import Finding, Loaded, Reached, Recipe, compared, generate_seen
from sama_bench.adapters.conformance.tiny import attention_by_lengths, tokenizer
from sama_bench.adapters.models.pixelrefer import Lite, PixelRefer
from sama_bench.adapters.models.pixelrefer import Model as PixelReferModel
from sama_bench.adapters.models.videorefer import VideoRefer
from sama_bench.adapters.models.videorefer.v2 import Second
from sama_bench.adapters.shared import flash_attention
from sama_bench.adapters.shared.checkpoint import Dtype
from sama_bench.adapters.shared.first_visible import first_seen
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.errors import UserError
from sama_bench.prompting.grounding_request import without_request
from sama_bench.types import Key, Question, Video

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<|stream_start|>", "<|stream_end|>", "<REGION>",
)  # fmt: skip
DESCRIBE = "Please describe in detail the marked object <mask> in the video."
CHOOSE = "{} . Answer with the option's letter from the given choices directly."
TOKENS = 3
REGIONS = 2
"""So many questions of each kind are compared: all are built the same way."""


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
        if problems := self.kind.repository.problems(repo):
            raise UserError(problems)
        self.kind.repository.add_to_path(repo)
        import torch

        torch.manual_seed(0)
        with self._on_cpu():
            checkpoint = self._tiny(folder)
            adapter = self._made(checkpoint, repo)
            for question in _questions():
                if adapter.can.suits(question):
                    yield self._compared(adapter, question, folder, self.kind.repository.folder(repo))

    def _made(self, checkpoint: Path, repo: Path) -> Adapter:
        return VideoRefer(str(checkpoint), repo=repo, generation="2", device="cpu", dtype=self.dtype)

    def _compared(self, adapter: Adapter, question: Question, folder: Path, code: Path) -> Finding:
        model = adapter._model  # type: ignore[attr-defined]
        adapter.open(question.video)
        with generate_seen(model._model, TOKENS) as ours:
            adapter.predict(question)
        adapter.close()
        with generate_seen(model._model) as theirs:
            self._asked_by_script(model, question, folder, code)
        return compared(str(question.key), ours[0], theirs[0])

    def _asked_by_script(self, model: Loaded, question: Question, folder: Path, code: Path) -> None:
        """Let the authors' data set build the question, and hand it on as their loop does."""
        import torch

        name = "d" if question.key.task == "c" else "q"
        script = _script(code / self.evaluation / f"infer_videorefer_{name}.py", self.alias, self.kind.package)
        line = _line(question, _written(question.video, folder))
        built = getattr(script, f"VideoRefer_Bench_{name.upper()}")(str(folder), [line], None, "single")[0]
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

    script: ClassVar[str] = "PixelRefer/evaluation/pixelrefer_lite/infer_videorefer_d.py"
    kind: ClassVar[type[Second]] = Lite
    evaluation: ClassVar[str] = "evaluation/pixelrefer_lite"
    alias: ClassVar[str] = "pixelreferlite"
    classes: ClassVar[tuple[str, str]] = ("pixelreferlite_qwen2", "PixelreferliteQwen2")
    checkpoint: ClassVar[str] = "PixelRefer-Lite-tiny"
    dtype: ClassVar[Dtype] = "bfloat16"


def _questions() -> Iterator[Question]:
    """Descriptions and questions with one region of a video of the demo, in the scripts' own words."""
    from sama_bench.benchmark import open_benchmark

    demo = open_benchmark("demo")
    counts: dict[str, int] = {"c": 0, "g": 0}
    for entry in demo.entries:
        for question in demo.questions(entry.video.id):
            task = question.key.task
            if (
                len(question.regions) != 1
                or task not in counts
                or counts[task] == REGIONS
                or None in first_seen(question.regions)
            ):
                continue
            counts[task] += 1
            words = DESCRIBE if task == "c" else CHOOSE.format(without_request(question.text))
            yield replace(question, key=Key(task, question.key.id), text=words, history=())


def _line(question: Question, name: str) -> dict[str, object]:
    """The question as an entry of VideoRefer-Bench."""
    from sama_bench.metrics.rle import encode

    (region,) = first_seen(question.regions)
    assert region is not None, "questions without a visible region are left out"
    mask = encode(region.mask)
    assert mask is not None, "it has a pixel, as it is visible"
    words = question.text.removesuffix(CHOOSE.format("")).replace("<mask>", "<region>")
    return {
        "video": name, "frame_idx": str(region.frame), "caption": "", "Answer": "", "type": "", "options": [],
        "Question": words, "annotation": [{str(region.frame): {"segmentation": dict(mask)}}],
    }  # fmt: skip


def _written(video: Video, folder: Path) -> str:
    """The name of a folder with the video's frames, without loss: two decoders of JPEG may differ."""
    from PIL import Image

    out = folder / video.id.replace("/", "-")
    if not out.is_dir():
        out.mkdir(parents=True)
        for index in range(len(video)):
            Image.fromarray(video.frame(index)).save(out / f"{index:05d}.png", compress_level=1)
    return out.name


def _script(path: Path, alias: str, package: str) -> Loaded:
    """The script as a module; it imports its package by an older name."""
    for name in (alias, f"{alias}.mm_utils"):
        sys.modules.setdefault(name, import_module(name.replace(alias, package, 1)))
    spec = spec_from_file_location(f"conformance_{path.stem}_{package}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise UserError(f"{path}: is not there; expected a whole checkout")
    module = module_from_spec(spec)
    before = list(sys.path)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = before
    return module
