"""How alike two phrases are: functions that entry points of the group `sama_bench.phrases` name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import UserError

Floats: TypeAlias = NDArray[np.float64]
PhraseSimilarity: TypeAlias = Callable[[Sequence[str], Sequence[str]], Floats]

GROUP = "sama_bench.phrases"


def exact(true: Sequence[str], predicted: Sequence[str]) -> Floats:
    """1 for equal phrases, else 0: float64 of shape (true, predicted)."""
    return _each(lambda one, other: float(one == other), true, predicted)


def words(true: Sequence[str], predicted: Sequence[str]) -> Floats:
    """1 for equal phrases, else 0.4 + 0.5 times the Jaccard index of their words: float64 of shape (true, predicted).

    Words are what lies between white space.
    """
    return _each(lambda one, other: 1.0 if one == other else 0.4 + 0.5 * _overlap(one, other), true, predicted)


def _each(alike: Callable[[str, str], float], true: Sequence[str], predicted: Sequence[str]) -> Floats:
    values = [alike(one, other) for one in true for other in predicted]
    return np.array(values, np.float64).reshape(len(true), len(predicted))


def _overlap(one: str, other: str) -> float:
    shared, either = set(one.split()) & set(other.split()), set(one.split()) | set(other.split())
    return len(shared) / len(either) if either else 1.0


def find_similarity(name: str) -> PhraseSimilarity:
    """Import the phrase similarity `name`.

    Raises UserError where there is none of that name, where two distributions claim it, and where it does not load.
    """
    entries = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if not entries:
        raise UserError(_unknown(name))
    if len(entries) > 1:
        claims = " and ".join(f"{_origin(entry)} ({entry.value})" for entry in entries)
        raise UserError(f"phrase similarity {name} is claimed by {claims}; uninstall one")
    return _loaded(entries[0])


def _loaded(entry: EntryPoint) -> PhraseSimilarity:
    try:
        similarity = entry.load()
    except UserError:
        raise
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise UserError(f"phrase similarity {entry.name} of {_origin(entry)} does not load: {reason}") from problem
    if not callable(similarity):
        raise UserError(f"phrase similarity {entry.name} of {_origin(entry)}: {entry.value} cannot be called")
    return cast("PhraseSimilarity", similarity)


def _unknown(name: str) -> str:
    known = sorted({entry.name for entry in entry_points(group=GROUP)})
    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"unknown phrase similarity {name!r}: {hint}known are {', '.join(known) or 'none'}"


def _origin(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value
