"""A tiny checkpoint of random weights in the released form. It is no model: its answers are noise."""

from __future__ import annotations

from pathlib import Path

from sama_bench.adapters.models.sa2va.config import Sa2vaConfig
from sama_bench.adapters.models.sama.config import LARGE_VISION, Sizes
from sama_bench.adapters.models.sama.random_weights import weight
from sama_bench.adapters.models.sama.tiny import (
    SMALL,
    Kind,
    TinyLanguage,
    check_installed,
    shapes_of,
    teach,
    write_config_and_tokenizer,
)


def make(
    out: Path,
    kind: Kind = "qwen2",
    sizes: Sizes = SMALL,
    *,
    two_decoders: bool = False,
    large_vision: bool = False,
    speaking: bool = False,
    seed: int = 0,
) -> Sa2vaConfig:
    """Write a checkpoint to the new folder `out`: config.json, model.safetensors, the tokenizer.

    With `two_decoders` it is one of Sa2VA-i, with `large_vision` its vision tower is of the largest one's kind. Weights
    are float32, and random. With `speaking` it answers every question with a phrase and a mask. Raises UserError where
    there is something at `out` already.
    """
    from safetensors.numpy import save_file

    from sama_bench.adapters.models.sa2va.model import Sa2vaModel

    sam2, vision = {"sam2": sizes.to_json()["sam2"]}, LARGE_VISION if large_vision else None
    content = write_config_and_tokenizer(out, kind, TinyLanguage(), sam2, vision=vision)
    config = Sa2vaConfig.read(content)
    shapes = shapes_of(lambda: Sa2vaModel(config, two_decoders=two_decoders), config)
    tensors = {name: weight(name, shape, seed) for name, shape in shapes.items()}
    if speaking:
        teach(tensors, out)
    save_file(tensors, out / "model.safetensors", {"format": "pt"})
    return config


def make_for_user(out: Path) -> None:
    """Write a tiny Sa2VA (`sama-bench make-tiny sa2va OUT`). Raises MissingExtra without PyTorch or transformers."""
    from sama_bench.adapters.models.sa2va.adapter import Sa2VA

    check_installed(Sa2VA.needs, "sa2va")
    make(out, speaking=True)
