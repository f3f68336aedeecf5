"""The prompts of a general model for questions of the benchmark, and predictions from its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from sama_bench.adapter import Cues
from sama_bench.errors import UserError
from sama_bench.frames import Frame
from sama_bench.metrics.grounding_marks import plain
from sama_bench.prompting import colours, families, frame_choice, marks, template
from sama_bench.prompting.answer_parser import read, read_text
from sama_bench.prompting.conventions import CONVENTIONS, Convention, Corners
from sama_bench.prompting.grounding_request import wants_grounding, without_request
from sama_bench.prompting.marks import Mark
from sama_bench.prompting.phrase_answers import read_phrases
from sama_bench.prompting.stamped_points import read_points
from sama_bench.prompting.template import Template
from sama_bench.prompting.timed_boxes import read_boxes
from sama_bench.prompting.timed_cues import Shown, reading
from sama_bench.prompting.timed_objects import unthought
from sama_bench.types import Box, Mask, Prediction, Question, Region

OPTIONS = ("frames", "size", "referents", "boxes")
# What SAMA's protocol for Gemini draws where a referent is not on the first frame: ten pixels in the middle.
STAND_IN = 5
EMPTY = "the answer is empty"
# Qwen2.5-VL's processor makes both sides multiples of this, and the model writes pixels of what comes out of it. Frames
# that are so already stay as they are, so that a served model's pixels are known too.
PATCH = 28


class PastTurn(NamedTuple):
    """An earlier question in the template's words, and what was answered, without marks for masks."""

    question: str
    answer: str


class Prompt(NamedTuple):
    """The prompt of a model: frames (h, w, 3) uint8 RGB with their marks, their places in the video, and the words.

    `asked` is the frame of the video on which boxes are asked for. `label` stands before a frame that is shown as a
    picture of its own, with `{}` for its number from 1; '' where pictures are not numbered. `past` are the earlier
    turns of the dialogue, whose regions the same frames have their marks of.
    """

    frames: tuple[Frame, ...]
    indices: tuple[int, ...]
    text: str
    system: str
    asked: int
    label: str = families.LABEL
    past: tuple[PastTurn, ...] = ()


