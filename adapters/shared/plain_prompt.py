"""The pictures and words of a plain question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sama_bench.frames import Frame
from sama_bench.prompting import Prompt
from sama_bench.prompting.frame_choice import choose
from sama_bench.types import PlainQuestion

PLACE = "<image>"
CLOSE = 5
"""So many pictures the language models with a `predict_forward` see in full."""


def prompt(question: PlainQuestion, frames: int, label: str) -> Prompt:
    """For models that are asked in a chat: all images, of a video at most so many `frames`, and the words.

    `label` stands before each frame of a video; other images are not numbered.
    """
    pictures = _frames_of(question, frames)
    return Prompt(pictures, tuple(range(len(pictures))), words(question), "", 0, label if question.video else "")


def pictured(question: PlainQuestion, frames: int | None = None) -> dict[str, Any]:
    """For `predict_forward`: `image` (one PIL image), `video` (a list of them), or nothing where nothing is shown.

    Of a video `frames` at most. Several images go as a video, as Sa2VA's own evaluation hands them over. Raises
    ValueError for more of them than the model sees.
    """
    from PIL import Image

    pictures = [Image.fromarray(frame) for frame in _frames_of(question, frames)]
    if question.video:
        return {"video": pictures}
    if len(pictures) > CLOSE:
        raise ValueError(f"the question has {len(pictures)} images, and the model sees {CLOSE} at most")
    if len(pictures) > 1:
        return {"video": pictures}
    return {"image": pictures[0]} if pictures else {}


def words(question: PlainQuestion) -> str:
    """The question's words without places for images: those that take it have places of their own."""
    return question.text.replace(PLACE, "").strip()


def _frames_of(question: PlainQuestion, most: int | None) -> tuple[Frame, ...]:
    """All images; of a video `most` frames (None: all), evenly spread from the first to the last."""
    frames = question.frames
    if most is None or not question.video:
        return frames
    return tuple(frames[place] for place in choose(len(frames), most, "uniform"))


@contextmanager
def at_most(model: Any, tokens: int | None) -> Iterator[None]:  # noqa: ANN401 - the checkpoint's own class
    """Let the model's code generate so many tokens, and as many as before afterwards; its own limit for None.

    The limit stands in `gen_config`; where there is none it is written out where that code calls `model.generate`.
    """
    if tokens is None:
        yield
        return
    config = getattr(model, "gen_config", None)
    place, name, new = (
        (config, "max_new_tokens", tokens)
        if config is not None
        else (model.model, "generate", _limited(model.model.generate, tokens))
    )
    was_set, original = name in vars(place), getattr(place, name)
    setattr(place, name, new)
    try:
        yield
    finally:
        if was_set:
            setattr(place, name, original)
        else:
            delattr(place, name)


def _limited(generate: Callable[..., Any], tokens: int) -> Callable[..., Any]:
    def generated(*args: Any, **more: Any) -> Any:  # noqa: ANN401
        return generate(*args, **{**more, "max_new_tokens": tokens})

    return generated
