import json
from importlib.metadata import EntryPoint

import pytest
from click.testing import CliRunner

from sama_bench.adapter import Abilities, Adapter, Need
from sama_bench.cli.models import models
from sama_bench.run import registry


class Greedy(Adapter):
    summary = "wants [much]"
    can = Abilities(masks=False)
    needs = (Need("json", "json"), Need("no_such_module", "sama-bench[much]"))

    def __init__(self, size: int, depth="3", rate: float | None = None):
        """Make it.

        Args:
            size: How much [it] wants.
        """

    def predict(self, question): ...


@pytest.fixture
def show(monkeypatch):
    """Runs the command, on a wide terminal if nothing else is said; further adapters may be listed."""

    def run(*arguments, columns="220", **more):
        found = registry.candidates()
        found |= {name: [EntryPoint(name, value, registry.ADAPTERS.name)] for name, value in more.items()}
        monkeypatch.setattr(registry, "candidates", lambda: found)
        monkeypatch.setenv("COLUMNS", columns)
        done = CliRunner().invoke(models, arguments, catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    return run


@pytest.fixture
def greedy(monkeypatch):
    """Names an adapter whose needs are partly unmet, as an entry point would."""
    monkeypatch.setattr(registry, "Greedy", Greedy, raising=False)
    return "sama_bench.run.registry:Greedy"


def test_json_lists_the_built_ins(show):
    rows = {row["name"]: row for row in json.loads(show("--json"))}
    assert {"motion", "oracle", "still"} <= set(rows)
    assert rows["oracle"]["can"]["truth"]
    assert not rows["motion"]["can"]["truth"]
    assert rows["motion"]["needs"] == rows["motion"]["arguments"] == []


def test_unmet_needs_are_listed_with_their_pip_line(show, greedy):
    (row,) = (row for row in json.loads(show("--json", greedy=greedy)) if row["name"] == "greedy")
    assert [need["installed"] for need in row["needs"]] == [True, False]
    assert row["arguments"] == ["size", "depth=3", "rate="]
    assert row["typed_arguments"][0] == {
        "name": "size",
        "type": "int",
        "required": True,
        "default": "",
        "about": "How much [it] wants.",
    }
    table = show(greedy=greedy)
    assert "missing: pip install 'sama-bench[much]'" in table
    assert "arguments: size, depth=3, rate=" in table
    assert "wants [much]" in table


def test_one_model_is_shown_with_the_type_default_and_meaning_of_its_arguments(show, greedy):
    said = show("greedy", greedy=greedy)
    assert "    size (needed)  int           How much [it] wants.\n    depth=3        str\n" in said
    assert "    rate=          float | none\n" in said
    assert "motion" not in said


def test_the_arguments_of_grounders_are_shown_with_models_that_give_boxes(show):
    said = show("openai")
    assert "with grounder=sam2\n    grounder_checkpoint (needed)" in said
    (row,) = json.loads(show("openai", "--json"))
    assert row["name"] == "openai"


def test_a_name_that_is_none_is_told_with_the_nearest(show):
    from sama_bench.errors import UserError

    with pytest.raises(UserError, match="no adapter 'montion', did you mean motion"):
        show("montion")


def test_a_narrow_terminal_leaves_the_names_whole(show, greedy):
    table = show(columns="60", greedy=greedy)
    assert all(f"┃ {name} " in table.replace("│", "┃") for name in ("greedy", "motion", "oracle", "still"))
    drawn = [line for line in table.splitlines() if line[0] in "┏┃┡│└"]
    assert max(map(len, drawn)) <= 60


def test_a_broken_plug_in_is_listed_with_its_reason(show):
    table = show(broken="no_such_package.module:Kind")
    assert "does not load" in table
    assert "No module named 'no_such_package'" in table
    assert "motion" in table
