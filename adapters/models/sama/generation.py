"""Greedy answers of the language model: prefixes that questions share, several questions at once, states of [SEG]."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn

from sama_bench.adapters.models.sama.tokens import Tokenizer
from sama_bench.types import Usage

TAIL = 64
"""So many tokens at the end of an answer are decoded to see whether it ends in a stop word."""


@dataclass(frozen=True)
class Prefix:
    """The beginning of prompts as it was read: its ids, and keys and values of each layer (1, heads, n, w)."""

    ids: tuple[int, ...]
    layers: tuple[tuple[Tensor, Tensor], ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Answer:
    """The tokens of an answer, the one that ended it included, and the hidden state of each [SEG] that was read again.

    `segs` is (S, d). A [SEG] that is the very last token was not read, and has none. `cut` says that the answer
    reached its longest length. `usage` is what its prompt took, where it was the answer to a dialogue.
    """

    ids: tuple[int, ...]
    segs: Tensor
    cut: bool
    usage: Usage | None = None


class Language:
    """A causal language model of transformers, driven token by token."""

    def __init__(self, model: nn.Module, tokenizer: Tokenizer, stops: Sequence[str], seg: int) -> None:
        self._model, self._tokenizer, self._stops = model, tokenizer, tuple(stops)
        self.seg = seg

    @property
    def embeddings(self) -> Tensor:
        """The table of embeddings, (tokens, d)."""
        table: Tensor = self._model.model.embed_tokens.weight
        return table

    @cached_property
    def _cache_name(self) -> str:
        """The name of the cache in this version of transformers: the old name goes in 5.40."""
        return "cache" if "cache" in signature(self._model.model.forward).parameters else "past_key_values"

    def read(self, ids: Sequence[int], rows: Tensor, before: Prefix | None = None) -> Prefix:
        """Read the beginning of prompts, embeddings (n, d), behind a prefix that was read where there is one."""
        cache = self.cache(before, 1)
        count = len(before) if before else 0
        self._step(rows[None], torch.arange(count, count + len(rows), device=rows.device)[None], None, cache)
        layers = tuple((layer.keys, layer.values) for layer in cache.layers)
        return Prefix((*(before.ids if before else ()), *ids), layers)

    def answer(self, prefix: Prefix | None, prompts: Sequence[Tensor], longest: int) -> list[Answer]:
        """Answer prompts (n, d) that begin with the same prefix, at most `longest` tokens each.

        Shorter prompts are filled up between the prefix and their beginning; no token looks there.
        """
        batch = _Batch(self, prefix, prompts)
        rows = batch.filled
        for step in range(longest):
            hidden = self._step(rows, batch.positions(step), batch.mask(step), batch.cache)[:, -1]
            if step:
                batch.keep(hidden)
            batch.take(self._model.lm_head(hidden).argmax(dim=-1).tolist())
            if all(batch.done):
                break
            rows = self.embeddings[torch.tensor(batch.last, device=rows.device)][:, None]
        return batch.answers()

    def ended(self, ids: Sequence[int]) -> bool:
        """True if an answer is over: by its last token, or by a stop word at the end of its text without line ends."""
        if ids[-1] == self._tokenizer.eos:
            return True
        text = self._tokenizer.decode(ids[-TAIL:]).replace("\r", "").replace("\n", "")
        return any(text.endswith(stop) for stop in self._stops)

    def cache(self, prefix: Prefix | None, count: int) -> Any:  # noqa: ANN401 - of transformers
        """A cache for `count` sequences that has the prefix in it; the prefix itself stays as it is."""
        from transformers import DynamicCache

        cache: Any = DynamicCache()
        for place, (keys, values) in enumerate(prefix.layers if prefix else ()):
            cache.update(keys.expand(count, -1, -1, -1), values.expand(count, -1, -1, -1), place)
        return cache

    @property
    def filler(self) -> int:
        """The token that answers which are over are fed."""
        return self._tokenizer.pad

    def _step(self, rows: Tensor, positions: Tensor, mask: Tensor | None, cache: Any) -> Tensor:  # noqa: ANN401
        """Hidden states behind the last norm, (batch, n, d)."""
        cached = {"use_cache": True, self._cache_name: cache}
        with kernels_without_plans(rows.device):
            done = self._model.model(inputs_embeds=rows, position_ids=positions, attention_mask=mask, **cached)
        hidden: Tensor = done.last_hidden_state
        return hidden


def kernels_without_plans(device: torch.device) -> AbstractContextManager[None]:
    """Attention by any kernel but cuDNN's, which PyTorch takes first on an H100 or H200.

    cuDNN plans anew for each new length, and each token makes a new one: about 45 ms a token on an H200.
    """
    if device.type != "cuda":
        return nullcontext()
    from torch.nn.attention import SDPBackend, sdpa_kernel

    kernels: AbstractContextManager[None] = sdpa_kernel(
        [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
    )
    return kernels


class _Batch:
    """Prompts that are answered together, and what was said so far."""

    def __init__(self, language: Language, prefix: Prefix | None, prompts: Sequence[Tensor]) -> None:
        self._language = language
        self._prefix = len(prefix) if prefix else 0
        self._longest = max(map(len, prompts))
        self._missing = torch.tensor([self._longest - len(prompt) for prompt in prompts], device=prompts[0].device)
        self.filled = torch.stack([_filled(prompt, self._longest) for prompt in prompts])
        self.cache = language.cache(prefix, len(prompts))
        self._said: list[list[int]] = [[] for _ in prompts]
        self._segs: list[list[Tensor]] = [[] for _ in prompts]
        self.done = [False] * len(prompts)

    def positions(self, step: int) -> Tensor:
        """Places in the sequences as if nothing were filled up, for the tokens of one step."""
        count = torch.arange(self._longest, device=self.filled.device) if step == 0 else torch.tensor(
            [self._longest + step - 1], device=self.filled.device
        )  # fmt: skip
        return (self._prefix + count - self._missing[:, None]).clamp(min=self._prefix)

    def mask(self, step: int) -> Tensor | None:
        """1 for what may be looked at, (batch, all tokens so far); None where that is everything."""
        if not bool(self._missing.any()):
            return None
        places = torch.arange(self._prefix + self._longest + step, device=self.filled.device)
        hidden = (places >= self._prefix) & (places < self._prefix + self._missing[:, None])
        return (~hidden).long()

    @property
    def last(self) -> list[int]:
        """The token that each answer is fed next."""
        return [
            self._language.filler if over else token_ids[-1]
            for over, token_ids in zip(self.done, self._said, strict=True)
        ]

    def keep(self, hidden: Tensor) -> None:
        """Keep the hidden states (batch, d) of the tokens that were just fed, of those that are [SEG]."""
        for place, token_ids in enumerate(self._said):
            if not self.done[place] and token_ids[-1] == self._language.seg:
                self._segs[place].append(hidden[place])

    def take(self, tokens: Sequence[int]) -> None:
        """Add a token to each answer that is not over."""
        for place, token in enumerate(tokens):
            if not self.done[place]:
                self._said[place].append(token)
                self.done[place] = self._language.ended(self._said[place])

    def answers(self) -> list[Answer]:
        """All answers, as far as they came."""
        none = self.filled.new_zeros(0, self.filled.shape[2])
        return [
            Answer(tuple(token_ids), torch.stack(segs) if segs else none, cut=not over)
            for token_ids, segs, over in zip(self._said, self._segs, self.done, strict=True)
        ]


def _filled(prompt: Tensor, longest: int) -> Tensor:
    return torch.cat([prompt.new_zeros(longest - len(prompt), prompt.shape[1]), prompt])
