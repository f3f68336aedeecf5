import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from sama_bench import __version__
from sama_bench.cli import main as main_module
from sama_bench.errors import MissingExtra, UserError
from sama_bench.installation import pip_line


def sama_bench(*arguments, **environment):
    code = "from sama_bench.cli.main import main; main()"
    env = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=env, check=False
    )


def test_help_names_every_command_and_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['sama-bench', '--help']\n"
        "from sama_bench.cli.main import main\n"
        "try: main()\n"
        "finally: print(sorted({'numpy', 'cv2', 'pandas', 'rich', 'scipy', 'yaml', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for command in ("bench", "export", "models", "report", "run", "score"):
        assert f"\n  {command} " in done.stdout
    assert "does not load" not in done.stdout
    assert done.stdout.rstrip().endswith("[]")


def commands(group, *path):
    """Every command line that there is, as the words after sama-bench."""
    yield path
    context = click.Context(group)
    for name in group.list_commands(context) if isinstance(group, click.Group) else ():
        yield from commands(group.get_command(context, name), *path, name)


def test_the_help_of_every_command_holds_an_example_of_it():
    for path in commands(main_module.cli):
        shown = CliRunner().invoke(main_module.cli, [*path, "--help"]).output
        assert f"Example: {' '.join(['sama-bench', *path])}" in shown, path


def test_version():
    assert __version__ in sama_bench("--version").stdout


def test_unknown_command_is_bad_usage():
    done = sama_bench("rnu")
    assert done.returncode == 2
    assert "rnu" in done.stderr
    assert "Traceback" not in done.stderr


def failing(problem):
    @click.command()
    def command():
        raise problem

    return command


@pytest.mark.parametrize(
    ("problem", "status", "said"),
    [
        (UserError(["a.json: cut off", "b.json:\nno list"]), 2, "error: a.json: cut off\nerror: b.json: no list\n"),
        (
            OSError(28, "No space left on device", "x.json"),
            2,
            "error: x.json: No space left on device; make room and run again\n",
        ),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (click.UsageError("no such option"), 2, "no such option"),
    ],
)
def test_what_goes_wrong_is_a_line_and_a_status(problem, status, said, monkeypatch, capsys):
    monkeypatch.setattr(main_module, "cli", failing(problem))
    monkeypatch.setattr(sys, "argv", ["sama-bench"])
    with pytest.raises(SystemExit) as exit_:
        main_module.main()
    assert exit_.value.code == status
    assert said in capsys.readouterr().err


def test_many_problems_of_a_kind_are_told_and_the_rest_counted():
    lines = UserError(f"frame {n} is missing" for n in range(25)).lines()
    assert lines[0] == "frame 0 is missing"
    assert lines[-1] == "… and 5 more of the kind"
    assert len(lines) == 21


def test_a_missing_extra_tells_the_pip_line():
    assert str(MissingExtra("model sama", ["torch"], "sama-bench[sama]")).endswith(f": {pip_line('sama-bench[sama]')}")


def test_a_command_that_does_not_load_is_named(monkeypatch):
    from importlib.metadata import EntryPoint

    broken = EntryPoint("broken", "no_such_module:command", main_module.GROUP)
    monkeypatch.setattr(main_module, "_entry_points", lambda: {"broken": broken})
    listed = CliRunner().invoke(main_module.cli, ["--help"])
    assert listed.exit_code == 0
    assert "does not load" in listed.output


@pytest.mark.parametrize(
    "problem",
    [ValueError("odd\nthing"), MemoryError(), RecursionError("deep"), OSError(5000, "odd"), AssertionError("\udce9")],
)
def test_what_nobody_foresaw_has_a_status_that_no_check_uses(problem, monkeypatch, capsys):
    monkeypatch.setattr(main_module, "cli", failing(problem))
    monkeypatch.setattr(sys, "argv", ["sama-bench"])
    with pytest.raises(SystemExit) as exit_:
        main_module.main()
    assert exit_.value.code == main_module.FAULT == 70
    first, *rest = capsys.readouterr().err.splitlines()
    assert first.startswith(f"error: unforeseen {type(problem).__name__}")
    assert "please report it" in first
    assert rest[0] == "Traceback (most recent call last):"


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (OSError(36, "File name too long", "x" * 300), "use a shorter name"),
        (PermissionError(13, "Permission denied", "a.json"), "error: a.json: Permission denied; ask for"),
        (OSError(30, "Read-only file system", "a.json"), "use another place"),
    ],
)
def test_where_the_machine_is_in_the_way_a_line_tells_what_to_do(problem, said, monkeypatch, capsys):
    monkeypatch.setattr(main_module, "cli", failing(problem))
    monkeypatch.setattr(sys, "argv", ["sama-bench"])
    with pytest.raises(SystemExit) as exit_:
        main_module.main()
    assert exit_.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


@pytest.mark.skipif(sys.version_info[:3] == (3, 13, 0), reason="Python 3.13.0 cannot import NumPy there (SystemError)")
def test_a_folder_that_was_removed_is_told(tmp_path):
    code = (
        "import os; os.chdir(os.sys.argv.pop(1)); os.rmdir(os.getcwd()); from sama_bench.cli.main import main; main()"
    )
    (tmp_path / "gone").mkdir()
    command = [sys.executable, "-c", code, tmp_path / "gone", "report", "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_plug_in_that_ends_the_process_is_told(monkeypatch):
    class Ending:
        name, value, dist = "ending", "ending:command", None

        def load(self):
            raise SystemExit(1)

    with pytest.raises(UserError, match="does not load"):
        main_module._load(Ending())


def test_a_reader_that_goes_and_closed_streams_do_no_harm(tmp_path):
    code = "from sama_bench.cli.main import main; main()"
    command = f"{sys.executable} -c '{code}' models"
    for redirected, status in (
        ("| true", 141), (">&-", 0), (">&- 2>&-", 0), ("<&-", 0), (">/dev/full", 2), (">/dev/full 2>&1", 2),
    ):  # fmt: skip
        script = f"{command} {redirected}; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode == status, (redirected, done)
        assert done.stderr.count("\n") <= 1
