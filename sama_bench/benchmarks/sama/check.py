"""The report of `bench check`: what a tree holds per source data set, and all that is wrong with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sama_bench.benchmark.frame_index import FrameIndex
from sama_bench.benchmark.problems import Kind, Problem
from sama_bench.benchmarks.sama.layout import QUESTIONS, SOURCES, VIDEOS, Source
from sama_bench.benchmarks.sama.mask_fit import misfits
from sama_bench.benchmarks.sama.tree_reader import Tree, read_tree


@dataclass
class SourceRow:
    """What one source data set has; `missing_splits` and `masks` are file names, the rest counts."""

    source: str
    videos: int = 0
    g: int = 0
    c: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    frames: int = 0
    missing_frames: int = 0
    broken_frames: int = 0
    wrong_size_frames: int = 0
    splits: int = 0
    missing_splits: list[str] = field(default_factory=list)
    masks: str | None = None
    annotations: int = 0
    unreadable_masks: int = 0
    unfit_masks: int = 0


@dataclass
class Report:
    """A row per source data set, the fingerprint, and all problems."""

    root: Path
    fingerprint: str
    rows: list[SourceRow]
    problems: list[Problem]

    @property
    def totals(self) -> tuple[int, int]:
        """The number of videos and of questions."""
        return sum(row.videos for row in self.rows), sum(row.g + row.c for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        videos, questions = self.totals
        return {
            "root": str(self.root),
            "fingerprint": self.fingerprint,
            "broken": bool(self.problems),
            "videos": videos,
            "questions": questions,
            "expected": {"videos": VIDEOS, "questions": QUESTIONS},
            "sources": [asdict(row) for row in self.rows],
            "problems": [asdict(problem) for problem in self.problems],
        }


def check(root: Path) -> Report:
    """Check everything of a tree, all frames too. Raises UserError where it is no benchmark at all."""
    tree = read_tree(root)
    frame_problems, sizes = _probe(tree)
    problems = tree.problems + frame_problems + misfits(tree, sizes)
    return Report(root, tree.fingerprint, [_row(tree, problems, source) for source in SOURCES], problems)


def _probe(tree: Tree) -> tuple[list[Problem], dict[str, tuple[int, int]]]:
    """What is wrong with the frames, and the (height, width) of those of each video whose frames are sound."""
    frames = FrameIndex(tree.root)
    problems: list[Problem] = []
    sizes = {}
    for video in tree.videos.values():
        probe = frames.probe(video.folder, video.files, video.source.name)
        problems += probe.problems
        if probe.size is not None:
            sizes[video.id] = probe.size
    frames.save()
    return problems, sizes


def _row(tree: Tree, problems: list[Problem], source: Source) -> SourceRow:
    videos = [video for video in tree.videos.values() if video.source is source]
    ids = {video.id for video in videos}
    tasks = Counter(question.key.task for video in videos for question in video.kept)
    index = tree.masks.get(source.name)

    def count(kind: Kind) -> int:
        return sum(problem.count for problem in problems if problem.kind == kind and problem.source == source.name)

    return SourceRow(
        source.name,
        videos=len(videos),
        g=tasks["g"],
        c=tasks["c"],
        dropped=dict(Counter(question.reason for question in tree.dropped if question.video in ids)),
        frames=sum(len(video.files) for video in videos),
        missing_frames=count("frame missing"),
        broken_frames=count("frame broken"),
        wrong_size_frames=count("frame size"),
        splits=sum(split in tree.splits for split in source.splits),
        missing_splits=[split for split in source.splits if split not in tree.splits],
        masks=source.masks if index else None,
        annotations=len(index.annotations) if index else 0,
        unreadable_masks=count("mask"),
        unfit_masks=count("mask fit"),
    )
