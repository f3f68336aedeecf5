"""Which questions of the demo recipes ask: one loop over all of them, and the first of each kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import replace

from sama_bench.types import Question


def demo_questions(*, shortest_first: bool = False) -> Iterator[Question]:
    """Every question of the demo, without what was said before; videos in their order, or the shortest first."""
    from sama_bench.benchmark import open_benchmark

    demo = open_benchmark("demo")
    for entry in sorted(demo.entries, key=lambda entry: len(entry.video) if shortest_first else 0):
        for question in demo.questions(entry.video.id):
            yield replace(question, history=())


def without_regions(questions: Iterable[Question]) -> Iterator[Question]:
    """Those that have no region."""
    return (question for question in questions if not question.regions)


def first_of_each(
    questions: Iterable[Question], kind_of: Callable[[Question], Hashable], kinds: Collection[Hashable]
) -> Iterator[Question]:
    """The first question of each of the kinds, in the order in which they come."""
    left = set(kinds)
    for question in questions:
        if (kind := kind_of(question)) in left:
            left.remove(kind)
            yield question
            if not left:
                return
