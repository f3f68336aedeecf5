"""DAM-3B-Video, held against the demo for videos of its repository (demo_video.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar
from unittest.mock import patch

import numpy as np

from sama_bench.adapters.conformance.demo_questions import demo_questions
from sama_bench.adapters.conformance.recipe import Finding, Loaded, Recipe, asked, begin, compared, generate_seen
from sama_bench.adapters.conformance.scripts import imported
from sama_bench.adapters.conformance.tiny import tokenizer
from sama_bench.adapters.models.dam import Dam
from sama_bench.adapters.models.dam.released import REPOSITORY
from sama_bench.adapters.models.dam.shown import FRAMES
from sama_bench.adapters.shared.first_visible import Seen, first_seen
from sama_bench.adapters.shared.mask_followers import FlowFollower
from sama_bench.adapters.shared.stand_in_modules import standing_in
from sama_bench.adapters.shared.third_party_code import foreign
from sama_bench.types import Mask, Question, Video

SPECIAL = ("<unk>", "<s>", "</s>")
SCRIPT = "demo_video.py"
UNUSED = ("gradio", "sam2", "sam2.build_sam")
"""What the demo imports for its page in a browser and for SAM 2, in whose place the adapter's own tracker is."""
QUESTIONS, TOKENS = 4, 3
SIDE, PATCH, LAYERS = 70, 14, 3
"""Five patches a side: the projector fails on an even number, and the released model has 27."""


class DamRecipe(Recipe):
    """Compares descriptions with those of the demo, which is given the same masks as SAM 2's."""

    adapter: ClassVar[str] = "dam"
    commit: ClassVar[str] = "153ad3d"
    script: ClassVar[str] = SCRIPT

    def findings(self, repo: Path, folder: Path) -> Iterator[Finding]:
        """Compare what reaches `generate` for descriptions of regions of the demo's videos."""
        begin(REPOSITORY, repo)
        adapter = Dam(str(_tiny(folder)), repo=repo, tracker="flow", device="cpu")
        script = _script(repo.expanduser().resolve() / SCRIPT)
        follower = adapter._follower = Remembering()
        compared_ones = (_compared(adapter, follower, script, question) for question in _questions())
        yield from islice(filter(None, compared_ones), QUESTIONS)


class Remembering(FlowFollower):
    """Follows a mask by optical flow, and keeps the masks: the demo is given the same ones."""

    def follow(self, frame: int, mask: Mask) -> Iterator[tuple[int, Mask]]:
        """Each frame from `frame` to the last with the mask there."""
        self.kept = list(super().follow(frame, mask))
        return iter(self.kept)


def _compared(adapter: Dam, follower: Remembering, script: Loaded, question: Question) -> Finding | None:
    """What differs; None for a region that is found on fewer than eight frames.

    Of such the demo gives fewer pictures than its words have places for, and fails.
    """
    released: Loaded = adapter._model
    ours = asked(adapter, question, generate_seen(released._model.model, TOKENS))
    if sum(mask.any() for _, mask in follower.kept) < FRAMES:
        return None
    (region,) = first_seen(question.regions)
    assert region is not None, "or it had not been asked"
    with generate_seen(released._model.model, TOKENS) as theirs, foreign("cpu"):
        _asked_by_demo(script, released._model, question.video, region, [mask for _, mask in follower.kept])
    return compared(str(question.key), *(_settings_made_equal(seen[0]) for seen in (ours, theirs)))


def _settings_made_equal(reached: Mapping[str, Loaded]) -> Mapping[str, Loaded]:
    """What reached `generate` but for the object that hands words to a browser as they come."""
    return {name: value for name, value in reached.items() if name != "streamer"}


def _asked_by_demo(script: Loaded, model: Loaded, video: Video, region: Seen, masks: Sequence[Mask]) -> None:
    """Let the demo describe the video from the region's frame on, which is the first one that it knows."""
    from PIL import Image

    later = [video.frame(frame) for frame in range(region.frame, len(video))]
    layer = np.zeros((*video.size, 4), np.uint8)
    layer[..., 3] = np.where(region.mask, 255, 0)
    replaced = {
        "cv2": WithoutLoss(script.cv2, later),
        "apply_sam2": lambda *_, **__: [mask[None] for mask in masks],
        "dam": model,
        "args_cli": SimpleNamespace(temperature=0, top_p=0.5),
        "gr": SimpleNamespace(update=dict, Error=RuntimeError),
    }
    with patch.multiple(script, create=True, **replaced):
        for _ in script.describe_video("video.mp4", {"image": Image.fromarray(later[0]), "layers": [layer]}):
            pass


