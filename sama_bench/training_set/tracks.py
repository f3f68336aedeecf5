"""What is to be known of the tracks in the mask files: each file is read once, and one track of it is in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sama_bench.benchmarks.expressions.plain_pickle import plain_value
from sama_bench.benchmarks.sama.mask_index import listed
from sama_bench.benchmarks.sama.mask_scan import Scan, ScanError
from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.metrics import rle
from sama_bench.training_set.layout import SOURCES, masks_file

Size = tuple[int, int]


class Track(NamedTuple):
    """A track: its entries, those with a pixel, the mean share of the picture that these cover, and the masks' sizes.

    `problem` says why it cannot be used, None where it can.
    """

    entries: int = 0
    visible: int = 0
    share: float = 0.0
    sizes: tuple[Size, ...] = ()
    problem: str | None = None


class TrackFile(NamedTuple):
    """The tracks of one source by annotation id; `problem` says why it cannot be read to its end, or is ''."""

    name: str
    tracks: Mapping[str, Track]
    problem: str = ""


def read_tracks(root: Path, advance: Callable[[int], object] = lambda _: None) -> dict[str, TrackFile]:
    """The tracks of each source whose mask file lies below `root`; `advance` is told the bytes that are read."""
    files = {source.name: masks_file(root, source) for source in SOURCES}
    return {name: _read(path, advance) for name, path in files.items() if path is not None}


def sizes_of_files(root: Path) -> int:
    """The bytes of all mask files below `root`."""
    return sum(path.stat().st_size for source in SOURCES if (path := masks_file(root, source)) is not None)


def _read(path: Path, advance: Callable[[int], object]) -> TrackFile:
    tracks: dict[str, Track] = {}
    try:
        for name, value in _pickled(path, advance) if path.suffix == ".pkl" else _items(path, advance):
            tracks[name] = _track(value)
    except (ScanError, UserError) as problem:
        return TrackFile(path.name, tracks, str(problem).removeprefix(f"{path}: "))
    except OSError as problem:
        return TrackFile(path.name, tracks, f"cannot be read ({problem.strerror or problem})")
    return TrackFile(path.name, tracks)


def _items(path: Path, advance: Callable[[int], object]) -> Iterator[tuple[str, object]]:
    with open_regular(path) as file:
        seen = 0
        for item in Scan(path, file):
            yield item.key, item.value
            advance(item.offset + item.length - seen)
            seen = item.offset + item.length


def _pickled(path: Path, advance: Callable[[int], object]) -> Iterator[tuple[str, object]]:
    with open_regular(path) as file:
        content = file.read()
    value = plain_value(content, path)
    if not isinstance(value, dict):
        raise UserError(f"{path}: holds {type(value).__name__}, expected a dictionary of tracks")
    advance(len(content))
    yield from ((str(name), track) for name, track in value.items())


def _track(value: object) -> Track:
    try:
        track = rle.check_track(listed(value))
    except rle.RLEError as problem:
        return Track(problem=str(problem))
    sizes = {(mask["size"][0], mask["size"][1]) for mask in track if mask is not None}
    areas = rle.areas(track)
    shares = [area / (mask["size"][0] * mask["size"][1]) for area, mask in zip(areas, track, strict=True) if mask]
    visible = len(shares)
    return Track(len(track), visible, sum(shares) / visible if visible else 0.0, tuple(sorted(sizes)))
