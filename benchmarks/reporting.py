"""The whole of `sama-bench report` on many runs of full size: seconds, memory, and what the page weighs."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import sample
from benchmarks.measure import CORES, command
from sama_bench.benchmark.installed import load_task
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import MANIFEST, Store

RUNS, TARGET_SECONDS = 20, 60.0
NO_ANSWER = StoredPrediction("", error="RuntimeError: no answer")


def reporting(tree: Path, runs: int) -> dict[str, Any]:
    """A report on copies, under names of their own, of one run that is made of the tree's predictions and scored."""
    with tempfile.TemporaryDirectory() as made:
        folders = list(_copies(_scored(tree, Path(made) / "run"), Path(made), runs))
        out = Path(made) / "report"
        used = command(["report", *map(str, folders), "--out", str(out)])
        files = [one for one in out.rglob("*") if one.is_file()]
        floor = _floor(folders)
        return {
            "what": f"sama-bench report on {runs} runs, on {CORES} cores", "seconds": used.seconds,
            "target_seconds": TARGET_SECONDS, "cpu_seconds": used.cpu_seconds, "load": os.getloadavg()[0],
            "python_peak_bytes": used.python_peak_bytes, "report_bytes": sum(one.stat().st_size for one in files),
            "floor_seconds": floor, "of_floor": used.cpu_seconds / floor,
        }  # fmt: skip


def _scored(tree: Path, folder: Path) -> Path:
    """A scored run of the predictions; a question without one ended in an error."""
    benchmark, answers = sample.opened(tree)
    digests = {task: load_task(task).digest for task in benchmark.tasks}
    settings = RunSettings("imitation", {}, benchmark.fingerprint, benchmark.tasks, None, None, digests)
    counts = {task: benchmark.counts(task)[0] for task in benchmark.tasks}
    with Store.create(folder, Manifest(settings, str(tree), benchmark.name, counts=counts)) as store:
        for entry in benchmark.entries:
            given = answers.predictions(entry.video.id)
            store.put(entry.video.id, [(key, given.get(key, NO_ANSWER)) for key in entry.keys])
    command(["score", str(folder), "--phrases", "words"])
    return folder


def _copies(run: Path, into: Path, count: int) -> Iterator[Path]:
    manifest = Manifest.read(run / MANIFEST)
    for number in range(count):
        folder = into / f"run-{number}"
        shutil.copytree(run, folder, copy_function=os.link)
        (folder / MANIFEST).unlink()
        named = replace(manifest, settings=replace(manifest.settings, model=f"model {number}"))
        (folder / MANIFEST).write_text(named.to_text(), encoding="utf-8")
        yield folder


def _floor(folders: list[Path]) -> float:
    """Seconds that one process takes to parse what the runs know of each question, once."""
    began = time.perf_counter()
    for folder in folders:
        with closing(sqlite3.connect(folder / "run.sqlite")) as store:
            for (text,) in store.execute("SELECT json FROM statistic"):
                json.loads(text)
    return time.perf_counter() - began
