"""Answers that were made elsewhere, in whatever of the known forms they are."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.files.trees import Archive, FileTree, Folder, Unreadable
from sama_bench.run.answer_sources import BOM, FIELDS, PredictionFile
from sama_bench.run.mask_results import MaskResults, parsed
from sama_bench.run.mask_tree import MaskTree
from sama_bench.run.point_answers import RECORD, PointAnswers, is_record, records_of

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

Elsewhere: TypeAlias = PredictionFile | MaskTree | MaskResults | PointAnswers
HEAD = 4096
FIRST_KEY = re.compile(rb'\s*\{\s*"((?:[^"\\]|\\.)*)"\s*:')
LARGEST_JSON = 4 << 30  # bytes of a file in an archive
MANIFEST = "manifest.json"


def open_answers(path: Path, benchmark: Benchmark) -> Elsewhere:
    """The answers at `path`, whose form is told by what is there.

    A file of JSON lines; a JSON file of masks (`MaskResults`); lmms-eval's points (`PointAnswers`); a folder or ZIP
    archive of PNG pictures (`MaskTree`), or with such a JSON file. Raises UserError with all that is not right.
    """
    if path.is_dir():
        if (path / MANIFEST).is_file():
            raise UserError(
                f"{path}: is a run, expected answers made elsewhere; score it with: sama-bench score {path}"
            )
        if not any(benchmark.places(video.id) for video in benchmark.videos):
            raise UserError(f"{path}: is a folder, expected a file of JSON lines; a run: load_run(…).score()")
        return _of_tree(Folder(path), benchmark)
    head = _head(path)
    if head.startswith(b"PK") and zipfile.is_zipfile(path):
        return _of_tree(Archive(path), benchmark)
    if path.suffix.lower() == ".zip":
        return _of_tree(Archive(path), benchmark)  # says what is wrong with it
    if _may_be_points(head):
        value = _records(path)
        if value is not None:
            return PointAnswers(path, value, benchmark)
    if path.suffix.lower() == ".jsonl" or not _is_masks(head):
        return PredictionFile(path, benchmark)
    return MaskResults(path, iter([(str(path), parsed(str(path), _content(path)))]), benchmark)


def _may_be_points(head: bytes) -> bool:
    """Whether a file begins as lines of lmms-eval's samples or as a list, at a glance."""
    start = head.removeprefix(BOM).lstrip()
    first = FIRST_KEY.match(start)
    return start.startswith(b"[") or (first is not None and first[1] == b"doc_id")


def _records(path: Path) -> Iterator[tuple[str, object]] | None:
    """The records of lmms-eval's `rvos_*` tasks, with their places; None where the file holds none."""
    content = _content(path).removeprefix(BOM)
    if content.lstrip().startswith(b"["):
        value = parsed(str(path), content)
        return records_of(str(path), value) if isinstance(value, list) and all(map(is_record, value)) else None
    lines = [(f"{path}:{number}", line) for number, line in enumerate(content.splitlines(), 1) if line.strip()]
    values = [(where, parsed(where, line)) for where, line in lines]
    if not any(is_record(value) for _, value in values):
        return None
    return ((where, value.get(RECORD, value) if isinstance(value, dict) else value) for where, value in values)


def _is_masks(head: bytes) -> bool:
    """Whether a file begins as an object whose first key no line of predictions has."""
    first = FIRST_KEY.match(head.removeprefix(BOM))
    return first is not None and first[1].decode(errors="replace") not in FIELDS


def _of_tree(tree: FileTree, benchmark: Benchmark) -> MaskTree | MaskResults:
    if any(name.endswith(".png") for name in tree.files):
        return MaskTree(tree, benchmark)
    results = [name for name in tree.files if PurePosixPath(name).suffix == ".json"]
    if not results:
        raise UserError(f"{tree.path}: holds neither PNG pictures nor a JSON file of masks; expected either")
    return MaskResults(tree.path, _values(tree, results), benchmark)


def _values(tree: FileTree, names: list[str]) -> Iterator[tuple[str, object]]:
    for name in names:
        where = str(tree.path / name)
        try:
            yield where, parsed(where, tree.read(name, LARGEST_JSON))
        except Unreadable as problem:
            raise UserError(f"{where}: {problem}") from problem


def _head(path: Path) -> bytes:
    return _read(path, lambda file: file.read(HEAD))


def _content(path: Path) -> bytes:
    return _read(path, lambda file: file.read())


def _read(path: Path, read: Callable[..., bytes]) -> bytes:
    try:
        with open_regular(path) as file:
            return read(file)
    except (OSError, ValueError) as problem:
        raise UserError(f"{path}: cannot be read ({getattr(problem, 'strerror', None) or problem})") from problem
