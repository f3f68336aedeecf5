"""MeViS' tree: `valid_u` and `valid`, each with frames and expressions; masks for `valid_u` alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sama_bench.benchmark.reader import not_here
from sama_bench.benchmarks.expressions.listing import FILE, VideoListing, read_listing
from sama_bench.benchmarks.expressions.reader import ExpressionReader, Split, digest_of
from sama_bench.benchmarks.expressions.sources import Sources
from sama_bench.benchmarks.expressions.truth import MaskDictionary
from sama_bench.benchmarks.mevis.tasks import VALID, VALID_U, VALID_U2, WORDING

PUBLIC, SERVER = "valid_u", "valid"
FRAMES, MASKS = "JPEGImages", "mask_dict.json"
EXPECTED = f"{PUBLIC} or {SERVER} (or both), each with {FRAMES} and {FILE}; {MASKS} in {PUBLIC}"
AT_THE_SERVER = "its truth is not public, a server scores it; the answers are kept"


def recognise(folder: Path) -> bool:
    """Whether one of the two splits is there."""
    return any(_is_split(folder / name) for name in (PUBLIC, SERVER))


def _is_split(folder: Path) -> bool:
    return (folder / FILE).is_file() and (folder / FRAMES).is_dir()


class MevisReader(ExpressionReader):
    """The tree at `root`. Raises UserError where none of both splits is there.

    `valid_u` is version 2 where an expression of it means nothing in its video (`anno_id` is empty).
    """

    def __init__(self, root: Path) -> None:
        splits: list[Split] = []
        problems: list[str] = []
        for name in (PUBLIC, SERVER):
            path = root / name / FILE
            if path.is_file():
                subset = read_listing(Sources(root).content(f"{name}/{FILE}"), path)
                problems += subset.problems
                videos = [*subset.videos.values()]
                splits.append(_public(path, videos) if name == PUBLIC else _server(path, videos))
        if not splits:
            raise not_here(root, EXPECTED)
        super().__init__(root, "mevis", WORDING, splits)
        self.problems = [*problems, *self.problems]


def _public(path: Path, videos: Sequence[VideoListing]) -> Split:
    masks = path.parent / MASKS
    second = any(expression.about.get("anno_id") == [] for video in videos for expression in video.expressions)
    task, frames = (VALID_U2 if second else VALID_U).key, f"{PUBLIC}/{FRAMES}"
    if masks.is_file():
        return Split(PUBLIC, task, frames, videos, digest_of([path]), MaskDictionary(masks, videos))
    why = f"{PUBLIC}/{MASKS} is not there; put it there and score the exported answers"
    return Split(PUBLIC, task, frames, videos, digest_of([path]), why_unscored=why)


def _server(path: Path, videos: Sequence[VideoListing]) -> Split:
    frames = f"{SERVER}/{FRAMES}"
    return Split(SERVER, VALID.key, frames, videos, digest_of([path]), why_unscored=AT_THE_SERVER)
