"""A prompt as the messages that chat templates take, and as the pictures that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from sama_bench.prompting import Prompt
from sama_bench.prompting.families import labelled

Form: TypeAlias = Literal["images", "video"]
"""How frames are handed over."""
Part: TypeAlias = dict[str, str]
Message: TypeAlias = dict[str, Any]


def messages(prompt: Prompt, form: str, *, system: bool = True) -> list[Message]:
    """The conversation that asks `prompt`, with a place for each picture but no picture in it.

    As `images` each frame is one, behind the prompt's label; as `video` all frames are one video.
    Earlier turns are messages of their own, the pictures in the first alone.
    Where a template knows no system message (`system` is False) its words come before the user's.
    """
    separate = bool(prompt.system) and system
    first, *later = [*(turn.question for turn in prompt.past), prompt.text]
    words = first if separate or not prompt.system else f"{prompt.system}\n\n{first}"
    user = [*_places(len(prompt.frames), form, prompt.label), _text(words)]
    begin = [{"role": "system", "content": [_text(prompt.system)]}] if separate else []
    chat = [*begin, {"role": "user", "content": user}]
    for turn, question in zip(prompt.past, later, strict=True):
        chat += [{"role": "assistant", "content": [_text(turn.answer)]}, {"role": "user", "content": [_text(question)]}]
    return chat


def _places(frames: int, form: str, label: str) -> list[Part]:
    if not frames:
        return []
    if form == "video":
        return [{"type": "video"}]
    if not label:
        return [{"type": "image"}] * frames
    return [part for number in range(frames) for part in (_text(labelled(label, number + 1)), {"type": "image"})]


def _text(words: str) -> Part:
    return {"type": "text", "text": words}


def pictures(prompts: Sequence[Prompt], form: str, *, pairs: bool = True) -> dict[str, Any]:
    """The arguments of a processor beside the texts: the pictures of each prompt, in order.

    Frames of a video are all taken, and count as one second each: what the data's rate was nobody knows. A model that
    merges frames in `pairs`, as the Qwen family does, refuses half a pair: it is shown a single frame twice.
    """
    if form == "images":
        from PIL import Image

        return {"images": [[Image.fromarray(frame) for frame in prompt.frames] for prompt in prompts]}
    from transformers.video_utils import VideoMetadata

    twice = 2 if pairs else 1
    videos = [np.stack(prompt.frames if len(prompt.frames) > 1 else prompt.frames * twice) for prompt in prompts]
    counts = [len(frames) for frames in videos]
    metadata = [VideoMetadata(total_num_frames=n, fps=1.0, frames_indices=list(range(n))) for n in counts]
    return {"videos": videos, "video_metadata": metadata, "do_sample_frames": False}
