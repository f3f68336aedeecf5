"""What a run's database holds, taken out of its rows: SQLite takes any type in any column, and JSON holds anything.

All raise ValueError, which says what is wrong, where a row is not as it was put.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from itertools import chain
from typing import Any

from sama_bench.benchmark.installed import is_task
from sama_bench.files.json_files import parse_json
from sama_bench.files.json_shapes import short
from sama_bench.metrics.rle import MAX_SIDE
from sama_bench.run.predictions import KeptTrack, is_count
from sama_bench.types import Cue, Key, Usage, cue

NAMES_OF_USAGE = {field.name for field in fields(Usage)}
TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "tracks": (bytes,),
    "seconds": (float, int, type(None)),
    **dict.fromkeys(("error", "traceback", "boxes", "raw", "unread", "usage"), (str, type(None))),
}


def key(task: object, id_: object) -> Key:
    """The question that a row is about."""
    if not isinstance(task, str) or not is_task(task) or not isinstance(id_, str):
        raise ValueError(f"task {short(task)}, id {short(id_)} names no question")
    return Key(task, id_)


def text(value: object) -> str:
    """A text that has to be there."""
    if not isinstance(value, str):
        raise ValueError(f"{short(value)} is no text")
    return value


def mapping(value: object) -> dict[str, Any]:
    """An object that was kept as JSON."""
    content = parse_json(text(value))
    if not isinstance(content, dict):
        raise ValueError(f"{short(content)} is no JSON object")
    return content


def check_types(row: Mapping[str, object]) -> None:
    """Whether each column of an answer holds a value of its type."""
    for name, value in row.items():
        if not isinstance(value, TYPES[name]):
            raise ValueError(f"its {name} is {short(value)}")
    seconds = row["seconds"]
    if isinstance(seconds, float | int) and not 0 <= seconds < math.inf:
        raise ValueError(f"its seconds are {short(seconds)}")


def tracks(content: bytes) -> list[KeptTrack]:
    """The tracks of an answer from their JSON: lists of masks or None. Whether they fit, `predictions.fitting` says."""
    try:
        listed = json.loads(content)
    except RecursionError as problem:
        raise ValueError("its tracks are nested too deep") from problem
    if not isinstance(listed, list) or not all(isinstance(track, list) for track in listed):
        raise ValueError(f"its tracks are {short(listed)}")
    for mask in chain(*listed):
        if mask is not None and not _is_mask(mask):
            raise ValueError(f"{short(mask)} is no mask")
    return listed


def _is_mask(value: object) -> bool:
    match value:
        case {"size": [int(height), int(width)], "counts": str()} if len(value) == 2:  # type: ignore[arg-type]
            return 0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE
    return False


def boxes(content: str | None) -> list[list[Cue]] | None:
    """The boxes and points of an answer from their JSON, a list for each of its objects; None where it has none."""
    if content is None:
        return None
    listed = parse_json(content)
    if not isinstance(listed, list) or not all(isinstance(some, list) for some in listed):
        raise ValueError(f"its boxes are {short(listed)}")
    return [[_box(value) for value in some] for some in listed]


def usage(content: str | None) -> Usage | None:
    """What the prompt of an answer took, from its JSON; None where nobody said."""
    if content is None:
        return None
    counts = mapping(content)
    if counts.keys() - NAMES_OF_USAGE or not all(map(is_count, counts.values())):
        raise ValueError(f"its usage is {short(counts)}")
    return Usage(**counts)


def _box(numbers: object) -> Cue:
    if (
        not isinstance(numbers, list)
        or len(numbers) not in {1, 3, 5}
        or not all(type(value) in {int, float} for value in numbers)
    ):
        raise ValueError(f"{short(numbers)} is no box")
    if type(numbers[0]) is not int or numbers[0] < 0:
        raise ValueError(f"{short(numbers[0])} is no frame of a box")
    return cue(numbers)
