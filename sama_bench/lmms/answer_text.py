"""Answers with masks as text: what a model of lmms-eval returns is a string, so theirs travel in it as JSON.

The form is that of lmms-eval's own SAM 3 model: masks as COCO's RLE, {"size": [H, W], "counts": "…"}. There `masks`
has one of an image; here a track for each [SEG] of `text`, with an RLE or null for every frame of the video.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sama_bench.adapter import Abilities
from sama_bench.run.abilities import EVERYTHING, cannot, without
from sama_bench.run.predictions import StoredPrediction, validate
from sama_bench.types import Prediction, Video

# An object that has this is an answer in this form; a JSON object without is a text like any other.
FORM = "sama_bench"
VERSION = 1


class Answered(NamedTuple):
    """The content of an answer's string: the answer, and what the model that gave it cannot do."""

    prediction: StoredPrediction
    can: Abilities


def written(answer: StoredPrediction, can: Abilities = EVERYTHING) -> str:
    """An answer as one line of JSON in ASCII.

    `<` is written as an escape, so that nobody who strips tags such as <think> from answers strips any of its text.
    """
    content: dict[str, Any] = {FORM: VERSION}
    if lacking := cannot(can):
        content["cannot"] = lacking
    if answer.error is not None:
        content["error"] = answer.error
    else:
        content |= {"text": answer.text, "masks": answer.tracks}
    for name in ("seconds", "raw", "unread"):
        if (value := getattr(answer, name)) is not None:
            content[name] = value
    return json.dumps(content).replace("<", "\\u003c")


def read(text: str, video: Video) -> Answered | None:
    """The answer about `video` that `written` made this text of; None where the text is not of that form.

    An answer of the form with something wrong in it, as masks of another size, becomes one with an `error` that says
    what.
    """
    content = _object(text)
    if content is None:
        return None
    lacking = content.get("cannot", [])
    can = (
        without(ability for ability in lacking if isinstance(ability, str)) if isinstance(lacking, list) else EVERYTHING
    )
    if content[FORM] != VERSION:
        problem = f"unusable answer: form {content[FORM]!r}, this version reads {VERSION}"
        return Answered(StoredPrediction("", error=problem), can)
    return Answered(validate(_prediction(content), video, _seconds(content)), can)


def _object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and FORM in content else None


def _prediction(content: Mapping[str, Any]) -> Prediction:
    masks, raw, unread = content.get("masks", []), content.get("raw"), content.get("unread")
    return Prediction(content.get("text", None), masks, error=content.get("error"), raw=raw, unread=unread)


def _seconds(content: Mapping[str, Any]) -> float | None:
    seconds = content.get("seconds")
    return float(seconds) if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) else None
