"""Ref-YouTube-VOS' tree: frames of `valid`, the lists of expressions, and true masks where the user has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sama_bench.benchmark.reader import not_here
from sama_bench.benchmarks.expressions.listing import FILE, VideoListing, read_listing
from sama_bench.benchmarks.expressions.reader import ExpressionReader, Split, digest_of
from sama_bench.benchmarks.expressions.sources import Sources
from sama_bench.benchmarks.expressions.truth import MaskDictionary, PngFolders, Truths
from sama_bench.benchmarks.ref_youtube_vos.tasks import VALID, WORDING
from sama_bench.errors import UserError

SPLIT = "valid"
LISTS = f"meta_expressions/{SPLIT}/{FILE}"
TESTS = f"meta_expressions/test/{FILE}"  # the file of valid lists the videos of test, too
FRAMES, MASKS, PNGS = f"{SPLIT}/JPEGImages", f"{SPLIT}/mask_dict.json", f"{SPLIT}/Annotations"
EXPECTED = f"{FRAMES}, {LISTS} and {TESTS}; where you have the truth, {PNGS} or {MASKS}"
NO_TRUTH = f"its truth is not there (neither {PNGS} nor {MASKS}); put it there and score the exported answers"


def recognise(folder: Path) -> bool:
    """Whether frames and both lists are there."""
    return (folder / LISTS).is_file() and (folder / TESTS).is_file() and (folder / FRAMES).is_dir()


class RefYoutubeVosReader(ExpressionReader):
    """The tree at `root`. Raises UserError where a list is missing, or two forms of the truth are there."""

    def __init__(self, root: Path) -> None:
        if not (root / LISTS).is_file():
            raise not_here(root, EXPECTED)
        if not (root / TESTS).is_file():
            raise UserError(
                f"{root / TESTS}: no such file; it says which videos of {LISTS} belong to test: put it there"
            )
        sources = Sources(root)
        valid, test = (read_listing(sources.content(name), root / name) for name in (LISTS, TESTS))
        videos = [video for video in valid.videos.values() if video.id not in test.videos]
        digest = digest_of([root / LISTS, root / TESTS])
        truths = _truths(root, videos)
        split = Split(SPLIT, VALID.key, FRAMES, videos, digest, truths, "" if truths else NO_TRUTH)
        super().__init__(root, "ref_youtube_vos", WORDING, [split])
        self.left_out = dict.fromkeys(test.videos, "is of test, the server takes those of valid alone")
        self.problems = [*valid.problems, *test.problems, *self.problems]


def _truths(root: Path, videos: Sequence[VideoListing]) -> Truths | None:
    masks, pngs = root / MASKS, root / PNGS
    if masks.is_file() and pngs.is_dir():
        raise UserError(f"{root}: both {MASKS} and {PNGS} are there; take one away: two truths cannot both be meant")
    if masks.is_file():
        return MaskDictionary(masks, videos)
    return PngFolders(pngs, videos) if pngs.is_dir() else None
