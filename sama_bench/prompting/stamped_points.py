"""Points with a time stamp in an answer: `<tracks coords="t i x y i x y; t …">`, `<points …>`, `"point_2d"`.

The form is Molmo2's (allenai/molmo2 f3cb108), read as loosely as lmms-eval's rvos tasks write it: segments parted by a
semicolon, tab, colon, comma or line end, ids from 0 or 1, numbers of any length, an attribute that is cut off. Nothing
here raises, and all takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sama_bench.prompting.timed_objects import (
    MOST,
    Sighting,
    TimedAnswer,
    TimedObject,
    around_json,
    grouped,
    json_entries,
    time_of,
    words_of,
)

SCALE = 1000.0
_tag = re.compile(
    r"<(?P<kind>tracks?|points?)\b[^<>]{0,200}?\b(?:coords|points)\s{0,3}=\s{0,3}(?P<quote>[\"']?)(?P<coords>[^\"'<>]*)",
    re.IGNORECASE,
)
_after = re.compile(r"[\"']?[^<>]{0,200}>(?P<label>[^<]{0,300})", re.IGNORECASE)
_end = re.compile(r"</(?:tracks?|points?)>", re.IGNORECASE)
_parts = re.compile(r"[;\t\n\r]+")
_number = re.compile(r"(?<![\w.])-?\d{1,12}(?:\.\d{0,12})?(?![\w.])")
_old_time = re.compile(r"\btime\s{0,3}[:=]?\s{0,3}(\d{1,9}(?:\.\d{0,6})?)", re.IGNORECASE)
_old_number = r"(-?\d{1,9}(?:\.\d{0,9})?)"
_old_point = re.compile(rf"(\d{{1,6}})\s{{0,3}}:\s{{0,3}}[\[(]\s{{0,3}}{_old_number}[,\s]{{1,4}}{_old_number}")
_none = re.compile(r"\bthere (?:are|is) (?:none|no\b)|\bnot (?:present|visible|in the video)\b|\bnone\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Segment:
    """What stands at one time stamp, None where there is none: (id, x, y) for each object."""

    time: float | None
    points: tuple[tuple[int, float, float], ...]


def read_points(answer: str) -> TimedAnswer:
    """The objects of an answer with their points, in the model's own numbers.

    Without any point: `silent` where it says itself that there is none.
    """
    tags = list(_tag.finditer(answer))
    if tags:
        return _of_tags(answer, tags)
    older = _older(answer)
    if older:
        return TimedAnswer(tuple(older), "", ends=True, scale=100.0)
    entries, whole = json_entries(answer, ("point_2d", "point", "points", "point2d"))
    objects = _of_json(entries)
    silent = not objects and bool(_none.search(answer[:2000]))
    return TimedAnswer(objects, around_json(answer), ends=whole, silent=silent, follows=_timed(objects))


def _timed(objects: Sequence[TimedObject]) -> bool:
    return any(sighting.time is not None for item in objects for sighting in item.sightings)


def _stamps(objects: Sequence[TimedObject]) -> int:
    return len({sighting.time for item in objects for sighting in item.sightings})


def _of_tags(answer: str, tags: list[re.Match[str]]) -> TimedAnswer:
    objects: list[TimedObject] = []
    words: list[str] = []
    reached, closed, several = 0, True, False
    for place, tag in enumerate(tags[:MOST]):
        before = answer[reached : tag.start()]
        after = _after.match(answer, tag.end())
        end = after.end() if after is not None else len(answer)
        closed = after is not None
        ending = _end.match(answer, end)
        reached = ending.end() if ending is not None else end
        label = after["label"].strip() if after is not None else ""
        words += [before, label]
        several = several or tag["kind"].lower().startswith("track")
        objects += _objects(_segments(tag["coords"], whole=closed), label, place)
    text = " ".join([*words, answer[reached:]])
    follows = several or _stamps(objects) > 1
    return TimedAnswer(tuple(objects[:MOST]), words_of(text), ends=closed, follows=follows, scale=SCALE)


def _segments(coords: str, *, whole: bool) -> list[_Segment]:
    """The segments of an attribute; of one that was cut off the last, perhaps broken, number is not trusted."""
    segments = [[float(number) for number in texts] for texts in _split(coords) if texts]
    if whole and segments and all(len(numbers) % 3 == 0 for numbers in segments):  # ids and places without a time
        return [_Segment(None, tuple(_threes(numbers))) for numbers in segments]
    if whole and len(segments) == 1 and len(segments[0]) == 2:
        x, y = segments[0]
        return [_Segment(None, ((0, x, y),))]  # a place alone
    if segments and not whole:
        last = segments[-1]
        kept = len(last) - (len(last) - 1) % 3
        # a number right at the cut may lack digits
        segments[-1] = last[: max(1, kept - 3 if kept == len(last) and coords[-1:].isdigit() else kept)]
    return [_Segment(numbers[0], tuple(_threes(numbers[1:]))) for numbers in segments]


def _threes(numbers: Sequence[float]) -> Iterator[tuple[int, float, float]]:
    for id_, x, y in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=False):
        yield int(id_), x, y


def _split(coords: str) -> Iterator[list[str]]:
    """The numbers of each segment: `t i x y i x y …` is 1 more than a multiple of 3."""
    parts = [part for part in _parts.split(coords) if part.strip()]
    if len(parts) == 1:  # commas and colons part segments where nothing else does, unless they part numbers
        by_comma = [part for part in re.split(r"[,:]", parts[0]) if part.strip()]
        if all(len(_number.findall(part)) % 3 == 1 and len(_number.findall(part)) > 1 for part in by_comma):
            parts = by_comma
    for part in parts:
        yield _number.findall(part.replace(",", " ").replace(":", " "))


def _objects(segments: list[_Segment], label: str, group: int) -> list[TimedObject]:
    """The objects by their ids, in order; one that two segments of a time name twice is taken as it came first."""
    points: dict[int, list[Sighting]] = {}
    for segment in segments:
        for number, x, y in segment.points:
            points.setdefault(number, []).append(Sighting(segment.time, (x, y)))
    return [TimedObject(label, tuple(points[number]), group) for number in sorted(points)]


def _older(answer: str) -> list[TimedObject]:
    """The form `time t` and `{id: [x, y], …}`, whose numbers are 0 to 100."""
    times = list(_old_time.finditer(answer))
    ends = [*(found.start() for found in times[1:]), len(answer)][: len(times)]
    points: dict[int, list[Sighting]] = {}
    for time, end in zip(times, ends, strict=True):
        for number, x, y in _old_point.findall(answer, time.end(), end):
            points.setdefault(int(number), []).append(Sighting(float(time[1]), (float(x), float(y))))
    return [TimedObject("", tuple(points[number])) for number in sorted(points)][:MOST]


def _of_json(entries: list[tuple[dict[str, object], list[float]]]) -> tuple[TimedObject, ...]:
    """`{"point_2d": [x, y], "label": …}`: with a time one object for each label, without one for each entry."""
    timed: dict[str, list[Sighting]] = {}
    objects: list[TimedObject] = []
    for entry, numbers in entries:
        time, label = time_of(entry), str(entry.get("label") or entry.get("phrase") or "")
        places = [(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=False)]
        if time is None:
            objects += [TimedObject(label, (Sighting(None, place),)) for place in places]
        else:
            timed.setdefault(label, []).extend(Sighting(time, place) for place in places[:1])
    objects += [TimedObject(label, tuple(sightings)) for label, sightings in timed.items()]
    return grouped(objects[:MOST])
