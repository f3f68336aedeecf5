"""Answers to score: what a run stored, or a file of predictions that was made elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, NoReturn, Protocol, cast

from sama_bench.adapter import Abilities
from sama_bench.benchmark.installed import is_task, load_task, task_keys
from sama_bench.errors import UserError
from sama_bench.files.json_shapes import short
from sama_bench.files.opening import open_regular
from sama_bench.files.repeated_keys import RepeatedKeys
from sama_bench.metrics import grounding_marks as marks
from sama_bench.metrics.rle import RLEError, check_track
from sama_bench.run.abilities import CANNOT, without
from sama_bench.run.predictions import KeptTrack, StoredPrediction, mended
from sama_bench.types import Key, TaskName, Video

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.verdicts.judge_result import Judged

BOM = b"\xef\xbb\xbf"
KEPT_PROBLEMS = 1000
FIELDS = (
    "task", "question_id", "video", "text", "tracks", "error", "cannot", "seconds", "boxes", "raw", "unread",
    "usage",
)  # fmt: skip
SHOWN_KEYS = 5
TRACKS_MISSING = (
    'has [SEG] in its text and no "tracks"; expected a list with one track per [SEG], [] where there is none, '
    'or "cannot": ["masks"] where the model gives no masks'
)
MEANT = {"masks": "tracks", "segmentations": "tracks", "answer": "text", "prediction": "text", "id": "question_id"}


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


@dataclass(frozen=True)
class _Line:
    """A line that is right; `tracks_missing` says that its text has a [SEG] and nothing is said of tracks."""

    key: Key
    prediction: StoredPrediction
    tracks_missing: bool


class PredictionFile:
    """Predictions of a JSON lines file, checked as a whole when opened, then read video by video.

    One object a line: `task` ("g" or "c"), `question_id`, `text`, `tracks` (a list with one track per [SEG], each a
    list with an RLE or null for every frame of the video; [] or null where there are none, and absent where the text
    has no [SEG] or the model gives no masks). A line with `error` instead of `text` says that there is no answer, and
    why. Of the file only the place of each line is held in memory. `unread` (a string) says that nothing could be read
    out of the model's own answer. `cannot` (a list of "regions", "masks", "text") says what the model cannot do: `can`
    is everything but what any line says; `asking` is nothing. `aside` counts the answers to questions of the benchmark
    that are not selected: nobody asks for them.

    Raises UserError with every line that is not right, which one with another key, or a key twice, is not; and where
    no line answers a selected question.
    """

    asking: Mapping[str, str] = MappingProxyType({})

    def __init__(self, path: Path, benchmark: Benchmark) -> None:
        self.path = path
        self._benchmark = benchmark
        self._videos = {entry.video.id: entry.video for entry in benchmark.entries}
        self._places: dict[str, dict[Key, _Place]] = {}
        self._cannot: set[str] = set()
        self.aside = 0
        try:
            self._index()
        except OSError as problem:
            raise UserError(f"{path}: cannot be read ({problem.strerror or problem})") from problem

    @property
    def can(self) -> Abilities:
        """What the model can do."""
        return without(self._cannot)

    @property
    def told(self) -> list[str]:
        """What of the file is not scored, in lines."""
        return (
            [f"{self.path}: {self.aside} answers to questions of the other task are not scored"] if self.aside else []
        )

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
        line = self._parsed(file.read(place.length))
        if line.key != expected:
            raise UnusableLine(f"found {line.key}, expected {expected}")
        return line.prediction

    def _index(self) -> None:
        problems = Problems(self.path)
        places: dict[Key, _Place] = {}
        trackless: list[tuple[int, Key]] = []
        for number, offset, text in _lines(self.path):
            try:
                line = self._parsed(text)
                if line.key in places:
                    _wrong(f"is answered twice, here and in line {places[line.key].line}", line.key)
            except UnusableLine as problem:
                problems.add(number, problem)
                continue
            places[line.key] = _Place(number, offset, len(text))
            if line.tracks_missing:
                trackless.append((number, line.key))
        if self.can.masks:  # known only after the last line
            for number, key in trackless:
                problems.add(number, UnusableLine(TRACKS_MISSING, key))
        problems.check()
        self._keep(places)

    def _keep(self, places: Mapping[Key, _Place]) -> None:
        """Keep the places of answers to selected questions, and count the others."""
        if not places:
            raise UserError(f'{self.path}: is empty, expected one {{"task": …, "question_id": …, "text": …}} a line')
        for key, place in places.items():
            if key in self._benchmark.where:
                self._places.setdefault(self._benchmark.where[key], {})[key] = place
            else:
                self.aside += 1
        if not self._places:
            tasks = " and ".join(task.upper() for task in task_keys() if any(key.task == task for key in places))
            none = f"none of its {len(places)} lines answers a question that is asked for"
            raise UserError(f"{self.path}: {none}; they are of task {tasks}")

    def _parsed(self, text: bytes) -> _Line:
        content, repeated = _object(text)
        key = check_known(_key(content), self._benchmark, beside=True)
        if repeated:
            _wrong(f"has {_twice(repeated.places(content))}; a key stands once in an object", key)
        check_fields(content, key)
        self._cannot |= _cannot(content, key)
        video = self._video(content, key)
        prediction = _prediction(content, key, video)
        segments = video is not None and has_segment(prediction.text, key)
        return _Line(key, prediction, segments and "tracks" not in content)

    def _video(self, content: Mapping[str, Any], key: Key) -> Video | None:
        """The video of a selected question, None of another one."""
        video = self._videos[self._benchmark.where[key]] if key in self._benchmark.where else None
        named = content.get("video")
        if video is not None and named is not None and named != video.id:
            _wrong(f"says video {short(named)}, the question belongs to {video.id!r}", key)
        return video


def check_fields(content: Mapping[str, Any], key: Key) -> None:
    """Refuse keys that nobody reads: what stands there would count for nothing. Raises UnusableLine."""
    unknown = [str(name) for name in content if name not in FIELDS]
    if not unknown:
        return
    named = []
    for name in unknown[:SHOWN_KEYS]:
        meant = MEANT.get(name.lower()) or next(iter(get_close_matches(name, FIELDS, 1, 0.75)), None)
        named.append(_shown(name) + (f" ({meant}?)" if meant else ""))
    _wrong(f"has {', '.join(named)}; known are {', '.join(FIELDS)}", key)


def has_segment(text: str, key: Key) -> bool:
    """Whether an answer points at something, so that nothing said of its tracks is a mistake."""
    return load_task(key.task).grounds and marks.SEGMENT in marks.modern(text)


def check_known(key: Key, benchmark: Benchmark, *, beside: bool = False) -> Key:
    """Return the key of a selected question; raises UnusableLine, saying why, where it is none.

    With `beside` any question of the benchmark will do, though it is not selected.
    """
    if key in benchmark.where or (beside and benchmark.has(key)):
        return key
    for dropped in benchmark.dropped:
        if dropped.task == key.task and dropped.id == key.id:
            raise UnusableLine(f"is not asked, the benchmark leaves it out: {dropped.reason}", key)
    others = [task for task in task_keys() if task != key.task and Key(task, key.id) in benchmark.where]
    hint = f' (there is one of that id in task "{others[0]}")' if others else ""
    raise UnusableLine(f"is not a question of the benchmark {benchmark.name}{hint}", key)


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


def _object(line: bytes) -> tuple[dict[str, Any], RepeatedKeys]:
    repeated = RepeatedKeys()
    try:
        content = json.loads(line.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=repeated)
    except UnicodeDecodeError as problem:
        _wrong(f"is not UTF-8 (byte {problem.start + 1} of the line)")
    except RecursionError:
        _wrong("is nested too deep")
    except ValueError as problem:
        _wrong(f"is not JSON ({problem})")
    if not isinstance(content, dict):
        _wrong("is not a JSON object")
    return content, repeated


def _twice(places: Iterator[tuple[str, str]]) -> str:
    """The first of the keys that stand twice, with their places."""
    named = [f"{_shown(name)} twice{f' in {place}' if place else ''}" for place, name in islice(places, SHOWN_KEYS)]
    return ", ".join(named) or "a key twice in an object that is itself given twice"


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _key(content: dict[str, Any]) -> Key:
    for name in ("task", "question_id"):
        if name not in content:
            _wrong(f'has no "{name}"')
    task, id_ = content["task"], content["question_id"]
    if not is_task(task):
        _wrong(f'"task" is {_shown(task)}, expected {" or ".join(map(json.dumps, task_keys()))}')
    if isinstance(id_, bool) or not isinstance(id_, (str, int)):
        _wrong(f'"question_id" is {_shown(id_)}, expected a string or a whole number')
    return Key(cast("TaskName", task), str(id_))


def _prediction(content: dict[str, Any], key: Key, video: Video | None) -> StoredPrediction:
    """The answer that a line holds; without a video its tracks are not looked at."""
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
    if not isinstance(lacking, list) or not all(ability in CANNOT for ability in lacking):
        _wrong(f'"cannot" is {_shown(lacking)}, expected a list of {", ".join(map(json.dumps, CANNOT))}', key)
    return set(lacking)


def _tracks(tracks: object, key: Key, video: Video | None) -> list[KeptTrack]:
    if tracks is None:
        return []
    if not isinstance(tracks, list):
        _wrong(f'"tracks" is {_shown(tracks)}, expected a list with one track per [SEG]', key)
    if video is None:
        return []
    return [_track(track, f"tracks[{n}]", key, video) for n, track in enumerate(cast("Sequence[object]", tracks))]


def _track(track: object, where: str, key: Key, video: Video) -> KeptTrack:
    try:
        return check_track(track, len(video), video.size)
    except RLEError as problem:
        raise UnusableLine(f"{where}: {problem}", key) from problem


def _shown(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
