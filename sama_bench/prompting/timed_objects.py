"""Objects of an answer whose boxes and points have time stamps, and the JSON that they are written in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sama_bench.prompting.json_objects import numbers
from sama_bench.prompting.parsed_objects import MOST, clean

__all__ = [
    "MOST", "Sighting", "TimedAnswer", "TimedObject", "around_json", "grouped", "json_entries", "json_values",
    "time_of", "unthought", "words_of",
]  # fmt: skip

TIMES = ("time", "timestamp", "time_stamp", "t", "seconds", "second", "frame", "frame_number", "image", "picture")
TRIES = 40
_begin = re.compile(r"[{\[]")
_json = re.compile(r"```json|[\[{]\s{0,99}[\[{\"']")
_clock = re.compile(r"^\D{0,10}(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:\.\d{0,6})?)\D{0,20}$")
_plain = re.compile(r"-?\d{1,9}(?:\.\d{0,9})?")
_fence = re.compile(r"```[a-z]{0,9}|```")
_flat = re.compile(r"\{[^{}]*\}")
_open = re.compile(r"\{[^{}]*\Z")
_comma = re.compile(r",(?=\s{0,99}[}\]])")
_white = re.compile(r"\s+")
_thought = "</think>"


class Sighting(NamedTuple):
    """Where an object is at a time stamp (None where the answer has none).

    `place` is x and y, or x0, y0, x1 and y1, in the model's own numbers, not yet checked.
    """

    time: float | None
    place: tuple[float, ...]


class TimedObject(NamedTuple):
    """An object of an answer: its words ('' where it has none), where it was seen, and what it was named together with.

    Objects of one `group` are one mention of the answer, such as all of one `<tracks>`.
    """

    label: str
    sightings: tuple[Sighting, ...]
    group: int = 0


class TimedAnswer(NamedTuple):
    """What an answer says: its objects, the words beside them, whether it came to its end, and what it is silent of.

    `ends` is False for an answer that is cut off: of what would have come after it nothing is known. `silent` says
    that it names no object on purpose. `follows` says that an object that is left out at a time stamp is absent there.
    `scale` is what the far edge of the picture is written as; None for what the model's family writes.
    """

    objects: tuple[TimedObject, ...]
    words: str
    ends: bool
    silent: bool = False
    follows: bool = True
    scale: float | None = None


def unthought(answer: str) -> str:
    """The answer behind the thoughts of a model that thinks first; '' where the thoughts do not end."""
    if _thought in answer:
        return answer.rpartition(_thought)[2]
    return "" if answer.lstrip().startswith("<think>") else answer


def words_of(text: str) -> str:
    """The words around what was read, without the fence that it stood in."""
    return clean(_white.sub(" ", _fence.sub(" ", text))).strip(" ,[]{}")


def time_of(entry: dict[str, object]) -> float | None:
    """The time stamp of an entry, also where it is written `"1.0 seconds"`, `"<1.0 seconds>"` or `"00:01"`."""
    value = next((entry[key] for key in TIMES if key in entry), None)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value) if abs(value) < 1e9 and math.isfinite(value) else None
    text = str(value)[:60]
    if (clock := _clock.match(text)) is not None:
        hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    number = _plain.search(text)
    return float(number.group()) if number is not None else None


def json_entries(answer: str, keys: Sequence[str]) -> tuple[list[tuple[dict[str, object], list[float]]], bool]:
    """The JSON objects in the answer that have one of `keys`, each with the numbers there, and whether it is whole.

    Whatever they are nested in, fenced or not; where the JSON is broken or cut off, those of its objects that are
    whole.
    """
    text = _fence.sub(" ", answer)
    values, whole = _values(text)
    entries: list[tuple[dict[str, object], list[float]]] = []
    for value in values:
        entries += _entries(value, keys)
    pieces = [found.group() for found in _flat.finditer(text)] if not entries else []
    entries += [pair for piece in pieces for pair in _entries(_loaded(piece), keys)]
    if not whole and (open_object := _open.search(text)) is not None and "]" in open_object.group():
        entries += _entries(_closed(open_object.group()), keys)
    return entries[: 20 * MOST], whole


def json_values(answer: str) -> list[object]:
    """The outermost JSON values in an answer, fenced or not; [] where there is none."""
    return _values(_fence.sub(" ", answer))[0]


def around_json(answer: str) -> str:
    """The words before and behind the JSON of an answer."""
    begin = _json.search(answer)
    if begin is None:
        return words_of(answer)
    if not _values(answer)[1]:
        return words_of(answer[: begin.start()])
    end = max(answer.rfind("]"), answer.rfind("}"), begin.start())
    return words_of(f"{answer[: begin.start()]} {answer[end + 1 :]}")


def _values(text: str) -> tuple[list[object], bool]:
    """The outermost JSON values of the text, and False where it is cut off: more brackets begin than end."""
    decoder, at, failed = json.JSONDecoder(strict=False), 0, 0
    values: list[object] = []
    while failed < TRIES and (begin := _begin.search(text, at)):
        try:
            value, at = decoder.raw_decode(text, begin.start())
            values.append(value)
        except (ValueError, RecursionError):
            at, failed = begin.end(), failed + 1
    whole = not failed or (text.count("[") <= text.count("]") and text.count("{") <= text.count("}"))
    return values, whole


def _closed(text: str) -> object:
    """The object that is cut off, as far as it goes: whole but for its end, or up to its last list."""
    return _loaded(f"{text}}}") or _loaded(f"{text.rpartition(']')[0]}]}}")


def _loaded(text: str) -> object:
    for attempt in (text, _comma.sub("", text), _comma.sub("", text.replace("'", '"'))):
        try:
            loaded: object = json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
        return loaded
    return None


def _entries(value: object, keys: Sequence[str]) -> Iterator[tuple[dict[str, object], list[float]]]:
    waiting, seen = [value], 0
    while waiting and seen < 100 * MOST:
        item = waiting.pop()
        seen += 1
        if isinstance(item, dict):
            key = next((key for key in keys if key in item), None)
            if key is not None and (given := numbers(item[key])):
                yield item, given
            else:
                waiting += [_inherited(part, item) for part in reversed(list(item.values()))]
        elif isinstance(item, list):
            waiting += reversed(item)


def _inherited(part: object, parent: dict[str, object]) -> object:
    """A list of objects below one that has the time stamp: `{"time": 1.0, "objects": [{…}, {…}]}` gives it to each."""
    times = {key: parent[key] for key in TIMES if key in parent and not isinstance(parent[key], (dict, list))}
    if not times or not isinstance(part, list):
        return part
    return [{**times, **entry} if isinstance(entry, dict) else entry for entry in part]


def grouped(objects: Sequence[TimedObject]) -> tuple[TimedObject, ...]:
    """The objects, those of one label in one group; those without a label in groups of their own."""
    groups: dict[str, int] = {}
    result = []
    for place, item in enumerate(objects):
        group = groups.setdefault(item.label, place) if item.label else place
        result.append(item._replace(group=group))
    return tuple(result)
