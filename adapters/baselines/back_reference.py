"""Questions without a region that refer back to what an earlier turn was about."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.dialogue.back_reference import names_the_other, refers_back
from sama_bench.types import Question, Region


def referents(question: Question) -> tuple[Region, ...]:
    """The regions that a question is about: its own; where it refers back, those of the last turn that had any.

    "The other one" is what turns before that were about, and it was not; () where there is nothing to refer to.
    """
    if question.regions or not refers_back(question.text):
        return question.regions
    last, *before = [turn.regions for turn in reversed(question.history) if turn.regions] or [()]
    if not names_the_other(question.text):
        return last
    others = _distinct([region for regions in before for region in regions if not _among(region, last)])
    return tuple(others) or last


def _distinct(regions: Sequence[Region]) -> list[Region]:
    distinct: list[Region] = []
    for region in regions:
        if not _among(region, distinct):
            distinct.append(region)
    return distinct


def _among(region: Region, regions: Sequence[Region]) -> bool:
    return any(list(region.track) == list(other.track) for other in regions)
