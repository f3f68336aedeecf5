"""A scored run as loggers are given it, by `run --log` and from Python."""

from typing import ClassVar

import pytest
from click.testing import CliRunner

import sama_bench as sb
from sama_bench.api.logs import log_run, record_of
from sama_bench.cli.run import run as run_command
from sama_bench.errors import UserError
from sama_bench.loggers.logger import LOGGERS, Logger
from sama_bench.run.plugins import Group

pytestmark = pytest.mark.slow


class Keeps(Logger):
    """Keeps what it is given."""

    records: ClassVar = []

    def log(self, record):
        if self.argument == "broken":
            raise OSError("no disk")
        self.records.append(record)
        return "kept"


@pytest.fixture
def keeps(monkeypatch):
    find = Group.find
    monkeypatch.setattr(Group, "find", lambda group, *rest: Keeps if group is LOGGERS else find(group, *rest))
    Keeps.records = []
    return Keeps.records


@pytest.fixture
def run(tree):
    def answer(question):
        if question.key.id == "q2":
            raise RuntimeError("no memory")
        return "A box moves."

    return sb.evaluate(answer, tree, "out", phrases="words", model_args={"size": "7B"}, name="cat")


def test_a_record_has_scores_signatures_and_tables(run):
    record = record_of(run)
    assert record.scores["c/strict/METEOR"] == run.scores.mean("c", "strict", "METEOR")
    assert set(record.signatures) == {"g/paper", "g/strict", "c/paper", "c/strict"}
    assert record.signatures["g/strict"] == run.scores.signature("g", "strict")
    assert record.intervals["c/strict/METEOR"] == run.scores.interval("c", "strict", "METEOR")
    assert (record.settings["model"], record.settings["model_args.size"]) == ("cat", "7B")
    scores, questions = record.tables
    assert scores.columns[:4] == ["task", "protocol", "metric", "label"]
    assert len(scores.rows) == len(record.scores)
    assert len(questions.rows) == 6
    failed = dict(zip(questions.columns, next(row for row in questions.rows if row[1] == "q2"), strict=True))
    assert failed["error"] == "RuntimeError: no memory"
    assert (failed["text"] or None, failed["paper.miou"]) == (None, None)


def test_each_logger_is_tried_and_all_that_fail_are_told(run, keeps):
    told = []
    with pytest.raises(UserError, match=r"was not logged to b:broken .*no disk"):
        log_run(run, {"b:broken": Keeps("broken"), "good": Keeps()}, told.append)
    assert told == ["out: logged to good: kept"]
    assert [record.name for record in keeps] == ["out"]


def test_the_command_logs_where_it_is_told_to_and_nowhere_else(tree, keeps):
    arguments = ["--model", "still", "--bench", str(tree), "--out", "out", "--phrases", "words"]
    assert CliRunner().invoke(run_command, arguments).exit_code == 0
    assert keeps == []
    done = CliRunner().invoke(run_command, [*arguments, "--log", "keeps", "--log", "keeps:there"])
    assert done.exit_code == 0, done.output
    assert [record.settings["model"] for record in keeps] == ["still", "still"]
