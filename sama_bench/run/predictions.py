"""One answer as it is kept: text, tracks as RLE, and what happened."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import UserError
from sama_bench.metrics.rle import RLE, RLEError, as_fitting, check_track, encode_track
from sama_bench.run.boxes import usable_boxes
from sama_bench.types import Cue, Key, Prediction, Usage, Video

KeptTrack = list[RLE | None]
MOST_TOKENS = 10**12
# A model's code that calls sys.exit must not end the run, least of all with status 0.
FAILURES = (Exception, SystemExit)


@dataclass(frozen=True, eq=False)
class StoredPrediction:
    """What is known of one question's answer.

    `tracks` holds one list per predicted track with an RLE or None for each frame of the video. Where
    `error` is set there is no answer: `text` is empty, `tracks` too. `boxes`, `raw`, `unread` and `usage` are what
    `Prediction` says of them, None where there is nothing of the kind.
    """

    text: str
    tracks: list[KeptTrack] = field(default_factory=list)
    seconds: float | None = None
    error: str | None = None
    traceback: str | None = None
    boxes: list[list[Cue]] | None = None
    raw: str | None = None
    unread: str | None = None
    usage: Usage | None = None


class UnusableAnswer(ValueError):
    """An adapter's answer that cannot be kept; the message says what is wrong and what was expected."""


def fitting(answers: Mapping[Key, StoredPrediction], video: Video) -> dict[Key, StoredPrediction]:
    """Kept answers with their masks checked. Raises UserError, all answers at once, where one does not fit the video.

    A track fits if it is of the video's length and its masks are of the size of the frames.
    """
    predictions: dict[Key, StoredPrediction] = {}
    problems: list[str] = []
    for key, answer in answers.items():
        try:
            tracks: list[KeptTrack] = [as_fitting(track, len(video.frames), video.size) for track in answer.tracks]
            predictions[key] = replace(answer, tracks=tracks)
        except RLEError as problem:
            problems.append(
                f"the answer to question {key} does not fit its video {video.id}: {problem}; what was kept of it is "
                "damaged: restore it from a copy, or make the run again"
            )
    if problems:
        raise UserError(problems)
    return predictions


def validate(answer: object, video: Video, seconds: float | None = None) -> StoredPrediction:
    """Turn what an adapter gave for a question of `video` into what is kept.

    Tracks become RLE lists of the video's length and frame size. Lone surrogates of the text become U+FFFD, as no
    encoding holds them. Anything else that is not as `Prediction` says becomes the error of the question, whatever
    strange objects it is made of.
    """
    try:
        return kept(answer, video, seconds)
    except UnusableAnswer as problem:
        return StoredPrediction("", [], seconds, f"unusable answer: {problem}")
    except FAILURES as problem:
        error, trace = traced(problem, "unusable answer")
        return StoredPrediction("", [], seconds, error, trace)


def kept(answer: object, video: Video, seconds: float | None = None) -> StoredPrediction:
    """What `validate` makes of an answer; raises UnusableAnswer where it is not as `Prediction` says."""
    return _validated(_checked(answer), video, seconds)


def _validated(prediction: Prediction, video: Video, seconds: float | None) -> StoredPrediction:
    raw, unread = _mended_or_none(prediction.raw), _mended_or_none(prediction.unread)
    if prediction.error is not None:
        error, trace = mended(str(prediction.error)), _mended_or_none(prediction.traceback)
        return StoredPrediction("", [], seconds, error, trace, raw=raw, unread=unread, usage=prediction.usage)
    tracks = [_kept(f"tracks[{n}]", track, video) for n, track in enumerate(prediction.tracks)]
    boxes = prediction.boxes
    if boxes is None:
        return StoredPrediction(
            mended(prediction.text), tracks, seconds, raw=raw, unread=unread, usage=prediction.usage
        )
    checked = usable_boxes(boxes, len(boxes), video)
    unread = "; ".join(filter(None, [unread, checked.problem])) or None
    return StoredPrediction(
        mended(prediction.text), tracks, seconds, boxes=checked.objects, raw=raw, unread=unread, usage=prediction.usage
    )


