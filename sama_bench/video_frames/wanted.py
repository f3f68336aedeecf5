"""Which videos' frames are wanted, where they go, and where the mp4 of each lies."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sama_bench.benchmarks.sama.layout import SOURCES
from sama_bench.benchmarks.sama.mask_fit import misfits
from sama_bench.benchmarks.sama.tree_reader import Tree, read_tree
from sama_bench.errors import UserError

VIDSTG = "VidSTG"
SUFFIX = ".mp4"
Size = tuple[int, int]


@dataclass(frozen=True)
class Wanted:
    """A video: the name of its mp4 without the ending, the folder of its frames, and the files that should lie there.

    `files` is empty where nobody says which ones. `video` is its id in the benchmark, '' where it is of none.
    """

    name: str
    folder: Path
    files: tuple[str, ...] = ()
    video: str = ""


class BenchmarkVideos:
    """The VidSTG videos of SAMA-Bench below `root`. Raises UserError where it is none, or names none."""

    def __init__(self, root: Path) -> None:
        self._tree: Tree = read_tree(root)
        self.problems = [one.text for one in self._tree.problems if one.source == VIDSTG and one.kind == "split"]
        self.wanted = [
            Wanted(PurePosixPath(video.folder).name, root / video.folder, video.files, video.id)
            for video in self._tree.videos.values()
            if video.source.name == VIDSTG
        ]
        if not self.wanted:
            source = next(source for source in SOURCES if source.name == VIDSTG)
            names = f"{source.splits[0]} … {source.splits[-1]}"
            raise UserError([*self.problems, f"{root}: lists no VidSTG video; expected {names} there"])

    def unfit(self, sizes: Mapping[str, Size]) -> list[str]:
        """What of the true masks does not fit frames of these (height, width), by the id of a video."""
        return [problem.text for problem in misfits(self._tree, sizes)]

    def track_lengths(self, video: str) -> Sequence[int]:
        """The lengths of the mask tracks that the questions of a video need, each once, in order."""
        index = self._tree.masks.get(VIDSTG)
        names = {name for question in self._tree.videos[video].kept for name in question.annotations}
        known = [index.annotations[name] for name in names if name in index.annotations] if index else []
        return sorted({one.entries for one in known if one.problem is None})


def mp4s(folder: Path) -> dict[str, list[Path]]:
    """The mp4s below a folder, at any depth, by their name without the ending; VidOR has them two folders down.

    Raises UserError where there is no such folder, or no mp4.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder, expected the one with the mp4s of VidOR")
    found: dict[str, list[Path]] = defaultdict(list)
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(SUFFIX) and not name.startswith("."):
                found[name[: -len(SUFFIX)]].append(Path(place) / name)
    if not found:
        raise UserError(f"{folder}: holds no mp4; expected those of VidOR, in this folder or below it")
    return dict(found)


def all_of(videos: Mapping[str, Sequence[Path]], out: Path) -> list[Wanted]:
    """Every mp4's frames, each in a folder of its name below `out`."""
    return [Wanted(name, out / name) for name in sorted(videos)]
