"""Answers that are one JSON value of masks: Sa2VA's `results.json`, and masks by sentence, as of RefCOCO."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.files.json_shapes import short
from sama_bench.files.repeated_keys import RepeatedKeys
from sama_bench.metrics.rle import RLEError, check_track
from sama_bench.run.mask_tree import ANSWER, some
from sama_bench.run.predictions import KeptTrack, StoredPrediction
from sama_bench.types import Key, Video

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.verdicts.judge_result import Judged

MASKS = "prediction_masks"
KEPT_PROBLEMS = 1000
FORMS = (
    f'{{VIDEO: {{EXPRESSION: {{"{MASKS}": [an RLE or null for each frame]}}}}}}, as Sa2VA writes it, '
    "or masks by sentence: {SENTENCE: an RLE or null}"
)


class MaskResults:
    """The answers of such values; `told` says in lines what of them is no answer to a selected question.

    `values` are pairs of a file, for what is told, and its JSON value. Masks stand in the order of the frames' names,
    in which Sa2VA shows them. An answer without masks (null, or none) is an empty one. Kept packed, video by video.
    Raises UserError with all that is not right.
    """

    asking: Mapping[str, str] = MappingProxyType({})
    can = Abilities()

    def __init__(self, path: Path, values: Iterator[tuple[str, object]], benchmark: Benchmark) -> None:
        self._questions = _questions_by_place(benchmark)
        self._problems: list[str] = []
        self._aside: list[str] = []
        answered: set[Key] = set()
        by_video: dict[str, dict[Key, list[KeptTrack]]] = defaultdict(dict)
        for where, value in values:
            for video, expression, answer in self._answers(where, value):
                for key, of in self._questions.get((video, expression), ()):
                    if key in answered:
                        self._problems.append(f"{where}: {video} {expression}: is answered twice")
                    answered.add(key)
                    tracks = self._checked(f"{where}: video {video!r:.80}, expression {expression!r:.40}", answer, of)
                    by_video[of.id][key] = tracks
        _check(self._problems)
        if not answered:
            raise UserError(f"{path}: holds no answer to a question that is asked for; expected {FORMS}")
        self._packed = {id_: _pack(answers) for id_, answers in by_video.items()}
        aside = f"{path}: {some(self._aside)} answer no question that is asked for: left aside"
        self.told = [aside] if self._aside else []

    def judged(self) -> Mapping[str, Judged]:
        """Nothing: verdicts are kept in runs."""
        return {}

    def predictions(self, video_id: str) -> dict[Key, StoredPrediction]:
        """The answers to the questions of one video."""
        packed = self._packed.get(video_id)
        if packed is None:
            return {}
        listed = json.loads(zlib.decompress(packed))
        return {Key(*key): StoredPrediction(ANSWER if tracks else "", tracks) for key, tracks in listed}

    def _answers(self, where: str, value: object) -> Iterator[tuple[str, str, object]]:
        """Video, expression and answer of each entry; others are noted."""
        if not isinstance(value, dict):
            self._problems.append(f"{where}: is no JSON object, expected {FORMS}")
            return
        names = {video for video, _ in self._questions}
        by_sentence = self._set_of(where, value, names)
        listed = [(by_sentence, value)] if by_sentence else value.items()
        for video, by_expression in listed:
            if video in names and not isinstance(by_expression, dict):
                self._problems.append(f"{where}: video {video!r:.80} is {short(by_expression)}, expected {FORMS}")
            elif video not in names:
                self._aside.append(video)
            else:
                known = [name for name in by_expression if (video, name) in self._questions]
                self._aside += [f"{video} {name}" for name in by_expression if (video, name) not in self._questions]
                yield from ((video, name, by_expression[name]) for name in known)

    def _set_of(self, where: str, value: Mapping[str, Any], names: set[str]) -> str | None:
        """The set whose sentences the keys of a value are; None where they are videos."""
        if names & value.keys() or not value:
            return None
        stem = Path(where.rpartition("/")[2]).stem
        candidates = [stem] if stem in names else sorted(names)
        fitting = [name for name in candidates if any((name, sentence) in self._questions for sentence in value)]
        if len(fitting) > 1:
            self._problems.append(
                f"{where}: its sentences may be of {' or '.join(fitting)}; name the file after the set, or say {{SET: "
                "{SENTENCE: …}}"
            )
        return fitting[0] if len(fitting) == 1 else None

    def _checked(self, where: str, answer: object, video: Video) -> list[KeptTrack]:
        try:
            return [check_track(track, len(video), video.size) for track in _tracks(answer, len(video))]
        except RLEError as problem:
            self._problems.append(f"{where}: {problem}")
            return []


def _tracks(answer: object, frames: int) -> list[object]:
    """The tracks of an answer; none where it has no mask. Of an image several masks are several tracks."""
    if isinstance(answer, dict) and MASKS in answer:
        return [answer[MASKS]] if answer[MASKS] else []
    if not answer:
        return []
    if isinstance(answer, dict):
        answer = [answer]
    if not isinstance(answer, list):
        raise RLEError(f"is {short(answer)}, expected {MASKS}, or the masks themselves")
    return [[mask] for mask in answer if mask is not None] if frames == 1 else [answer]


def _questions_by_place(benchmark: Benchmark) -> dict[tuple[str, str], list[tuple[Key, Video]]]:
    by_place: dict[tuple[str, str], list[tuple[Key, Video]]] = defaultdict(list)
    for video in benchmark.videos:
        for key, place in benchmark.places(video.id).items():
            by_place[place.video, place.expression].append((key, video))
    return dict(by_place)


def _pack(answers: Mapping[Key, list[KeptTrack]]) -> bytes:
    return zlib.compress(json.dumps(list(answers.items()), separators=(",", ":")).encode("ascii"), 1)


def _check(problems: list[str]) -> None:
    if more := len(problems) - KEPT_PROBLEMS:
        problems[KEPT_PROBLEMS:] = [f"{more} more entries are not right"] if more > 0 else []
    if problems:
        raise UserError(problems)


def parsed(where: str, content: bytes) -> object:
    """The value of a JSON text. Raises UserError where it is none, or a key stands twice in an object."""
    repeated = RepeatedKeys()
    try:
        value = json.loads(content.decode("utf-8-sig"), object_pairs_hook=repeated)
    except (ValueError, RecursionError) as problem:
        raise UserError(f"{where}: is not JSON ({problem}); write it again") from problem
    if repeated:
        place, name = next(repeated.places(value), ("", "a key"))
        raise UserError(
            f"{where}: has {name!r:.80} twice{f' in {place:.80}' if place else ''}; a key stands once in an object"
        )
    return value
