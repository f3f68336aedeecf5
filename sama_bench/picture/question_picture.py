"""The picture of a question: what was shown, what was answered, what is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from sama_bench.benchmark.installed import load_task
from sama_bench.metrics.grounding_marks import modern
from sama_bench.picture import spans
from sama_bench.picture.canvas import ALARM, GREY, Sheet, fitting
from sama_bench.picture.model_view import ModelView, view_of
from sama_bench.picture.overlay import FILL, lay, lay_boxes, scaled
from sama_bench.picture.palette import Palette
from sama_bench.prompting.colours import RGB
from sama_bench.types import Cue, Question, Track, Truth

if TYPE_CHECKING:
    from sama_bench.run.manifest import Manifest
    from sama_bench.run.predictions import StoredPrediction

FAINT = 0.15
RAW = 900


@dataclass(frozen=True)
class AnsweredInRun:
    """A run that the question was asked in, and what it answered; None where there is no answer (yet)."""

    run: Manifest
    answer: StoredPrediction | None


def paint(question: Question, truth: Truth, answered: AnsweredInRun | None = None, frames: int = 5) -> bytes:
    """A PNG file: the question with about `frames` frames as the model was shown them, its answer, and the truth.

    Tracks have the colours of their phrases. What overlaps most has the same colour in question, answer and truth.
    The same arguments give the same bytes. Raises UserError where a frame cannot be read.
    """
    return _Painter(question, truth, answered, frames).png()


class _Painter:
    """One sheet in the making."""

    def __init__(self, question: Question, truth: Truth, answered: AnsweredInRun | None, frames: int) -> None:
        self.question, self.truth, self.answered = question, truth, answered
        self.shown: ModelView = view_of(question, answered.run if answered is not None else None, frames)
        palette = Palette()
        self.regions = palette.take([region.track for region in question.regions])
        self.true = palette.take(truth.strict_tracks)
        answer = answered.answer if answered is not None else None
        self.predicted = palette.take(answer.tracks) if answer is not None else []
        self.sheet = Sheet()
        size = self._fitting(question.video.size)
        self.plain = [scaled(question.video.frame(index), size) for index in self.shown.indices]

    def png(self) -> bytes:
        self._head()
        self._question()
        if self.answered is not None:
            self._answer(self.answered.answer)
        self._truth()
        return self.sheet.png()

    def _head(self) -> None:
        video = self.question.video
        self.sheet.text([spans.Piece(str(self.question.key))], 36, most=1)
        about = [video.id, f"{len(video)} frame{'s' * (len(video) != 1)} of {video.size[1]} x {video.size[0]}"]
        if self.answered is not None:
            settings = self.answered.run.settings
            arguments = {**settings.model_args, **(self.answered.run.asking or {})}
            about.append(", ".join([settings.model, *(f"{key}={value}" for key, value in arguments.items())]))
        self.sheet.text(spans.plain("   ·   ".join(about), 400), 18, GREY, most=2)

    def _question(self) -> None:
        names = [_name(n, len(self.regions)) for n in range(len(self.regions))]
        self.sheet.heading("Question", self._remark())
        self.sheet.text(spans.question_pieces(self.question.text, names, self.regions), 26)
        if self.shown.pictures is not None:
            scaled_pictures = [
                scaled(picture, self._fitting((picture.shape[0], picture.shape[1]))) for picture in self.shown.pictures
            ]
            self._row(scaled_pictures, places=self.shown.places)
        else:
            tracks = [region.track for region in self.question.regions]
            self._row(self._overlaid(tracks, self.regions, FAINT))
        if self.shown.words:
            self.sheet.text([spans.Piece("It was asked: "), *spans.plain(self.shown.words, RAW)], 17, GREY, most=8)

    def _remark(self) -> str:
        if self.shown.note:
            return self.shown.note
        if self.shown.pictures is not None:
            return "as the model was shown it"
        return "with the regions that <mask> stands for" if self.question.regions else ""

    def _answer(self, answer: StoredPrediction | None) -> None:
        self.sheet.heading("Answer", self._spent(answer))
        if answer is None:
            self.sheet.text([spans.Piece("There is no answer in this run.")], 22, ALARM)
            return
        if answer.error is not None:
            self.sheet.text([spans.Piece("Error: "), *spans.plain(answer.error)], 22, ALARM)
        elif answer.text.strip():
            self.sheet.text(spans.grounded(answer.text, self.predicted), 26)
        else:
            self.sheet.text([spans.Piece("The answer is empty.")], 22, ALARM)
        if answer.unread is not None:
            self.sheet.text([spans.Piece("Could not be read: "), *spans.plain(answer.unread)], 20, ALARM)
        if answer.tracks or answer.boxes:
            self._row(self._overlaid(answer.tracks, self.predicted, FILL, answer.boxes or ()))
        if answer.raw is not None and answer.raw.strip() != answer.text.strip():
            self.sheet.text([spans.Piece("It said: "), *spans.plain(answer.raw, RAW)], 17, GREY, most=8)

    def _spent(self, answer: StoredPrediction | None) -> str:
        seconds = answer.seconds if answer is not None else None
        return "" if seconds is None else f"{seconds:.1f} s"

    def _truth(self) -> None:
        self.sheet.heading("Truth")
        self.sheet.text(spans.grounded(self._true_text(), self.true), 26)
        if self.truth.strict_tracks:
            self._row(self._overlaid(self.truth.strict_tracks, self.true, FILL))

    def _fitting(self, size: tuple[int, int]) -> tuple[int, int]:
        """The (width, height) of a frame of `size` in this sheet's rows."""
        return fitting(size, len(self.shown.indices))

    def _true_text(self) -> str:
        return modern(self.truth.text) if load_task(self.truth.key.task).grounds else self.truth.text

    def _overlaid(
        self, tracks: Sequence[Track], colours: Sequence[RGB], fill: float, boxes: Sequence[Sequence[Cue]] = ()
    ) -> list[Image.Image]:
        """The frames with tracks over them, and the boxes that they were made of."""
        boxed = [(box, colours[n]) for n, track_boxes in enumerate(boxes[: len(colours)]) for box in track_boxes]
        rows = []
        for index, plain in zip(self.shown.indices, self.plain, strict=True):
            over = lay(plain, [(track[index], colour) for track, colour in zip(tracks, colours, strict=True)], fill)
            frame_boxes = [(box, colour) for box, colour in boxed if box.frame == index]
            rows.append(lay_boxes(over, frame_boxes, self.question.video.size))
        return rows

    def _row(self, pictures: Sequence[Image.Image], places: Sequence[int] = ()) -> None:
        captions = [f"frame {index + 1}" for index in self.shown.indices]
        for n, place in enumerate(places):
            boxes_note = ", boxes asked here" if self.shown.indices[n] == self.shown.asked else ""
            captions[n] = f"shown as {place + 1}: {captions[n]}{boxes_note}"
        self.sheet.row(pictures, captions)


def _name(number: int, count: int) -> str:
    return "mask" if count == 1 else f"mask {number + 1}"
