"""An adapter that gives boxes, points or phrases, with the grounder that makes tracks of them: to the runner, one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from sama_bench.adapter import Abilities, Adapter, BatchAdapter
from sama_bench.errors import UserError
from sama_bench.grounder import Grounder
from sama_bench.metrics.grounding_marks import SEGMENT, groundings
from sama_bench.metrics.rle import encode_track, union
from sama_bench.run.absences import without_absences
from sama_bench.run.boxes import OBJECTS, usable_boxes
from sama_bench.run.predictions import FAILURES, reason, traced
from sama_bench.types import Absence, Box, Cue, Masks, PlainQuestion, Point, Prediction, Question, Track, Truth, Video


class Grounding:
    """A grounder at work on one video after the other."""

    def __init__(self, grounder: Grounder, name: str) -> None:
        self.grounder = grounder
        self.asking = {"grounder": name, **{f"grounder_{key}": value for key, value in grounder.asking.items()}}
        self.warnings: list[str] = []
        self._name = name
        self._video: Video | None = None
        self._broken: BaseException | None = None

    def open(self, video: Video) -> None:
        """Make `video` the open one; what fails in opening it is told with each answer that needs it."""
        if self._video is video:
            return
        self.close()
        self._video, self._broken = video, None
        try:
            self.grounder.open(video)
        except UserError:
            raise
        except FAILURES as problem:
            self._broken = problem

    def close(self) -> None:
        """Close the open video, if there is one; that this fails costs no answer, and becomes a warning."""
        video, self._video, self._broken = self._video, None, None
        if video is None:
            return
        try:
            self.grounder.close()
        except FAILURES as problem:
            self.warnings.append(f"{video.id}: close() of grounder {self._name} failed ({reason(problem)})")

    def tracked(self, answer: Prediction, question: Question) -> Prediction:
        """The answer with tracks made of its boxes, points or phrases; a failure of the grounder is its error.

        An answer without any, with tracks of its own, or that is not as a Prediction should be, stays as it is.
        """
        if not isinstance(answer, Prediction) or answer.error is not None:
            return answer
        if not isinstance(answer.text, str) or len(answer.tracks):
            return answer
        if answer.boxes is None and not ("phrases" in self.grounder.takes and SEGMENT in answer.text):
            return answer
        try:
            if answer.boxes is None:
                return replace(answer, tracks=self._of_phrases(question.video, answer.text))
            segments = answer.text.count(SEGMENT)
            lists = segments if answer.groups is None else sum(answer.groups)
            checked = usable_boxes(answer.boxes, lists, question.video)
            tracks = self._tracks(question.video, checked.objects) if checked.objects else []
            if answer.groups is not None:
                tracks = united(tracks, answer.groups)
        except UserError:
            raise
        except FAILURES as problem:
            error, trace = traced(problem, f"grounder {self._name}")
            return Prediction("", (), answer.seconds, error, trace, raw=answer.raw)
        unread = "; ".join(filter(None, [answer.unread, checked.problem])) or None
        return replace(answer, tracks=tracks, boxes=checked.objects, unread=unread, groups=None)

    def _tracks(self, video: Video, objects: Sequence[Sequence[Cue]]) -> list[Masks | Track]:
        """One track for each object; those without a box or point have empty ones, and do not reach the grounder."""
        places = [_places(cues) for cues in objects]
        boxed = [n for n, some in enumerate(places) if some]
        self._check_takes(places)
        made = self._made(video, boxed, lambda: self.grounder.tracks(video, [places[n] for n in boxed]), len(objects))
        return [without_absences(track, cues) for track, cues in zip(made, objects, strict=True)]

    def _of_phrases(self, video: Video, text: str) -> Sequence[Masks | Track]:
        """One track for each [SEG] of the text, of the phrase before it; an empty one where there is no phrase."""
        phrases = groundings(text)
        named = [n for n, phrase in enumerate(phrases[:OBJECTS]) if phrase]
        return self._made(
            video, named, lambda: self.grounder.phrase_tracks(video, [phrases[n] for n in named]), len(phrases)
        )

    def _made(
        self, video: Video, numbers: Sequence[int], make: Callable[[], list[Masks | Track]], count: int
    ) -> list[Masks | Track]:
        """`count` tracks: those that `make` gives for the objects `numbers`, and empty ones for all others."""
        tracks: list[Masks | Track] = [[None] * len(video) for _ in range(count)]
        if not numbers:
            return tracks
        self.open(video)
        if self._broken is not None:
            raise self._broken
        for n, track in zip(numbers, make(), strict=True):
            tracks[n] = track
        return tracks

    def _check_takes(self, objects: Sequence[Sequence[Box | Point]]) -> None:
        given = {"points" if isinstance(place, Point) else "boxes" for places in objects for place in places}
        if refused := given - self.grounder.takes:
            raise TypeError(f"the answer has {listed(refused)}, and the grounder takes {listed(self.grounder.takes)}")


def united(tracks: Sequence[Masks | Track], groups: Sequence[int]) -> list[Masks | Track]:
    """One track for each of `groups`, the union of as many of `tracks`, in order."""
    left = iter(tracks)
    parts = [list(islice(left, count)) for count in groups]
    return [part[0] if len(part) == 1 else union([_encoded(track) for track in part]) for part in parts]


def _encoded(track: Masks | Track) -> Track:
    return encode_track(track) if isinstance(track, np.ndarray) else track


def _places(cues: Sequence[Cue]) -> list[Box | Point]:
    return [cue for cue in cues if not isinstance(cue, Absence)]


def listed(names: Collection[str]) -> str:
    """Names in a sentence: `boxes`, `boxes and points`."""
    *others, last = sorted(names)
    return f"{', '.join(others)} and {last}" if others else last


class _Proxy:
    """What both kinds of grounded adapters share: they are the adapter, but for what becomes of its boxes or points."""

    adapter: Adapter
    grounding: Grounding
    can: Abilities
    asking: Mapping[str, str]

    @property
    def reveal(self) -> Callable[[Question], Truth] | None:
        return self.adapter.reveal

    @reveal.setter
    def reveal(self, truth_of: Callable[[Question], Truth] | None) -> None:
        self.adapter.reveal = truth_of

    def _take(self, adapter: Adapter, grounding: Grounding) -> None:
        self.adapter, self.grounding = adapter, grounding
        self.can = replace(adapter.can, masks=True)
        self.asking = {**adapter.asking, **grounding.asking}
        self.wording, self.forced = adapter.wording, adapter.forced
        # to both bases they are the class's
        vars(self).update(summary=adapter.summary, free=adapter.free, gives=adapter.gives)

    def open(self, video: Video) -> None:
        """Open the video for the adapter; the grounder opens it when there are boxes."""
        self.adapter.open(video)

    def close(self) -> None:
        """Close the video for both."""
        try:
            self.adapter.close()
        finally:
            self.grounding.close()

    def answer(self, question: PlainQuestion) -> str:
        """The adapter's own; there is nothing to ground."""
        return self.adapter.answer(question)

    def notes(self) -> Sequence[str]:
        """The adapter's own, and what went wrong in closing."""
        return [*self.adapter.notes(), *self.grounding.grounder.notes(), *self.grounding.warnings]


