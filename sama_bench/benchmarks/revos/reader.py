"""ReVOS' folder, its frames below `JPEGImages` or right below the root."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sama_bench.benchmarks.expressions.listing import VideoListing
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.typed_reader import MASKS, TypedReader
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.revos.foreground import FOREGROUND, read_foreground
from sama_bench.errors import UserError
from sama_bench.metrics import rle

TASK = "revos"
LISTING = "meta_expressions_valid_.json"
IMAGES = "JPEGImages"
EXPECTED = f"{LISTING}, {MASKS}, {FOREGROUND}, {IMAGES}/VIDEO/FRAME.jpg (or VIDEO/FRAME.jpg)"


def recognise(folder: Path) -> bool:
    """Whether the expressions, under the name that only ReVOS gives them, are there."""
    return (folder / LISTING).is_file() and (folder / FOREGROUND).is_file()


class RevosReader(TypedReader):
    """The folder at `root`. Raises UserError where it is not of this kind."""

    task = TASK
    wording = SA2VA_VIDEO
    listing_file = LISTING
    types = ("referring", "reasoning", "absent")
    absent = "absent"
    expected = EXPECTED

    def read_more(self, sources: Sources) -> list[str]:
        """Read the foreground of the videos; what is wrong with it."""
        self._foreground, problems = read_foreground(sources, self.videos)
        return problems

    def more(self, listing: VideoListing, size: tuple[int, int]) -> Mapping[str, rle.Checked]:
        """The video's foreground."""
        try:
            track = rle.as_fitting(self._foreground[listing.id], len(listing.frames), size)
        except rle.RLEError as problem:
            raise UserError(f"{self.root / FOREGROUND}: {listing.id}: {problem}; {AGAIN}") from problem
        return {"foreground": listing.sorted(track)}

    def folder(self, video_id: str) -> str:
        """The folder of the video's frames, below the root: in JPEGImages, or right there."""
        below = f"{IMAGES}/{video_id}"
        return below if (self.root / below).is_dir() or not (self.root / video_id).is_dir() else video_id
