"""Ref-SAV's evaluation folder, its frames as files below `videos`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sama_bench.benchmarks.expressions.listing import VideoListing
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.typed_reader import MASKS, TypedReader
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.metrics.rle import Checked

TASK = "ref-sav"
LISTING = "meta_expressions_valid.json"
IMAGES = "videos"
EXPECTED = f"{LISTING}, {MASKS}, {IMAGES}/VIDEO/FRAME.jpg"


def recognise(folder: Path) -> bool:
    """Whether expressions, under Ref-SAV's name for them, and masks are there."""
    return (folder / LISTING).is_file() and (folder / MASKS).is_file()


class RefSavReader(TypedReader):
    """The folder at `root`. Raises UserError where it is not of this kind."""

    task = TASK
    wording = SA2VA_VIDEO
    listing_file = LISTING
    types = ("long", "short")
    expected = EXPECTED

    def read_more(self, sources: Sources) -> list[str]:  # noqa: ARG002
        """Nothing; what is wrong with the sizes of videos, and which are there as video files alone."""
        return [*self._wrong_sizes(), *self._undecoded()]

    def more(self, listing: VideoListing, size: tuple[int, int]) -> Mapping[str, Checked]:  # noqa: ARG002
        """Nothing."""
        return {}

    def misfits(self, videos: Mapping[str, tuple[int, int]]) -> list[str]:
        """A line for each track, and for each listed height and width, that is not of its video's size."""
        listed = {id_: (self.videos[id_].about["height"], self.videos[id_].about["width"]) for id_ in videos}
        return super().misfits(videos) + [
            f"{self.root / LISTING}: {id_}: is {listed[id_][0]}x{listed[id_][1]} (height x width) there, its frames "
            f"are {size[0]}x{size[1]}; {AGAIN}"
            for id_, size in videos.items()
            if listed[id_] != size
        ]

    def folder(self, video_id: str) -> str:
        """The folder of the video's frames, below the root."""
        return f"{IMAGES}/{video_id}"

    def _wrong_sizes(self) -> Iterator[str]:
        for video in self.videos.values():
            sides = [video.about.get(side) for side in ("height", "width")]
            if not all(type(side) is int and side > 0 for side in sides):
                yield (
                    f"{self.root / LISTING}: {video.id}: height and width are {sides[0]!r:.20}, {sides[1]!r:.20}, "
                    f"expected whole numbers; {AGAIN}"
                )

    def _undecoded(self) -> Iterator[str]:
        """Videos that are there as SA-V brings them, as one file, whose frames nobody took out."""
        files = {path.stem: path for path in (self.root / IMAGES).glob("sav_*/*.mp4")}
        for id_ in self.videos:
            if id_ in files and not (self.root / self.folder(id_)).is_dir():
                out = self.root / self.folder(id_)
                yield (
                    f"{files[id_]}: is a video file, expected its frames in {out}: take them out with "
                    f"mkdir {out} && ffmpeg -i {files[id_]} -start_number 0 -q:v 2 {out}/%05d.jpg"
                )
