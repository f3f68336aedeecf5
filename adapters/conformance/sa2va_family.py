"""SAMA and Sa2VA: tiny checkpoints that bring the released code along, asked by the adapters of that code."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sama_bench.adapters.conformance.recipe import Arguments, Loaded, generate_seen
from sama_bench.adapters.models.sama.config import Sam2Sizes

SAM2 = Sam2Sizes(
    image=256, hiera_width=16, hiera_heads=1, blocks=(1, 2, 2, 1), global_blocks=(4,), windows=(8, 4, 7, 8)
)
TOKENS = 12
"""Enough for what a tiny model that was taught to speak says."""


@dataclass(frozen=True)
class Code:
    """Where a checkpoint's code has its classes, and the checkout the code: modules of `folder`."""

    folder: str
    model: str = "modeling_sa2va_chat.Sa2VAChatModel"
    config: str = "configuration_sa2va_chat.Sa2VAChatConfig"
    vision: str = "InternVisionModel"
    """The class of the vision tower, where the config has to name one."""

    @property
    def file(self) -> str:
        """The file of the model's class, from the checkout's root."""
        return f"{self.folder}/{self.model.partition('.')[0]}.py"


def bring_code(out: Path, repo: Path, code: Code) -> None:
    """Put the released code into the folder of a checkpoint, and have its config name it, as the released ones do."""
    for path in (repo / code.folder).glob("*.py"):
        shutil.copy(path, out / path.name)
    content = json.loads((out / "config.json").read_text("utf-8"))
    content["auto_map"] = {"AutoConfig": code.config, "AutoModel": code.model}
    if code.vision:
        content["vision_config"]["architectures"] = [code.vision]
    (out / "config.json").write_text(json.dumps(content), encoding="utf-8")


def fill(out: Path, code: Code) -> None:
    """Write random weights for the checkpoint's own class, whose SAM 2 is made smaller for good.

    It is taught to answer with a phrase and a mask.
    """
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig

    from sama_bench.adapters.models.sama.tiny import teach

    # First, as it copies files that the model's imports in turn.
    config = AutoConfig.from_pretrained(out, trust_remote_code=True)
    kind = smaller_class(out, code)
    torch.manual_seed(0)
    tensors = {name: value.clone().numpy() for name, value in kind(config, use_flash_attn=False).state_dict().items()}
    teach(tensors, out)
    weights = {name: torch.from_numpy(value) for name, value in tensors.items()}
    save_file(weights, out / "model.safetensors", {"format": "pt"})  # which transformers 4.42 wants to be told


def smaller_class(out: Path, code: Code) -> Loaded:
    """The checkpoint's own class, whose SAM 2 is made smaller for good."""
    from transformers.dynamic_module_utils import get_class_from_dynamic_module

    kind: Loaded = get_class_from_dynamic_module(code.model, str(out))
    module = sys.modules[kind.__module__]
    make_smaller(module, sys.modules[module.SAM2.__module__])
    return kind


def make_smaller(code: Loaded, sam2: Loaded, sizes: Sam2Sizes = SAM2) -> None:
    """Shrink what the two modules write out: the image encoder of SAM 2, and the size of its frames."""
    resize, predictor = code.DirectResize, sam2.SAM2VideoPredictor

    def build_image_encoder(_: Loaded) -> Loaded:
        trunk = sam2.Hiera(
            embed_dim=sizes.hiera_width, num_heads=sizes.hiera_heads, stages=sizes.blocks,
            global_att_blocks=sizes.global_blocks, window_pos_embed_bkg_spatial_size=sizes.background,
            window_spec=sizes.windows,
        )  # fmt: skip
        positions = sam2.PositionEmbeddingSine(num_pos_feats=256, normalize=True, scale=None, temperature=10000)
        neck = sam2.FpnNeck(
            d_model=256, position_encoding=positions, fpn_top_down_levels=[2, 3], fpn_interp_model="nearest",
            backbone_channel_list=[sizes.hiera_width << stage for stage in (3, 2, 1, 0)],
        )  # fmt: skip
        return sam2.ImageEncoder(scalp=1, trunk=trunk, neck=neck)

    sam2.SAM2.build_image_encoder = build_image_encoder
    sam2.SAM2VideoPredictor = lambda **more: predictor(**{**more, "image_size": sizes.image})
    code.DirectResize = lambda target_length: resize(target_length=sizes.image)  # noqa: ARG005 - as it is called


@contextmanager
def all_seen(model: Loaded, speaker: Loaded = None) -> Iterator[dict[str, Loaded]]:
    """What the next `predict_forward` hands to `generate` of the `speaker`, or its own, and what it gives back."""
    seen: dict[str, Loaded] = {}
    real = model.predict_forward

    def predict_forward(**more: Loaded) -> Mapping[str, Loaded]:
        answer: Arguments = real(**more)
        seen["answer"] = dict(answer)
        return answer

    with generate_seen(speaker or model, TOKENS) as calls:
        model.predict_forward = predict_forward
        try:
            yield seen
        finally:
            del model.predict_forward
        seen["generate"] = calls[0]
