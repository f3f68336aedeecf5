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

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

Elsewhere: TypeAlias = PredictionFile | MaskTree | MaskResults
HEAD = 4096
FIRST_KEY = re.compile(rb'\s*\{\s*"((?:[^"\\]|\\.)*)"\s*:')
LARGEST_JSON = 4 << 30  # bytes of a file in an archive
MANIFEST = "manifest.json"


def open_answers(path: Path, benchmark: Benchmark) -> Elsewhere:
    """The answers at `path`, whose form is told by what is there.

    A file of JSON lines; a JSON file of masks (`MaskResults`); a folder or ZIP archive of PNG pictures (`MaskTree`), or
    with such a JSON file. Raises UserError with all that is not right.
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
    if path.suffix.lower() == ".jsonl" or not _is_masks(head):
        return PredictionFile(path, benchmark)
    return MaskResults(path, iter([(str(path), parsed(str(path), _content(path)))]), benchmark)


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
