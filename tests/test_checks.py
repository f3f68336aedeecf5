"""What has to hold for the code itself, in the one command that checks everything."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command, cwd=ROOT):
    done = subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", ".")])
def test_ruff_is_clean(command):
    status, said = run(*command)
    assert status == 0, said


@pytest.mark.slow
def test_mypy_is_strict_and_clean_on_the_package(tmp_path):
    status, said = run("mypy", "--cache-dir", str(tmp_path), "-p", "sama_bench")
    assert status == 0, said


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright is not on the PATH")
def test_pyright_resolves_every_import_of_ours():
    command = ["pyright", "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    read = json.loads(done.stdout)
    unresolved = [line for line in read["generalDiagnostics"] if line.get("rule") == "reportMissingImports"]
    assert read["summary"]["filesAnalyzed"] > 300
    assert not [line for line in unresolved if '"sama_bench' in line["message"]]
