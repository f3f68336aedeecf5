import json

import pytest
from click.testing import CliRunner

from sama_bench.cli.errors import command_again, errors
from sama_bench.run.code_place import place_in
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction, traced
from sama_bench.run.store import Store
from sama_bench.types import Key

TRACE = """Traceback (most recent call last):
  File "/opt/lib/python3.11/site-packages/sama_bench/x.py", line 3, in ask
    predict()
  File "/home/me/model.py", line 12, in predict
    return torch.cat(masks)
  File "/opt/lib/python3.11/site-packages/torch/nn.py", line 99, in cat
    raise RuntimeError
RuntimeError: CUDA out of memory
"""


@pytest.fixture
def failed(tmp_path):
    """A run of five questions, of which three ended in two kinds of errors."""
    settings = RunSettings("mine", {"path": "a b"}, "ab" * 32, ("g",), 5, None, {})
    asked = {"tasks": ["g"], "limit": 5, "model_args": {"path": "a b"}, "python": None}
    with Store.create(tmp_path / "run", Manifest(settings, "demo", "demo", asked=asked)) as store:
        memory = StoredPrediction("", [], None, "RuntimeError: CUDA out of memory", TRACE)
        try:
            int("\x1b[31mred")
        except ValueError as problem:
            number = StoredPrediction("", [], None, *traced(problem))
        for n, answer in enumerate((memory, number, memory, StoredPrediction("A cat."), StoredPrediction("A dog."))):
            store.put(f"v{n}", [(Key("g", str(n)), answer)])
    return tmp_path / "run"


def test_errors_are_grouped_with_their_place_their_first_traceback_and_the_command_to_ask_again(failed):
    done = CliRunner().invoke(errors, [str(failed)], catch_exceptions=False, env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert f"{failed}: 3 of 5 questions ended in an error, of 2 kinds" in done.stdout
    first, second = (
        done.stdout.index("2 x RuntimeError at /home/me/model.py:12"),
        done.stdout.index("1 x ValueError at "),
    )
    assert first < second
    assert "questions: g:0, g:2" in done.stdout
    assert "return torch.cat(masks)" in done.stdout
    assert "\x1b" not in done.stdout
    asked = "--task g --limit 5 --model-arg 'path=a b'"
    again = f"sama-bench run --model mine --bench demo {asked} --out {failed} --retry-errors"
    assert done.stdout.endswith(f"to ask these again: {again}\n")


@pytest.mark.parametrize("form", [("--json",), ("--json", "-")])
def test_as_json_nothing_else_is_on_stdout(failed, form):
    content = json.loads(CliRunner().invoke(errors, [str(failed), *form], catch_exceptions=False).stdout)
    assert (content["asked"], content["errors"]) == (5, 3)
    assert [(kind["kind"], kind["count"]) for kind in content["kinds"]] == [("RuntimeError", 2), ("ValueError", 1)]
    assert content["kinds"][0]["questions"][1] == {
        "question": "g:2",
        "video": "v2",
        "error": "RuntimeError: CUDA out of memory",
    }


def test_a_run_without_errors_says_so(tmp_path):
    settings = RunSettings("mine", {}, "ab" * 32, ("g",), None, None, {})
    with Store.create(tmp_path / "run", Manifest(settings, "demo", "demo")) as store:
        store.put("v", [(Key("g", "1"), StoredPrediction("A cat."))])
    done = CliRunner().invoke(errors, [str(tmp_path / "run")], catch_exceptions=False)
    assert done.stdout == f"{tmp_path / 'run'}: none of 1 questions ended in an error\n"


def test_the_place_is_the_last_line_of_the_users_own_code():
    assert place_in(TRACE) == "/home/me/model.py:12"
    assert place_in(TRACE.replace("/home/me/", "/opt/lib/python3.11/site-packages/mine/")).endswith("torch/nn.py:99")
    assert place_in("RuntimeError: no traceback") == ""


def test_the_command_tells_a_dialogues_condition():
    settings = RunSettings("mine", {}, "ab" * 32, ("g",), None, None, {}, history="own window=2 seed=7")
    words = command_again(Manifest(settings, "demo", "demo"), "run")
    assert "--history own --window 2 --history-seed 7" in words
