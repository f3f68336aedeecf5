"""A run's values question by question as a table, and its numbers in the forms that others collect."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.api.runs import Run
from sama_bench.errors import MissingExtra, UserError
from sama_bench.result_formats.scored_run import ScoredRun
from sama_bench.run.store import Store
from sama_bench.types import Key
from sama_bench.verdicts.judge_result import HUMAN, PEOPLE

if TYPE_CHECKING:
    import pandas as pd

WRITERS = (".csv", ".parquet")
ABOUT = ["task", "question_id", "video", "state"]


def question_table(run: Run, *, long: bool = False) -> pd.DataFrame:
    """The values of a run's questions, in the order of the benchmark; an ordinary index.

    Wide: a row for each question, as `Run.questions`: task, question_id, video, state, text, seconds, error, then a
    column `PROTOCOL.METRIC` for each value in 0…1, NaN where a question has none, and `people.Human` where people rated
    answers. Long: a row for each value: task, question_id, video, state, protocol, metric, value; a question without
    any value has none. Raises UserError where the run was not scored.
    """
    _ = run.scores  # says that a run was not scored
    wide = run.questions().reset_index()
    with Store.open(run.path) as store:
        human = store.judged().get(HUMAN)
    if human is not None:
        keys = zip(wide["task"], wide["question_id"], strict=True)
        wide[f"{PEOPLE}.{HUMAN}"] = [human.value(Key(task, id_)) for task, id_ in keys]
    if not long:
        return wide
    values = [name for name in wide.columns if "." in name]
    wide["place"] = range(len(wide))
    table = wide.melt([*ABOUT, "place"], values, "column", "value").dropna(subset="value")
    table = table.sort_values("place", kind="stable", ignore_index=True)
    names = table["column"].str.split(".", n=1, expand=True) if len(table) else {0: table["column"], 1: table["column"]}
    table["protocol"], table["metric"] = names[0], names[1]
    return table[[*ABOUT, "protocol", "metric", "value"]]


def question_file(run: Run, path: str | Path, *, long: bool = False) -> bytes:
    """What `question_table` gives as the bytes of a file: CSV or Parquet, by the ending of `path`.

    Raises UserError for another ending, MissingExtra where pyarrow is not installed for Parquet.
    """
    ending = Path(path).suffix.lower()
    if ending not in WRITERS:
        raise UserError(f"{path}: expected a name that ends with {' or '.join(WRITERS)}")
    if ending == ".parquet" and find_spec("pyarrow") is None:
        raise MissingExtra(f"{path}: Parquet", ["pyarrow"], "sama-bench[parquet]")
    table = question_table(run, long=long)
    if ending == ".csv":
        return table.to_csv(index=False, lineterminator="\n").encode(errors="replace")
    content = io.BytesIO()
    table.to_parquet(content, index=False)
    return content.getvalue()


def scored_run(run: Run) -> ScoredRun:
    """What the forms of others need of a run. Raises UserError where it was not scored."""
    with Store.open(run.path) as store:
        return ScoredRun(store.manifest, run.scores.kept, store.judged())
