"""Adapters against their models' real code. Not run but where SAMA_BENCH_CHECKOUTS names a folder of checkouts.

Each wants the interpreter of its adapter: SAMA_BENCH_CHECKOUTS=~/code python -m pytest tests/models -k pixelrefer
Where the model's own code needs another one, it is looked for as envs/ENVIRONMENT/bin/python in the same folder.
"""

import json
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner

from sama_bench.adapters.conformance.recipe import Finding, compared
from sama_bench.cli.conformance import GROUP, conformance
from sama_bench.errors import UserError

CHECKOUTS = {
    "dam": "describe-anything",
    "pixelrefer": "PixelRefer",
    "pixelrefer-lite": "PixelRefer",
    "sa2va": "Sa2VA",
    "sa2va-i": "Sa2VA-i",
    "sa2va-i-released": "Sa2VA-i",
    "sa2va-qwen2.5-vl": "Sa2VA",
    "sa2va-qwen3-vl": "Sa2VA",
    "sa2va-released": "Sa2VA",
    "sama-released": "SAMA",
    "unipixel": "UniPixel",
    "videoglamm": "VideoGLaMM",
    "videorefer": "VideoRefer",
    "videorefer-1": "VideoRefer",
}
RECIPES = {entry.name: entry.load()() for entry in entry_points(group=GROUP)}


def arguments(name, repo, python):
    other = ["--model-arg", f"python={python}"] if RECIPES[name].environment else []
    return ["--model-arg", f"repo={repo}", *other]


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKOUTS)
def test_the_adapter_builds_what_the_authors_script_builds(name):
    folder = Path(os.environ.get("SAMA_BENCH_CHECKOUTS", ""))
    repo, python = folder / CHECKOUTS[name], folder / "envs" / RECIPES[name].environment / "bin/python"
    if "SAMA_BENCH_CHECKOUTS" not in os.environ or not repo.is_dir():
        pytest.skip("SAMA_BENCH_CHECKOUTS names no folder with this checkout")
    if RECIPES[name].environment and not python.is_file():
        pytest.skip(f"there is no {python}")
    result = CliRunner().invoke(conformance, [name, *arguments(name, repo, python)], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_every_recipe_is_tried_here_and_names_what_it_is_held_against():
    assert set(RECIPES) == set(CHECKOUTS)
    for name, recipe in RECIPES.items():
        assert recipe.adapter == name
        assert len(recipe.commit) == 7
        assert ".py" in recipe.script


@pytest.mark.parametrize("name", CHECKOUTS)
def test_a_folder_that_is_no_checkout_is_told_in_a_line(name, tmp_path):
    result = CliRunner().invoke(conformance, [name, *arguments(name, tmp_path, sys.executable)])
    assert isinstance(result.exception, UserError)
    assert "expected a checkout" in str(result.exception)


def test_what_the_models_code_prints_is_not_among_the_findings(tmp_path, monkeypatch):
    class Printing:
        adapter, commit, script, environment = "a", "0000000", "a.py", ""

        def findings(self, repo, folder):
            print("Loading", repo, folder)
            yield Finding("g:1", 1, ())

    monkeypatch.setattr("sama_bench.cli.conformance._recipe", lambda _: Printing())
    result = CliRunner().invoke(conformance, ["a", "--model-arg", f"repo={tmp_path}", "--json"])
    assert json.loads(result.stdout)["questions"] == [{"question": "g:1", "tensors": 1, "differences": []}]
    assert "Loading" in result.stderr


def test_what_differs_is_told_by_name():
    ours = {"ids": [1, 2.0, None], "mask": True, "only": 1}
    assert compared("q", ours, ours).differences == ()
    assert compared("q", ours, {"ids": [1, 3.0, None], "mask": 1}).differences == (
        "only: only ours",
        "ids.1: 2.0, theirs 3.0",
        "mask: True, theirs 1",
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nobody", "--model-arg", "repo=."], "there is no conformance recipe for 'nobody'"),
        (["pixelrefer"], "--model-arg repo=FOLDER"),
        (["pixelrefer", "--model-arg", "repo=/nowhere"], "repo=/nowhere: is no folder"),
        (["pixelrefer", "--model-arg", "checkpoint=x"], "--model-arg checkpoint=…: expected repo alone"),
        (["pixelrefer", "--model-arg", "python=python"], "--model-arg python=…: expected repo alone"),
        (["sa2va", "--model-arg", "x=y"], "--model-arg x=…: expected repo and python alone"),
        (["sa2va", "--model-arg", "repo=."], "--model-arg python=envs/sa2va-released/bin/python (sama-bench env"),
        (["sa2va", "--model-arg", "repo=.", "--model-arg", "python=nowhere"], "python=nowhere: is no file"),
    ],
)
def test_bad_usage_is_told_in_a_line(arguments, told):
    result = CliRunner().invoke(conformance, arguments)
    assert isinstance(result.exception, UserError)
    assert told in str(result.exception)
