"""Whether the masks of a tree fit the videos that they belong to: their aspect ratio, and how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from sama_bench.benchmark.problems import Problem
from sama_bench.benchmarks.sama.json_checks import brief
from sama_bench.benchmarks.sama.mask_index import Annotation
from sama_bench.benchmarks.sama.question_parser import KeptQuestion
from sama_bench.benchmarks.sama.tree_reader import ListedVideo, Tree, by

Size = tuple[int, int]

TOLERANCE = 0.01  # of the aspect ratio: encoders round sides to whole blocks, 854x480 to 848x480


def misfits(tree: Tree, sizes: Mapping[str, Size]) -> list[Problem]:
    """What of the truth does not fit the videos of which `sizes` has the frames' (height, width), by id.

    Masks of another aspect ratio would be distorted when they are resized, and what a track has beyond the last frame
    is cut off: both can be scored, and give nonsense. Shorter tracks are usual. None of the problems is fatal.
    """
    problems: list[Problem] = []
    for id_, size in sizes.items():
        video = tree.videos[id_]
        index = tree.masks.get(video.source.name)
        for name, who in _needed(video).items():
            annotation = index.annotations.get(name) if index else None
            if index and annotation and annotation.problem is None:
                problems += _problems(index.path, name, annotation, video, size, who)
    return problems


def _needed(video: ListedVideo) -> dict[str, list[KeptQuestion]]:
    needed: dict[str, list[KeptQuestion]] = defaultdict(list)
    for question in video.kept:
        for name in dict.fromkeys(question.annotations):
            needed[name].append(question)
    return needed


def _problems(
    path: Path, name: str, annotation: Annotation, video: ListedVideo, size: Size, who: list[KeptQuestion]
) -> Iterator[Problem]:
    where = f"{path}: annotation {brief(name)}"
    need = f"{by(who)} needs it"
    other = [_shown(other_size) for other_size in annotation.sizes if not same_ratio(other_size, size)]
    if other:
        text = (
            f"{where} has masks of {', '.join(other)} (height x width), the frames of {video.id} are {_shown(size)}: "
            f"another aspect ratio, and {need}; make its masks anew for these frames"
        )
        yield Problem("mask fit", text, video.source.name, fatal=False)
    if annotation.entries > len(video.files):
        text = (
            f"{where} has {annotation.entries} entries, {video.id} has {len(video.files)} frames: those beyond count "
            f"for nothing, and {need}; give it one entry for each frame"
        )
        yield Problem("mask fit", text, video.source.name, fatal=False)


def same_ratio(masks: Size, frames: Size) -> bool:
    """Whether masks of one (height, width) can be scaled to frames of another: the same ratio, up to rounding.

    Either side of the smaller of both may be off by a pixel, or the ratio by 1 %. Sides that are exchanged never fit.
    """
    if masks == frames[::-1]:
        return masks == frames
    (height, width), (rows, columns) = masks, frames
    off = abs(height * columns - width * rows)
    pixel = (rows + columns) * max(1, min(height / rows, width / columns))
    return off <= max(pixel, TOLERANCE * max(height * columns, width * rows))


def _shown(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
