"""The Dockerfile, as far as it can be tried without Docker: what it copies, installs and starts."""

import json
import re
import shutil
import subprocess
from importlib.metadata import entry_points, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE = ROOT / "Dockerfile"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the Dockerfile is not installed")


def instructions(name):
    return re.findall(rf"^{name} (.*)$", FILE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
@pytest.mark.parametrize(("extras", "source"), [("", "/src"), ("sama", "/src[sama]"), ("sama,lmms", "/src[sama,lmms]")])
def test_what_it_installs_is_the_checkout_with_the_extras(extras, source, tmp_path):
    for program in ("pip", "rm"):
        (tmp_path / program).write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n', encoding="utf-8")
        (tmp_path / program).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "EXTRAS": extras}
    done = subprocess.run(
        ["sh", "-ec", instructions("RUN")[0]], env=environment, capture_output=True, text=True, check=True
    )
    said = done.stdout.splitlines()
    assert said[:4] == [str(tmp_path / "pip"), "install", "--no-cache-dir", source]
    assert said[4:] == [str(tmp_path / "rm"), "-rf", "/src"]
    assert set(filter(None, extras.split(","))) <= set(metadata("sama-bench").get_all("Provides-Extra"))


def test_it_starts_the_command_and_its_python_is_supported():
    (command,) = json.loads(instructions("ENTRYPOINT")[0])
    assert command in {script.name for script in entry_points(group="console_scripts")}
    assert "PYTHON=3.11" in instructions("ARG")
    assert instructions("COPY") == [". /src"]


def test_what_is_made_in_a_checkout_is_not_copied():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "runs", "report", "**/__pycache__"} <= set(ignored)
