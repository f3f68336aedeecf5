"""The whole of `sama-bench score`: seconds and memory on two cores, and where the time goes."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from benchmarks import sample
from benchmarks.imitation import PREDICTIONS
from benchmarks.measure import CORES, Stages, command
from sama_bench.metrics import boundary_f, jaccard
from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.java import Java
from sama_bench.metrics.matching import best_assignment
from sama_bench.score.caption_statistics import compare

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
    given = ("--bench", str(tree), "--predictions", str(tree / PREDICTIONS), "--phrases", "words", "--json", "-")
    used = command(["score", *given])
    scores = json.loads(used.output)
    return {
        "seconds": used.seconds, "target_seconds": TARGET_SECONDS, "cpu_seconds": used.cpu_seconds,
        "load": os.getloadavg()[0], "python_peak_bytes": used.python_peak_bytes, "target_peak_bytes": TARGET_MEMORY,
        "jvm_peak_bytes": used.jvm_peak_bytes,
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
