"""Completion, driven as a shell drives it: click's protocol, and once a real bash."""

import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from sama_bench.cli.completed import complete_words_of
from sama_bench.cli.completion import VARIABLE, completion
from sama_bench.cli.main import main

SHELL = shutil.which("bash")


@pytest.fixture
def completed(tmp_path, monkeypatch, capfd):
    """What a line, whose last word is being typed, may go on with."""
    monkeypatch.chdir(tmp_path)
    for name in ("motion-demo", "still-demo"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "manifest.json").write_text("{}")
    (tmp_path / "runs" / "no-run").mkdir()
    (tmp_path / "my-data").mkdir()

    def complete(line):
        words = line.split(" ")
        monkeypatch.setenv("COMP_WORDS", " ".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        monkeypatch.setenv(VARIABLE, "bash_complete")
        monkeypatch.setattr(sys, "argv", ["sama-bench"])
        with pytest.raises(SystemExit):
            main()
        return capfd.readouterr().out.splitlines()

    return complete


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sama-bench rep", ["plain,report"]),
        ("sama-bench run --model mot", ["plain,motion"]),
        ("sama-bench run --model motion --model sti", ["plain,still"]),
        ("sama-bench models orac", ["plain,oracle"]),
        ("sama-bench check-adapter orac", ["plain,oracle"]),
        ("sama-bench run --bench meV", ["plain,mevis"]),
        ("sama-bench bench check meV", ["plain,mevis"]),
        ("sama-bench run --task ref-y", ["plain,ref-youtube-vos"]),
        ("sama-bench report --metric METE", ["plain,METEOR"]),
        ("sama-bench gate --metric g.jf", ["plain,g.jf"]),
        ("sama-bench gate plan --metric c.paper.mete", ["plain,c.paper.meteor"]),
        ("sama-bench run --bench m", ["plain,mevis", "plain,my-data"]),
        ("sama-bench run --bench my-data/", ["file,my-data/"]),
        ("sama-bench report runs/", ["plain,runs/motion-demo", "plain,runs/still-demo"]),
        ("sama-bench report runs/motion-demo runs/s", ["plain,runs/still-demo"]),
        ("sama-bench compare runs/m", ["plain,runs/motion-demo"]),
        ("sama-bench judge runs/m", ["plain,runs/motion-demo"]),
        ("sama-bench judge lis", ["plain,list"]),
        ("sama-bench judge list runs/m", ["plain,runs/motion-demo"]),
        ("sama-bench judge runs/motion-demo --temp", ["plain,--template", "plain,--temperature"]),
        ("sama-bench errors elsewhere/", ["file,elsewhere/"]),
        ("sama-bench run --history tr", ["plain,true"]),
    ],
)
def test_words_complete_to_what_they_may_be(completed, line, words):
    assert completed(line)[: len(words)] == words


def test_a_command_of_a_stranger_completes_by_the_names_of_its_parameters():
    import click

    @click.command()
    @click.argument("run")
    @click.option("--other")
    def strange(run, other):
        pass

    complete_words_of(strange)
    context = click.Context(strange)
    assert [item.type for item in strange.params[0].shell_complete(context, "/nowhere")] == ["file"]
    assert strange.params[1].shell_complete(context, "x") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_names_the_command_and_the_variable(shell):
    script = CliRunner().invoke(completion, [shell], catch_exceptions=False).stdout
    assert VARIABLE in script
    assert "sama-bench" in script


def test_without_a_shell_it_says_which_line_goes_where():
    lines = CliRunner().invoke(completion, [], catch_exceptions=False).stdout.splitlines()
    assert lines[:2] == ["bash: add to ~/.bashrc the line", '    eval "$(sama-bench completion bash)"']


@pytest.mark.skipif(SHELL is None, reason="needs bash")
def test_a_real_bash_takes_the_script_and_completes(tmp_path):
    command = tmp_path / "sama-bench"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m sama_bench "$@"\n')
    command.chmod(0o755)
    script = CliRunner().invoke(completion, ["bash"], catch_exceptions=False).stdout
    (tmp_path / "script").write_text(script)
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "manifest.json").write_text("{}")
    asked = """
    . ./script
    COMP_WORDS=(sama-bench report runs/m); COMP_CWORD=2
    _sama_bench_completion sama-bench runs/m report
    printf '%s\\n' "${COMPREPLY[@]}"
    complete -p sama-bench
    """
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [SHELL, "--norc", "-c", asked], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    replied, registered = done.stdout.splitlines()
    assert replied == "runs/mine"
    assert "_sama_bench_completion" in registered
