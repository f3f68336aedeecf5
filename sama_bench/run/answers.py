"""Answers to score: what a run stored, or a file of predictions that was made elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, NoReturn, Protocol, cast

from sama_bench.adapters.base import Abilities
from sama_bench.errors import UserError
from sama_bench.metrics.rle import RLEError, check_track
from sama_bench.regular import open_regular
from sama_bench.run.cannot import CANNOT, without
from sama_bench.run.predictions import KeptTrack, StoredPrediction, mended
from sama_bench.shapes import short
from sama_bench.types import TASKS, Key, TaskName, Video

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.judge.judged import Judged

BOM = b"\xef\xbb\xbf"
KEPT_PROBLEMS = 1000


class Answers(Protocol):
    """Where a scorer gets answers from, and what is known of who gave them."""

    @property
    def can(self) -> Abilities:
        """What the model can do; metrics of what it cannot have no value."""

    @property
    def asking(self) -> Mapping[str, str]:
        """How the model was asked, as far as that was a choice."""

    def predictions(self, video_id: str) -> dict[Key, StoredPrediction]:
        """The answers to questions of one video; a question without answer is absent."""

    def judged(self) -> Mapping[str, Judged]:
        """The verdicts on the answers, for each column that a judge fills; empty where nobody judged them."""


class UnusableLine(ValueError):
    """A line that is not a prediction; the message says why, `key` whose it would be where that is known."""

    def __init__(self, reason: str, key: Key | None = None) -> None:
        super().__init__(reason)
        self.key = key


@dataclass
class Problems:
    """Problems of one file, each with its line; the first 1000 are kept, the others counted."""

    path: Path
    kept: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, line: int, problem: UnusableLine) -> None:
        """Note what is wrong with a line."""
        if len(self.kept) == KEPT_PROBLEMS:
            self.more += 1
            return
        whose = f"question {problem.key}: " if problem.key else ""
        self.kept.append(f"{self.path}:{line}: {whose}{problem}")

    def check(self) -> None:
        """Raise UserError with all of them, where there are any."""
        if self.more:
            raise UserError([*self.kept, f"{self.path}: {self.more} more lines are not right"])
        if self.kept:
            raise UserError(self.kept)


@dataclass(frozen=True)
class _Place:
    """Where a question's line is in the file."""

    line: int
    offset: int
    length: int


class PredictionFile:
    """Predictions of a JSON lines file, checked as a whole when opened, then read video by video.

    One object a line: `task` ("g" or "c"), `question_id`, `text`, `tracks` (a list with one track per [SEG], each a
    list with an RLE or null for every frame of the video; absent or null where there are none). A line with
    `error` instead of `text` says that there is no answer, and why. Of the file only the place of each line is
    held in memory. `unread` (a string) says that nothing could be read out of the model's own answer. Raises UserError
    with every line that is not right. `cannot` (a list of "regions", "masks", "text") says what the model cannot do:
    `can` is everything but what any line says; `asking` is nothing.
    """

    asking: Mapping[str, str] = MappingProxyType({})

    def __init__(self, path: Path, benchmark: Benchmark) -> None:
        self.path = path
        self._benchmark = benchmark
        self._videos = {entry.video.id: entry.video for entry in benchmark.entries}
        self._places: dict[str, dict[Key, _Place]] = {}
        self._cannot: set[str] = set()
        try:
            self._index()
        except OSError as problem:
            raise UserError(f"{path}: cannot be read ({problem.strerror or problem})") from problem

    @property
    def can(self) -> Abilities:
        """What the model can do."""
        return without(self._cannot)

    def judged(self) -> Mapping[str, Judged]:
        """Nothing: verdicts are kept in runs."""
        return {}

    def predictions(self, video_id: str) -> dict[Key, StoredPrediction]:
        """The file's predictions for one video; raises UserError where the file was changed since it was opened."""
        places = self._places.get(video_id, {})
        if not places:
            return {}
        try:
            with self.path.open("rb") as file:
                return {key: self._again(file, place, key) for key, place in places.items()}
        except (OSError, UnusableLine) as problem:
            raise UserError(f"{self.path}: the file was changed while it was read ({problem})") from problem

    def _again(self, file: IO[bytes], place: _Place, expected: Key) -> StoredPrediction:
        file.seek(place.offset)
        key, prediction = self._parsed(file.read(place.length))
        if key != expected:
            raise UnusableLine(f"found {key}, expected {expected}")
        return prediction

    def _index(self) -> None:
        problems = Problems(self.path)
        seen: dict[Key, _Place] = {}
        for number, offset, line in _lines(self.path):
            try:
                key, _ = self._parsed(line)
                if key in seen:
                    _wrong(f"is answered twice, here and in line {seen[key].line}", key)
            except UnusableLine as problem:
                problems.add(number, problem)
                continue
            seen[key] = _Place(number, offset, len(line))
            self._places.setdefault(self._benchmark.where[key], {})[key] = seen[key]
        problems.check()
        if not seen:
            raise UserError(f'{self.path}: is empty, expected one {{"task": …, "question_id": …, "text": …}} a line')

    def _parsed(self, line: bytes) -> tuple[Key, StoredPrediction]:
        content = _object(line)
        key = self._known(_key(content))
        video = self._videos[self._benchmark.where[key]]
        named = content.get("video")
        if named is not None and named != video.id:
            _wrong(f"says video {short(named)}, the question belongs to {video.id!r}", key)
        self._cannot |= _cannot(content, key)
        return key, _prediction(content, key, video)

    def _known(self, key: Key) -> Key:
        if key in self._benchmark.where:
            return key
        for dropped in self._benchmark.dropped:
            if dropped.task == key.task and dropped.id == key.id:
                raise UnusableLine(f"is not asked, the benchmark leaves it out: {dropped.reason}", key)
        others = [task for task in TASKS if task != key.task and Key(task, key.id) in self._benchmark.where]
        hint = f' (there is one of that id in task "{others[0]}")' if others else ""
        raise UnusableLine(f"is not a question of the benchmark {self._benchmark.name}{hint}", key)