def failed(problem: BaseException, seconds: float | None = None, during: str = "predict") -> StoredPrediction:
    """What is kept of a question whose adapter raised `problem`; `during` names the adapter's method."""
    return StoredPrediction("", [], seconds, *traced(problem, "" if during == "predict" else during))


def traced(problem: BaseException, during: str = "") -> tuple[str, str]:
    """An exception in one line, with what it happened in, and its traceback."""
    where = f"{during}: " if during else ""
    return where + reason(problem), mended("".join(traceback.format_exception(problem)))


def reason(problem: BaseException) -> str:
    """An exception's type and message in one line."""
    try:
        message = mended(" ".join(str(problem).split()))
    except Exception:  # a stranger's __str__ may do anything
        message = "its message cannot be shown"
    return f"{type(problem).__name__}: {message}" if message else type(problem).__name__


def mended(text: str) -> str:
    """`text` with lone surrogates replaced by U+FFFD, so that it can be stored as UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _mended_or_none(text: object) -> str | None:
    return None if text is None else mended(str(text))


def _checked(answer: object) -> Prediction:
    if not isinstance(answer, Prediction):
        raise UnusableAnswer(f"predict returned {type(answer).__name__}, expected a Prediction")
    _check_usage(answer.usage)
    if answer.error is not None:
        return answer
    text: object = answer.text
    tracks: object = answer.tracks
    if not isinstance(text, str):
        raise UnusableAnswer(f"text is {type(text).__name__}, expected str")
    if isinstance(tracks, np.ndarray) and not tracks.ndim:
        raise UnusableAnswer("tracks is a single number, expected a sequence with one track per [SEG]")
    if isinstance(tracks, (str, bytes)) or not isinstance(tracks, (Sequence, np.ndarray)):
        raise UnusableAnswer(f"tracks is {type(tracks).__name__}, expected a sequence with one track per [SEG]")
    return answer


def _check_usage(usage: object) -> None:
    if usage is None:
        return
    if not isinstance(usage, Usage):
        raise UnusableAnswer(f"usage is {type(usage).__name__}, expected a Usage")
    for name, value in vars(usage).items():
        if not is_count(value):
            raise UnusableAnswer(f"usage.{name} is {value!r:.80}, expected a whole number from 0 on, or None")


def is_count(value: object) -> bool:
    """Whether a value of `Usage` is one: None, or a number that may be one of tokens or turns."""
    return value is None or (type(value) is int and 0 <= value <= MOST_TOKENS)


def _kept(where: str, track: object, video: Video) -> KeptTrack:
    try:
        if isinstance(track, Sequence):
            return check_track(list(track), len(video), video.size)
        return list(encode_track(_masks(track, video)))
    except (RLEError, UnusableAnswer) as problem:
        raise UnusableAnswer(f"{where}: {problem}") from problem


def _masks(track: object, video: Video) -> NDArray[np.bool_]:
    try:
        array = np.asarray(track)
    except Exception as problem:
        raise UnusableAnswer(f"{type(track).__name__} cannot become an array ({reason(problem)})") from problem
    expected = (len(video), *video.size)
    if array.shape != expected:
        raise UnusableAnswer(f"shape {array.shape}, expected (frames, height, width) = {expected}")
    if array.dtype == np.bool_:
        return array
    if array.dtype.kind not in "iu":
        raise UnusableAnswer(f"dtype {array.dtype}, expected bool, or integers that are 0 or 1")
    if array.size and (array.min() < 0 or array.max() > 1):
        raise UnusableAnswer(f"values from {array.min()} to {array.max()}, expected bool, or 0 and 1")
    return array.astype(np.bool_)
