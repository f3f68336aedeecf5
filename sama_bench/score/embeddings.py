"""Phrase similarity by embeddings: the cosine of an encoder's mean-pooled states, each distinct phrase encoded once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

TOKENS_AT_ONCE = 4096


class Embeddings(ABC):
    """A phrase similarity that keeps the embeddings of the phrases that it has seen.

    A subclass loads nothing before the first phrase: `threshold` and what is missing are told without the weights.
    """

    threshold = 0.5

    def __init__(self) -> None:
        self._vectors: dict[str, NDArray[np.float64]] = {}

    @abstractmethod
    def tokens(self, phrases: Sequence[str]) -> list[list[int]]:
        """The token ids of each phrase, with the special tokens, cut to what the encoder takes; never empty."""

    @abstractmethod
    def states(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The last hidden states (n, length, width) of n phrases of the same length, given as ids (n, length)."""

    @abstractmethod
    def weights(self) -> Mapping[str, NDArray[np.generic]]:
        """The encoder's parameters by name, for `model`."""

    @cached_property
    def model(self) -> str:
        """The first 8 digits of a digest of the weights, whatever file they came from."""
        digest = sha256()
        for name, values in sorted(self.weights().items()):
            digest.update(f"{name}{values.dtype.str}{values.shape}".encode())
            digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()[:8]

    def prepare(self, phrases: Iterable[str]) -> None:
        """Encode those of the phrases that are new, in batches of equal length, which need no padding."""
        new = sorted(set(phrases) - self._vectors.keys())
        for batch, ids in _batches(new, self.tokens(new) if new else []):
            vectors = self.states(ids).mean(axis=1, dtype=np.float64)
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
            self._vectors.update(zip(batch, vectors / np.where(lengths, lengths, 1), strict=True))

    def __call__(self, true: Sequence[str], predicted: Sequence[str]) -> NDArray[np.float64]:
        """The cosines in -1…1, float64 (true, predicted)."""
        self.prepare([*true, *predicted])
        if not true or not predicted:
            return np.zeros((len(true), len(predicted)))
        return np.array([[self._vectors[phrase] @ self._vectors[other] for other in predicted] for phrase in true])


def _batches(phrases: Sequence[str], tokens: Sequence[Sequence[int]]) -> Iterator[tuple[list[str], NDArray[np.int64]]]:
    """Phrases of equal length with their ids (n, length), the shortest first, at most some thousand tokens at once."""
    by_length = sorted(zip(phrases, tokens, strict=True), key=lambda pair: (len(pair[1]), pair[0]))
    for length, group in groupby(by_length, key=lambda pair: len(pair[1])):
        members, size = list(group), max(1, TOKENS_AT_ONCE // length)
        for first in range(0, len(members), size):
            part = members[first : first + size]
            yield [phrase for phrase, _ in part], np.array([ids for _, ids in part], np.int64)
