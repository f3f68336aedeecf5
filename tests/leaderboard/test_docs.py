"""What docs/tables.md shows works as it stands there."""

import re
from pathlib import Path

import pandas as pd

from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.data_export import COLUMNS, as_csv
from sama_bench.leaderboard.reported import read_reported

DOCS = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")


def example(name):
    return re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", DOCS, re.DOTALL)[1]


def test_the_example_of_reported_numbers_is_read(tmp_path):
    (tmp_path / "reported.yaml").write_text(example("reported"), encoding="utf-8")
    assert [one.model for one in read_reported([tmp_path / "reported.yaml"])] == ["Nobody-7B", "Nobody-13B"]


def test_pandas_reads_texts_as_texts(fixed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("report.csv").write_text(as_csv(boards(fixed[:1])), encoding="utf-8")
    names = {"pd": pd}
    exec(example("pandas"), names)
    assert names["texts"] == tuple(name for name, kind in COLUMNS.items() if kind == "str")
    assert {name for name in names["texts"] if pd.api.types.is_string_dtype(names["table"][name])} >= {"model", "task"}
    assert {str(names["table"].dtypes[name]) for name in ("value", "low", "high")} == {"float64"}


def test_every_column_is_described():
    described = set(re.findall(r"`(\w+)`", DOCS.partition("## CSV")[2].partition("## JSON")[0]))
    assert set(COLUMNS) <= described
