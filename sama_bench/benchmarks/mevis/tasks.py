"""MeViS' tasks: its public split of version 1 and of version 2, and the split that a server scores."""

from __future__ import annotations

from typing import Final

from sama_bench.benchmarks.expressions.protocols import SCORING, STRICT, STRICT_METRICS, Strict
from sama_bench.benchmarks.expressions.tasks import expression_task
from sama_bench.benchmarks.expressions.wording import SAMA
from sama_bench.metric import Metric, Sums
from sama_bench.protocol import ScoringInputs, Values, Videos

PARTS = ("J&F", "no_target_accuracy", "target_accuracy")
FINAL = Metric(STRICT, "final", "Final", needs=("masks",), sums=lambda _: None)


class Strict2(Strict):
    """Version 2's challenge also publishes a final score: the plain mean of J&F, N-acc. and T-acc.

    It has a value where all three have one. In a video's sums each expression weighs 1 / the number of those that the
    part is a mean of, so that the sums of all videos have the ratio of the three means' mean.
    """

    def __init__(self) -> None:
        super().__init__((*STRICT_METRICS, FINAL))

    def by_video(self, videos: Videos, inputs: ScoringInputs) -> Values:
        """The metrics of each video; the weights of the final score are those of the whole."""
        values = super().by_video(videos, inputs)
        counted = [
            (name, part)
            for by_metric in values.values()
            for name in PARTS
            if isinstance(part := by_metric.get(name), Sums)
        ]
        sizes = {name: sum(part.denominator for other, part in counted if other == name) for name in PARTS}
        if all(sizes[name] for name in PARTS):
            for by_metric in values.values():
                parts = [(part, sizes[name]) for name in PARTS if isinstance(part := by_metric.get(name), Sums)]
                by_metric["final"] = Sums(
                    sum(part.numerator / size for part, size in parts),
                    sum(part.denominator / size for part, size in parts),
                )
        return values


WORDING = SAMA
SCORING_2 = (SCORING[0], Strict2())
VALID_U: Final = expression_task("mevis", "MeViS valid_u", WORDING)
VALID_U2: Final = expression_task("mevis2", "MeViS v2 valid_u", WORDING, SCORING_2)
VALID: Final = expression_task("mevis-valid", "MeViS valid", WORDING)
