import json
from importlib.metadata import EntryPoint

import pytest
from click.testing import CliRunner

from sama_bench.adapter import Adapter
from sama_bench.cli.check_adapter import check_adapter
from sama_bench.errors import UserError
from sama_bench.run import registry
from sama_bench.types import Prediction


class Moody(Adapter):
    """Breaks as it is told to."""

    def __init__(self, mood, trust_remote_code=False):
        if mood == "crash":
            raise RuntimeError("no weights")
        self.mood = mood
        print("made", flush=True)
        if mood == "trust" and not trust_remote_code:
            raise UserError("this checkpoint brings code of its own: --trust-remote-code")

    def predict(self, question):
        print("asked")
        if self.mood == "wrong":
            raise ValueError("no such mood")
        return Prediction("[SEG]")


@pytest.fixture
def check(monkeypatch):
    """Runs the command; an adapter `moody` is listed."""
    found = registry.candidates()
    found["moody"] = [EntryPoint("moody", "sama_bench.run.registry:Moody", registry.ADAPTERS.name)]
    monkeypatch.setattr(registry, "candidates", lambda: found)
    monkeypatch.setattr(registry, "Moody", Moody, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *arguments: CliRunner().invoke(check_adapter, arguments, catch_exceptions=False)


def test_a_sound_adapter_gives_a_table_and_status_0(check):
    done = check("still")
    assert done.exit_code == 0
    lines = [line.split() for line in done.output.splitlines() if line.strip()]
    assert {line[0] for line in lines} == {"✓"}
    assert "one for each [SEG]" in done.output


def test_what_is_broken_is_marked_and_gives_status_1(check):
    done = check("moody", "--model-arg", "mood=bad")
    assert done.exit_code == 1
    (row,) = [line for line in done.output.splitlines() if "✗" in line]
    assert "tracks" in row
    assert "0 tracks for 1 [SEG]" in row
    found = json.loads(check("moody", "--model-arg", "mood=bad", "--json").stdout)
    assert (found["adapter"], found["holds"]) == ("moody", False)
    assert [one["check"] for one in found["findings"] if one["state"] == "broken"] == ["tracks"]


def test_an_error_is_told_with_file_and_line(check):
    found = json.loads(check("moody", "--model-arg", "mood=wrong", "--json").stdout)
    (answers,) = [one for one in found["findings"] if one["check"] == "answers"]
    assert f"{__file__}:" in answers["why"]
    assert "ValueError: no such mood" in answers["why"]


def test_what_an_adapter_prints_is_on_stderr(check):
    done = check("moody", "--model-arg", "mood=bad", "--json")
    json.loads(done.stdout)
    assert "made\nasked\n" in done.stderr


def test_a_constructor_that_crashes_is_a_finding(check):
    done = check("moody", "--model-arg", "mood=crash")
    assert done.exit_code == 1
    assert "the constructor raised RuntimeError: no weights" in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stil"], "did you mean still"),
        (["moody"], "must be given the model argument 'mood'"),
        (["still", "--model-arg", "depth"], "expected NAME=VALUE"),
        (["still", "--timeout", "3"], "--timeout goes with --python"),
        (["moody", "--model-arg", "mood=trust"], "--trust-remote-code"),
    ],
)
def test_what_is_asked_wrongly_is_a_users_error(check, arguments, words):
    with pytest.raises(UserError, match=words):
        check(*arguments)


def test_trust_reaches_the_constructor(check):
    assert check("moody", "--model-arg", "mood=trust", "--trust-remote-code").exit_code == 1
