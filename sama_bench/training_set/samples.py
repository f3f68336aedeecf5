"""The samples of SAMA-239K, read one after the other: the file is never in memory as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sama_bench.benchmarks.sama.json_checks import ShapeError, below, brief, identifier, listing, mapping, text
from sama_bench.benchmarks.sama.mask_scan import Item, Scan
from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.files.repeated_keys import RepeatedKeys
from sama_bench.training_set.layout import Source, frame_file, source_of

Value = TypeVar("Value")
NO_OBJECT = "-1"
AGAIN = "download the file again"


@dataclass(frozen=True)
class Message:
    """A message of a dialogue: who said what."""

    sender: str
    value: str


@dataclass(frozen=True)
class Round:
    """A question and its answer; `referents` are the ids of `obj_masks`, `groups` those of `groundtruth`."""

    question: Message
    answer: Message
    referents: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]

    @property
    def ids(self) -> Iterator[str]:
        """All annotation ids that the round needs."""
        yield from self.referents
        for group in self.groups:
            yield from group


@dataclass
class Sample:
    """One video of the file: `files` are those of its frames (none in SA-V), `size` is (height, width).

    `objects` are the annotation ids by object number, `descriptions` the texts by object number. `odd` says that the
    dialogue ends with a question. `problems` says what in it is not of the form that the loaders read.
    """

    number: int
    video: str = ""
    source: Source | None = None
    size: tuple[int, int] | None = None
    files: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    rounds: tuple[Round, ...] = ()
    odd: bool = False
    descriptions: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """The place in the file, and the video."""
        return f"[{self.number}] {brief(self.video)[1:-1]}"


class _ListScan(Scan):
    """Iterates over the entries of the JSON list in a file, their texts whole; as `Scan` in all else."""

    def __iter__(self) -> Iterator[Item]:
        self._more()
        self._at = 3 if self._text.startswith("\xef\xbb\xbf") else 0
        self._expect("[", "the [ of a list of videos")
        if self._peek() == "]":
            self._at += 1
        else:
            yield from self._entries()
        if self._peek():
            raise self._fault(self._at, "something follows the end of the list")

    def _entries(self) -> Iterator[Item]:
        while True:
            self._peek()
            value, begin, end = self._value()
            raw = self._text[begin - self._base : end - self._base]
            repeated = self._repeated
            if not raw.isascii():  # the scan reads bytes as Latin-1
                repeated = RepeatedKeys()
                value = json.loads(raw.encode("latin-1").decode("utf-8"), object_pairs_hook=repeated)
            yield Item("", value, begin, end - begin, repeated)
            if self._expect(",]", "a comma or the ] of the list") == "]":
                return


def read_samples(path: Path, advance: Callable[[int], object] = lambda _: None) -> Iterator[Sample]:
    """The samples of the file at `path`; `advance` is told the bytes that are read.

    Raises UserError where it cannot be read, ScanError (a ValueError) where it ends or stops being JSON on the way.
    """
    try:
        with open_regular(path) as file:
            seen = 0
            for number, item in enumerate(_ListScan(path, file)):
                yield parsed(number, item.value, item.repeated)
                advance(item.offset + item.length - seen)
                seen = item.offset + item.length
    except OSError as problem:
        raise UserError(f"{path}: cannot be read ({problem.strerror or problem})") from problem


def parsed(number: int, value: object, repeated: RepeatedKeys | None = None) -> Sample:
    """A sample with all that is right of it; what is not stands in its `problems`."""
    sample = Sample(number)
    if repeated is not None:
        sample.problems += [f"{place or 'it'} has the key {brief(key)} twice" for place, key in repeated.places(value)]
    try:
        raw = mapping(value, "it")
    except ShapeError as problem:
        sample.problems.append(str(problem))
        return sample
    sample.video = _kept(sample, lambda: below(raw.get("video"), "video"), str(raw.get("video") or ""))
    sample.source = source_of(sample.video)
    if sample.source is None or not sample.source.is_video:
        sample.size = _kept(sample, lambda: _size(raw), None)
        sample.files = _kept(sample, lambda: _files(raw, sample.source), ())
    sample.objects = _kept(sample, lambda: _ids(raw.get("anno_map"), "anno_map"), ())
    sample.rounds = _kept(sample, lambda: _rounds(sample, raw), ())
    sample.descriptions = _kept(sample, lambda: _descriptions(raw), {})
    return sample


def _kept(sample: Sample, make: Callable[[], Value], otherwise: Value) -> Value:
    try:
        return make()
    except ShapeError as problem:
        sample.problems.append(str(problem))
        return otherwise


def _size(raw: dict[str, object]) -> tuple[int, int]:
    sides = [raw.get("height"), raw.get("width")]
    for name, side in zip(("height", "width"), sides, strict=True):
        if isinstance(side, bool) or not isinstance(side, int) or side < 1:
            raise ShapeError(f"{name} is {brief(json.dumps(side))}, expected a number of pixels")
    return (int(str(sides[0])), int(str(sides[1])))


def _files(raw: dict[str, object], source: Source | None) -> tuple[str, ...]:
    frames = listing(raw.get("frames"), "frames")
    if not frames:
        raise ShapeError("frames is empty, expected one name per frame")
    if source is None:
        return ()
    files = []
    for place, frame in enumerate(frames):
        named = frame.get("raw_filename") if isinstance(frame, dict) else frame
        files.append(frame_file(below(named, f"frames[{place}]"), source))
    return tuple(files)


def _ids(value: object, key: str) -> tuple[str, ...]:
    return tuple(identifier(one, f"an id in {key}") for one in listing(value, key))


def _rounds(sample: Sample, raw: dict[str, object]) -> tuple[Round, ...]:
    if raw.get("conversation") is None:
        return ()
    messages = [_message(one, place) for place, one in enumerate(listing(raw["conversation"], "conversation"))]
    sample.odd = len(messages) % 2 == 1
    count = len(messages) // 2
    referents, truths = (listing(raw.get(key), key) for key in ("obj_masks", "groundtruth"))
    for key, entries in (("obj_masks", referents), ("groundtruth", truths)):
        if len(entries) < count:
            raise ShapeError(f"{key} has {len(entries)} entries, expected one for each of {count} rounds")
    return tuple(
        Round(
            messages[2 * place],
            messages[2 * place + 1],
            _ids(referents[place], f"obj_masks[{place}]"),
            tuple(_ids(group, f"groundtruth[{place}]") for group in listing(truths[place], f"groundtruth[{place}]")),
        )
        for place in range(count)
    )


def _message(value: object, place: int) -> Message:
    key = f"conversation[{place}]"
    message = mapping(value, key)
    return Message(text(message.get("from"), f"{key}.from"), text(message.get("value"), f"{key}.value"))


def _descriptions(raw: dict[str, object]) -> dict[int, str]:
    if raw.get("description") is None:
        return {}
    descriptions = {}
    for name, description in mapping(raw["description"], "description").items():
        number = re.search(r"obj([0-9]{1,9})", name)
        if number is None:
            raise ShapeError(f"description has the key {brief(name)}, expected <objN> with an object number N")
        descriptions[int(number[1])] = text(description, f"description[{brief(name)}]")
    return descriptions
