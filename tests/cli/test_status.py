"""`sama-bench status` of a run that this process asks, and of one that has ended."""

import json

import pytest
from click.testing import CliRunner

from sama_bench.cli import status as command
from sama_bench.cli.main import cli
from sama_bench.errors import UserError
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import Store
from sama_bench.types import Key


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """A run of three questions, one of which was answered; each wait of the command sees one answered more."""
    settings = RunSettings("still", {}, "f" * 64, ["g"], None, None, {"g": "d" * 64})
    store = Store.create(tmp_path / "run", Manifest(settings, "demo", "demo", counts={"g": 3}))
    answers = iter(range(1, 3))
    waits = []

    def answer(seconds):
        waits.append(seconds)
        number = next(answers, None)
        if number is None:
            store.close()
        else:
            store.put(f"v{number}", [(Key("g", str(number)), StoredPrediction("", [], 1.0, None))])

    monkeypatch.setattr(command, "sleep", answer)
    store.put("v0", [(Key("g", "0"), StoredPrediction("", [], 1.0, None))])
    yield tmp_path / "run", waits
    store.close()


def test_off_a_terminal_it_tells_a_line_each_minute_until_the_run_has_ended(asked):
    run, waits = asked
    done = CliRunner().invoke(cli, ["status", str(run), "--follow"], env={"COLUMNS": "200"})
    assert (done.exit_code, waits) == (0, [command.MINUTE] * 3)
    told = [
        line.split(",")[0].removeprefix(f"{run}: ") for line in done.stdout.splitlines() if line.startswith(str(run))
    ]
    assert told == ["asking", "asking", "scoring", "done"]


def test_followed_as_json_each_state_is_a_line(asked):
    done = CliRunner().invoke(cli, ["status", str(asked[0]), "--follow", "--json"])
    states = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(state["state"], state["answered"]) for state in states] == [
        ("asking", 1), ("asking", 2), ("scoring", 3), ("done", 3)
    ]  # fmt: skip


def test_a_file_has_the_state_at_the_end(asked, tmp_path):
    done = CliRunner().invoke(cli, ["status", str(asked[0]), "--follow", "--json", str(tmp_path / "state.json")])
    assert done.exit_code == 0
    assert json.loads((tmp_path / "state.json").read_text())["state"] == "done"


def test_what_is_no_run_is_told(tmp_path):
    done = CliRunner().invoke(cli, ["status", str(tmp_path), "--follow"])
    assert isinstance(done.exception, UserError)
