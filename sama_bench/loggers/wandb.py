"""Weights & Biases: a run in a project, with the means as its summary."""

from __future__ import annotations

from sama_bench.adapter import Need
from sama_bench.loggers.logger import Logger
from sama_bench.loggers.record import RunRecord

PROJECT = "sama-bench"


class WandbLogger(Logger):
    """Logs to the project that the argument names (PROJECT or ENTITY/PROJECT), by default sama-bench.

    What the environment says of the server, the key and the mode (WANDB_MODE=offline) holds.
    """

    needs = (Need("wandb", "sama-bench[wandb]"),)

    def log(self, record: RunRecord) -> str:
        """Make a run there."""
        import wandb

        entity, _, project = (self.argument or PROJECT).rpartition("/")
        config = {**record.settings, "path": record.path, "signature": dict(record.signatures)}
        with wandb.init(
            entity=entity or None, project=project, name=record.name, config=config, job_type="evaluation"
        ) as run:
            for table in record.tables:
                run.log({table.name: wandb.Table(columns=list(table.columns), data=[list(row) for row in table.rows])})
            run.log(record.plain_scores)
            return str(run.url or run.dir)
