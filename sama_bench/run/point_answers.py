"""Answers to lmms-eval's own `rvos_*` tasks: points with a time, in its samples or its `*_submission.json`.

A point is no mask: such answers have no J and F, and what can be said of them is whether the points lie in what is
meant. The text of an answer is here a line of JSON that `read_points` takes; masks are a grounder's work.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.files.json_shapes import short
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Key, Question

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.verdicts.judge_result import Judged

RECORD = "rvos_f1"  # in a line of samples; lines of a submission are records themselves
HEAD = "points in frames: "
NEEDED = ("video", "expression", "prediction", "tracks", "height", "width", "fps", "n_frames")
UNREAD = "lmms-eval read no point in it"


class Point(NamedTuple):
    """A point of an object at a frame, counted from 0; x and y are pixels of the benchmark's frames."""

    frame: int
    object: str
    x: float
    y: float


def written(points: list[Point]) -> str:
    """The text of an answer of points."""
    return HEAD + json.dumps(points)


def read_points(text: str) -> list[Point] | None:
    """The points of an answer's text; None where it is none of points."""
    return [Point(*point) for point in json.loads(text.removeprefix(HEAD))] if text.startswith(HEAD) else None


class PointAnswers:
    """The answers of lmms-eval's records; `told` says in lines what of them answers no selected question.

    A record belongs to the question of its video whose words are its own; of several to the one whose number is its
    `qid`. Its times are taken for frames by its `fps`, as lmms-eval does. So one of another number of frames than the
    benchmark's video is an error: nobody can say which frames are meant. Raises UserError with all that is no record.
    """

    asking: Mapping[str, str] = MappingProxyType({})
    can = Abilities(masks=False)

    def __init__(self, path: Path, records: Iterator[tuple[str, object]], benchmark: Benchmark) -> None:
        asked = _asked(benchmark)
        self._answers: dict[str, dict[Key, StoredPrediction]] = defaultdict(dict)
        problems, aside, known = [], 0, set[Key]()
        for where, record in records:
            if wrong := _wrong(record):
                problems.append(f"{where}: {wrong}")
                continue
            assert isinstance(record, dict)
            question = _question(record, asked, known)
            if question is None:
                aside += 1
                continue
            known.add(question.key)
            self._answers[question.video.id][question.key] = _answer(record, question)
        if problems:
            raise UserError(problems)
        if not known:
            raise UserError(f"{path}: none of its {aside} answers is to a question that is asked for: another set?")
        self.told = [f"{path}: {aside} answers are to no question that is asked for: left aside"] if aside else []

    def judged(self) -> Mapping[str, Judged]:
        """Nothing: verdicts are kept in runs."""
        return {}

    def predictions(self, video_id: str) -> dict[Key, StoredPrediction]:
        """The answers to the questions of one video."""
        return dict(self._answers.get(video_id, {}))


def is_record(value: object) -> bool:
    """Whether a JSON value is a line of samples of a `rvos_*` task, or a record of a submission."""
    return isinstance(value, dict) and (RECORD in value or {"tracks", "expression", "mask_ids", "fps"} <= value.keys())


def records_of(where: str, value: object) -> Iterator[tuple[str, object]]:
    """The records of a submission, each with its place for what is told."""
    listed = value if isinstance(value, list) else [value]
    yield from ((f"{where}, record {place}", record) for place, record in enumerate(listed, 1))


def _asked(benchmark: Benchmark) -> dict[str, list[Question]]:
    """The questions for expressions, by the video's name in lmms-eval's data."""
    found: dict[str, list[Question]] = defaultdict(list)
    for video in benchmark.videos:
        for question in benchmark.questions(video.id):
            if question.expression is not None:
                place = benchmark.places(video.id).get(question.key)
                found[video.id if place is None else place.video].append(question)
    return found


def _question(record: Mapping[str, Any], asked: Mapping[str, list[Question]], known: set[Key]) -> Question | None:
    words = " ".join(str(record["expression"]).split()).casefold()
    fitting = [
        question
        for question in asked.get(str(record["video"]), [])
        if question.expression is not None and " ".join(question.expression.words.split()).casefold() == words
    ]
    numbered = [one for one in fitting if one.key.id.rpartition("_")[2] == str(record.get("qid"))]
    return next((one for one in [*numbered, *fitting] if one.key not in known), None)


def _answer(record: Mapping[str, Any], question: Question) -> StoredPrediction:
    video, said = question.video, str(record["prediction"])
    if record["n_frames"] != len(video):
        return StoredPrediction(
            "", error=f"lmms-eval's video has {record['n_frames']} frames, the benchmark's {len(video)}", raw=said
        )
    height, width = video.size
    points = [
        Point(
            entry["frame"],
            str(id_),
            point["point"][0] * width / record["width"],
            point["point"][1] * height / record["height"],
        )
        for entry in record["tracks"]
        for id_, point in entry["points"].items()
    ]
    unread = UNREAD if not points and "coords" in said else None
    return StoredPrediction(written(points), raw=said, unread=unread)


def _wrong(value: object) -> str | None:
    """What is wrong with a record; None where nothing is."""
    if not isinstance(value, dict):
        return f"is {short(value)}, expected a record of a rvos task"
    if lacking := [name for name in NEEDED if name not in value]:
        return f"lacks {', '.join(lacking)}, expected a record of a rvos task"
    numbers = [value[name] for name in ("height", "width", "fps", "n_frames")]
    if not all(isinstance(number, (int, float)) and number > 0 and isfinite(number) for number in numbers):
        return "height, width, fps and n_frames are expected to be numbers above 0"
    if not isinstance(value["tracks"], list) or not all(map(_is_entry, value["tracks"])):
        return "tracks are expected to be a list of objects with frame and points"
    return None


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or type(entry.get("frame")) is not int or not isinstance(entry.get("points"), dict):
        return False
    points = [one.get("point") if isinstance(one, dict) else None for one in entry["points"].values()]
    return all(
        isinstance(point, list) and len(point) == 2 and all(isinstance(x, (int, float)) and isfinite(x) for x in point)
        for point in points
    )
