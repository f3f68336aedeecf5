"""The numbers of a scoring, as means, tables and bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task, tasks
from sama_bench.errors import UserError
from sama_bench.files.atomic import write_bytes
from sama_bench.metric import Metric
from sama_bench.notebook import lines, table
from sama_bench.score import scores as made
from sama_bench.score.block import Block
from sama_bench.score.scores import Breakdowns, blocks
from sama_bench.score.signature import line
from sama_bench.score.table import notes, task_tables

if TYPE_CHECKING:
    import pandas as pd


class Scores:
    """The numbers of a scoring. All values are fractions, 1 is 100 percent; only what notebooks show is in percent.

    Metrics have the names that `scores.json` has: "J&F", "METEOR", "Bleu_4", … (`table` lists them).
    """

    def __init__(self, scores: made.Scores) -> None:
        self._scores = scores

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that were scored."""
        return tuple(task.key for task in tasks() if blocks(self._scores, task.key))

    @property
    def protocols(self) -> tuple[str, ...]:
        """The protocols that they were scored by."""
        return tuple(self._scores.protocols)

    def mean(self, task: str, protocol: str, metric: str) -> float:
        """The mean of a metric over the videos that have it.

        Raises UserError where there is none, saying what there is, or why there is none.
        """
        return self._block_with(task, protocol, metric).mean[metric]

    def interval(self, task: str, protocol: str, metric: str) -> tuple[float, float] | None:
        """The 95 % interval of a mean; None where fewer than two videos have the metric. Raises as `mean` does."""
        return self._block_with(task, protocol, metric).interval.get(metric)

    def by_video(self, task: str, protocol: str, metric: str) -> dict[str, float]:
        """The value of each video that has the metric, by the video's id. Raises as `mean` does."""
        videos = self._block_with(task, protocol, metric).videos
        return {video: values[metric] for video, values in videos.items() if metric in values}

    def signature(self, task: str, protocol: str) -> str:
        """The signature of the numbers of a task under a protocol, in a line; equal for numbers that compare."""
        self._block(task, protocol)
        return line(self._scores.made_of(task, protocol))

    def notes(self) -> list[str]:
        """Notes for readers: what has no answer, and which metrics are absent and why."""
        return [
            f"task {task}: {note}" for task in self.tasks for note in notes(load_task(task), blocks(self._scores, task))
        ]

    def table(self) -> pd.DataFrame:
        """All means, one row each, under the index (task, protocol, metric).

        Columns: label, value, low and high (the 95 % interval, NaN where there is none), higher_is_better, videos (that
        have the metric), and of the task questions, missing and errors (how many have no answer).
        """
        import pandas as pd

        columns = {
            "label": "str",
            "value": "float64",
            "low": "float64",
            "high": "float64",
            "higher_is_better": "bool",
            "videos": "int64",
            "questions": "int64",
            "missing": "int64",
            "errors": "int64",
        }
        rows = [
            (task, protocol, metric.name, *_row(block, metric))
            for task in self.tasks
            for protocol, block in blocks(self._scores, task).items()
            for metric in load_task(task).columns(protocol)
            if metric.name in block.mean
        ]
        index = ["task", "protocol", "metric"]
        return pd.DataFrame(rows, columns=[*index, *columns]).astype(columns).set_index(index)

    def questions(self) -> pd.DataFrame:
        """The results of the questions, under the index (task, question_id): see `Run.questions`.

        Without the columns text, seconds and error, which runs know. Empty where scores were read from a file.
        """
        from sama_bench.api.questions import frame

        return frame(self._scores.statistics)

    def breakdowns(self) -> pd.DataFrame:
        """The key metrics of parts of the benchmark, where they were asked for (`breakdowns=True`), else empty.

        Index (task, protocol, dimension, part, metric); columns value, low, high, questions, videos.
        """
        import pandas as pd

        index = ["task", "protocol", "dimension", "part", "metric"]
        values = ["value", "low", "high"]
        rows = list(_parts(self._scores.breakdowns))
        data = pd.DataFrame(rows, columns=[*index, *values, "questions", "videos"])
        return data.astype(dict.fromkeys(values, "float64")).set_index(index)

    def dumps(self) -> bytes:
        """The scores as a JSON file, as `sama-bench score --json` writes it; equal scores give equal bytes."""
        return self._scores.dumps()

    def save(self, path: str | Path) -> None:
        """Write what `dumps` gives to a file; raises UserError where it cannot be written."""
        try:
            write_bytes(Path(path), self.dumps())
        except OSError as problem:
            raise UserError(f"{path}: cannot be written ({problem.strerror or problem})") from problem

    @property
    def kept(self) -> made.Scores:
        """The scores in the form that the commands and the leaderboard take."""
        return self._scores

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scores) and self._scores == other._scores

    __hash__ = None  # type: ignore[assignment]  # as equal scores need not be the same object

    def __repr__(self) -> str:
        counts = (f"task {task}: {next(iter(blocks(self._scores, task).values())).questions}" for task in self.tasks)
        return f"<scores of questions, {', '.join(counts)}>"

    def _repr_html_(self) -> str:
        """The HTML for notebooks: the tables that `sama-bench score` prints, in percent."""
        return "".join(
            table(
                ("metric", *task_table.protocols),
                task_table.rows,
                task_table.title,
                [task_table.explained, *task_table.notes],
            )
            + lines(task_table.signatures)
            for task_table in task_tables(self._scores)
        )

    def _block(self, task: str, protocol: str) -> Block:
        block = self._scores.block(task, protocol)
        if block is None:
            scored = [f"{name}, {key}" for key in self.tasks for name in blocks(self._scores, key)]
            raise UserError(f"{protocol}, task {task}: was not scored; there is: {'; '.join(scored)}")
        return block

    def _block_with(self, task: str, protocol: str, metric: str) -> Block:
        block = self._block(task, protocol)
        if metric not in block.mean:
            reason = block.why_not.get(metric)
            because = f" ({reason})" if reason else ""
            raise UserError(f"{protocol}, task {task}: no {metric}{because}; there is: {', '.join(block.mean)}")
        return block


def _row(block: Block, metric: Metric) -> tuple[object, ...]:
    low, high = block.interval.get(metric.name, (None, None))
    videos = sum(metric.name in values for values in block.videos.values())
    counts = (block.questions, block.missing, block.errors)
    return (metric.label, block.mean[metric.name], low, high, metric.higher_is_better, videos, *counts)


def _parts(breakdowns: Breakdowns) -> Iterator[tuple[object, ...]]:
    for protocol, by_task in breakdowns.items():
        for task, dimensions in by_task.items():
            for dimension, parts in dimensions.items():
                for part in parts:
                    for metric, value in part.mean.items():
                        low, high = part.interval.get(metric, (None, None))
                        counts = part.questions, part.videos
                        yield (task, protocol, dimension, part.part, metric, value, low, high, *counts)
