"""An adapter that gives boxes, with the grounder that makes tracks of them: to the runner, one adapter."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace

from sama_bench.adapter import Abilities, Adapter, BatchAdapter
from sama_bench.errors import UserError
from sama_bench.grounder import Grounder
from sama_bench.metrics.grounding_marks import SEGMENT
from sama_bench.run.boxes import usable_boxes
from sama_bench.run.predictions import FAILURES, reason, traced
from sama_bench.types import Box, Masks, PlainQuestion, Prediction, Question, Track, Truth, Video


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
        """The answer with tracks made of its boxes; a failure of the grounder is its error.

        An answer without boxes, with tracks of its own, or that is not as a Prediction should be, stays as it is.
        """
        if not isinstance(answer, Prediction) or answer.error is not None or answer.boxes is None:
            return answer
        if not isinstance(answer.text, str) or len(answer.tracks):
            return answer
        try:
            checked = usable_boxes(answer.boxes, answer.text.count(SEGMENT), question.video)
            tracks = self._tracks(question.video, checked.objects) if checked.objects else []
        except UserError:
            raise
        except FAILURES as problem:
            error, trace = traced(problem, f"grounder {self._name}")
            return Prediction("", (), answer.seconds, error, trace, raw=answer.raw)
        unread = "; ".join(filter(None, [answer.unread, checked.problem])) or None
        return replace(answer, tracks=tracks, boxes=checked.objects, unread=unread)

    def _tracks(self, video: Video, objects: Sequence[Sequence[Box]]) -> list[Masks | Track]:
        """One track for each object; those without a box, which have none on every frame, do not reach the grounder."""
        tracks: list[Masks | Track] = [[None] * len(video) for _ in objects]
        boxed = [n for n, boxes in enumerate(objects) if boxes]
        if not boxed:
            return tracks
        self.open(video)
        if self._broken is not None:
            raise self._broken
        boxed_tracks = self.grounder.tracks(video, [objects[n] for n in boxed])
        for n, track in zip(boxed, boxed_tracks, strict=True):
            tracks[n] = track
        return tracks


class _Proxy:
    """What both kinds of grounded adapters share: they are the adapter, but for what becomes of its boxes."""

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
        vars(self).update(summary=adapter.summary, free=adapter.free)  # to both bases they are the class's

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
        return [*self.adapter.notes(), *self.grounding.warnings]


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