def _lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Number from 1, offset and bytes of each line that is not blank."""
    offset = 0
    with open_regular(path) as file:
        for number, line in enumerate(file, 1):
            start = len(BOM) if number == 1 and line.startswith(BOM) else 0
            if line[start:].strip():
                yield number, offset + start, line[start:]
            offset += len(line)


def _wrong(reason: str, key: Key | None = None) -> NoReturn:
    raise UnusableLine(reason, key)


def _object(line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as problem:
        _wrong(f"is not UTF-8 (byte {problem.start + 1} of the line)")
    except RecursionError:
        _wrong("is nested too deep")
    except ValueError as problem:
        _wrong(f"is not JSON ({problem})")
    if not isinstance(content, dict):
        _wrong("is not a JSON object")
    return content


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _key(content: dict[str, Any]) -> Key:
    for name in ("task", "question_id"):
        if name not in content:
            _wrong(f'has no "{name}"')
    task, id_ = content["task"], content["question_id"]
    if task not in TASKS:
        _wrong(f'"task" is {_shown(task)}, expected {" or ".join(json.dumps(one) for one in TASKS)}')
    if isinstance(id_, bool) or not isinstance(id_, (str, int)):
        _wrong(f'"question_id" is {_shown(id_)}, expected a string or a whole number')
    return Key(cast("TaskName", task), str(id_))


def _prediction(content: dict[str, Any], key: Key, video: Video) -> StoredPrediction:
    text, error, tracks = content.get("text"), content.get("error"), content.get("tracks")
    seconds = content.get("seconds")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, (int, float))):
        _wrong(f'"seconds" is {_shown(seconds)}, expected a number', key)
    if error is not None:
        if not isinstance(error, str) or text is not None or tracks:
            _wrong('has "error", so it is to be a string, without "text" and "tracks"', key)
        return StoredPrediction("", [], seconds, mended(error))
    unread = content.get("unread")
    if unread is not None and not isinstance(unread, str):
        _wrong(f'"unread" is {_shown(unread)}, expected a string', key)
    if not isinstance(text, str):
        _wrong(f'"text" is {_shown(text)}, expected a string' if "text" in content else 'has no "text"', key)
    return StoredPrediction(mended(text), _tracks(tracks, key, video), seconds, unread=unread)


def _cannot(content: dict[str, Any], key: Key) -> set[str]:
    lacking = content.get("cannot", [])
    if not isinstance(lacking, list) or not all(one in CANNOT for one in lacking):
        _wrong(f'"cannot" is {_shown(lacking)}, expected a list of {", ".join(map(json.dumps, CANNOT))}', key)
    return set(lacking)


def _tracks(tracks: object, key: Key, video: Video) -> list[KeptTrack]:
    if tracks is None:
        return []
    if not isinstance(tracks, list):
        _wrong(f'"tracks" is {_shown(tracks)}, expected a list with one track per [SEG]', key)
    return [_track(track, f"tracks[{n}]", key, video) for n, track in enumerate(cast("Sequence[object]", tracks))]


def _track(track: object, where: str, key: Key, video: Video) -> KeptTrack:
    try:
        return check_track(track, len(video), video.size)
    except RLEError as problem:
        raise UnusableLine(f"{where}: {problem}", key) from problem


def _shown(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
