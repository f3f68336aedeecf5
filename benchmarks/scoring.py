"""The whole of `sama-bench score`: seconds and memory on two cores, and where the time goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import sample
from benchmarks.imitation import PREDICTIONS
from benchmarks.measure import Stages, tree_memory
from sama_bench.metrics import boundary_f, jaccard
from sama_bench.metrics.java import Java
from sama_bench.metrics.matching import best_assignment
from sama_bench.metrics.region import volume_iou_matrix
from sama_bench.score.texts import compare

CORES = 2
TARGET_SECONDS, TARGET_MEMORY = 90.0, 1.0e9


def scoring(tree: Path, videos: int) -> dict[str, Any]:
    """One scoring of everything by the command, and the stages one by one on some of the videos."""
    return {
        "what": f"sama-bench score of all questions, both protocols, on {CORES} cores",
        **_command(tree),
        "floor_seconds": _floor(tree),
        "stages": _stages(tree, videos),
    }


def _command(tree: Path) -> dict[str, Any]:
    """Wall seconds, CPU seconds and peak memory of the command, its index of the benchmark made before."""
    sample.opened(tree)
    command = [
        sys.executable,
        "-m",
        "sama_bench",
        "score",
        "--bench",
        str(tree),
        "--predictions",
        str(tree / PREDICTIONS),
    ]
    command += ["--phrases", "words", "--json", "-"]
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    before, began = os.times(), time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),  # noqa: PLW1509
    ) as process:
        peak_jvm = peak = 0
        while True:
            jvm, others = tree_memory(process.pid)
            peak_jvm, peak = max(peak_jvm, jvm), max(peak, others)
            try:
                scores = json.loads(process.communicate(timeout=0.2)[0])
                break
            except subprocess.TimeoutExpired:
                continue
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {
        "seconds": time.perf_counter() - began, "target_seconds": TARGET_SECONDS, "cpu_seconds": used,
        "load": os.getloadavg()[0], "python_peak_bytes": peak, "target_peak_bytes": TARGET_MEMORY,
        "jvm_peak_bytes": peak_jvm,
        "questions": {task: block["questions"] for task, block in scores["protocols"]["strict"].items()},
    }  # fmt: skip


def _floor(tree: Path) -> float:
    """Seconds that one process takes to read the predictions once, checking nothing."""
    began = time.perf_counter()
    with (tree / PREDICTIONS).open("rb") as file:
        for line in file:
            json.loads(line)
    return time.perf_counter() - began


def _stages(tree: Path, videos: int) -> dict[str, Any]:
    """Wall seconds of each stage in one process, scaled to all videos from those that were taken."""
    whole, part, java_start = Stages(), Stages(), Stages()
    with whole.stage("open the benchmark"):
        benchmark = sample.open_benchmark(tree)
    with whole.stage("check the predictions, line by line"):
        answers = sample.PredictionFile(tree / PREDICTIONS, benchmark)
    entries = sample.every(benchmark, videos)
    for entry in entries:
        _masks_of(entry, benchmark, answers, part)
    groups = list(sample.texts(benchmark, answers, entries).values())
    with Java() as java:
        with java_start.stage("start Java, load METEOR"):
            compare(java, [[("a dog", "a dog")]])
        with part.stage("tokenise, METEOR, BLEU, ROUGE-L"):
            compare(java, groups)
    scale = len(benchmark.entries) / len(entries)
    stages = {**whole.wall, **{name: wall * scale for name, wall in part.wall.items()}, **java_start.wall}
    total = sum(stages.values())
    return {
        "taken_videos": len(entries), "of_videos": len(benchmark.entries),
        "seconds_in_one_process": stages, "share": {name: wall / total for name, wall in stages.items()},
    }  # fmt: skip


def _masks_of(entry: sample.Entry, benchmark: sample.Benchmark, answers: sample.PredictionFile, into: Stages) -> None:
    with into.stage("read the predictions"):
        given = answers.predictions(entry.video.id)
    with into.stage("read the truth"):
        truths = benchmark.truths(entry.video.id)
    for key in entry.keys:
        if key.task == "c" or key not in given:
            continue
        true, predicted = truths[key].strict_tracks, given[key].tracks
        with into.stage("IoU of all tracks"):
            ious = volume_iou_matrix(predicted, true)
        for p, t in best_assignment(ious):
            with into.stage("J"):
                jaccard(true[t], predicted[p], entry.video.size)
            with into.stage("F"):
                boundary_f(true[t], predicted[p], entry.video.size)
