"""The frames of one video as JPEG files in a folder: made whole or not at all, or compared with what is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np

from sama_bench.errors import UserError
from sama_bench.files.atomic import exchange
from sama_bench.files.opening import open_regular
from sama_bench.files.temporary import scratch
from sama_bench.video_frames.reading import STEP, Pair, Picture, Way, pairs

SAME_PICTURE = 6.0  # levels of 255, mean absolute difference: another JPEG encoder or quality stays below


@dataclass(frozen=True)
class Ways:
    """What both ways give for a video: frames of each, which numbers have other pictures, and their (height, width).

    `repeated` counts the frames by which seeking goes on beyond the last one that can be decoded.
    """

    released: int
    exact: int
    differing: tuple[int, ...]
    repeated: int
    size: tuple[int, int]

    @property
    def differ(self) -> bool:
        """Whether the files of both ways are not the same."""
        return bool(self.differing) or self.released != self.exact

    def __str__(self) -> str:
        told = []
        if self.differing:
            told.append(f"{len(self.differing)} of {self.exact} frames differ, from frame_{self.differing[0]} on")
        if self.repeated:
            told.append(f"seeking gives the last frame {self.repeated + 1} times, as the end is cut off")
        elif self.released != self.exact:
            told.append(f"seeking gives {self.released} frames, reading in order {self.exact}")
        return "; ".join(told) or "both ways give the same"

    def to_json(self) -> dict[str, object]:
        """The counts with JSON's own types."""
        return {**asdict(self), "differing": list(self.differing), "size": list(self.size), "differ": self.differ}


@dataclass
class _Count:
    """Counts what both ways give while the frames pass."""

    released: int = 0
    exact: int = 0
    repeated: int = 0
    size: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.differing: list[int] = []

    def passing(self, every: Iterator[Pair]) -> Iterator[Pair]:
        for pair in every:
            self.released += pair.released is not None
            self.exact += pair.exact is not None
            self.repeated += pair.exact is None
            if pair.released is not None and pair.exact is not None and not np.array_equal(pair.released, pair.exact):
                self.differing.append(pair.number)
            picture = pair.exact if pair.exact is not None else pair.released
            if picture is not None and self.size == (0, 0):
                self.size = (picture.shape[0], picture.shape[1])
            yield pair

    def ways(self) -> Ways:
        return Ways(self.released, self.exact, tuple(self.differing), self.repeated, self.size)


def frame_name(number: int) -> str:
    """The file of a frame, by its number in the video."""
    return f"frame_{number}.jpg"


def cut(video: Path, folder: Path, way: Way) -> Ways:
    """Write the frames of a video into `folder`, which is there whole or not at all, in place of an earlier one.

    They are JPEG files of OpenCV's usual quality, in the video's size. Raises UserError where the video cannot be read,
    OSError where the disk is full.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    count = _Count()
    with scratch(folder) as beside:
        fresh = beside / "frames"
        fresh.mkdir()
        for pair in count.passing(pairs(video)):
            picture = pair.released if way == "released" else pair.exact
            if picture is not None:
                (fresh / frame_name(pair.number)).write_bytes(_jpeg(picture))
        if not any(fresh.iterdir()):
            raise UserError(f"{video}: its header says no number of frames, so that seeking gives none; --as exact")
        exchange(fresh, folder)
    return count.ways()


@dataclass(frozen=True)
class Likeness:
    """Which of both ways the frames in a folder were made by; `unlike` names the files that are of neither way.

    `missing` counts the frames of the way asked for that are not there.
    """

    released: bool
    exact: bool
    unlike: tuple[str, ...]
    missing: int

    def __str__(self) -> str:
        if self.unlike:
            return f"{len(self.unlike)} files are of neither way, the first {self.unlike[0]}"
        whole = "" if not self.missing else f"; {self.missing} frames are missing"
        if self.released and self.exact:
            return f"as both ways give them{whole}"
        by = "released" if self.released else "exact" if self.exact else "partly one way, partly the other"
        return f"as {by}{whole}"


def compare(video: Path, folder: Path, way: Way, files: Collection[str] = ()) -> tuple[Ways, Likeness]:
    """Compare the frames that are in a folder with what both ways give; `files` are those that have to be there.

    Without `files` all that the way gives have to be. Nothing is written; raises as `cut` does.
    """
    there = {path.name for path in folder.iterdir() if path.suffix == ".jpg"}
    count, unlike, seen, missing = _Count(), [], 0, 0
    fits = {"released": True, "exact": True}
    for pair in count.passing(pairs(video)):
        name = frame_name(pair.number)
        if name not in there:
            given = (pair.released if way == "released" else pair.exact) is not None
            missing += given and (not files or name in files)
            continue
        seen += 1
        like = _like(folder / name, {"released": pair.released, "exact": pair.exact})
        fits = {one: fits[one] and one in like for one in fits}
        if not like:
            unlike.append(name)
    expected = {frame_name(STEP * place) for place in range(max(count.released, count.exact))}
    unlike += sorted(there - expected)
    return count.ways(), Likeness(fits["released"] and seen > 0, fits["exact"] and seen > 0, tuple(unlike), missing)


def _like(file: Path, pictures: Mapping[str, Picture | None]) -> Sequence[str]:
    """The ways whose picture a file holds: the one that is nearest, and those as near; none where all are far."""
    there = _decoded(file)
    far = {
        way: float(np.abs(there.astype(np.int16) - picture).mean())
        for way, picture in pictures.items()
        if there is not None and picture is not None and picture.shape == there.shape
    }
    if there is None or not far or min(far.values()) > SAME_PICTURE:
        return ()
    return [way for way, distance in far.items() if distance <= min(far.values())]


def _decoded(file: Path) -> Picture | None:
    import cv2

    try:
        with open_regular(file) as opened:
            content = np.frombuffer(opened.read(), np.uint8)
    except OSError:
        return None
    if not content.size:
        return None
    return cast("Picture | None", cv2.imdecode(content, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION))


def _jpeg(picture: Picture) -> bytes:
    import cv2

    done, content = cv2.imencode(".jpg", picture)
    if not done:
        raise UserError(f"a frame of {picture.shape[1]}x{picture.shape[0]} cannot be written as JPEG")
    return content.tobytes()
