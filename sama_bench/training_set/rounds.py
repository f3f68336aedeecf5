"""Which rounds the released loader trains on: groups of four in the order of the file, and what it drops of them.

After json_file_preprocess of VideoRegionConvDataset (sunye23/SAMA 7c75e44).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sama_bench.benchmarks.sama.question_parser import GROUNDINGS, REFERENTS, UNPAIRED
from sama_bench.training_set.samples import Round, Sample

GROUP = 4
UNGROUNDED = "no [SEG] in its group of four"
REASONS = (UNPAIRED, REFERENTS, GROUNDINGS, UNGROUNDED)


class Judged(NamedTuple):
    """A round with its number in the dialogue, and why the loader drops it; None where it is kept."""

    number: int
    round: Round
    dropped: str | None


def segments(one: Round) -> int:
    """The number of [SEG] in the answer."""
    return one.answer.value.count("[SEG]")


def judged(sample: Sample) -> Iterator[list[Judged]]:
    """The groups of four rounds, each round with why it is dropped; a group without any [SEG] left is dropped whole."""
    for start in range(0, len(sample.rounds), GROUP):
        group = [
            Judged(start + place, one, _why_dropped(one))
            for place, one in enumerate(sample.rounds[start : start + GROUP])
        ]
        if not any(segments(one.round) for one in group if one.dropped is None):
            group = [one._replace(dropped=one.dropped or UNGROUNDED) for one in group]
        yield group


def _why_dropped(one: Round) -> str | None:
    if (one.question.sender, one.answer.sender) != ("human", "gpt"):
        return UNPAIRED
    if one.question.value.count("<mask>") != len(one.referents):
        return REFERENTS
    return GROUNDINGS if segments(one) != _grounded(one.groups) else None


def _grounded(groups: Sequence[Sequence[str]]) -> int:
    return sum(1 for group in groups if group)
