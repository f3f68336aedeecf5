"""The documentation: its examples run, and it builds as a site without a warning."""

import doctest
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ("tutorial.md", "api/models.md", "api/metrics.md")
OF_FILES = (
    "tables.md",
    "logging.md",
    "exchange.md",
)  # they read a command's file, or are a plug-in
MODULES = ("benchmarks", "comparisons", "evaluation", "gates", "pictures", "runs", "scores", "scoring")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run_in_their_order(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = ROOT / "docs" / page
    text = path.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert blocks
    names = {"__name__": "__main__"}
    for block in blocks:
        lines = "\n" * text.count("\n", 0, block.start(1))  # so that a traceback names the line of the page
        exec(compile(lines + block[1], str(path), "exec"), names)


def test_every_page_with_python_is_run():
    pages = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")}
    having = {path.relative_to(ROOT / "docs").as_posix() for path, text in pages.items() if BLOCK.search(text)}
    assert having == {*PAGES, *OF_FILES}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings_give_what_they_say(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(importlib.import_module(f"sama_bench.api.{name}"), optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("mkdocstrings") is None, reason="needs the extra docs")
def test_the_site_builds_and_every_link_holds(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "api" / "index.html").read_text(encoding="utf-8")
    assert 'id="sama_bench.api.evaluation.evaluate"' in page
    assert 'id="sama_bench.api.scores.Scores.mean"' in page
