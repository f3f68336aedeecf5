"""What Python gives is what the commands write, to the last byte."""

import subprocess
import sys

import pytest

import sama_bench as sb

COMMAND = [sys.executable, "-c", "from sama_bench.cli.main import main; main()"]
CHOSEN = ("--limit", "3", "--phrases", "words")


def command(*arguments, cwd):
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_run_of_the_command_and_one_of_python_are_one_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = command("run", "--model", "still", *CHOSEN, "--out", "there", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    there = sb.load_run("there")
    here = sb.evaluate("still", "demo", "here", limit=3, phrases="words")
    assert (here.path / "scores.json").read_bytes() == (there.path / "scores.json").read_bytes()
    assert here.scores.dumps() == there.scores.dumps()
    assert here.manifest.settings == there.manifest.settings
    own = [name for name in here.questions() if name != "seconds"]
    assert here.questions()[own].equals(there.questions()[own])

    exported = command("export", "there", "--out", "answers.jsonl", cwd=tmp_path)
    assert exported.returncode == 0
    bench = sb.load_benchmark("demo", limit=3)
    assert sb.score(bench, here.predictions(), phrases="words") == there.scores
    assert sb.score(bench, "answers.jsonl", phrases="words").dumps() == there.scores.dumps()
    assert here.png("g:demo-g-0-1") == there.png("g:demo-g-0-1")
    compared = command("compare", "there", "here", "--json", "-", cwd=tmp_path)
    assert compared.stdout.encode() == sb.compare("there", "here").dumps()
