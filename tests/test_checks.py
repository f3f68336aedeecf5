"""What has to hold for the code itself, in the one command that checks everything."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALLED = Path(importlib.util.find_spec("sama_bench").origin).parent


def run(*command, cwd=ROOT):
    done = subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", ".")])
def test_ruff_is_clean(command):
    status, said = run(*command)
    assert status == 0, said


@pytest.mark.slow
@pytest.mark.skipif(INSTALLED == ROOT / "sama_bench", reason="mypy looks at the package as installed: pip install .")
def test_mypy_is_strict_and_clean_on_the_package_as_installed(tmp_path):
    config = str(ROOT / "pyproject.toml")
    status, said = run("mypy", "--config-file", config, "--cache-dir", str(tmp_path), "-p", "sama_bench", cwd=tmp_path)
    assert status == 0, said
