"""From questions to answers: frames with their marks, and words, become embeddings."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from sama_bench.adapters.models.sa2va.assembled import Assembled
from sama_bench.adapters.models.sa2va.video import OpenVideo
from sama_bench.adapters.models.sama import pixels
from sama_bench.adapters.models.sama.answering import Prompt, placed, shared_length
from sama_bench.adapters.models.sama.generation import Answer
from sama_bench.adapters.models.sama.video import cells_of
from sama_bench.adapters.shared.plain_prompt import pictured, words
from sama_bench.adapters.shared.region_marks import Marked
from sama_bench.adapters.shared.sama_prompt import FRAME, IMAGE
from sama_bench.adapters.shared.shown_frames import ShownFrames
from sama_bench.types import PlainQuestion


def answers(parts: Assembled, video: OpenVideo, questions: Sequence[Marked], longest: int) -> list[Answer]:
    """Answer questions about an open video together.

    Where all of them see the same pictures, as questions without regions do, what they begin with is read once.
    """
    looks = video.look(questions)
    prompts = [
        prompt(parts, blocks(len(question.places)), question.text, cells)
        for question, (_, cells) in zip(questions, looks, strict=True)
    ]
    pictures = looks[0][0]
    if any(other != pictures for other, _ in looks):
        return parts.language.answer(None, [one_prompt.rows for one_prompt in prompts], longest)
    shared = shared_length(prompts, parts.place, len(looks[0][1]))
    if video.prefix is None or video.prefix[0] != pictures:
        video.prefix = pictures, parts.language.read(prompts[0].ids[:shared], prompts[0].rows[:shared])
    return parts.language.answer(video.prefix[1], [one_prompt.rows[shared:] for one_prompt in prompts], longest)


def prompt(parts: Assembled, picture_blocks: str, text: str, cells: Tensor) -> Prompt:
    """The prompt of a question with the cells of its pictures (n, d) in the places of their blocks."""
    ids = parts.tokenizer.encode(parts.template.asked(f"{picture_blocks}\n{text}"))
    return placed(parts, ids, cells)


def blocks(frames: int) -> str:
    """The places of the cells of so many frames."""
    return "\n".join([FRAME] * frames)


def answer_plainly(parts: Assembled, question: PlainQuestion, shown: ShownFrames, longest: int) -> Answer:
    """Answer a plain question. Raises ValueError for more than five images; in Sa2VA-i also for several sizes."""
    (reply,) = parts.language.answer(None, [plain_prompt(parts, question, shown).rows], longest)
    return reply


def plain_prompt(parts: Assembled, question: PlainQuestion, shown: ShownFrames) -> Prompt:
    """The prompt of a plain question about an image in tiles, a video, or nothing."""
    pictures = pictured(question, shown.count)
    if "image" in pictures and not parts.corrected:
        tiles = pixels.tiles(pictures["image"].convert("RGB"))
        cells = cells_of(parts, tiles)
        return prompt(parts, f"<img>{IMAGE * 256 * len(tiles)}</img>", words(question), _joined(cells))
    frames = [pictures["image"]] if "image" in pictures else pictures.get("video", [])
    if not frames:
        ids = parts.tokenizer.encode(parts.template.asked(words(question)))
        return placed(parts, ids, parts.language.embeddings[:0])
    if parts.corrected and len({frame.size for frame in frames}) > 1:
        raise ValueError("the question has images of several sizes, and Sa2VA-i takes one size together")
    return prompt(parts, blocks(len(frames)), words(question), _joined(cells_of(parts, frames)))


def _joined(cells: Sequence[Tensor]) -> Tensor:
    import torch

    return torch.cat(list(cells))