class WithoutLoss:
    """OpenCV as the demo uses it, but for the video, which is these frames, and for pictures: PNG, not JPEG."""

    def __init__(self, real: Loaded, frames: list[Loaded]) -> None:
        self._real, self._frames = real, frames

    def __getattr__(self, name: str) -> Loaded:
        return getattr(self._real, name)

    def VideoCapture(self, _: str) -> Loaded:  # noqa: N802 - as OpenCV calls it
        """Reads the frames, one after the other, as OpenCV does: blue, green, red."""
        left = iter(self._frames)

        def read() -> tuple[bool, Loaded]:
            frame = next(left, None)
            return frame is not None, None if frame is None else frame[..., ::-1]

        return SimpleNamespace(read=read, release=lambda: None)

    def imwrite(self, path: str, picture: Loaded) -> None:
        """Writes the picture without loss, whatever the name says."""
        _, content = self._real.imencode(".png", np.ascontiguousarray(picture))
        Path(path).write_bytes(content.tobytes())


def _questions() -> Iterator[Question]:
    """Descriptions of one region that is visible somewhere."""
    return (question for question in demo_questions() if Dam.can.suits(question) and first_seen(question.regions)[0])


def _script(path: Path) -> Loaded:
    """The demo as a module, without what it needs to be shown in a browser."""
    with standing_in(UNUSED):
        return imported(path)


def _tiny(folder: Path) -> Path:
    """A checkpoint of the real classes in its four folders: a layer or three of everything, random weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    out = folder / "DAM-tiny"
    small = {"hidden_size": 32, "intermediate_size": 32, "num_attention_heads": 2}
    words = tokenizer(out / "llm", SPECIAL, "</s>")
    text = LlamaConfig(
        **small, num_hidden_layers=2, num_key_value_heads=2, vocab_size=words, max_position_embeddings=4096,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    LlamaForCausalLM(text).to(torch.float16).save_pretrained(out / "llm")
    vision = _vision(out / "vision_tower", small)
    parts = _parts_between(out, small)
    llm = {"architectures": ["LlamaForCausalLM"]}
    config: Loaded = import_module("dam.model.language_model.llava_llama").LlavaLlamaConfig(
        llm_cfg=llm, vision_tower_cfg=vision, **parts, architectures=["LlavaLlamaModel"], resume_path=str(out),
        hidden_size=32, mm_hidden_size=32, image_aspect_ratio="resize", mm_vision_select_layer=-2,
        mm_vision_select_feature="cls_patch",
    )  # fmt: skip
    config.save_pretrained(out)
    return out


def _vision(folder: Path, small: Mapping[str, int]) -> dict[str, Loaded]:
    """Save a vision tower that takes a mask beside the picture; what the top config says of it."""
    import torch

    siglip: Loaded = import_module("dam.model.multimodal_encoder.siglip")
    config = siglip.SiglipVisionConfig(
        **small, num_hidden_layers=LAYERS, image_size=SIDE, patch_size=PATCH, num_mask_channels=1
    )
    siglip.SiglipVisionModel(config).to(torch.float16).save_pretrained(folder)
    siglip.SiglipImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    return {"architectures": ["SiglipVisionModel"]}


def _parts_between(folder: Path, small: Mapping[str, int]) -> dict[str, dict[str, Loaded]]:
    """Save the projector and the context provider; what the top config says of them."""
    import torch

    projector: Loaded = import_module("dam.model.multimodal_projector.base_projector")
    provider: Loaded = import_module("dam.model.multimodal_encoder.context_provider")
    sizes: Loaded = SimpleNamespace(hidden_size=32, mm_hidden_size=32)
    made = {
        "mm_projector": projector.MultimodalProjector(
            projector.MultimodalProjectorConfig("mlp_downsample"), sizes
        ),
        "context_provider": provider.ContextProvider(
            provider.ContextProviderConfig(
                "cross_attn_end_to_all", **small, num_hidden_layers=LAYERS, image_size=SIDE, patch_size=PATCH,
                num_mask_channels=1,
            ), sizes,
        ),
    }  # fmt: skip
    for name, part in made.items():
        part.to(torch.float16).save_pretrained(folder / name)
    return {f"{name}_cfg": {"architectures": [type(part).__name__]} for name, part in made.items()}
