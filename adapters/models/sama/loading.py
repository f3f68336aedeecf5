"""Released files into our parts: every key accounted for, every shape compared, nothing left random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import torch
from torch import Tensor, nn

from sama_bench.adapters.models.sama.config import SamaConfig
from sama_bench.adapters.models.sama.key_map import DROPPED, Source, heads_of, sources, taken
from sama_bench.adapters.models.sama.model import GroundedModel
from sama_bench.errors import UserError

Model = TypeVar("Model", bound=GroundedModel)
Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
HEAD = "language_model.lm_head.weight"
EMBEDDINGS = "language_model.model.embed_tokens.weight"
SHOWN = 5


class Files:
    """The tensors of all *.safetensors files of a folder, read when asked for. Use it as a context."""

    def __init__(self, folder: Path) -> None:
        self._paths = sorted(folder.glob("*.safetensors"))
        self._open = ExitStack()
        self._holders: dict[str, Any] = {}

    def __enter__(self) -> Files:
        from safetensors import safe_open

        for path in self._paths:
            file = self._open.enter_context(safe_open(path, framework="pt"))
            self._holders |= dict.fromkeys(file.keys(), file)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def shapes(self) -> Shapes:
        """The shape of every tensor, by its name."""
        return {name: tuple(file.get_slice(name).get_shape()) for name, file in self._holders.items()}

    def __call__(self, name: str) -> Tensor:
        """The tensor `name`."""
        tensor: Tensor = self._holders[name].get_tensor(name)
        return tensor


def load(folder: Path, make: Callable[[], Model], config: SamaConfig, device: str, dtype: torch.dtype) -> Model:
    """The model that `make` makes with the files in `folder`, on `device`, in evaluation mode.

    SAM 2 off CUDA is always in float32. Raises one UserError with every kind of key that is missing, not known, or of
    another shape than the config says.
    """
    with torch.device("meta"):
        model = make()
    with Files(folder) as files:
        names = dict(model.state_dict())
        source_of = sources(names, config)
        shapes = files.shapes
        if tied := config.tied and source_of[HEAD].names[0] not in shapes:
            del source_of[HEAD]
        refuse_others(shapes, source_of, config.family.name)
        _refuse_shapes(names, source_of, shapes, config)
        tensors = _made(files, source_of, config, lambda name: _dtype(name, device, dtype), device)
    if tied:
        tensors[HEAD] = tensors[EMBEDDINGS]
    model.load_state_dict(tensors, strict=True, assign=True)
    _fill_buffers(model, device)
    model.eval().requires_grad_(requires_grad=False)
    return model


def _dtype(name: str, device: str, dtype: torch.dtype) -> torch.dtype:
    """SAM 2 mixes types, and counts on CUDA's autocast to bring them together; elsewhere it is in float32."""
    return torch.float32 if name.startswith(("sam2.", "finder.")) and not device.startswith("cuda") else dtype


def _made(
    files: Callable[[str], Tensor],
    source_of: Mapping[str, Source],
    config: SamaConfig,
    dtype: Callable[[str], torch.dtype],
    device: str,
) -> dict[str, Tensor]:
    heads = heads_of(config)
    tensors = {}
    for name, source in source_of.items():
        part = taken(source, files, heads)
        tensors[name] = part.to(device, dtype(name)).contiguous().clone() if source.part != "whole" else part.to(
            device, dtype(name)
        )  # fmt: skip
    return tensors


def refuse_others(shapes: Shapes, source_of: Mapping[str, Source], family: str) -> None:
    """Raise UserError where the files lack a key that is needed, or hold one that nobody knows."""
    needed = {name for source in source_of.values() for name in source.names}
    missing, others = (
        sorted(needed - shapes.keys()),
        sorted(shapes.keys() - needed - set(DROPPED if family == "SAMA" else ())),
    )
    problems = []
    if missing:
        problems.append(f"has no weights for {_few(missing)}; expected all of {family}'s {len(needed)} keys")
    if others:
        problems.append(f"holds keys that {family} does not have: {_few(others)}{_hint(others, family)}")
    if problems:
        raise UserError(problems)


def _hint(names: list[str], family: str) -> str:
    text = " ".join(names)
    if "lora_" in text or "base_model" in text:
        return "; LoRA weights have to be merged first, as the released conversion does"
    if "obj_ptr_tpos_proj" in text or "no_obj_embed_spatial" in text:
        return f"; these are SAM 2.1's, and {family} has SAM 2.0"
    if family != "SAMA" and "_Qformer." in text:
        return "; these are SAMA's, which --model sama runs"
    return ""


def _few(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} others" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _refuse_shapes(
    names: Mapping[str, Tensor], source_of: Mapping[str, Source], shapes: Shapes, config: SamaConfig
) -> None:
    wrong: dict[str, str] = {}
    heads = heads_of(config)
    for name, source in source_of.items():
        first = shapes[source.names[0]]
        expected = whole_shape(tuple(names[name].shape), source, heads)
        if first != expected:
            wrong[source.names[0]] = f"{source.names[0]} is {_size(first)}, and config.json says {_size(expected)}"
    if wrong:
        more = [f"{len(wrong) - SHOWN} other keys are of another size"] if len(wrong) > SHOWN else []
        raise UserError([*list(wrong.values())[:SHOWN], *more])


def whole_shape(shape: tuple[int, ...], source: Source, heads: tuple[int, int]) -> tuple[int, ...]:
    """The shape in the files of what has our `shape` after `taken`."""
    if source.part == "stacked":
        return (1, *shape[1:])
    if source.part == "third":
        return (3 * shape[0], *shape[1:])
    if source.part == "grouped":
        queries = shape[0] if source.place == 0 else shape[0] // heads[1] * heads[0]
        return (queries // heads[0] * (heads[0] + 2 * heads[1]), *shape[1:])
    return shape


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a single number"


def _fill_buffers(model: GroundedModel, device: str) -> None:
    """Compute what no file holds: rotary frequencies, which have to be float32, and positions."""
    language: Any = model.language_model.model
    attention: Any = model.sam2.memory_attention
    language.rotary_emb = type(language.rotary_emb)(config=language.config).to(device)
    attention.rotary_emb = type(attention.rotary_emb)(config=model.sam2.config).to(device)
    attention.position_ids = attention.precompute_positions(model.sam2.config).to(device)
    unfilled = [name for name, tensor in (*model.named_parameters(), *model.named_buffers()) if tensor.is_meta]
    assert not unfilled, f"nothing was loaded for {unfilled[:SHOWN]}"
    assert_float32(model)


def assert_float32(model: nn.Module) -> None:
    """Rotary frequencies rounded to half precision turn far tokens by up to a radian."""
    rounded = [name for name, buffer in model.named_buffers() if "inv_freq" in name and buffer.dtype != torch.float32]
    assert not rounded, f"rotary frequencies are not float32: {rounded}"
