"""The pictures of a plain question, as models with a `predict_forward` of their own take them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sama_bench.prompting.frame_choice import choose
from sama_bench.types import PlainQuestion

PLACE = "<image>"


def pictured(question: PlainQuestion, frames: int | None = None) -> dict[str, Any]:
    """`image` (one PIL image), `video` (a list of them), or nothing for a question in words alone.

    Of a video `frames` at most, evenly spread. Raises ValueError for several images that are no video: these models
    take one.
    """
    from PIL import Image

    pictures = [Image.fromarray(frame) for frame in question.frames]
    if not pictures:
        return {}
    if question.video:
        return {"video": [pictures[place] for place in choose(len(pictures), frames or len(pictures), "uniform")]}
    if len(pictures) > 1:
        raise ValueError(f"the question has {len(pictures)} images, and the model takes one, or a video")
    return {"image": pictures[0]}


def words(question: PlainQuestion) -> str:
    """The question's words without places for images, which the model's code finds itself."""
    return question.text.replace(PLACE, "").strip()


@contextmanager
def at_most(model: Any, tokens: int | None) -> Iterator[None]:  # noqa: ANN401 - the checkpoint's own class
    """Let the model's code generate so many tokens, and as many as before afterwards; its own limit for None."""
    own = getattr(model, "gen_config", None)
    if tokens is None or own is None:
        yield
        return
    before, own.max_new_tokens = own.max_new_tokens, tokens
    try:
        yield
    finally:
        own.max_new_tokens = before
