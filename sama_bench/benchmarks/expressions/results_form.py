"""What Sa2VA's scorers make of a `results.json` of masks, where it is not what scorers of pictures make of a folder.

Pictures are found by the frames' names. Masks of a file have only their places: predictions stand in the order of the
frames' names, in which the loader shows them, and are compared with a truth in the order in which the data list the
frames. And an expression that is not in the file ends its worker, whatever else of its video is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sama_bench.benchmarks.expressions.listing import VideoListing
from sama_bench.benchmarks.expressions.means import mean_of_expressions, only, zero_unanswered
from sama_bench.benchmarks.expressions.overlap import first_track, overlap, true_track
from sama_bench.metric import Metric, QuestionValue
from sama_bench.metrics.rle import Checked
from sama_bench.protocol import Ladder, Mend, QuestionProtocol
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Answer
from sama_bench.types import Truth

Belongs = Callable[[QuestionStatistics], bool]

START = "released, of a results.json"
ORDER = Mend("order", "frames are compared by name; predictions by name were compared with the truth as it is listed")
UNANSWERED = Mend("unanswered", "an expression that is not in the file counts 0; it left the mean")
ABSENT = Mend("absent", "an expression that means nothing is apart; it had J = F = 1 or 0")


def more_of_order(video: VideoListing) -> dict[str, object]:
    """What `measures_by_place` wants to know of a truth: nothing where the data list the frames in order."""
    return {} if list(video.order) == sorted(video.order) else {"order": video.order}


def measures_by_place(truth: Truth, answer: Answer) -> dict[str, float]:
    """`J_by_place` and `F_by_place`, of masks that are compared by their places; nothing where all stand in order."""
    order = truth.more.get("order")
    if order is None:
        return {}
    by_name = true_track(truth, len(order))
    listed = Checked(by_name)
    for mask, place in zip(by_name, order, strict=True):
        listed[place] = mask
    j, f = overlap(listed, first_track(answer), answer.video.size)
    return {"J_by_place": j, "F_by_place": f}


class OfResults(QuestionProtocol):
    """As the scorers of such a file, with some of their ways mended; `has_target` tells what ABSENT keeps."""

    def __init__(self, has_target: Belongs, mends: frozenset[str]) -> None:
        super().__init__(
            START, _metrics(has_target, mends), "empty" if UNANSWERED.name in mends else "left out"
        )  # fmt: skip


def results_ladder(end: str, has_target: Belongs) -> Ladder:
    """The way from those numbers to the strict ones."""
    return Ladder(START, end, (ORDER, UNANSWERED, ABSENT), lambda mends: OfResults(has_target, mends))


def _metrics(has_target: Belongs, mends: frozenset[str]) -> Iterator[Metric]:
    for name in ("J", "F", "J&F"):
        value = _value(name.split("&"), "" if ORDER.name in mends else "_by_place")
        value = zero_unanswered(value)
        yield mean_of_expressions(START, name, name, only(value, has_target) if ABSENT.name in mends else value)


def _value(names: list[str], suffix: str) -> QuestionValue:
    """The mean of the measures of these names; of those that stand in order by whatever suffix the same."""

    def value(question: QuestionStatistics) -> float | None:
        measures = question.measures
        found = [measures.get(f"{name}{suffix}", measures.get(name)) for name in names]
        known = [one for one in found if one is not None]
        return sum(known) / len(names) if len(known) == len(names) else None

    return value
