"""Many runs scored at once: the same bytes, one JVM, and a run that is broken harms no other."""

import json

import pytest
from click.testing import CliRunner

import sama_bench as sb
from sama_bench.api.rescoring import score_runs
from sama_bench.cli.score import score
from sama_bench.errors import UserError
from sama_bench.metrics import java as java_module
from sama_bench.score import engine

pytestmark = pytest.mark.slow


@pytest.fixture
def runs(tree, tmp_path):
    """Three scored runs of other answers."""
    for number in range(3):
        sb.evaluate(lambda _, n=number: f"A box moves {n} times.", tree, f"run{number}", name="m", phrases="words")
    return [tmp_path / f"run{number}" for number in range(3)]


def test_many_runs_have_the_bytes_that_each_has_alone_and_start_one_jvm(runs, monkeypatch):
    alone = [(run / "scores.json").read_bytes() for run in runs]
    for run in runs:
        (run / "scores.json").unlink()
    monkeypatch.setattr(engine, "Java", java_module.Java)
    started, child = [], java_module._Child
    monkeypatch.setattr(java_module, "_Child", lambda files: started.append(files) or child(files))
    scores = score_runs(runs, phrases="words", processes=2)
    assert list(scores) == runs
    assert [(run / "scores.json").read_bytes() for run in runs] == alone
    assert [one.dumps() for one in scores.values()] == alone
    assert len(started) == 1


def test_a_broken_run_is_told_and_the_others_are_scored(runs, tmp_path):
    (runs[1] / "scores.json").unlink()
    manifest = runs[0] / "manifest.json"
    text = manifest.read_text()
    assert str(tmp_path / "town") in text
    manifest.write_text(text.replace(str(tmp_path / "town"), str(tmp_path / "moved")))
    with pytest.raises(UserError, match="moved"):
        score_runs(runs, phrases="words", processes=2)
    assert (runs[1] / "scores.json").exists()


def test_the_command_takes_many_runs(runs, tmp_path):
    out = tmp_path / "all.json"
    done = CliRunner().invoke(score, [*map(str, runs), "--phrases", "words", "--json", str(out)])
    assert done.exit_code == 0, done.output
    assert str(runs[2]) in done.output
    assert list(json.loads(out.read_text())) == [str(run) for run in runs]
    with pytest.raises(UserError, match="nowhere: is not a run"):
        CliRunner().invoke(score, [str(runs[0]), str(tmp_path / "nowhere")], catch_exceptions=False)
