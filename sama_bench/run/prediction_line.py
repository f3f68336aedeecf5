"""An answer as a line of a file of predictions, as `PredictionFile` reads them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sama_bench.adapter import Abilities
from sama_bench.run.abilities import EVERYTHING, cannot
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Key


def line(key: Key, video: str, answer: StoredPrediction, can: Abilities = EVERYTHING) -> str:
    """The answer to a question of `video` as one line of JSON, without the line's end.

    `can` is what the model can do, where the line has to say so.
    """
    content = _content(key, video, answer)
    if lacking := cannot(can):
        content["cannot"] = lacking
    return json.dumps(content, ensure_ascii=False)


def _content(key: Key, video: str, answer: StoredPrediction) -> dict[str, Any]:
    named = {"task": key.task, "question_id": key.id, "video": video, "seconds": answer.seconds}
    read: dict[str, Any] = {"boxes": answer.boxes, "raw": answer.raw, "unread": answer.unread}
    if answer.usage is not None:
        read["usage"] = asdict(answer.usage)
    beside = {name: value for name, value in read.items() if value is not None}
    if answer.error is not None:
        return {**named, "error": answer.error, **beside}
    return {**named, "text": answer.text, "tracks": answer.tracks, **beside}
