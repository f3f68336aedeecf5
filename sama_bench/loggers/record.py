"""What a logger is given of a scored run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Cell = str | float | int | bool | None


@dataclass(frozen=True)
class Table:
    """A table by its name; each row has a value for each column, None where it has none."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class RunRecord:
    """A scored run.

    `name` is that of its folder. `scores` are means in 0…1 (CIDEr: 0…10) under TASK/PROTOCOL/METRIC, such as
    "g/strict/J&F", `intervals` their 95 % intervals under the same names; `signatures` say under TASK/PROTOCOL how the
    numbers were made. `settings` are the model, its arguments and the benchmark. `tables` are `scores` with a row for
    each mean, and `questions` with a row for each question, its answer and its own values.
    """

    name: str
    path: str
    scores: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    signatures: Mapping[str, str]
    settings: Mapping[str, str]
    tables: Sequence[Table] = field(default=())

    @property
    def plain_scores(self) -> dict[str, float]:
        """Scores and the ends of intervals under `plain_name`, those with .low and .high behind it."""
        values = {plain_name(name): mean for name, mean in self.scores.items()}
        for name, (low, high) in self.intervals.items():
            values |= {f"{plain_name(name)}.low": low, f"{plain_name(name)}.high": high}
        return values


def plain_name(name: str) -> str:
    """A name of letters, digits, _ - . / and blanks, as trackers take it: "J&F" is "J_and_F"."""
    return re.sub(r"[^\w\-./ ]", "_", name.replace("&", "_and_"))
