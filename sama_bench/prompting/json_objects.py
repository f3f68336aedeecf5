"""Objects in an answer that is, or holds, JSON: whole, in a fence, cut off, or nearly right."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from sama_bench.prompting.parsed_objects import MOST, NamedObject

TEXTS = ("answer", "text", "caption", "description", "response", "sentence")
LISTS = ("objects", "groundings", "grounding", "phrases", "detections", "boxes", "bboxes")
PHRASES = ("phrase", "label", "name", "object", "ref", "text_content", "text", "caption", "description")
BOXES = ("bbox_2d", "box_2d", "bbox", "box", "bounding_box", "coordinates", "bboxes", "boxes")
TRIES = 40
NUMBER = re.compile(
    r"[-+]?(?:\d{1,40}(?:\.\d{0,40})?(?:e[-+]?\d{1,3})?|\.\d{1,40}|nan\b|inf(?:inity)?\b)", re.IGNORECASE
)
_begin = re.compile(r"[{\[]")
_fence = re.compile(r"```[a-z]{0,9}")
_flat = re.compile(r"\{[^{}]*\}")
_comma = re.compile(r",(?=\s{0,99}[}\]])")
_string = r'"\s{0,9}:\s{0,9}"((?:[^"\\]|\\.)*)'
_text_pattern = re.compile(f'"(?:{"|".join(TEXTS)}){_string}', re.DOTALL)
_phrase = re.compile(f'"(?:{"|".join(PHRASES)}){_string}', re.DOTALL)
_box = re.compile(rf'"(?:{"|".join(BOXES)})"\s{{0,9}}:\s{{0,9}}"?([\[(][^\]"{{}}]*)')


class Answer(NamedTuple):
    """The content of a JSON answer: its text ('' where it has none), its objects, and whether it lists any at all."""

    text: str
    objects: list[NamedObject]
    lists: bool


def in_json(answer: str) -> Answer | None:
    """Take the answer out of the JSON in `answer`; None where none says a text or an object. Takes linear time.

    A text is taken from the JSON, else from the words around it.
    """
    scanned = _scan(answer)
    if scanned.broken:
        scanned = _scan(_comma.sub("", answer if '"' in answer else answer.replace("'", '"')))
    for value in scanned.values:
        if value.text:
            return value
    objects = [item for value in scanned.values for item in value.objects][:MOST]
    text_match = _text_pattern.search(scanned.around)
    if not objects and (scanned.broken or text_match is not None):
        objects = _picked(scanned.around)
    if text_match is None and not objects and not scanned.values:
        return None
    text = _prose(scanned.around) if text_match is None else _unescaped(text_match.group(1))
    return Answer(text, objects, bool(objects) or any(value.lists for value in scanned.values))


class _Scanned(NamedTuple):
    """The JSON in a text, what stands around it, and whether something looked like JSON and was none."""

    values: list[Answer]
    around: str
    broken: bool


def _scan(text: str) -> _Scanned:
    """The JSON objects and arrays in the text that say something, from left to right, none inside another."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Answer] = []
    around: list[str] = []
    at = reached = failed = 0
    while failed < TRIES and len(values) < MOST and (start_match := _begin.search(text, at)):
        try:
            value, at = decoder.raw_decode(text, start_match.start())
        except (ValueError, RecursionError):
            at = start_match.end()
            failed += 1
            continue
        understood = _understood(value)
        if understood is not None:
            values.append(understood)
            around.append(text[reached : start_match.start()])
            reached = at
    return _Scanned(values, " ".join([*around, text[reached:]]), failed > 0)


def _prose(text: str) -> str:
    """The words around JSON, without the fence that it stood in and the commas that were between its parts."""
    return _fence.sub(" ", text).strip(" \t\r\n,[]{}")


def numbers(value: object, most: int = 4 * MOST) -> list[float]:
    """All numbers in a JSON value, in order, also those written in strings; at most `most`."""
    numbers_found: list[float] = []
    waiting = [value]
    while waiting and len(numbers_found) < most:
        item = waiting.pop()
        if isinstance(item, (list, tuple)):
            waiting += reversed(item[:most])
        elif isinstance(item, str):
            numbers_found += [float(text) for text in NUMBER.findall(item[:10_000])]
        elif isinstance(item, (int, float)) and not isinstance(item, bool):
            numbers_found.append(_float(item))
    return numbers_found[:most]


def fours(values: list[float]) -> tuple[tuple[float, ...], ...]:
    """The numbers in groups of four; () where they do not come out even."""
    whole = len(values) % 4 == 0
    return tuple(tuple(values[at : at + 4]) for at in range(0, len(values), 4)) if whole else ()


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _understood(value: object) -> Answer | None:
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], dict):
            return _understood(value[0])
        objects = _objects(value)
        return Answer("", objects, True) if objects else None
    if not isinstance(value, dict):
        return None
    if any(key in value for key in BOXES) and TEXTS[0] not in value:
        return Answer("", _objects(value), True)
    text = next((value[key] for key in TEXTS if isinstance(value.get(key), str)), None)
    listed_objects = next((value[key] for key in LISTS if isinstance(value.get(key), (list, dict))), None)
    objects = _objects(value if listed_objects is None else listed_objects)
    if text is None and listed_objects is None and not objects:
        return None
    return Answer(text or "", objects, listed_objects is not None)


def _objects(listed: object) -> list[NamedObject]:
    if isinstance(listed, dict):
        single = _object(listed)
        by_phrase = [NamedObject(str(key), fours(numbers(box))) for key, box in listed.items() if isinstance(box, list)]
        return [single] if single is not None else [item for item in by_phrase if item.numbers][:MOST]
    entries = listed if isinstance(listed, list) else []
    objects = [_object(entry) for entry in entries[:MOST] if isinstance(entry, dict)]
    return [item for item in objects if item is not None]


def _object(entry: dict[str, Any]) -> NamedObject | None:
    """An object with a box, usable or not; None for what has none."""
    box = next((entry[key] for key in BOXES if key in entry), None)
    if box is None:
        return None
    phrase = next((entry[key] for key in PHRASES if isinstance(entry.get(key), str)), "")
    return NamedObject(phrase, fours(numbers(box)))


def _picked(text: str) -> list[NamedObject]:
    """Objects picked out of what is nearly JSON."""
    entries = [(entry.group(), _box.search(entry.group())) for entry in _flat.finditer(text)]
    picked: list[NamedObject] = []
    for entry, box in entries:
        if box is not None and len(picked) < MOST:
            phrase = _phrase.search(entry)
            picked.append(NamedObject(_unescaped(phrase.group(1)) if phrase else "", fours(numbers(box.group(1)))))
    return picked


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text.replace('\\"', '"')
