"""Where scored runs are logged: a stranger's logger, and the real trackers, offline, where they are installed."""

import json
import struct

import pytest
from click.testing import CliRunner

from sama_bench.cli.log import log
from sama_bench.errors import UserError
from sama_bench.loggers.logger import log_to, loggers_of
from sama_bench.loggers.record import RunRecord, Table, plain_name
from sama_bench.loggers.tensorboard import markdown

STRANGER = """
import json
from pathlib import Path
from sama_bench.adapter import Need
from sama_bench.loggers.logger import Logger

class Lines(Logger):
    def log(self, record):
        if self.argument is None:
            raise ConnectionError("no\\nserver")
        Path(self.argument).write_text(json.dumps([record.name, dict(record.scores), dict(record.signatures)]))
        return self.argument

class Lacking(Lines):
    needs = (Need("no_such_module", "no-such-thing"),)

class Stranger:
    pass
"""
ENTRIES = (
    "[sama_bench.loggers]\nlines = lines_logger:Lines\nlacking = lines_logger:Lacking\nwrong = lines_logger:Stranger\n"
)
SCORES = {"g/strict/J&F": 0.25, "c/paper/METEOR": 0.5}
RECORD = RunRecord(
    "cats",
    "runs/cats",
    SCORES,
    {"g/strict/J&F": (0.125, 0.375)},
    {"g/strict": "task:g|protocol:strict"},
    {"model": "cat", "benchmark": "demo"},
    [Table("questions", ["question_id", "text", "strict.J"], [["q0", "a | <b>\ncat", 0.5], ["q1", None, None]])],
)


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    """A stranger's distribution with three loggers; the working folder is the test's."""
    information = tmp_path / "plugin/lines_logger-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: lines-logger\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRIES)
    (tmp_path / "plugin/lines_logger.py").write_text(STRANGER)
    monkeypatch.syspath_prepend(tmp_path / "plugin")
    monkeypatch.chdir(tmp_path)


def logged(text):
    return log_to(text, loggers_of([text])[text], RECORD)


def test_a_strangers_logger_is_given_the_run(tmp_path):
    assert logged("lines:out.json") == "runs/cats: logged to lines:out.json: out.json"
    assert json.loads((tmp_path / "out.json").read_text()) == ["cats", SCORES, {"g/strict": "task:g|protocol:strict"}]


def test_what_a_logger_raises_is_told_in_a_line_with_what_to_do():
    with pytest.raises(UserError) as told:
        logged("lines")
    (line,) = told.value.lines()
    assert line == (
        "runs/cats: was not logged to lines (ConnectionError: no server); the run is kept; again with: "
        "sama-bench log runs/cats --to lines"
    )


def test_loggers_that_there_are_not_are_told_all_at_once():
    with pytest.raises(UserError) as told:
        loggers_of(["liens:x", "lacking", "wrong"])
    assert len(told.value.problems) == 3
    assert "there is no logger 'liens', did you mean lines?" in told.value.problems[0]
    assert "pip install no-such-thing" in told.value.problems[1]
    assert "is not a class derived from sama_bench.loggers.logger.Logger" in told.value.problems[2]


def test_a_folder_that_is_no_run_is_told():
    with pytest.raises(UserError, match="nowhere: is not a run"):
        CliRunner().invoke(log, ["nowhere", "--to", "lines:x"], catch_exceptions=False)


def test_a_table_in_markdown_keeps_its_rows():
    assert markdown(RECORD.tables[0]).splitlines() == [
        "| question_id | text | strict.J |",
        "| --- | --- | --- |",
        r"| q0 | a \| &lt;b> cat | 0.5 |",
        "| q1 |  |  |",
    ]


def test_names_are_what_trackers_take():
    assert [plain_name(name) for name in ("g/strict/J&F", "a:b", "R@1")] == ["g/strict/J_and_F", "a_b", "R_1"]
    assert RECORD.plain_scores == {
        "g/strict/J_and_F": 0.25,
        "c/paper/METEOR": 0.5,
        "g/strict/J_and_F.low": 0.125,
        "g/strict/J_and_F.high": 0.375,
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_what_was_logged():
    pytest.importorskip("tensorboardX")
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    logged("tensorboard:logs")
    events = reader.EventAccumulator("logs/cats")
    events.Reload()
    assert {name: events.Scalars(name)[0].value for name in events.Tags()["scalars"]} == RECORD.plain_scores
    texts = {name: events.Tensors(name)[0].tensor_proto.string_val[0].decode() for name in events.Tags()["tensors"]}
    assert "task:g|protocol:strict".replace("|", r"\|") in texts["signatures/text_summary"]
    assert "| q1 |  |  |" in texts["questions/text_summary"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("store", ["file://{}/mlruns", "sqlite:///{}/mlflow.db"])
def test_mlflow_has_what_was_logged(tmp_path, monkeypatch, store):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = store.format(tmp_path)
    logged(f"mlflow:{uri}")
    client = mlflow.MlflowClient(uri)
    (run,) = client.search_runs([client.get_experiment_by_name("sama-bench").experiment_id])
    assert run.data.metrics == RECORD.plain_scores
    assert run.data.params == RECORD.settings
    assert run.data.tags["sama-bench/g/strict"] == "task:g|protocol:strict"
    assert (run.info.run_name, run.info.status) == ("cats", "FINISHED")
    assert [one.path for one in client.list_artifacts(run.info.run_id)] == ["questions.json"]


def entries(log):
    """The entries of a log in the form of LevelDB, which W&B's offline files have, behind their own header."""
    place, entry = 7, b""
    while place < len(log):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        _, size, kind = struct.unpack_from("<IHB", log, place)
        entry += log[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in {1, 4}:  # a whole one, or the end of one
            yield entry
            entry = b""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_wandb_keeps_it_offline(tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    from wandb.proto import wandb_internal_pb2

    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    logged("wandb:cats-and-dogs")
    (file,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    records, run = [], None
    while run is None or not records[-1].HasField("exit"):  # W&B's own process may still write
        records = [wandb_internal_pb2.Record.FromString(data) for data in entries(file.read_bytes())]
        run = next((one.run for one in records if one.WhichOneof("record_type") == "run"), None)
    assert (run.project, run.display_name) == ("cats-and-dogs", "cats")
    history = {
        item.key or "/".join(item.nested_key): item.value_json
        for one in records
        if one.HasField("history")
        for item in one.history.item
    }
    assert {name: float(history[name]) for name in RECORD.plain_scores} == RECORD.plain_scores
    assert "questions" in {name.split("/")[0] for name in history}
