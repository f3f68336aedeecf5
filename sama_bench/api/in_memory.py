"""Answers that are given as objects of Python, with tracks as RLE or as NumPy arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast

from sama_bench.adapter import Abilities
from sama_bench.benchmark.installed import is_task, task_keys
from sama_bench.errors import UserError
from sama_bench.run.abilities import CANNOT, without
from sama_bench.run.answer_sources import (
    KEPT_PROBLEMS,
    TRACKS_MISSING,
    UnusableLine,
    check_fields,
    check_known,
    has_segment,
)
from sama_bench.run.predictions import FAILURES, StoredPrediction, UnusableAnswer, kept, reason
from sama_bench.types import Key, Prediction, TaskName

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.verdicts.judge_result import Judged


# A dictionary has text and tracks, or error; also seconds, unread, cannot, video, as a line of a file of predictions.
Answer: TypeAlias = "Prediction | Mapping[str, object] | str"
Predictions: TypeAlias = (
    "Mapping[str, Answer] | Mapping[Key, Answer] | Iterable[Mapping[str, object] | tuple[Key | str, Answer]]"
)


class PredictionsInMemory:
    """Predictions of a mapping, or one after the other, all checked and kept as RLE when this is made.

    A mapping gives an answer for each key ("g:17", or a `Key`); else each item is a dictionary with `task` and
    `question_id`, or a pair of key and answer. An answer is a `Prediction`, a dictionary with `text` and `tracks` (or
    `error`), or a text. A track is a list with an RLE or None for each frame, or a (T, H, W) array of bool or of 0
    and 1. Raises UserError with everything that is not right.
    """

    asking: Mapping[str, str] = MappingProxyType({})

    def __init__(self, predictions: Predictions, benchmark: Benchmark) -> None:
        self._benchmark = benchmark
        self._videos = {video.id: video for video in benchmark.videos}
        self._answers: dict[str, dict[Key, StoredPrediction]] = {}
        self._cannot: set[str] = set()
        self._take(predictions)

    @property
    def can(self) -> Abilities:
        """The model's abilities: all but what any answer says in `cannot`."""
        return without(self._cannot)

    def judged(self) -> Mapping[str, Judged]:
        """Nothing: verdicts are kept in runs."""
        return {}

    def predictions(self, video_id: str) -> dict[Key, StoredPrediction]:
        """The answers to the questions of one video."""
        return self._answers.get(video_id, {})

    def _take(self, predictions: Predictions) -> None:
        problems: list[str] = []
        trackless: list[str] = []
        count = 0
        for place, item in _items(predictions):
            count += 1
            try:
                key, silent = self._take_one(item)
                if silent:
                    trackless.append(f"{place}: question {key}: {TRACKS_MISSING}")
            except UnusableLine as problem:
                whose = f"question {problem.key}: " if problem.key else ""
                problems.append(f"{place}: {whose}{problem}")
        if self.can.masks:  # known only after the last answer
            problems += trackless
        if more := len(problems) - KEPT_PROBLEMS:
            problems[KEPT_PROBLEMS:] = [f"{more} more predictions are not right"] if more > 0 else []
        if problems:
            raise UserError(problems)
        if not count:
            raise UserError("there is no prediction: expected one answer for each question")

    def _take_one(self, item: tuple[object, object]) -> tuple[Key, bool]:
        """Check and keep an answer: its key, and whether its text has a [SEG] and nothing is said of tracks."""
        named_question, answer = item
        key = check_known(_key(named_question), self._benchmark)
        video = self._videos[self._benchmark.where[key]]
        prediction = _prediction(answer, key)
        if isinstance(answer, Mapping):
            check_fields(answer, key)
            if answer.get("video") not in {None, video.id}:
                raise UnusableLine(f"says video {answer['video']!r}, the question belongs to {video.id!r}", key)
            self._cannot |= _cannot(answer.get("cannot", ()), key)
        answers = self._answers.setdefault(video.id, {})
        if key in answers:
            raise UnusableLine("is answered twice", key)
        try:
            answers[key] = kept(prediction, video, prediction.seconds)
        except UnusableAnswer as problem:
            raise UnusableLine(str(problem), key) from problem
        except FAILURES as problem:  # of strange objects that stand for text or tracks
            raise UnusableLine(f"cannot be read ({reason(problem)})", key) from problem
        silent = isinstance(answer, str) or (isinstance(answer, Mapping) and "tracks" not in answer)
        return key, silent and has_segment(answers[key].text, key)


