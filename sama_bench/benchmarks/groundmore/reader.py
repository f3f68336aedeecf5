"""GroundMoRe's folder: questions by clip, frames and masks of object numbers in each clip's folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np

from sama_bench.benchmark.reader import not_here
from sama_bench.benchmarks.expressions.listing import Expression, VideoListing, read_listing
from sama_bench.benchmarks.expressions.listing_reader import ListingReader
from sama_bench.benchmarks.expressions.reader import shape_labels
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.truth import broken_pictures, digest_of_pictures, picture_values
from sama_bench.benchmarks.expressions.wording import MORA
from sama_bench.benchmarks.groundmore.clips import Questions, acting
from sama_bench.metrics import rle
from sama_bench.types import Key, Truth, Video

TASK = "groundmore"
# As UniPixel and as the authors' own code have them.
LISTINGS = ("test_v2.json", "groundmore_test.json")
FOLDERS = ("annotations", "groundmore_videos")
EXPECTED = f"{LISTINGS[0]} (or {LISTINGS[1]}), {FOLDERS[0]} (or {FOLDERS[1]}) with VIDEO/images and VIDEO/masks"


def recognise(folder: Path) -> bool:
    """Whether questions and clips are there."""
    return any((folder / name).is_file() for name in LISTINGS) and any((folder / name).is_dir() for name in FOLDERS)


class GroundMoreReader(ListingReader):
    """The folder at `root`. Raises UserError where it is not of this kind."""

    task = TASK
    wording = MORA

    def __init__(self, root: Path) -> None:
        if not recognise(root):
            raise not_here(root, EXPECTED)
        name = next(name for name in LISTINGS if (root / name).is_file())
        self._clips = next(name for name in FOLDERS if (root / name).is_dir())
        sources, form = Sources(root), Questions(root / self._clips)
        self.root = root
        self.videos = read_listing(sources.content(name), root / name, form).checked()
        self._places = form.places
        pictures = (path for video in self.videos.values() for path in self._pictures(video))
        sources.add("masks", digest_of_pictures(root, pictures))
        self.fingerprint = sources.fingerprint
        self.problems = [
            f"{root / self._clips / id_ / 'masks'}: no such folder, expected the masks of the clip; {AGAIN}"
            for id_ in self.videos
            if not (root / self._clips / id_ / "masks").is_dir()
        ]

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """The truths of those questions: the object's mask while it acts, nothing before and after.

        Raises UserError where a mask cannot be read, or is not of the frames' size.
        """
        listed = self.videos[video.id]
        values = {path: picture_values(path, video.size) for path in set(self._there(listed))}
        truths = {}
        for key, expression in self.selected_expressions(video.id, keys):
            track = rle.Checked(self._masks(listed, expression, values))
            labels = {"type": expression.about["q_type"], **shape_labels(video, track)}
            truths[key] = Truth(key, video.id, self.reference(expression), (track,), labels=labels)
        return truths

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each mask that cannot be read, or is not of its video's size."""
        return [
            line
            for id_, size in videos.items()
            for line in broken_pictures(dict.fromkeys(self._there(self.videos[id_])), size)
        ]

    def folder(self, video_id: str) -> str:
        """The folder of the video's frames, below the root."""
        return f"{self._clips}/{video_id}/images"

    def _masks(
        self, video: VideoListing, expression: Expression, values: Mapping[Path, np.ndarray]
    ) -> Iterator[rle.RLE | None]:
        for path, acts in zip(
            self._pictures(video), acting(video.id, expression.about, self._places[video.id]), strict=True
        ):
            yield rle.encode(values[path] == int(expression.about["obj_id"])) if acts and path in values else None

    def _pictures(self, video: VideoListing) -> list[Path]:
        """The masks of the asked frames; one that is not there is empty."""
        return [self.root / self._clips / video.id / "masks" / f"{frame}.png" for frame in video.frames]

    def _there(self, video: VideoListing) -> Iterator[Path]:
        return (path for path in self._pictures(video) if path.is_file())
