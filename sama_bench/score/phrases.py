"""Likeness of phrases: functions and classes that entry points of the group `sama_bench.phrases` name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from pathlib import Path
from typing import cast

import numpy as np

from sama_bench.errors import UserError
from sama_bench.protocol import PhraseSimilarity
from sama_bench.statistics import Floats

GROUP = "sama_bench.phrases"
THRESHOLD = 0.5


class NotLocal(UserError):
    """Weights are not on this machine: a similarity that is used by default never fetches them."""


def exact(true: Sequence[str], predicted: Sequence[str]) -> Floats:
    """1 for equal phrases, else 0: float64 of shape (true, predicted)."""
    return _each(lambda phrase, other: float(phrase == other), true, predicted)


def words(true: Sequence[str], predicted: Sequence[str]) -> Floats:
    """1 for equal phrases, else 0.4 + 0.5 times the Jaccard index of their words: float64 of shape (true, predicted).

    Words are what lies between white space.
    """
    return _each(lambda phrase, other: 1.0 if phrase == other else 0.4 + 0.5 * _overlap(phrase, other), true, predicted)


def _each(alike: Callable[[str, str], float], true: Sequence[str], predicted: Sequence[str]) -> Floats:
    values = [alike(phrase, other) for phrase in true for other in predicted]
    return np.array(values, np.float64).reshape(len(true), len(predicted))


def _overlap(phrase: str, other: str) -> float:
    shared, either = set(phrase.split()) & set(other.split()), set(phrase.split()) | set(other.split())
    return len(shared) / len(either) if either else 1.0


def threshold(similarity: PhraseSimilarity) -> float:
    """The value from which on `strict` takes two phrases for the same: the similarity's own, or 0.5."""
    return float(getattr(similarity, "threshold", THRESHOLD))


def prepare(similarity: PhraseSimilarity, pairs: Iterable[tuple[str, str]]) -> None:
    """Show a similarity that keeps embeddings the pairs of phrases that it will be asked for, all at once."""
    if hasattr(similarity, "prepare"):
        similarity.prepare(phrase for first, other in pairs if first != other for phrase in (first, other))


def at(similarity: PhraseSimilarity, pairs: Sequence[tuple[str, str]]) -> list[float]:
    """The similarity of each pair (true, predicted): of these alone, as most pairs of a question never matter."""
    return [float(similarity([true], [predicted])[0, 0]) for true, predicted in pairs]


def find_similarity(name: str, model: Path | None = None) -> PhraseSimilarity:
    """Import the phrase similarity `name`; `model` is a folder with the weights that it is to load.

    Raises UserError where there is none of that name, where two distributions claim it, where it does not load, and
    where it takes no model; MissingExtra where what it needs is not installed.
    """
    entries = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if not entries:
        raise UserError(_unknown(name))
    if len(entries) > 1:
        claims = " and ".join(f"{_origin(entry)} ({entry.value})" for entry in entries)
        raise UserError(f"phrase similarity {name} is claimed by {claims}; uninstall one")
    return _loaded(entries[0], model)


def _loaded(entry: EntryPoint, model: Path | None) -> PhraseSimilarity:
    try:
        similarity = _load_similarity(entry, model)
    except UserError:
        raise
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise UserError(f"phrase similarity {entry.name} of {_origin(entry)} does not load: {reason}") from problem
    if not callable(similarity):
        raise UserError(f"phrase similarity {entry.name} of {_origin(entry)}: {entry.value} cannot be called")
    return cast("PhraseSimilarity", similarity)


def _load_similarity(entry: EntryPoint, model: Path | None) -> object:
    loaded = entry.load()
    if not isinstance(loaded, type):
        if model is not None:
            raise UserError(f"--phrase-model {model}: phrase similarity {entry.name} loads no model")
        return loaded
    if model is None:
        return loaded()
    if "path" not in signature(loaded).parameters:
        raise UserError(f"--phrase-model {model}: phrase similarity {entry.name} loads no model")
    return loaded(path=model)


def _unknown(name: str) -> str:
    known = sorted({entry.name for entry in entry_points(group=GROUP)})
    close_matches = get_close_matches(name, known, 1)
    hint = f"did you mean {close_matches[0]}? " if close_matches else ""
    return f"unknown phrase similarity {name!r}: {hint}known are {', '.join(known) or 'none'}"


def _origin(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value
