"""Where each annotation of a mask dictionary lies in its file, found once and kept in the cache folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from sama_bench import cache
from sama_bench.benchmarks.sama.mask_scan import Item, Scan, ScanError
from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.metrics import rle

VERSION = 2


class Annotation(NamedTuple):
    """Which bytes of the file hold the annotation, and why its track cannot be used (None where it can).

    `entries` is the length of its track, `sizes` has each (height, width) of a mask of it that is not empty.
    """

    offset: int
    length: int
    problem: str | None = None
    entries: int = 0
    sizes: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class MaskIndex:
    """A mask dictionary: what it holds where, the digest of its content, and why it cannot be read as a whole.

    `stamp` is size and modification time of the file that was indexed. `repeated` has the annotation ids that stand in
    it more than once, and whether with other content; the last one counts, as json has it.
    """

    path: Path
    stamp: tuple[int, int]
    sha256: str
    annotations: dict[str, Annotation]
    repeated: dict[str, bool]
    problem: str | None = None

    @property
    def unreadable(self) -> dict[str, str]:
        """The annotations whose track cannot be used, and why."""
        return {
            name: annotation.problem for name, annotation in self.annotations.items() if annotation.problem is not None
        }

    def tracks(self, names: Iterable[str], length: int, size: tuple[int, int]) -> dict[str, rle.Checked]:
        """Read the tracks of annotations, cut or filled up to `length` frames, resized to `size` (H, W).

        Raises UserError where the file is not the one that was indexed any more.
        """
        fitted = {}
        try:
            with self.path.open("rb") as file:
                if _stamp(os.fstat(file.fileno())) != self.stamp:
                    raise UserError(f"{self.path}: changed while it is in use; run again")
                for name in set(names):
                    place = self.annotations[name]
                    file.seek(place.offset)
                    track = rle.check_track(listed(json.loads(file.read(place.length).decode())))
                    fitted[name] = fit(track, length, size)
        except (OSError, ValueError) as problem:
            raise UserError(f"{self.path}: cannot be read any more ({problem}); run again") from problem
        return fitted


def open_index(path: Path) -> MaskIndex:
    """The index of a mask dictionary: the kept one if the file is still the same, else a new one.

    Raises FileNotFoundError where there is none, UserError where it cannot be read at all.
    """
    try:
        stamp = _stamp(path.stat())
        key = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
        kept = _restore(path, stamp, cache.load(f"masks-{key}.json"))
        if kept is not None:
            return kept
        index = build(path)
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise UserError(f"{path}: cannot be read ({problem.strerror}); check the file and its rights") from problem
    cache.save(f"masks-{key}.json", [VERSION, *_kept(index)])
    return index


def build(path: Path) -> MaskIndex:
    """Index a mask dictionary by reading it once, checking each track. Raises OSError."""
    annotations: dict[str, Annotation] = {}
    repeated: dict[str, bool] = {}
    problem = None
    with open_regular(path) as file:
        stamp = _stamp(os.fstat(file.fileno()))
        scan = Scan(path, file)
        try:
            for item in scan:
                if item.key in annotations:
                    differs = _content(path, annotations[item.key]) != item.value
                    repeated[item.key] = repeated.get(item.key, False) or differs
                annotations[item.key] = _annotation(item)
        except ScanError as fault:
            problem = str(fault)
        return MaskIndex(path, stamp, scan.sha256(), annotations, repeated, problem)


def _content(path: Path, place: Annotation) -> object:
    """The value of an annotation that was read before."""
    with path.open("rb") as file:
        file.seek(place.offset)
        return json.loads(file.read(place.length).decode("latin-1"))  # as the scan reads it


def listed(value: object) -> object:
    """The list in an annotation's value: in LVVIS it stands under `segmentations`."""
    if isinstance(value, dict):
        return value.get("segmentations")
    return value


def fit(track: rle.Checked, length: int, size: tuple[int, int]) -> rle.Checked:
    """The track with `length` entries of `size`: cut or filled up with None, masks resized where they differ."""
    cut = [*track[:length], *[None] * (length - len(track))]
    return rle.Checked(mask if mask is None or tuple(mask["size"]) == size else rle.resize(mask, size) for mask in cut)


def _annotation(item: Item) -> Annotation:
    place = item.offset, item.length
    for where, key in item.repeated.places(item.value):
        return Annotation(*place, f"the key {json.dumps(key)} stands twice in {where or 'it'}")
    try:
        track = rle.check_track(listed(item.value))
    except rle.RLEError as problem:
        return Annotation(*place, str(problem))
    sizes = {(mask["size"][0], mask["size"][1]) for mask in track if mask is not None}
    return Annotation(*place, None, len(track), tuple(sorted(sizes)))


def _kept(index: MaskIndex) -> tuple[object, ...]:
    """What the cache keeps of an index, beside its path."""
    return index.stamp, index.sha256, index.annotations, index.repeated, index.problem


def _stamp(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_size, stat.st_mtime_ns


def _restore(path: Path, stamp: tuple[int, int], kept: Any) -> MaskIndex | None:  # noqa: ANN401 - JSON
    """The index that the cache keeps, None unless it is of this version and of the file as it is now."""
    try:
        version, then, sha256, annotations, repeated, problem = kept
        if version != VERSION or tuple(then) != stamp:
            return None
        places = {name: _restored(*values) for name, values in annotations.items()}
        again = dict(repeated)
    except (TypeError, ValueError, AttributeError):
        return None
    if not isinstance(sha256, str) or not _is_text_or_none(problem):
        return None
    if not all(_fits(place, stamp[0]) for place in places.values()):
        return None
    if not all(isinstance(differs, bool) for differs in again.values()):
        return None
    return MaskIndex(path, stamp, sha256, places, again, problem)


def _restored(offset: int, length: int, problem: str | None, entries: int, sizes: list[list[int]]) -> Annotation:
    return Annotation(offset, length, problem, entries, tuple((height, width) for height, width in sizes))


def _fits(place: Annotation, file_size: int) -> bool:
    """Whether an annotation of the cache says what can be of a file of that many bytes."""
    numbers = (place.offset, place.length, place.entries, *chain(*place.sizes))
    whole = all(type(number) is int and number >= 0 for number in numbers)
    return whole and place.offset + place.length <= file_size and _is_text_or_none(place.problem)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)
