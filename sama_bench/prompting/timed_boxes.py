"""Boxes with a time stamp in an answer: Qwen3-VL's `[{"time": 1.0, "bbox_2d": [x0, y0, x1, y1], "label": ""}, …]`."""

from __future__ import annotations

import re
from collections import Counter

from sama_bench.prompting.json_objects import BOXES, fours
from sama_bench.prompting.timed_objects import (
    MOST,
    Sighting,
    TimedAnswer,
    TimedObject,
    around_json,
    grouped,
    json_entries,
    time_of,
)

IDS = ("id", "object_id", "track_id", "instance")
_empty = re.compile(r"\[\s{0,99}\]")


def read_boxes(answer: str) -> TimedAnswer:
    """The objects of an answer with their boxes, in the model's own numbers.

    Entries of one label (and id, where they have one) are one object; the second of a time another one of that label.
    `silent` where the list is empty.
    """
    entries, whole = json_entries(answer, BOXES)
    boxes: dict[tuple[str, str, int], list[Sighting]] = {}
    seen: Counter[tuple[str, str, float | None]] = Counter()
    for entry, numbers in entries:
        label = str(entry.get("label") or entry.get("phrase") or entry.get("name") or "")[:300]
        number = next((str(entry[key])[:20] for key in IDS if key in entry), "")
        time = time_of(entry)
        for four in fours(numbers):
            ordinal = seen[label, number, time]
            seen[label, number, time] += 1
            boxes.setdefault((label, number, ordinal), []).append(Sighting(time, four))
    objects = [TimedObject(label, tuple(sightings)) for (label, *_), sightings in boxes.items()]
    silent = whole and not entries and bool(_empty.search(answer))
    timed = any(sighting.time is not None for item in objects for sighting in item.sightings)
    return TimedAnswer(grouped(objects[:MOST]), around_json(answer), ends=whole, silent=silent, follows=timed)
