"""The order of the rounds of a dialogue, which of them a question sees, and which have to be asked again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256

from sama_bench.types import Key


def ordered(rounds: Iterable[Key], video: str, seed: int | None = None) -> list[Key]:
    """The rounds of a video in the order in which they are asked: as given, or shuffled by the seed.

    Which of two rounds comes first depends on the seed, the video and these two alone, not on which others there are.
    """
    if seed is None:
        return list(rounds)
    return sorted(rounds, key=lambda key: sha256(f"{seed}\0{video}\0{key.task}\0{key.id}".encode()).digest())


def window_of(chain: Sequence[Key], place: int, window: int | None) -> Sequence[Key]:
    """The rounds before the one at `place` that it sees: the last `window` of them, None being all."""
    return chain[0 if window is None else max(0, place - window) : place]


def stale(chain: Sequence[Key], asked_again: Collection[Key], window: int | None) -> set[Key]:
    """The later rounds whose history changes when some are asked again: those whose window holds one, and so on."""
    changed = set(asked_again)
    for place, key in enumerate(chain):
        if not changed.isdisjoint(window_of(chain, place, window)):
            changed.add(key)
    return changed.difference(asked_again)