def _items(predictions: object) -> Iterator[tuple[str, tuple[object, object]]]:
    """Yield the place of each prediction, with the key that it is of and the answer."""
    if isinstance(predictions, Mapping):
        for named_question, answer in predictions.items():
            yield f"predictions[{named_question!r}]", (named_question, answer)
        return
    if isinstance(predictions, (str, bytes, Path)) or not isinstance(predictions, Iterable):
        raise UserError(f"predictions are {type(predictions).__name__}, expected a mapping, or dictionaries in turn")
    for number, item in enumerate(predictions):
        place = f"predictions[{number}]"
        if isinstance(item, Mapping):
            yield place, (item, item)
        elif isinstance(item, tuple) and len(item) == 2:
            yield place, item
        elif isinstance(item, Prediction):
            raise UserError(f"{place}: this Prediction says no question: give pairs (key, Prediction), or a mapping")
        else:
            raise UserError(
                f"{place}: is {type(item).__name__}, expected a dictionary with task and question_id, or a pair of key "
                "and answer"
            )


def _key(named_question: object) -> Key:
    """The key that a mapping's key, or a dictionary with task and question_id, names."""
    if isinstance(named_question, Mapping):
        if missing := [name for name in ("task", "question_id") if name not in named_question]:
            raise UnusableLine(f"has no {' and no '.join(map(repr, missing))}")
        task, id_ = named_question["task"], named_question["question_id"]
    elif isinstance(named_question, str):
        task, colon, id_ = named_question.partition(":")
        if not colon:
            raise UnusableLine(f"{named_question!r} is no key, expected TASK:ID, as 'g:17'")
    elif isinstance(named_question, tuple) and len(named_question) == 2:
        task, id_ = named_question
    else:
        raise UnusableLine(f"{named_question!r} is no key, expected TASK:ID, as 'g:17', or a Key")
    if not is_task(task):
        raise UnusableLine(f"task is {task!r}, expected {' or '.join(task_keys())}")
    if isinstance(id_, bool) or not isinstance(id_, (str, int)):
        raise UnusableLine(f"the id of the question is {id_!r}, expected a string or a whole number")
    return Key(cast("TaskName", task), str(id_))


def _prediction(answer: object, key: Key) -> Prediction:
    if isinstance(answer, Prediction):
        return answer
    if isinstance(answer, str):
        return Prediction(answer)
    if not isinstance(answer, Mapping):
        raise UnusableLine(
            f"is {type(answer).__name__}, expected a Prediction, a dictionary with text and tracks, or a text", key
        )
    error, seconds, tracks = answer.get("error"), answer.get("seconds"), answer.get("tracks")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, (int, float))):
        raise UnusableLine(f"seconds is {seconds!r}, expected a number", key)
    if error is not None:
        if not isinstance(error, str) or answer.get("text") is not None or (tracks is not None and len(tracks)):
            raise UnusableLine("has an error, so it is to be a string, without text and tracks", key)
        return Prediction("", seconds=seconds, error=error)
    if "text" not in answer:
        raise UnusableLine("has no text", key)
    unread = answer.get("unread")
    if unread is not None and not isinstance(unread, str):
        raise UnusableLine(f"unread is {unread!r}, expected a string", key)
    return Prediction(answer["text"], () if tracks is None else tracks, seconds, unread=unread)


def _cannot(names: object, key: Key) -> set[str]:
    if not isinstance(names, (list, tuple)) or not all(name in CANNOT for name in names):
        raise UnusableLine(f"cannot is {names!r}, expected a list of {', '.join(CANNOT)}", key)
    return set(names)
