"""When a clip of GroundMoRe begins, which of its frames are asked about, and in which of them an action goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from sama_bench.benchmarks.expressions.listing import ExpressionForm
from sama_bench.benchmarks.sama.json_checks import ShapeError, identifier, mapping, text

ASKED = 20  # frames of each clip, spread evenly
RATE = 6  # frames a second
CLIP = re.compile(r"(\d\d)(\d\d)_\d{4}$", re.ASCII)  # how a video's id ends: minutes and seconds of start and end
TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})", re.ASCII)
TYPES = ("Causal", "Sequential", "Counterfactual", "Descriptive")


class Questions(ExpressionForm):
    """Questions by number, each with its object and when it acts; frames are those in the clip's folder.

    `places` has the places of the asked frames in each clip that was read, from 0.
    """

    words = "question"
    key = "questions"

    def __init__(self, folder: Path) -> None:
        self.places: dict[str, Sequence[int]] = {}
        self._folder = folder

    def frames(self, id_: str, about: Mapping[str, object]) -> list[str]:  # noqa: ARG002
        """The asked frames of a clip by name; of one with fewer some stand twice, as the authors have it."""
        folder = self._folder / id_ / "images"
        names = sorted(path.stem for path in folder.glob("*.jpg")) if folder.is_dir() else []
        if not names:
            raise ShapeError(f"no frame in {folder}, expected its frames as FRAME.jpg")
        self.places[id_] = [int(place) for place in np.linspace(0, len(names) - 1, num=ASKED, dtype=int)]
        clip_start(id_)
        return [names[place] for place in self.places[id_]]

    def entries(self, value: object) -> Iterator[tuple[str, object]]:
        """The number and the entry of each question, whose other values are checked."""
        for key, entry in mapping(value, self.key).items():
            about, where = mapping(entry, f"question {key}"), f"question {key}"
            number = identifier(about.get("obj_id"), f"obj_id of {where}")
            if not (number.isascii() and number.isdecimal() and 0 < int(number) < 256):
                raise ShapeError(f"obj_id of {where} is {number!r:.40}, expected 1 to 255")
            if about.get("q_type") not in TYPES:
                raise ShapeError(f"q_type of {where} is {about.get('q_type')!r:.40}, expected {', '.join(TYPES)}")
            for name in ("action_start", "action_end"):
                seconds(text(about.get(name), f"{name} of {where}"))
            yield key, entry


def seconds(time: str) -> int:
    """The seconds of a time, m:ss or h:mm:ss. Raises ShapeError where it is none."""
    match = TIME.fullmatch(time.strip())
    if match is None:
        raise ShapeError(f"{time!r:.40} is no time, expected m:ss")
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def clip_start(id_: str) -> int:
    """The second of the source video at which a clip starts. Raises ShapeError where its id does not end in it."""
    match = CLIP.search(id_)
    if match is None:
        raise ShapeError("its id is expected to end in the times of start and end, as _0012_0021")
    return int(match[1]) * 60 + int(match[2])


def acting(id_: str, about: Mapping[str, str], places: Sequence[int]) -> list[bool]:
    """In which of the asked frames, at these places of the clip, the action of a question goes on."""
    begin = clip_start(id_)
    first, end = ((seconds(about[name]) - begin) * RATE for name in ("action_start", "action_end"))
    return [first <= place <= end - 1 for place in places]
