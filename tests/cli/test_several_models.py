"""`run` with several models: a run each, one table and one JSON of all."""

import json

import pytest
from click.testing import CliRunner

from sama_bench.cli.main import cli
from sama_bench.errors import UserError

MODELS = ("--model", "still", "--model", "oracle")


@pytest.fixture
def invoke(tmp_path, monkeypatch, warm_cache):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(warm_cache(tmp_path / "cache")))
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(cli, ["run", "--bench", "demo-refvos", "--limit", "2", *words])


def test_each_has_a_run_and_one_table_ranks_them(invoke, tmp_path):
    done = invoke(*MODELS, "--json", "scores.json")
    assert done.exit_code == 0, done.output
    runs = ["runs/still-demo-refvos", "runs/oracle-demo-refvos"]
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert list(scores) == runs
    for run in runs:
        assert scores[run] == json.loads((tmp_path / run / "scores.json").read_text())
    assert done.stdout.endswith(f"runs: {' '.join(runs)}\n")
    assert "1. still  oracle †" in done.stdout  # who is shown the truth has no rank
    everything = invoke(*MODELS, "--all").stdout
    assert len(everything.splitlines()) > len(done.stdout.splitlines())
    assert json.loads(invoke(*MODELS, "--json").stdout) == scores


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--model", "still", "--model", "still"), ["--model still: given twice"]),
        (
            (*MODELS, "--out", "here", "--name", "mine"),
            [
                "--out here: there are 2 models, each of which has a run of its own: leave it out",
                "--name mine: there are 2 models, each of which has a run of its own: leave it out",
            ],
        ),
    ],
)
def test_what_several_cannot_have_is_told_before_any_is_asked(invoke, tmp_path, words, told):
    done = invoke(*words)
    assert isinstance(done.exception, UserError)
    assert list(done.exception.problems) == told
    assert not (tmp_path / "runs").exists()


def test_a_name_that_no_model_has_is_told_before_the_first_is_asked(invoke, tmp_path):
    done = invoke("--model", "still", "--model", "stil")
    assert isinstance(done.exception, UserError)
    assert "stil" in str(done.exception)
    assert not (tmp_path / "runs").exists()
