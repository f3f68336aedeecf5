"""Two scored runs against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sama_bench.api.runs import Run
from sama_bench.api.scores import Scores
from sama_bench.errors import UserError, each
from sama_bench.files.json_files import as_json
from sama_bench.notebook import lines, table
from sama_bench.score import comparison as paired
from sama_bench.score.comparison import Line, Side
from sama_bench.score.comparison_inputs import load_side
from sama_bench.score.comparison_table import HEADINGS, cells, legend, sides, title

if TYPE_CHECKING:
    import pandas as pd

Scored: TypeAlias = Run | Scores | str | Path


def compare(a: Scored, b: Scored) -> Comparison:
    """Say what `b` has more than `a`, metric by metric: paired by video, with intervals and p-values.

    Each is a run, its folder, a file that `sama-bench score --json` wrote, or scores. Raises UserError where
    signatures differ, naming every part that does, and where there is nothing to compare. Two runs of one model may
    differ in their history alone.

    Examples:
        >>> import sama_bench as sb
        >>> bench = sb.load_benchmark("demo", tasks="c", limit=8)
        >>> short = sb.score(bench, {str(question.key): "A cat." for question in bench})
        >>> long = sb.score(bench, {str(question.key): "A red ball that rolls over the grass." for question in bench})
        >>> sb.compare(short, long).lines("c", "strict")[0].metric.name
        'Bleu_1'
    """
    first, other = each(lambda side: _side(*side), ((a, "A"), (b, "B")))
    return Comparison(paired.compare(first, other))


def _side(scored: Scored, name: str) -> Side:
    if isinstance(scored, Scores):
        return Side(name, scored.kept, scored.kept.statistics)
    if isinstance(scored, (Run, str, Path)):
        return load_side(scored.path if isinstance(scored, Run) else Path(scored))
    raise UserError(f"{name} is {type(scored).__name__}, expected a run, scores, or the path of one of them")


class Comparison:
    """The differences of two scored runs. Values are fractions, 1 is 100 percent; notebooks show percent."""

    def __init__(self, comparison: paired.Comparison) -> None:
        self._comparison = comparison

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two."""
        return self._comparison.names

    @property
    def left_out(self) -> Sequence[str]:
        """The tasks and metrics that only one of the two was scored for."""
        return self._comparison.left_out

    def lines(self, task: str, protocol: str) -> Sequence[Line]:
        """A line for each metric of a task under a protocol: means, difference, interval, p, and where who is better.

        Raises UserError where the two were not both scored for it.
        """
        all_lines: Mapping[tuple[str, str], Sequence[Line]] = self._comparison.lines
        if (protocol, task) not in all_lines:
            scored_places = "; ".join(f"{known}, {key}" for known, key in all_lines)
            raise UserError(f"{protocol}, task {task}: was not scored in both; there is: {scored_places}")
        return all_lines[protocol, task]

    def table(self) -> pd.DataFrame:
        """All lines, one row each, under the index (task, protocol, metric).

        Columns: label, a, b, difference (b - a), low and high (its 95 % interval), p (two-sided; NaN, as the interval,
        with fewer than two videos), videos (with a value in both), higher_is_better, unit (question or video), better,
        equal and worse (in how many of them b is).
        """
        import pandas as pd

        index = ["task", "protocol", "metric"]
        numbers = ["a", "b", "difference", "low", "high", "p"]
        columns = [*index, "label", *numbers, "videos", "higher_is_better", "unit", "better", "equal", "worse"]
        rows = [
            (task, protocol, *_row(line))
            for (protocol, task), metrics in self._comparison.lines.items()
            for line in metrics
        ]
        data = pd.DataFrame(rows, columns=columns)
        return data.astype(dict.fromkeys(numbers, "float64")).set_index(index)

    def dumps(self) -> bytes:
        """The comparison as a JSON file, as `sama-bench compare --json` writes it."""
        content = self._comparison.to_json()
        return as_json(content)

    @property
    def kept(self) -> paired.Comparison:
        """The comparison in the form that the commands take."""
        return self._comparison

    def __repr__(self) -> str:
        return f"<comparison of {' and '.join(self.names)}>"

    def _repr_html_(self) -> str:
        """The HTML for notebooks: the tables that `sama-bench compare` prints, in percent."""
        compared = self._comparison
        tables = [
            table(HEADINGS, map(cells, metrics), title(task, protocol), [compared.signatures[protocol, task]])
            for (protocol, task), metrics in compared.lines.items()
        ]
        below = [*(f"left out: {left_out_line}" for left_out_line in self.left_out), legend()]
        return lines(sides(compared).splitlines()) + "".join(tables) + lines(below)


def _row(line: Line) -> tuple[object, ...]:
    low, high = line.interval or (None, None)
    means = line.a, line.b, line.difference
    names = line.metric.name, line.metric.label
    return (*names, *means, low, high, line.p, line.videos, line.metric.higher_is_better, *line.tally)
