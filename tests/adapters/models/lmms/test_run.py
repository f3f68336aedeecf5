"""Whole runs by command, with lmms-eval's own `dummy`: the same answer to each question."""

import json
import shutil

import pytest
from click.testing import CliRunner

from sama_bench.cli.main import cli
from sama_bench.run.store import Store

OBJECTS = '[{"phrase": "The man", "bbox_2d": [100, 200, 300, 900]}]'
WORDS = f'He throws, and runs: {{"answer": "The man runs.", "objects": {OBJECTS}}}'


def _run(out, words=WORDS):
    pytest.importorskip("lmms_eval")
    given = ["--model", "lmms:dummy", "--model-arg", f"response={words}", "--limit", "3", "--out", str(out)]
    return CliRunner().invoke(cli, ["run", *given, "--phrases", "words"])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of three questions of each task: its folder, and what the command printed."""
    out = tmp_path_factory.mktemp("runs") / "run"
    return out, _run(out)


def test_a_run_stores_what_the_model_says_and_is_scored(run):
    out, done = run
    assert done.exit_code == 0, done.output
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["settings"]["model"] == "lmms:dummy"
    assert manifest["asking"]["lmms_eval"].endswith(" dummy simple")
    assert manifest["asking"]["grounder"] == "box"
    with Store.open(out) as store:
        answers = [answer for video in store.videos() for answer in store.predictions(video).items()]
    assert len(answers) == 6
    assert {one.text for key, one in answers if key.task == "g"} == {"<p>The man</p> [SEG] runs."}
    assert {one.raw for _, one in answers} == {WORDS}
    assert (out / "scores.json").is_file()


def test_its_terminal_holds_our_lines_alone(run):
    _, done = run
    assert "J&F ↑" in done.stdout
    assert "answered 6 questions without taking their frames" in done.stderr
    assert not any(word in done.output for word in ("WARNING", "Model Responding", "it/s"))


def test_a_run_goes_on_with_the_same_arguments_and_refuses_others(run):
    out, _ = run
    again = _run(out)
    assert again.exit_code == 0
    assert "all questions were asked before" in again.stderr
    assert "model args" in str(_run(out, words="No.").exception)


@pytest.fixture
def plain(internvl, tmp_path):
    """A tiny checkpoint that says no special token: lmms-eval leaves them out of a text, and `chat` does not."""
    transformers = pytest.importorskip("transformers")
    folder = tmp_path / "InternVL3-hf"
    shutil.copytree(internvl, folder)
    settings = transformers.GenerationConfig.from_pretrained(folder)
    settings.suppress_tokens = transformers.AutoTokenizer.from_pretrained(folder).all_special_ids
    settings.save_pretrained(folder)
    return folder


def test_a_class_of_theirs_scores_what_chat_scores_on_the_same_checkpoint(plain, tmp_path):
    pytest.importorskip("lmms_eval")
    common = {"max_new_tokens": "12", "frames": "3", "batch": "1"}
    ways = {
        "lmms:internvl_hf": {"pretrained": plain, "max_patches": 1, "device": "cpu", "device_map": "cpu"},
        "chat": {"checkpoint": plain, "dtype": "bfloat16", "device": "cpu"},
    }
    found = []
    for number, (model, own) in enumerate(ways.items()):
        out = tmp_path / str(number)
        args = [part for pair in (own | common).items() for part in ("--model-arg", "{}={}".format(*pair))]
        given = ["run", "--model", model, *args, "--limit", "2", "--phrases", "words", "--out", str(out)]
        done = CliRunner().invoke(cli, given)
        assert done.exit_code == 0, done.output
        with Store.open(out) as store:
            said = {str(key): one.text for video in store.videos() for key, one in store.predictions(video).items()}
        found.append((said, json.loads((out / "scores.json").read_text())["protocols"]))
    assert found[0] == found[1]
    assert any(found[0][0].values())


def test_the_models_list_has_a_row_for_all_of_them():
    rows = json.loads(CliRunner().invoke(cli, ["models", "--json"]).stdout)
    (row,) = [row for row in rows if row["name"].startswith("lmms")]
    assert row["name"] == "lmms:NAME"
    assert "to list them: lmms-eval models" in row["summary"]
    assert {need["module"] for need in row["needs"]} == {"lmms_eval"}


def test_check_adapter_tries_one_of_them():
    pytest.importorskip("lmms_eval")
    done = CliRunner().invoke(cli, ["check-adapter", "lmms:dummy", "--model-arg", f"response={WORDS}", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["holds"]
