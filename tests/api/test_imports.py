import json
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

import sama_bench as sb
from sama_bench.api.exports import question_file, question_table
from sama_bench.api.imports import import_answers
from sama_bench.api.runs import Run
from sama_bench.cli.export import export
from sama_bench.cli.import_answers import import_answers as command
from sama_bench.errors import Interrupted, MissingExtra, UserError


@pytest.fixture
def answers(tmp_path):
    """Answers to the first three C questions of the demo, one of them an error."""
    keys = [question.key for question in sb.load_benchmark("demo", tasks="c", limit=3)]
    lines = [{"task": "c", "question_id": key.id, "text": f"A thing, number {n}."} for n, key in enumerate(keys)]
    lines[2] = {"task": "c", "question_id": keys[2].id, "error": "no memory"}
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_a_run_is_made_and_says_that_it_is_imported(answers, tmp_path):
    run = import_answers(answers, "demo", tmp_path / "run", name="A student", model_args={"checkpoint": "7"}, tasks="c")
    manifest = run.manifest
    assert (manifest.settings.model, manifest.settings.model_args) == ("A student", {"checkpoint": "7"})
    assert manifest.asked["imported"]["from"] == "answers.jsonl"
    digest = manifest.asked["imported"]["sha256"]
    assert manifest.asking == {"imported": digest[:8]}
    assert run.asked == 3
    assert list(run.errors().values()) == ["no memory"]
    assert [json.loads(line)["text"] for line in run.lines() if "text" in json.loads(line)] == [
        "A thing, number 0.", "A thing, number 1.",
    ]  # fmt: skip


def test_what_was_exported_is_imported_the_same(answers, tmp_path):
    first = import_answers(answers, "demo", tmp_path / "first", name="x", tasks="c")
    path = tmp_path / "again.jsonl"
    path.write_text("".join(f"{line}\n" for line in first.lines()))
    second = import_answers(path, "demo", tmp_path / "second", name="x", tasks="c")
    assert list(second.lines()) == list(first.lines())


def test_a_folder_with_something_in_it_is_not_touched(answers, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        import_answers(answers, "demo", tmp_path / "run", name="x", tasks="c")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["mine.txt"]


def test_the_same_answers_again_are_the_run_that_is_there(answers, tmp_path):
    out, told = tmp_path / "run", []
    first = import_answers(answers, "demo", out, name="x", tasks="c")
    before = (out / "run.sqlite").read_bytes()
    again = import_answers(answers, "demo", out, name="x", tasks="c", tell=told.append)
    assert (again.path, told) == (first.path, [f"{out}: holds these answers already"])
    assert (out / "run.sqlite").read_bytes() == before
    for other in ({"name": "y", "tasks": "c"}, {"name": "x"}, {"name": "x", "tasks": "c", "limit": 2}):
        with pytest.raises(UserError, match="holds something else"):
            import_answers(answers, "demo", out, **other)
    answers.write_text(answers.read_text().replace("number 0", "number 9"))
    with pytest.raises(UserError, match="holds something else"):
        import_answers(answers, "demo", out, name="x", tasks="c")


def test_ctrl_c_while_it_is_scored_says_that_the_answers_are_kept(answers, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "score", interrupted)
    out = tmp_path / "run"
    with pytest.raises(Interrupted, match="has the answers, not scored yet"):
        command.callback(answers, (), "c", None, False, None, bench="demo", out=out, name="x", videos=None, limit=None)
    assert (out / "manifest.json").exists()


DYING = """
import os, signal, sys
from sama_bench.api.imports import import_answers
from sama_bench.api.runs import Run
from sama_bench.run.store import Store
put = Store.put
def put_and_die(*arguments):
    put(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
Store.put = put_and_die
import_answers(sys.argv[1], "demo", sys.argv[2], name="x", tasks="c")
"""


@pytest.mark.slow
def test_an_import_that_is_killed_leaves_no_run_and_nothing_after_the_next(answers, tmp_path):
    out = tmp_path / "runs" / "mine"
    done = subprocess.run([sys.executable, "-c", DYING, answers, out], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not out.exists()
    assert len(list(out.parent.iterdir())) == 1
    assert import_answers(answers, "demo", out, name="x", tasks="c").asked == 3
    assert list(out.parent.iterdir()) == [out]


def test_wrong_lines_are_told_all_at_once_and_nothing_is_left(answers, tmp_path):
    with answers.open("a") as file:
        file.write('{"task": "c", "question_id": "none", "text": ""}\nno JSON\n')
    result = CliRunner().invoke(
        command, [str(answers), "--model-name", "x", "--task", "c", "--out", str(tmp_path / "run")]
    )
    assert isinstance(result.exception, UserError)
    assert len(result.exception.problems) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl"]


@pytest.mark.slow
def test_the_commands_work_on_an_imported_run(answers, tmp_path):
    out = tmp_path / "run"
    made = CliRunner().invoke(
        command,
        [
            str(answers),
            "--model-name",
            "A student",
            "--task",
            "c",
            "--limit",
            "3",
            "--out",
            str(out),
            "--phrases",
            "words",
        ],
    )
    assert made.exit_code == 0, made.exception
    assert f"scores: {out / 'scores.json'}" in made.stdout
    assert "imported=" in (out / "scores.json").read_text()
    table = question_table(sb.load_run(out))
    assert list(table.columns[:7]) == ["task", "question_id", "video", "state", "text", "seconds", "error"]
    assert list(table["state"]) == ["answered", "answered", "error"]
    assert "strict.ROUGE_L" in table.columns
    long = question_table(sb.load_run(out), long=True)
    assert list(long.columns) == ["task", "question_id", "video", "state", "protocol", "metric", "value"]
    assert len(long) == int(table[[name for name in table if "." in name]].notna().sum().sum())
    path = tmp_path / "values.csv"
    assert CliRunner().invoke(export, [str(out), "--scores", str(path), "--long"]).exit_code == 0
    assert path.read_text().splitlines()[0] == "task,question_id,video,state,protocol,metric,value"
    for form, needed in (("hf-eval-results", ["--dataset", "a/b"]), ("every-eval-ever", ["--organization", "Lab"])):
        assert CliRunner().invoke(export, [str(out), "--as", form, *needed]).exit_code == 0
        assert isinstance(CliRunner().invoke(export, [str(out), "--as", form]).exception, UserError)
    assert sb.compare(out, out).table() is not None


def test_parquet_says_what_it_needs(answers, tmp_path, monkeypatch):
    run = import_answers(answers, "demo", tmp_path / "run", name="x", tasks="c")
    monkeypatch.setattr("sama_bench.api.exports.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"pip install 'pyarrow>=14'"):
        question_file(run, "values.parquet")
    with pytest.raises(UserError, match=r"ends with \.csv or \.parquet"):
        question_file(run, "values.xlsx")
    with pytest.raises(UserError, match="no scores yet"):
        question_file(run, "values.csv")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--long"], "--long goes with --scores"),
        (["--scores", "a.csv", "--as", "every-eval-ever"], "names its own file"),
    ],
)
def test_options_that_do_not_go_together_are_told(arguments, words):
    assert words in str(CliRunner().invoke(export, ["run", *arguments]).exception)
