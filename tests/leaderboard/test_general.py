"""General scores in the report: which stand under each other, how they are shown, where they are found."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from sama_bench.errors import UserError
from sama_bench.leaderboard.cell import number, remarks
from sama_bench.leaderboard.command import report
from sama_bench.leaderboard.data_export import frame
from sama_bench.leaderboard.general import GeneralRun, general_boards
from sama_bench.leaderboard.markdown import markdown
from sama_bench.lmms.general.record import Failed, GeneralSettings, Record, Scored, Value
from sama_bench.lmms.general.suites import PAPER, suite

RAW = {"fraction": 0.61, "percent": 55.5, "points": 1432.1}
AI2D, MME = "ai2d/exact_match", "mme/mme_perception_score"


def scored(entry, more=0.0, questions=100, **other):
    values = tuple(Value(one.metric, one.label, RAW[one.scale] + more, one.scale, True) for one in entry.metrics)
    return Scored(values, questions, 100, "1.0", "0a1b2c3d", **other)


def record(model="sama", limit=None, lmms_eval="0.7.3", **changed):
    """The record of the paper's suite; `changed` are outcomes of tasks, None where one was not asked."""
    tasks = {entry.task: scored(entry) for entry in suite(PAPER)} | changed
    return Record(
        GeneralSettings(model, {}, limit, lmms_eval), {name: one for name, one in tasks.items() if one is not None}
    )


def boards(*records):
    return general_boards([GeneralRun(Path("runs") / one.settings.model, one.settings.model, one) for one in records])


def entry(task):
    return next(one for one in suite(PAPER) if one.task == task)


def test_fractions_and_percent_are_shown_in_percent_and_points_as_they_are():
    (board,) = boards(record())
    (row,) = board.rows
    shown = {metric.label: number(row, metric) for metric in board.columns}
    assert (shown["AI2D test"], shown["Video-MME"], shown["MME perception (points)"]) == ("61.00", "55.50", "1432.10")
    assert board.title == "General understanding, by lmms-eval"
    assert board.scope == "700 questions, percent where nothing else is said"


def test_columns_are_in_the_papers_order_and_other_tasks_behind_them():
    other = Scored((Value("acc", "pope acc", 0.5, "fraction", True),), 10, 10, "0", "1")
    tasks = {"pope": other, "videomme": scored(entry("videomme")), "mme": scored(entry("mme"))}
    (board,) = boards(Record(GeneralSettings("a", {}, None, "0.7.3"), tasks))
    assert [metric.name.split("/")[0] for metric in board.columns] == ["mme", "mme", "videomme", "pope"]


def test_a_model_that_was_asked_fewer_tasks_stands_with_the_others():
    (board,) = boards(record("a"), record("b", videomme=None))
    assert [row.model for row in board.rows] == ["a", "b"]
    assert "videomme/videomme_perception_score" not in board.rows[1].values


@pytest.mark.parametrize(
    "other",
    [
        record("b", lmms_eval="0.7.4"),
        record("b", limit=100),
        record("b", ai2d=scored(entry("ai2d"), questions=99)),
        record("b", ai2d=Scored(scored(entry("ai2d")).values, 100, 100, "1.0", "ffffffff")),
        record("b", ai2d=Scored(scored(entry("ai2d")).values, 100, 100, "2.0", "0a1b2c3d")),
    ],
    ids=["version", "limit", "questions", "definition", "task version"],
)
def test_numbers_that_were_made_otherwise_never_share_a_column(other):
    first, second = boards(record("a"), other)
    assert [len(first.rows), len(second.rows)] == [1, 1]
    assert first.signature != second.signature


def test_the_best_is_ranked_as_in_all_tables():
    (board,) = boards(record("a"), record("b", ai2d=scored(entry("ai2d"), 0.1)))
    metric = next(one for one in board.columns if one.name == AI2D)
    assert [board.standing(row, metric).label for row in board.rows] == ["second", "best"]


def test_a_task_that_failed_leaves_its_cells_empty_with_the_reason():
    (board,) = boards(record("a"), record("b", ai2d=Failed("its data set is not there", 2)))
    row = board.rows[1]
    assert AI2D not in row.values
    assert remarks(row) == [f"without {AI2D}: it failed (its data set is not there)"]


def test_a_model_all_of_whose_tasks_failed_is_not_left_out():
    (board,) = boards(Record(GeneralSettings("a", {}, None, "0.7.3"), {"mme": Failed("no data")}))
    assert board.columns == ()
    assert "a: without mme: it failed (no data)" in markdown([board])


def test_answers_that_failed_mark_the_score_that_they_are_in():
    (board,) = boards(record(mme=scored(entry("mme"), errors=2, first_error="no memory")))
    (row,) = board.rows
    assert row.counts["errors"] == 2
    assert row.marked[MME] == "2 of 100 answers failed and count as wrong"
    assert AI2D not in row.marked


def test_a_wording_of_its_own_is_said_and_does_not_part_the_table():
    (board,) = boards(record("a"), record("lmms:qwen_vl", ai2d=scored(entry("ai2d"), prompt="qwen_vl")))
    assert [row.asked for row in board.rows] == ["", "in lmms-eval's words for qwen_vl: ai2d"]


def test_as_data_there_is_a_line_for_each_number():
    lines = frame(boards(record())).set_index("metric")
    assert lines.loc[AI2D, "value"] == 0.61
    assert lines.loc[MME, "value"] == pytest.approx(14.321)
    assert set(lines["task"]) == {"general"}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """The report on folders in ./runs, in which records are."""
    monkeypatch.chdir(tmp_path)

    def run(*records):
        for one in records:
            folder = tmp_path / "runs" / f"{one.settings.model}-general"
            folder.mkdir(parents=True)
            one.write(folder)
        return CliRunner().invoke(report, [], catch_exceptions=False, env={"COLUMNS": "200"})

    return run


def test_the_report_finds_general_scores_and_shows_them_in_every_format(made):
    told = made(record("a"), record("b", ai2d=Failed("no data")))
    assert told.exit_code == 0
    assert "General understanding, by lmms-eval (700 questions, percent where nothing else is said)" in told.output
    assert "1432.10" in told.output
    for name in ("report.md", "report.tex", "page/board.js"):
        text = Path("report", name).read_text(encoding="utf-8")
        assert "1432.10" in text
        assert "no data" in text
    (table,) = json.loads(Path("report/report.json").read_text())["tables"]
    assert [row["values"][MME] for row in table["rows"]] == [pytest.approx(14.321)] * 2
    assert len(pd.read_csv("report/report.csv")) == 17


def test_a_record_that_is_damaged_is_told(made, tmp_path):
    (tmp_path / "runs/x").mkdir(parents=True)
    (tmp_path / "runs/x/general.json").write_text("{")
    with pytest.raises(UserError, match=r"x/general.json: damaged: it is not JSON"):
        made()
