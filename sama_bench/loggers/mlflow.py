"""MLflow: a run in an experiment, with the means as metrics and the tables as artifacts."""

from __future__ import annotations

import os

from sama_bench.adapter import Need
from sama_bench.loggers.logger import Logger
from sama_bench.loggers.record import RunRecord

EXPERIMENT = "sama-bench"
LONGEST = 6000  # characters of a parameter that MLflow keeps


class MlflowLogger(Logger):
    """Logs to the tracking server or store that the argument names, by default MLFLOW_TRACKING_URI.

    The experiment is MLFLOW_EXPERIMENT_NAME, by default sama-bench.
    """

    needs = (Need("mlflow", "sama-bench[mlflow]"),)

    def log(self, record: RunRecord) -> str:
        """Make a run there."""
        from mlflow import MlflowClient

        client = MlflowClient(tracking_uri=self.argument)
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        known = client.get_experiment_by_name(name)
        experiment = client.create_experiment(name) if known is None else known.experiment_id
        run = client.create_run(experiment, run_name=record.name).info.run_id
        try:
            for key, value in record.settings.items():
                client.log_param(run, key, value[:LONGEST])
            for key, value in {**record.signatures, "path": record.path}.items():
                client.set_tag(run, f"sama-bench/{key}", value)
            for metric, score in record.plain_scores.items():
                client.log_metric(run, metric, score)
            for table in record.tables:
                columns = {column: [row[n] for row in table.rows] for n, column in enumerate(table.columns)}
                client.log_table(run, columns, f"{table.name}.json")
        except BaseException:
            client.set_terminated(run, "FAILED")
            raise
        client.set_terminated(run)
        return f"run {run} of experiment {name}"