class Grounded(_Proxy, Adapter):
    """An adapter whose boxes become tracks."""

    def __init__(self, adapter: Adapter, grounding: Grounding) -> None:
        self._take(adapter, grounding)

    def predict(self, question: Question) -> Prediction:
        """The adapter's answer, with tracks."""
        return self.grounding.tracked(self.adapter.predict(question), question)


class GroundedBatch(_Proxy, BatchAdapter):
    """A batch adapter whose boxes become tracks, video by video, as the answers come."""

    adapter: BatchAdapter

    def __init__(self, adapter: BatchAdapter, grounding: Grounding) -> None:
        self._take(adapter, grounding)
        self.at_once = adapter.at_once

    def predict_all(self, questions: Sequence[Question]) -> Iterator[Prediction]:
        """The adapter's answers in their order, with tracks; a video is closed when an answer is of another one."""
        answers = iter(self.adapter.predict_all(questions))
        try:
            for question, answer in zip(questions, answers, strict=False):
                yield self.grounding.tracked(answer, question)
            yield from answers  # more than questions: the runner tells
        finally:
            self.grounding.close()
            if isinstance(answers, Generator):
                answers.close()


def grounded(adapter: Adapter, grounder: Grounder, name: str) -> Adapter:
    """The adapter with the grounder `name` behind it."""
    grounding = Grounding(grounder, name)
    if isinstance(adapter, BatchAdapter):
        return GroundedBatch(adapter, grounding)
    return Grounded(adapter, grounding)