@dataclass(frozen=True)
class Prompting:
    """A template with the user's options and the family's way to write boxes."""

    template: Template
    convention: Convention
    label: str = families.LABEL
    """What stands before a frame that is a picture of its own, as the family's processor writes it."""
    film: bool = False
    """Whether the frames are handed over as a video, one a second, and not as pictures."""

    @classmethod
    def load(cls, prompt: str | None, family: str, **options: str) -> Prompting:
        """Make the prompting of a family (`family_of`).

        `prompt` names a template or a file, None takes the family's. `options`: frames (how many), size (pixels, or
        full), referents (box, outline, number, coordinates, none), boxes (a convention). Raises UserError with all
        that is not right.
        """
        usual = families.known(family)
        if unknown := [option for option in options if option not in OPTIONS]:
            raise UserError([f"prompting takes no {option!r}; it takes {', '.join(OPTIONS)}" for option in unknown])
        changed = template.load(prompt or usual.prompt).changed(options)
        label = usual.label if changed.label is None else changed.label
        return cls(changed, CONVENTIONS[changed.boxes or usual.boxes], label)

    @property
    def asking(self) -> Mapping[str, str]:
        """The signature's parts: template and digest, frames, referents, and how boxes are written."""
        template = self.template
        return {
            "prompt": f"{template.name}@{template.digest[:8]}",
            "frames": f"{template.frames} {template.choose} {template.size or 'full'}",
            "referents": template.referents,
            "boxes": self.convention.name,
        }

    @property
    def labelling(self) -> Mapping[str, str]:
        """The signature's part for the words before each picture, where they are a family's own; else nothing."""
        return {} if self.label == families.LABEL else {"labels": families.labelled(self.label, 1).strip()}

    @property
    def gives(self) -> frozenset[Cues]:
        """What the answers hold for a grounder."""
        if self.template.answers == "points":
            return frozenset({"points"})
        return frozenset({"phrases"}) if self.template.answers == "phrases" else frozenset({"boxes"})

    @property
    def first_stamp(self) -> int:
        """The time stamp of the first frame that is shown; each further one counts one more."""
        return 0 if self.film or self.template.stamps == "seconds" else 1

    @property
    def takes_regions(self) -> bool:
        """True if questions with regions can be asked."""
        return self.template.referents != "none"

    def prompt(self, question: Question) -> Prompt:
        """The prompt for `question`; the same each time.

        Raises ValueError for a question with regions where referents are `none`.
        """
        question_marks, words = self._marks_and_prompt(question)
        return words._replace(frames=tuple(self._frame(question, question_marks, index) for index in words.indices))

    def words(self, question: Question) -> Prompt:
        """The prompt as `prompt` gives it, without the frames: none is decoded. Raises as it does."""
        return self._marks_and_prompt(question)[1]

    def _marks_and_prompt(self, question: Question) -> tuple[list[Mark], Prompt]:
        if question.regions and not self.takes_regions:
            raise ValueError("this question has regions, and referents=none says nothing of them")
        past = [replace(question, text=turn.question, regions=turn.regions, history=()) for turn in question.history]
        every = [*past, question]
        question_marks = self._marks(
            replace(question, regions=tuple(region for turn in every for region in turn.regions))
        )
        frames_with_marks = [mark.frame for mark in question_marks if mark.frame is not None]
        indices = frame_choice.choose(
            len(question.video), self.template.frames, self.template.choose, frames_with_marks
        )
        # Of marks on several frames the latest: the others were seen by then.
        asked_frame = max(frames_with_marks, default=indices[0])
        left = iter(question_marks)
        *earlier, text = [self._text(turn, [next(left) for _ in turn.regions], indices, asked_frame) for turn in every]
        answers = (plain(turn.answer) for turn in question.history)
        turns = tuple(PastTurn(*turn) for turn in zip(earlier, answers, strict=True))
        return question_marks, Prompt((), tuple(indices), text, self.template.system, asked_frame, self.label, turns)

    def read(
        self, answer: str, prompt: Prompt, question: Question, sent: Sequence[tuple[int, int]] | None = None
    ) -> Prediction:
        """The prediction in the model's answer: marked text, a list of boxes on the asked frame per [SEG], raw, unread.

        `sent` are the (height, width) of the frames as the model saw them, where its processor made others of them;
        the prompt's frames are not looked at.
        Never raises, whatever `answer` holds.
        """
        place = prompt.indices.index(prompt.asked)
        size = sent[place] if sent else self._shape(question)
        if not answer.strip():
            return Prediction("", raw=answer, boxes=None if question.expects == "text" else [], unread=EMPTY)
        said = unthought(answer)
        if question.expects == "text":
            return Prediction(read_text(said), raw=answer)
        if self.template.answers != "boxes":
            return replace(self._read_otherwise(said, prompt, question, size), raw=answer)
        boxed = read(said, self.convention, size)
        unread = boxed.unread if wants_grounding(question) else None
        boxes = [[_on_frame(box, prompt.asked, question.video.size)] for box in boxed.boxes]
        return Prediction(boxed.text, raw=answer, boxes=boxes, unread=unread)

    def _read_otherwise(self, said: str, prompt: Prompt, question: Question, size: tuple[int, int]) -> Prediction:
        """The prediction in an answer with time stamps, or with phrases alone."""
        track, wanted = question.expects == "track", wants_grounding(question)
        if self.template.answers == "phrases":
            phrased = read_phrases(said, track=track)
            return Prediction(phrased.text, unread=phrased.unread if wanted else None)
        answer = read_points(said) if self.template.answers == "points" else read_boxes(said)
        shown = Shown(prompt.indices, self.first_stamp, prompt.asked, question.video.size)
        timed = reading(answer, shown, self.convention, size, track=track)
        return Prediction(timed.text, boxes=timed.cues, groups=timed.groups, unread=timed.unread if wanted else None)

    def _marks(self, question: Question) -> list[Mark]:
        question_marks = marks.marks_of(question)
        if not self.template.first_frame:
            return question_marks
        size = question.video.size
        return [Mark(mark.number, 0, _on_first(mark.region, size)) for mark in question_marks]

    def _frame(self, question: Question, question_marks: Sequence[Mark], index: int) -> Frame:
        frame, template = question.video.frame(index), self.template
        if template.referents not in marks.FORMS:
            return self._resized(frame)
        if template.line is not None:
            return self._resized(marks.draw(frame, question_marks, index, template.referents, template.line))
        return marks.draw(self._resized(frame), question_marks, index, template.referents)

    def _resized(self, frame: Frame) -> Frame:
        height, width = frame.shape[:2]
        size = self._size(height, width)
        if size == (width, height):
            return frame
        small: Frame = np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BICUBIC))
        return small

    def _shape(self, question: Question) -> tuple[int, int]:
        """The (height, width) at which the question's frames are shown."""
        width, height = self._size(*question.video.size)
        return height, width

    def _size(self, height: int, width: int) -> tuple[int, int]:
        """The (width, height) at which a frame is shown."""
        template = self.template
        if template.size is not None and template.fit == "square":
            height = width = template.size
        elif template.size is not None:
            share = template.size / max(height, width)
            height, width = max(1, round(height * share)), max(1, round(width * share))
        step = PATCH if self.convention.scale is None else 1
        return max(1, round(width / step)) * step, max(1, round(height / step)) * step

    def _text(
        self, question: Question, question_marks: Sequence[Mark], indices: Sequence[int], asked_frame: int
    ) -> str:
        plain = without_request(question.text)
        names = [self._name(mark, indices, self._shape(question), question) for mark in question_marks]
        marked = sorted({indices.index(mark.frame) + 1 for mark in question_marks if mark.frame is not None})
        values: dict[str, Any] = {
            "question": marks.in_words(plain, names, verbatim=self.template.first_frame),
            "names": names,
            "frames": len(indices),
            "asked": indices.index(asked_frame) + 1,
            "marked": marked,
            "seconds": [float(place - 1) for place in marked] if self.film else [],
            "referents": self.template.referents,
            "key": self.convention.key,
            "convention": self.convention.words,
            "track": question.expects == "track",
        }
        return self.template.render(_kind(question), values)

    def _name(self, mark: Mark, indices: Sequence[int], shape: tuple[int, int], question: Question) -> str:
        if self.template.first_frame:  # the words of that protocol are its own
            return f"the object within {colours.name(mark.number)} box"
        if mark.frame is None or self.template.referents in marks.FORMS:
            return marks.name(mark, self.template.referents)
        box = self.convention.write(_corners(mark.region.mask(mark.frame), question.video.size), shape)
        return f"the object at {box} in frame {indices.index(mark.frame) + 1}"


def _kind(question: Question) -> str:
    """The one of a template's texts that asks the question."""
    if question.expects == "text":
        return "description"
    return "dialogue" if wants_grounding(question) else "ungrounded"


def _corners(mask: Mask, size: tuple[int, int]) -> Corners:
    x0, y0, x1, y1 = marks.corners(mask)
    return Corners(x0 / size[1], y0 / size[0], (x1 + 1) / size[1], (y1 + 1) / size[0])


def _on_frame(box: Corners, index: int, size: tuple[int, int]) -> Box:
    height, width = size
    return Box(index, box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)


def _on_first(region: Region, size: tuple[int, int]) -> Region:
    """The region on the first frame alone; where it is not visible there, a small square in the middle."""
    from sama_bench.metrics.rle import encode

    mask = region.mask(0)
    if not mask.any():
        y, x = size[0] // 2, size[1] // 2
        mask[max(y - STAND_IN, 0) : y + STAND_IN + 1, max(x - STAND_IN, 0) : x + STAND_IN + 1] = True
    return Region([encode(mask), *[None] * (len(region) - 1)], size)
