"""TensorBoard: an event file with the means as scalars, the rest as texts."""

from __future__ import annotations

from pathlib import Path

from sama_bench.adapter import Need
from sama_bench.loggers.logger import Logger
from sama_bench.loggers.record import Cell, RunRecord, Table

FOLDER = "tensorboard"


class TensorboardLogger(Logger):
    """Logs to a folder of the run's name below the folder that the argument names, by default ./tensorboard."""

    needs = (Need("tensorboardX", "sama-bench[tensorboard]"),)

    def log(self, record: RunRecord) -> str:
        """Write an event file there."""
        from tensorboardX import SummaryWriter

        folder = Path(self.argument or FOLDER) / record.name
        with SummaryWriter(str(folder)) as writer:
            for name, value in record.plain_scores.items():
                writer.add_scalar(name, value, 0)
            settings = Table("settings", ("setting", "value"), list(record.settings.items()))
            signatures = Table("signatures", ("scores", "signature"), list(record.signatures.items()))
            for table in (settings, signatures, *record.tables):
                writer.add_text(table.name, markdown(table), 0)
        return str(folder)


def markdown(table: Table) -> str:
    """A table in Markdown; what would break a row or be taken for a tag is escaped."""
    rows = [table.columns, ["---"] * len(table.columns), *table.rows]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
