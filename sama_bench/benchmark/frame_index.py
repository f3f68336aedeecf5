"""Whether the frames of videos are there, whole and of one size; what was found sound is kept in the cache."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sama_bench import cache
from sama_bench.benchmark.problems import Problem
from sama_bench.errors import UserError
from sama_bench.frames import frame_size, wrong_size

VERSION = 1


class Probe(NamedTuple):
    """The (height, width) of a video's frames and what is wrong with them; a size only where nothing is."""

    size: tuple[int, int] | None
    problems: tuple[Problem, ...] = ()


class FrameIndex:
    """What is known of the frame folders below a root.

    A folder is read again where name, size or modification time of any of its frames changed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._name = f"frames-{hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:32]}.json"
        kept = cache.load(self._name)
        known = kept[1] if isinstance(kept, list) and len(kept) == 2 and kept[0] == VERSION else None
        self._known: dict[str, object] = known if isinstance(known, dict) else {}
        self._changed = False

    def probe(self, folder: str, files: Sequence[str], source: str) -> Probe:
        """Look at all frames of a video; their headers and ends are read where they are new."""
        place = self._root / folder
        paths = [place / file for file in files]
        stats, problems = _stats(place, paths, source)
        if problems:
            rest = _sizes([Path(name) for name, _, _ in stats], source)
            return Probe(None, problems + rest.problems)
        digest = hashlib.sha256(repr(stats).encode()).hexdigest()
        match self._known.get(folder):
            case [known, int(height), int(width)] if known == digest and height > 0 < width:
                return Probe((height, width))
        probe = _sizes(paths, source)
        if probe.size is not None:
            self._known[folder] = [digest, *probe.size]
            self._changed = True
        return probe

    def save(self) -> None:
        """Keep what was found for the next time."""
        if self._changed:
            cache.save(self._name, [VERSION, self._known])


def _stats(folder: Path, paths: Sequence[Path], source: str) -> tuple[list[tuple[str, int, int]], tuple[Problem, ...]]:
    """Path, size and time of each frame file, and the files that are not there."""
    stats: list[tuple[str, int, int]] = []
    problems: list[Problem] = []
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises where a name is too long or a folder locked
        text = f"{folder}: no such folder, expected the video's {len(paths)} frames; copy them there"
        return stats, (Problem("frame missing", text, source, len(paths)),)
    for path in paths:
        try:
            status = path.stat()
        except (OSError, ValueError):
            problems.append(Problem("frame missing", f"{path}: no such frame; copy it there", source))
        else:
            if stat.S_ISREG(status.st_mode):
                stats.append((str(path), status.st_size, status.st_mtime_ns))
            else:
                problems.append(Problem("frame broken", f"{path}: not a file, expected a frame", source))
    return stats, tuple(problems)


def _sizes(paths: Sequence[Path], source: str) -> Probe:
    """The size that all frames have, or what is wrong with some."""
    first: tuple[int, int] | None = None
    problems: list[Problem] = []
    for path in paths:
        try:
            size = frame_size(path)
        except UserError as problem:
            problems.append(Problem("frame broken", str(problem), source))
            continue
        first = first or size
        if size != first:
            problems.append(Problem("frame size", str(wrong_size(path, size, first)), source))
    return Probe(None if problems else first, tuple(problems))
