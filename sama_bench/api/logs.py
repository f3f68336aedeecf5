"""Scored runs as loggers are given them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan
from typing import TYPE_CHECKING

from sama_bench.api.runs import Run
from sama_bench.errors import UserError
from sama_bench.loggers.logger import Logger, log_to
from sama_bench.loggers.record import Cell, RunRecord, Table

if TYPE_CHECKING:
    import pandas as pd


def record_of(run: Run) -> RunRecord:
    """All that a logger is given of a run. Raises UserError where the run was not scored."""
    scores, manifest = run.scores, run.manifest
    table = scores.table()
    means, intervals, signatures = {}, {}, {}
    for task, protocol, metric in table.index:
        name = f"{task}/{protocol}/{metric}"
        means[name] = scores.mean(task, protocol, metric)
        if (interval := scores.interval(task, protocol, metric)) is not None:
            intervals[name] = (float(interval[0]), float(interval[1]))
        signatures[f"{task}/{protocol}"] = scores.signature(task, protocol)
    settings = {name: str(value) for name, value in manifest.settings.to_json().items() if isinstance(value, str)}
    settings |= {
        "benchmark": manifest.bench_name,
        "tasks": ",".join(manifest.settings.tasks),
        **{f"model_args.{name}": str(value) for name, value in manifest.settings.model_args.items()},
    }
    tables = [_table("scores", table), _table("questions", run.questions())]
    folder = run.path.resolve()
    return RunRecord(folder.name, str(run.path), means, intervals, signatures, settings, tables)


def log_run(run: Run, loggers: Mapping[str, Logger], tell: Callable[[str], object]) -> None:
    """Have a scored run logged by each of `loggers`. Raises UserError with what each that failed says, all tried."""
    record = record_of(run)
    problems: list[str] = []
    for text, logger in loggers.items():
        try:
            tell(log_to(text, logger, record))
        except UserError as problem:
            problems += problem.problems
    if problems:
        raise UserError(problems)


def _table(name: str, data: pd.DataFrame) -> Table:
    flat = data.reset_index()
    rows = [[_cell(value) for value in row] for row in flat.itertuples(index=False, name=None)]
    return Table(name, [str(column) for column in flat.columns], rows)


def _cell(value: object) -> Cell:
    """A value of a table as Python has it; None where there is none."""
    import pandas as pd

    plain = value.item() if hasattr(value, "item") else value
    if plain is None or plain is pd.NA or (isinstance(plain, float) and isnan(plain)):
        return None
    return plain if isinstance(plain, str | float | int | bool) else str(plain)
