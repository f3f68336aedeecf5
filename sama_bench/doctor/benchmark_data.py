"""Which benchmarks' data are there, what is missing of one, and what to do about it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sama_bench.benchmark.address import Address
from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmark.installed import benchmark_named, installed
from sama_bench.benchmarks.sama.definition import SAMA_BENCH
from sama_bench.benchmarks.sama.layout import QUESTIONS, SOURCES, VIDEOS, Source
from sama_bench.benchmarks.sama.tree_reader import ListedVideo, Tree, list_videos
from sama_bench.doctor.finding import Finding
from sama_bench.errors import UserError

PLACES = ("data", ".")
PAGE = "docs/data.md"
FROM_AUTHORS = f"download it from the authors: addresses in {PAGE}"


def overview() -> list[Finding]:
    """A finding for each installed benchmark that needs data: the folders of it in ./data and here."""
    here = list(_folders())
    return [
        _of_benchmark(definition, here) for definition in installed().benchmarks.values() if definition.embedded is None
    ]


def _folders() -> Iterator[Path]:
    """The folders where data are looked for: those in ./data, and those here."""
    for place in map(Path, PLACES):
        if place.is_dir():
            yield place
            yield from sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))


def _of_benchmark(definition: BenchmarkDefinition, folders: list[Path]) -> Finding:
    there = [folder for folder in folders if _recognises(definition, folder)]
    name = definition.name
    if there:
        told = f"looks like it: {', '.join(map(str, there))}"
        return Finding(name, True, told, f"sama-bench doctor {name}:{there[0]}", is_needed=False)
    return Finding(name, False, f"not in ./data nor here; expects {definition.expects}", is_needed=False)


def _recognises(definition: BenchmarkDefinition, folder: Path) -> bool:
    try:
        return definition.recognise(folder)
    except OSError:
        return False


def examined(name: str) -> list[Finding]:
    """What is there and missing of a benchmark: NAME, NAME:FOLDER, or a folder.

    Raises UserError where no benchmark has that name.
    """
    address = _address(name)
    if address is None:
        definition = benchmark_named(name)
        told = f"not in ./data nor here; expects {definition.expects}; addresses in {PAGE}"
        return [Finding(name, False, told, f"sama-bench doctor {name}:FOLDER")]
    return list(_examine_sama(address) if address.definition is SAMA_BENCH else _examine(address))


def _address(name: str) -> Address | None:
    """What is meant; None for the name of a benchmark whose data are in no usual place."""
    from sama_bench.benchmark.address import resolve

    definition = installed().benchmarks.get(name)
    if definition is None and not Path(name).exists() and not {":", "/", os.sep} & set(name):
        benchmark_named(name)  # says which names there are
    if definition is None or definition.embedded is not None or Path(name).is_dir():
        return resolve(name)
    there = [folder for folder in _folders() if _recognises(definition, folder)]
    return Address(definition, there[0]) if there else None


def _examine(address: Address) -> Iterator[Finding]:
    """A benchmark of any kind: whether its reader takes the folder, and what it counts and complains of."""
    name = address.definition.name
    try:
        reader = address.definition.read(address.folder)
    except UserError as problem:
        yield from (Finding(name, False, line) for line in problem.problems)
        yield from _inside(address)
        return
    counts = Counter(key.task for video in reader.listed() for key in video.keys)
    told = ", ".join(f"{count:,} questions of task {task}" for task, count in counts.items()) or "no question"
    yield Finding(name, bool(counts), f"{address.folder}: {told}")
    yield from (Finding(name, False, problem) for problem in reader.problems)
    if not reader.problems:
        yield Finding("next", True, "check every frame and mask", f"sama-bench bench check {address}")


def _inside(address: Address) -> Iterator[Finding]:
    """Folders within the one that was named which are of the kind, as archives unpack into one more."""
    try:
        inner = sorted(path for path in address.folder.iterdir() if path.is_dir())
    except OSError:
        return
    for folder in (*inner, address.folder.parent):
        for definition in installed().benchmarks.values():
            if definition.embedded is None and _recognises(definition, folder):
                command = f"sama-bench doctor {definition.name}:{folder}"
                yield Finding(definition.name, False, f"{folder} looks like it: is that meant?", command)


def _examine_sama(address: Address) -> Iterator[Finding]:
    root = address.folder
    try:
        tree = list_videos(root)
    except UserError as problem:
        yield from (Finding("sama-bench", False, line, FROM_AUTHORS) for line in problem.problems)
        yield from _inside(address)
        return
    findings = [finding for source in SOURCES for finding in _of_source(tree, source)]
    findings += [Finding(problem.source or "data", False, problem.text) for problem in tree.problems]
    questions = Counter(question.key.task for video in tree.videos.values() for question in video.kept)
    total = f"{len(tree.videos)} of {VIDEOS} videos, {questions.total():,} of {QUESTIONS:,} questions"
    by_task = f"{questions['g']:,} G, {questions['c']:,} C"
    whole = len(tree.videos) == VIDEOS and questions.total() == QUESTIONS
    yield Finding("sama-bench", True, f"{root}: {total} ({by_task}){': whole' * whole}")
    yield from findings
    if not any(finding.is_wrong for finding in findings):
        yield Finding("next", True, "check every frame and mask", f"sama-bench bench check {root}")


def _of_source(tree: Tree, source: Source) -> Iterator[Finding]:
    """The split files, masks and frames of one source data set."""
    videos = [video for video in tree.videos.values() if video.source is source]
    missing = [name for name in source.splits if name not in tree.splits]
    told = f"{len(source.splits) - len(missing)} of {len(source.splits)} split files, {len(videos)} videos"
    if missing:
        yield Finding(source.name, False, f"{told}; missing: {', '.join(missing)}", FROM_AUTHORS, is_needed=False)
    else:
        yield Finding(source.name, True, told)
    if not videos:
        return
    if not (tree.root / source.masks).is_file():
        yield Finding(f"{source.name} masks", False, f"{tree.root / source.masks}: no such file", FROM_AUTHORS)
    absent, files = _missing_frames(tree.root, videos)
    if absent:
        first = next(iter(absent))
        told = f"{sum(absent.values()):,} of {files:,} frames are missing, in {len(absent)} videos, as {first}"
        yield Finding(f"{source.name} frames", False, told, _how_to_get_frames(source, tree.root))
    else:
        yield Finding(f"{source.name} frames", True, f"all {files:,} are there")


def _missing_frames(root: Path, videos: list[ListedVideo]) -> tuple[dict[str, int], int]:
    """How many frames of which folder are not there, and how many there should be."""
    absent: dict[str, int] = {}
    for video in videos:
        try:
            with os.scandir(root / video.folder) as entries:
                there = {entry.name for entry in entries}
        except (OSError, ValueError):
            there = set()
        # A frame's name may hold a folder of its own.
        missing = sum(1 for file in video.files if file not in there and not (root / video.folder / file).is_file())
        if missing:
            absent[str(root / video.folder)] = missing
    return absent, sum(len(video.files) for video in videos)


def _how_to_get_frames(source: Source, root: Path) -> str:
    if source.name == "VidSTG":
        return f"sama-bench data frames FOLDER_OF_MP4S --bench {root}"
    return f"copy the frames of {source.name} there: addresses in {PAGE}"
