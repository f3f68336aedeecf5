"""Plain questions about images, a video or nothing: as the released code writes the prompt itself."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image

from sama_bench.adapters.models.sama import pixels
from sama_bench.adapters.models.sama.answering import prompts
from sama_bench.adapters.models.sama.assembled import Assembled
from sama_bench.adapters.models.sama.generation import Answer
from sama_bench.adapters.models.sama.prompts import Turn
from sama_bench.adapters.models.sama.video import Looked, look
from sama_bench.adapters.shared.plain_prompt import pictured, words
from sama_bench.adapters.shared.sama_frames import dense, sparse
from sama_bench.adapters.shared.sama_prompt import FRAME, IMAGE
from sama_bench.types import PlainQuestion


def answer(parts: Assembled, question: PlainQuestion, max_frames: int, longest: int) -> Answer:
    """Answer a question of which regions say nothing. Raises ValueError for more than five images, or several sizes."""
    looked, turn = seen(parts, question, max_frames)
    (prompt,) = prompts(parts, looked, [[turn]])
    (reply,) = parts.language.answer(None, [prompt.rows], longest)
    return reply


def seen(parts: Assembled, question: PlainQuestion, max_frames: int) -> tuple[Looked, Turn]:
    """The view of what a question shows, and the turn that asks it."""
    text = " ".join(words(question).split("\n"))
    pictures = pictured(question)
    if "video" in pictures:
        return _of_frames(parts, pictures["video"], text, max_frames)
    text = text.replace("<video>", "").strip() if pictures else text
    if "image" in pictures:
        tiles = pixels.tiles(pictures["image"].convert("RGB"))
        blocks = f"<img>{IMAGE * 256 * len(tiles)}</img>{IMAGE * len(tiles)}"
        return look(parts, tiles, len(tiles)), Turn(text, f"{blocks}\n{text}", None)
    # words alone were trained with the one context token of a black picture, which itself is not shown
    words_asked = f"{IMAGE}\n{text}"
    black = parts.model.vision(torch.zeros(1, 3, pixels.SIDE, pixels.SIDE, device=parts.device, dtype=parts.dtype))
    return Looked(parts.model.aggregator.look(black), 0), Turn(words_asked, words_asked, None)


def _of_frames(parts: Assembled, frames: Sequence[Image.Image], text: str, most: int) -> tuple[Looked, Turn]:
    if len({frame.size for frame in frames}) > 1:
        raise ValueError("the question has images of several sizes, and SAMA takes one size together")
    text = text.replace("<video>", "").strip()
    sample = sparse(len(frames), most)
    blocks = "\n".join([FRAME] * len(dense(sample)))
    looked = look(parts, [frames[index] for index in sample], len(dense(sample)))
    return looked, Turn(text, f"{blocks}{IMAGE * len(sample)}\n{text}", None)
