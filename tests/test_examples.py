"""The example of a plug-in package: it is installed as a stranger's would be, holds to the interface, and runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "first_sight"


def named():
    """Name and value of the entry point, from pyproject.toml (Python 3.10 has no tomllib)."""
    text = (EXAMPLE / "pyproject.toml").read_text()
    return re.search(r'entry-points."sama_bench.adapters"\]\n(\S+) = "(\S+)"', text).groups()


@pytest.fixture
def installed(tmp_path):
    """The command in a process that finds the example among its distributions."""
    information = tmp_path / "site" / "sama_bench_first_sight-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: sama-bench-first-sight\nVersion: 1.0\n")
    name, value = named()
    (information / "entry_points.txt").write_text(f"[sama_bench.adapters]\n{name} = {value}\n")
    paths = os.pathsep.join([str(tmp_path / "site"), str(EXAMPLE), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1"}
    code = "import sama_bench.api.evaluation as e, sama_bench.cli.run as r\n"
    code += "e.scored = e.keep = r._show = lambda *_: None\n"  # Java would take seconds
    code += "from sama_bench.cli.main import main; main()"

    def run(*arguments):
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def test_it_holds_to_the_interface(installed):
    done = installed("check-adapter", "first-sight")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not set("✗!") & set(done.stdout)


def test_it_runs(installed):
    done = installed("run", "--model", "first-sight", "--model-arg", "size=0.9", "--limit", "5", "--out", "out")
    assert (done.returncode, done.stderr) == (0, "")


def test_it_refuses_what_it_cannot_use(installed):
    done = installed("run", "--model", "first-sight", "--model-arg", "size=2", "--limit", "5", "--out", "out")
    assert done.returncode == 2
    assert "adapter first-sight refuses size=2: size is a number above 0 and up to 1" in done.stderr


def test_the_readme_names_its_commands():
    readme = (EXAMPLE / "README.md").read_text()
    name, _ = named()
    assert re.findall(rf"sama-bench (?:check-adapter|run --model) {name}\b", readme)
    assert "pip install ./examples/first_sight" in readme
