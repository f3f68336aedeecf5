"""Phrase similarity of the released scripts: mean-pooled last hidden states of bert-base-uncased.

Source: SAMA, projects/llava_sam2/evaluation/eval_gcg_metrics_demo.py (the mean takes in [CLS] and [SEP]).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import MissingExtra, UserError
from sama_bench.score.embeddings import Embeddings
from sama_bench.score.phrases import NotLocal

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

NAME = "bert-base-uncased"
PIP = "sama-bench[bert]"
FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt")
LENGTH = 512


class Bert(Embeddings):
    """The cosine of mean-pooled BERT states.

    `path` is a folder with the model and its tokenizer as transformers saves them, weights as safetensors; without it
    bert-base-uncased is taken from the cache of huggingface_hub, or fetched. Raises MissingExtra where transformers or
    torch is absent, UserError where `path` holds no model.
    """

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        if missing := [name for name in ("torch", "transformers", "huggingface_hub") if find_spec(name) is None]:
            raise MissingExtra("phrase similarity bert", missing, PIP)
        if path is not None and not (path / "config.json").is_file():
            raise UserError(f"--phrase-model {path}: has no config.json; expected the folder of a BERT model")
        self._path = path

    def check_local(self) -> None:
        """Raise NotLocal where the weights would have to be fetched."""
        if self._path is None and not _cached():
            raise NotLocal(
                f"phrase similarity bert needs the weights of {NAME}, which are not on this machine: "
                "--phrases bert fetches them, --phrase-model FOLDER says where they are"
            )

    def fetch(self) -> None:
        """Bring the weights onto this machine where they are not. Raises UserError where that fails."""
        if self._path is None and not _cached():
            _fetch()

    def tokens(self, phrases: Sequence[str]) -> list[list[int]]:
        """Token ids with [CLS] and [SEP], at most 512."""
        token_ids = self._loaded[0](list(phrases), truncation=True, max_length=LENGTH)["input_ids"]
        return cast("list[list[int]]", token_ids)

    def states(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The last hidden states, float32 (n, length, width)."""
        import torch

        ids_tensor = torch.from_numpy(ids)
        with torch.inference_mode():
            states = self._loaded[1](input_ids=ids_tensor, attention_mask=torch.ones_like(ids_tensor)).last_hidden_state
        return cast("NDArray[np.float32]", states.numpy())

    def weights(self) -> Mapping[str, NDArray[np.generic]]:
        """The parameters by name, without those of the pooler, which take no part."""
        named_parameters = self._loaded[1].named_parameters()
        return {name: values.detach().numpy() for name, values in named_parameters if not name.startswith("pooler.")}

    @cached_property
    def _loaded(self) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
        try:
            return _load(str(self._path or NAME))
        except Exception as problem:  # of transformers, the hub, safetensors and torch: they share no base
            raise UserError(_what_to_do(self._path, problem)) from problem


def _load(source: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=True)
    model = AutoModel.from_pretrained(source, local_files_only=True, use_safetensors=True, dtype=torch.float32)
    return tokenizer, model.eval()


def _fetch() -> None:
    from huggingface_hub import hf_hub_download

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # a line for each of its tries otherwise
    try:
        for file in FILES:
            hf_hub_download(NAME, file)
    except Exception as problem:  # of the hub, its HTTP client and the disk
        raise UserError(_what_to_do(None, problem)) from problem


def _cached() -> bool:
    from huggingface_hub import try_to_load_from_cache

    return all(isinstance(try_to_load_from_cache(NAME, file), str) for file in FILES)


def _what_to_do(path: Path | None, problem: Exception) -> str:
    reason = f"{type(problem).__name__}: {str(problem).strip().partition(chr(10))[0]}"
    if path is not None:
        return (
            f"--phrase-model {path}: no BERT model with safetensors weights and tokenizer loads from there ({reason})"
        )
    return f"{NAME} cannot be had ({reason}); download it elsewhere and name its folder with --phrase-model FOLDER"
