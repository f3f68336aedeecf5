import json
import sys

import pytest
from click.testing import CliRunner

from sama_bench.cli.env import env, environments
from sama_bench.cli.environment_checks import cannot_compile, interpreter, too_little_room
from sama_bench.errors import UserError


def run(*arguments):
    return CliRunner().invoke(env, arguments)


def test_the_commands_of_an_environment_are_printed():
    result = run("pixelrefer")
    assert result.exit_code == 0
    assert "git clone https://github.com/alibaba-damo-academy/PixelRefer" in result.output
    assert "python3.10 -m venv envs/pixelrefer" in result.output
    assert "transformers==4.46.3" in result.output
    assert "# takes 5.5 GB" in result.output
    assert json.loads(run("pixelrefer", "--json").output)["python"] == "3.10"


def test_a_models_pin_stands_for_what_a_worker_wants_without_one():
    for environment in environments().values():
        names = [spec.partition("=")[0].partition("<")[0] for spec in environment.everything]
        assert len(names) == len(set(names))
        assert {"numpy", "pillow"} <= set(names)


def test_all_are_listed_with_what_was_tried():
    assert set(json.loads(run("--json").output)) == set(environments())


def test_what_cannot_be_made_is_told(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for arguments, told in (
        (["pixelrefr"], "did you mean pixelrefer?"),
        (["pixelrefer", "--make", str(tmp_path / "full")], "is there already; expected a new folder"),
    ):
        result = run(*arguments)
        assert isinstance(result.exception, UserError)
        assert told in str(result.exception)


def test_this_package_is_taken_from_where_it_was_installed_from(monkeypatch):
    monkeypatch.setattr("sama_bench.cli.env.package_source", lambda: "/home/me/a checkout")
    assert "envs/sam2/bin/pip install --no-deps '/home/me/a checkout'" in run("sam2").output


def test_what_a_command_of_ours_needs_there_is_installed():
    assert "click" in environments()["videorefer"].light


@pytest.fixture
def program(tmp_path):
    """Makes a program in a folder that says what is given."""

    def make(path, says, status=0):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
        file.chmod(0o755)
        return str(file)

    return make


def test_an_interpreter_that_does_not_run_is_passed_over_for_one_of_pyenv(program, tmp_path, monkeypatch):
    program("shims/python9.1", "pyenv: python9.1: command not found", 127)
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert interpreter("9.1") == ""
    of_pyenv = program("pyenv/versions/9.1.4/bin/python9.1", "9.1")
    assert interpreter("9.1") == of_pyenv
    assert interpreter("9.2") == ""
    assert interpreter("{}.{}".format(*sys.version_info)) == sys.executable


def test_all_that_keeps_an_environment_from_being_made_is_told_before_anything_is_installed(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("sama_bench.cli.env.interpreter", lambda _: "")
    monkeypatch.setattr("sama_bench.cli.env.too_little_room", lambda *_: "/ has 1.0 GB free; expected 6 GB")
    problems = run("videorefer", "--make", str(tmp_path)).exception.problems
    assert [problem.partition(":")[0] for problem in problems] == [
        str(tmp_path),
        "there is no python3.10 that makes environments (on the PATH, or of pyenv), which videorefer needs",
        "/ has 1.0 GB free; expected 6 GB for videorefer",
    ]


def test_what_cannot_be_compiled_here_is_told_first(monkeypatch):
    commands = []
    monkeypatch.setattr("sama_bench.cli.env._checked", lambda *_: "python3.10")
    monkeypatch.setattr("sama_bench.cli.env._run", commands.append)
    monkeypatch.setattr("sama_bench.cli.env.cannot_compile", lambda cuda: f"no CUDA {cuda}")
    result = run("videorefer", "--make", "new")
    told = "videorefer will lack what has to be compiled: no CUDA 12: pip install flash-attn --no-build-isolation"
    assert told in result.stderr
    assert len(commands) == 3
    assert "left to do: new/bin/pip install flash-attn" in result.stdout
    assert "will lack" not in run("unipixel", "--make", "new").stderr


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("Cuda compilation tools, release 12.4, V12.4.1", ""),
        ("Cuda compilation tools, release 13.0, V13.0.88", "nvcc here is of CUDA 13, its PyTorch of CUDA 12"),
        ("something new", ""),
    ],
)
def test_a_compiler_of_another_cuda_compiles_nothing(program, monkeypatch, tmp_path, says, told):
    program("cuda/bin/nvcc", says)
    monkeypatch.setenv("CUDA_HOME", str(tmp_path / "cuda"))
    assert cannot_compile("12") == told


def test_without_a_compiler_nothing_is_compiled(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cannot_compile("12") == "there is no nvcc here"


def test_a_disk_with_too_little_room_is_told(tmp_path):
    assert too_little_room(tmp_path / "new" / "folder", 0) == ""
    told = too_little_room(tmp_path / "new" / "folder", 1e9)
    assert told.startswith(f"{tmp_path} has ")
    assert told.endswith("expected 1000000000.0 GB")
