"""Ref-SAV's evaluation folder, its frames as files below `videos`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sama_bench.benchmark.reader import Opened, open_frames
from sama_bench.benchmark.video_file import PICTURE, NoFrames, frames_of
from sama_bench.benchmarks.expressions.listing import VideoListing
from sama_bench.benchmarks.expressions.sources import AGAIN, Sources
from sama_bench.benchmarks.expressions.typed_reader import MASKS, TypedReader
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.metrics.rle import Checked

TASK = "ref-sav"
LISTING = "meta_expressions_valid.json"
IMAGES = "videos"
EXPECTED = f"{LISTING}, {MASKS}, {IMAGES}/VIDEO/FRAME.jpg or {IMAGES}/sav_NNN/VIDEO.mp4"


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
        """Find the video files; what is wrong with the sizes of videos."""
        self._files = {path.stem: path for path in sorted((self.root / IMAGES).glob("sav_*/*.mp4"))}
        return [*self._wrong_sizes()]

    def open(self, ids: Sequence[str]) -> Opened:
        """The videos of these ids; all of their frames are checked, those of video files taken out before."""
        files = {id_: path for id_ in ids if (path := self._file(id_)) is not None}
        opened = [super().open([id_ for id_ in ids if id_ not in files])]
        opened += [self._of_file(id_, path) for id_, path in files.items()]
        videos = {video.id: video for own in opened for video in own.videos}
        problems = [problem for own in opened for problem in own.problems]
        return Opened([videos[id_] for id_ in ids if id_ in videos], problems)

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

    def _file(self, video_id: str) -> Path | None:
        """The video as SA-V brings it, as one file, where its frames are not there as pictures."""
        return None if (self.root / self.folder(video_id)).is_dir() else self._files.get(video_id)

    def _of_file(self, video_id: str, path: Path) -> Opened:
        """The video whose frames are those of the numbers that are their names; or what is wrong with the file."""
        listing = self.videos[video_id]
        wrong = [name for name in listing.frames if not (name.isascii() and name.isdecimal())]
        try:
            if wrong:
                raise NoFrames(f"{LISTING} names a frame {wrong[0]!r:.40}, expected its number in the file")
            frames = frames_of(path, {name: int(name) for name in listing.frames})
        except NoFrames as problem:
            out = self.root / self.folder(video_id)
            advice = f"mkdir {out} && ffmpeg -i {path} -start_number 0 -q:v 2 {out}/%05d.jpg"
            told = f"{path}: is a video file whose frames cannot be read: {problem}; take them out with {advice}"
            return Opened([], [told])
        pictures = [f"{name}{PICTURE}" for name in listing.frames]
        return open_frames(frames.parent, [(video_id, self.source(video_id), frames.name, pictures)])
