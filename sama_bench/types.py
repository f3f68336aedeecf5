"""The types that pass between the rooms: videos, questions, truths and predictions.

A question holds no answer. Whoever is given a `Question` cannot see the truth; only the scorer
joins the two (and the oracle baseline, which declares it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sama_bench.frames import Frame, load_frame
from sama_bench.metrics import rle
from sama_bench.metrics.rle import RLE, Track

# A task's key, such as "g": no two installed benchmarks have tasks of one key.
TaskName: TypeAlias = str
# What an answer is to be: a text alone; one track (of what the question names); or phrases of a text with a track each.
AnswerForm: TypeAlias = Literal["text", "track", "phrases"]
Mask: TypeAlias = NDArray[np.bool_]
Masks: TypeAlias = NDArray[np.bool_]

__all__ = [
    "RLE",
    "Absence",
    "AnswerForm",
    "Box",
    "Cue",
    "Frame",
    "Key",
    "Mask",
    "Masks",
    "PlainQuestion",
    "Point",
    "Prediction",
    "Question",
    "Region",
    "TaskName",
    "Track",
    "Truth",
    "Turn",
    "Usage",
    "Video",
    "cue",
]


class Key(NamedTuple):
    """Names one question of a benchmark; ids are unique within a task."""

    task: TaskName
    id: str

    def __str__(self) -> str:
        return f"{self.task}:{self.id}"


@dataclass(eq=False)
class Video:
    """A video as its frame files.

    `id` is the data's own `video` key, `source` one of the four source data sets, `size` the
    (height, width) of the frame files. Frames are decoded when asked for; `preload` keeps them.
    """

    id: str
    source: str
    size: tuple[int, int]
    frames: tuple[Path, ...]
    _kept: dict[int, Frame] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.frames)

    def frame(self, index: int) -> Frame:
        """Frame `index` as an (H, W, 3) uint8 RGB array; raises UserError where the file cannot be decoded."""
        kept = self._kept.get(index)
        return load_frame(self.frames[index], self.size) if kept is None else kept

    def preload(self, budget: int) -> None:
        """Decode frames from the first on and keep them, up to `budget` bytes of arrays."""
        room = budget // (self.size[0] * self.size[1] * 3)
        for index in range(min(len(self), room)):
            if index not in self._kept:
                self._kept[index] = self.frame(index)

    def release(self) -> None:
        """Forget the frames that `preload` keeps."""
        self._kept.clear()


@dataclass(frozen=True, eq=False)
class Region:
    """A referent: where a `<mask>` of the question is, frame by frame, in the form its task prescribes."""

    track: Track
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.track)

    def mask(self, frame: int) -> Mask:
        """The region in one frame, (H, W) bool; all False where it is not visible."""
        return rle.decode(self.track[frame], self.size)

    @property
    def visible(self) -> list[int]:
        """The frames in which the region has at least one pixel, in order."""
        return [index for index, mask in enumerate(self.track) if mask is not None and rle.area(mask)]


class Turn(NamedTuple):
    """An earlier question of the dialogue with the answer that was given to it, which has its marks.

    `regions` are those of the question, one for each `<mask>`; `tracks` one for each `[SEG]` of the answer, None where
    masks of answers are not shown again. `source` is whose answer it is: the true one, or the model's own.
    """

    question: str
    answer: str
    regions: tuple[Region, ...] = ()
    tracks: tuple[Track, ...] | None = None
    source: Literal["true", "own"] = "true"


@dataclass(frozen=True)
class Expression:
    """What a question for one track is made of: the words of the data, before any template.

    `of` is the name of the benchmark; `image` says whether it is about an image, `sentence` whether the data call it a
    whole sentence (None where they do not say).
    """

    words: str
    of: str
    image: bool = False
    sentence: bool | None = None


@dataclass(frozen=True, eq=False)
class Question:
    """A question as a model is given it.

    `text` has one `<mask>` for each of `regions`, in order; `expects` is what the answer is to be. `expression` is what
    the text was made of where it asks for what an expression means: another template makes another text of it.
    """

    key: Key
    video: Video
    text: str
    regions: tuple[Region, ...] = ()
    history: tuple[Turn, ...] = ()
    expects: AnswerForm = "phrases"
    expression: Expression | None = None


@dataclass(frozen=True, eq=False)
class PlainQuestion:
    """A question of another benchmark: words about images, or about a video, without regions; its answer is a text.

    `frames` are (H, W, 3) uint8 RGB and may differ in size; with `video` they are a video's, in order. Where the text
    has `<image>` it stands for one of them. `max_new_tokens` is how long the answer may be, None where nothing says so.
    """

    text: str
    frames: tuple[Frame, ...] = ()
    video: bool = False
    max_new_tokens: int | None = None


@dataclass(frozen=True, eq=False)
class Truth:
    """The truth of a question, for the scorer.

    `text` is the reference answer with its marks, `tracks` one track per object list of the data, in
    order. Where the data lists an empty group among them, `tracks` has None: the paper protocol
    repeats the track before it, strict ignores it (`strict_tracks`). `referents` are the objects that
    a description is of; empty where the answer is to have tracks. `labels` say of which kinds the question is, by the
    benchmark's own dimensions: scores are broken down by them. `more` is what else the benchmark's own measures want
    to know, by names of its own; nobody else reads it. `things` names for each of `tracks` the one object that it is,
    so that it can be told again in other questions of the video; '' for several objects together, () where the data
    have no names.
    """

    key: Key
    video: str
    text: str
    tracks: tuple[Track | None, ...] = ()
    referents: tuple[Track, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    things: tuple[str, ...] = ()

    @property
    def strict_tracks(self) -> tuple[Track, ...]:
        """The tracks that the data really lists."""
        return tuple(track for track in self.tracks if track is not None)


class Box(NamedTuple):
    """A box on one frame: corners in pixels of the video's own frames, x0 < x1 and y0 < y1, inside the frame."""

    frame: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Usage:
    """What a question's prompt took; None of what the model does not tell.

    `prompt_tokens` are all tokens that it read before the answer, `cached_tokens` those of them that a server had kept
    from an earlier prompt, `turns_cut` the earlier turns that were left out, as the prompt would have been too long.
    """

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    turns_cut: int | None = None


