"""Kinds of defects of the training data, and how often and where each was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

KEPT = 1000  # places of a kind; the others are counted


class Kind(NamedTuple):
    """A kind of defect: `wrong` data, which stop the released loader or train on what is not there, or a note."""

    name: str
    meaning: str
    wrong: bool = True


KINDS = (
    Kind("json", "the file ends, or is not JSON, from here on"),
    Kind("shape", "a key is missing, or of another type than the loaders read"),
    Kind("source", "video names none of mevis, lvvis, ref_youtube_vos, VidSTG, sav"),
    Kind("video twice", "the same video is listed again"),
    Kind("frames missing", "frame files, or the whole folder, are not there"),
    Kind("frame unreadable", "the first frame is not a whole picture"),
    Kind("frame size", "the first frame is not of the sample's height and width"),
    Kind("mp4 missing", "the SA-V video is not there"),
    Kind("mp4 unreadable", "the SA-V video is no mp4 that can be opened"),
    Kind("mask file", "the source's mask file is not there, or cannot be read to its end"),
    Kind("track missing", "an annotation id is not in the mask file"),
    Kind("track broken", "an annotation is not a list of valid RLEs"),
    Kind("track size", "masks are not of the frames' size"),
    Kind("track short", "a track has fewer entries than there are frames: the description loader ends with IndexError"),
    Kind("track long", "a track has more entries than there are frames; those beyond are not read", wrong=False),
    Kind("empty track", "a track without a pixel stands for a region of a question, a truth or a description"),
    Kind("object twice", "anno_map has an annotation id twice: the dialogue loader ends with status 0"),
    Kind("id not listed", "obj_masks or groundtruth has an id that is not in anno_map"),
    Kind("no such object", "a description's object number is beyond anno_map, or its id is -1: the loader ends"),
    Kind("empty group", "an empty list among groundtruth repeats the mask before it, or ends the loader"),
    Kind("not human then gpt", "the loader drops the round", wrong=False),
    Kind("<mask> count differs from obj_masks", "the loader drops the round", wrong=False),
    Kind("[SEG] count differs from groundtruth", "the loader drops the round", wrong=False),
    Kind("no [SEG] in its group of four", "the loader drops the round with its group", wrong=False),
    Kind("old marks", "an answer has <seg>, <g_s> or <g_e>, which are counted before they are rewritten", wrong=False),
    Kind("odd message", "the dialogue ends with a question; it is cut", wrong=False),
    Kind("unpaired phrase", "<p>, </p> and [SEG] of an answer do not stand in turn", wrong=False),
    Kind("pair twice", "a question with the same answer stands in the video twice", wrong=False),
    Kind("tag left", "a tag of the making, such as <obj1>, stands in a text", wrong=False),
    Kind("box left", "a text speaks of a coloured box, which was only drawn for the making", wrong=False),
    Kind("JSON left", "debris of JSON stands in a text", wrong=False),
    Kind("empty text", "a question, an answer or a description is empty", wrong=False),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass
class Defect:
    """How often one kind was found, and the first places."""

    kind: Kind
    count: int = 0
    places: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """The defect with JSON's own types; `more` counts the places that are not listed."""
        about = {"kind": self.kind.name, "wrong": self.kind.wrong, "meaning": self.kind.meaning}
        return {**about, "count": self.count, "places": self.places, "more": self.count - len(self.places)}


class Defects:
    """Collects defects; the places of a kind are bounded, so that memory is."""

    def __init__(self) -> None:
        self._found: dict[str, Defect] = {}

    def add(self, kind: str, place: str) -> None:
        """Note a defect of a kind that `KINDS` names."""
        defect = self._found.setdefault(kind, Defect(BY_NAME[kind]))
        defect.count += 1
        if len(defect.places) < KEPT:
            defect.places.append(place)

    def ordered(self) -> list[Defect]:
        """What was found, in the order of `KINDS`."""
        return [self._found[kind.name] for kind in KINDS if kind.name in self._found]
