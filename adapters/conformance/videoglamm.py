"""VideoGLaMM against its script of grounded conversations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

import numpy as np

from sama_bench.adapters.conformance.demo_questions import demo_questions, first_of_each, without_regions
from sama_bench.adapters.conformance.recipe import Finding, Loaded, Recipe, asked, begin, compared, generate_seen
from sama_bench.adapters.conformance.scripts import run, unneeded
from sama_bench.adapters.conformance.tiny import in_place_of_the_hub, tokenizer
from sama_bench.adapters.models.videoglamm import CLIP, REPOSITORY, VideoGLaMM
from sama_bench.adapters.shared import vision_tower
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.types import Question

ASK = (
    "Could you please give me a detailed description of the video? Please respond with interleaved segmentation masks "
    "for the corresponding parts of the answer."
)
SMALLEST = "sam2_hiera_t.yaml"
TOKENS = 2
VIDEOS = ("mevis/val_u/JPEGImages/harbour", "lvvis/val/JPEGImages/12")
"""The demo's videos that are asked about: one is wide, one is high."""
SPECIAL = ("<unk>", "<s>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>")
UNNEEDED = ("utils.dataset", "utils.grounding_utils", "utils.grounding_utils.box_ops", "skimage", "skimage.morphology")


class VideoGLaMMRecipe(Recipe):
    """Compares descriptions of whole videos with its evaluation of grounded conversations."""

    adapter: ClassVar[str] = "videoglamm"
    commit: ClassVar[str] = "6b15b1e"
    script: ClassVar[str] = "VideoGLaMM/eval_gcg_infer.py"

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare what reaches `inference`, for two videos of the demo."""
        begin(REPOSITORY, repo)
        with REPOSITORY.current(repo), _made_smaller(folder), foreign("cpu"):
            checkpoint = _tiny(folder)
        with _made_smaller(folder):
            adapter = VideoGLaMM(str(checkpoint), repo=repo, device="cpu", dtype="float32")
        for question in _questions():
            model: Loaded = adapter._parts.model
            ours = asked(adapter, question, generate_seen(model, TOKENS, "inference"))
            with generate_seen(model, method="inference") as theirs, foreign("cpu"):
                _asked_by_script(adapter, question, REPOSITORY.folder(repo), folder)
            yield compared(str(question.key), ours[0], theirs[0])


def _questions() -> Iterator[Question]:
    for question in first_of_each(without_regions(demo_questions()), lambda question: question.video.id, VIDEOS):
        yield replace(question, text=ASK)


def _asked_by_script(adapter: VideoGLaMM, question: Question, code: Path, folder: Path) -> None:
    """Run the script with the adapter's model, about a data set of this one video."""
    frames = [np.array(question.video.frame(index)) for index in range(len(question.video))]
    arguments = "--precision fp32 --use_sam2_video_branch --base_model_type vgpt|phi3 --llava_version_or_path x"
    with unneeded(*UNNEEDED), patch.object(import_module("chat"), "initialize_model_videogptplus", _parts(adapter)):
        data: Loaded = import_module("utils.dataset")
        data.ValGCGDataset = lambda *_, **__: [(None, None, frames, {}, "A dog.", None)]
        out = ["--vis_save_path", str(folder / question.key.id)]
        run(code / "eval_gcg_infer.py", [*arguments.split(), *out], folder)


def _parts(adapter: VideoGLaMM) -> Loaded:
    return lambda **_: tuple(adapter._parts)


@contextmanager
def _made_smaller(folder: Path) -> Iterator[None]:
    """While the context is open, what the code writes out is smaller: layers of InternVideo2, the kind of SAM 2.

    CLIP, which is not on the hub for a test, is one of random weights.
    """
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel

    REPOSITORY.import_all()
    room = "model.videogpt_plus.model.internvideo"
    video, loading = (import_module(f"{room}.{name}") for name in ("internvideo2", "utils"))
    model = import_module("model.VideoGLaMM")
    whole: Loaded = video.PretrainInternVideo2
    segmenter: Loaded = model.build_sam2_video_predictor
    with ExitStack() as patches:
        for place, name, value in (
            (video, "PretrainInternVideo2", lambda **more: whole(**{**more, "depth": 2, "mlp_ratio": 0.1})),
            (
                model,
                "build_sam2_video_predictor",
                lambda _, *args, **more: segmenter("sam2_hiera_t.yaml", *args, **more),
            ),
            (loading, "interpolate_pos_embed_internvideo2_new", lambda *_, **__: None),
            (vision_tower, "problems", lambda *_, **__: []),
            (vision_tower, "processor_problems", lambda *_, **__: []),
        ):
            patches.enter_context(patch.object(place, name, value))
        clip = folder / "clip"
        if not clip.is_dir():
            sizes = {"hidden_size": 1024, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 16}
            CLIPVisionModel(CLIPVisionConfig(**sizes, image_size=336, patch_size=14)).save_pretrained(clip)
            CLIPImageProcessor(size={"shortest_edge": 336}, crop_size={"height": 336, "width": 336}).save_pretrained(
                clip
            )
        kinds = (CLIPVisionModel, CLIPVisionConfig, CLIPImageProcessor)
        patches.enter_context(in_place_of_the_hub(CLIP, clip, kinds))
        yield


def _tiny(folder: Path) -> Path:
    """A checkpoint of the real class with random weights, as small as its code lets it be."""
    import torch

    out, tower = folder / "VideoGLaMM-tiny", folder / "InternVideo2-tiny.pt"
    torch.save({"model": {}}, tower)
    size = tokenizer(out, SPECIAL, "<|end|>")
    phi3: Loaded = import_module("model.videogpt_plus.model.language_model.phi3")
    config = phi3.VideoGPTPlusPhi3Config(
        hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
        vocab_size=size, max_position_embeddings=32768, bos_token_id=1, eos_token_id=2, pad_token_id=0,
        mm_vision_tower=str(tower), image_mm_vision_tower=CLIP, mm_projector_type="mlp2x_gelu",
        image_mm_projector_type="mlp2x_gelu", mm_vision_select_layer=-2, mm_use_im_start_end=True, use_sam2=True,
        out_dim=256, train_mask_decoder=True, mask_decoder_itm=False,
    )  # fmt: skip
    make = partial(import_module("model.VideoGLaMM").VideoGLaMMForCausalLM, config)
    make(use_sam2_video_branch=True).save_pretrained(out, safe_serialization=False)
    return out