class Point(NamedTuple):
    """A point on one frame that lies on an object, in pixels of the video's own frames: in 0…width and 0…height."""

    frame: int
    x: float
    y: float


class Absence(NamedTuple):
    """A frame on which a model was to point at an object and did not: the object is not to be seen there."""

    frame: int


Cue: TypeAlias = Box | Point | Absence
"""What a model says of where an object is on one frame."""


def cue(numbers: Sequence[float]) -> Cue:
    """The cue that was written as a list of its fields, as JSON has it; raises TypeError for another number of them."""
    match numbers:
        case [frame, x0, y0, x1, y1]:
            return Box(int(frame), x0, y0, x1, y1)
        case [frame, x, y]:
            return Point(int(frame), x, y)
        case [frame]:
            return Absence(int(frame))
    raise TypeError(f"{len(numbers)} numbers, expected 5 for a box, 3 for a point, 1 for an absence")


@dataclass(frozen=True, eq=False)
class Prediction:
    """A model's answer to a question.

    `tracks` holds one track per `[SEG]` of `text`, in order: each either a (T, H, W) array of bool (or
    of 0 and 1) or a list with an RLE or None for each frame. `error` is why there is no answer. A model that
    answers with boxes or points gives `boxes` instead of tracks, one list per `[SEG]`; a grounder makes tracks of
    them. On frames that are nearer to an Absence in the list than to anything else there is then nothing. A model that
    gives neither has its phrases, which some grounders take.
    `groups` are how many lists of `boxes` each `[SEG]` has, where it is not one each: their tracks are united.
    `raw` is the model's own answer, where `text` was read out of it, and `unread` why nothing (or not all) could be.
    `usage` is what the prompt took, where the model knows.
    """

    text: str
    tracks: Sequence[Masks | Track] = ()
    seconds: float | None = None
    error: str | None = None
    traceback: str | None = None
    boxes: Sequence[Sequence[Cue]] | None = None
    raw: str | None = None
    unread: str | None = None
    usage: Usage | None = None
    groups: Sequence[int] | None = None
