"""A question as it is said to SAMA: words with places for what is seen, turn by turn, and regions on one frame each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sama_bench.adapters.models.sama.templates import Template
from sama_bench.adapters.models.sama.tokens import Tokenizer
from sama_bench.adapters.shared.sama_frames import dense
from sama_bench.adapters.shared.sama_prompt import FRAME, IMAGE, LARGE, MASK, REGION, SMALL, masks
from sama_bench.types import Question, Region

LONGEST = 8192
"""Tokens of a dialogue in training."""


@dataclass(frozen=True)
class ShownRegion:
    """A region on one of the frames that are shown in full: which of them, its masks there of 16 x 16 and 112 x 112."""

    frame: int
    small: NDArray[np.uint8]
    large: NDArray[np.uint8]


@dataclass(frozen=True)
class Turn:
    """The words and regions of one turn.

    `asked` is the question as the context aggregator reads it, `words` as the language model does. The released code
    chooses the frame of a region twice, by chance: for the aggregator, and for the language model. `answer` is that of
    an earlier turn. `for_aggregator` is None where nothing is said of regions (plain questions).
    """

    asked: str
    words: str
    for_aggregator: tuple[ShownRegion, ...] | None = ()
    for_language: tuple[ShownRegion, ...] = ()
    answer: str = ""


def turns(question: Question, sample: Sequence[int], *, every: bool, seed: str) -> list[Turn]:
    """The earlier turns and the question itself, about a video of which the frames `sample` are seen.

    Frames stand in the first turn, tokens for context in each. With `every` a region is there on all frames, of which
    one is drawn by chance, as the released code does, seeded by `seed` and the question.
    """
    chance = random.Random(sha256(f"{seed} {question.key}".encode()).digest())  # noqa: S311 - as the released code draws
    context = IMAGE * len(sample)
    blocks = frame_blocks(sample)
    dialogue = []
    for place, (text, regions, answer) in enumerate(_turns_of(question)):
        line_end = "\n" if question.expects == "text" and not place else ""
        words = f"{'' if place else blocks}{context}{line_end}{text.replace(MASK, REGION)}"
        masks_of_regions = [_on_dense_frames(region, sample, every=every) for region in regions]
        first, second = (tuple(_on_one(region_masks, chance) for region_masks in masks_of_regions) for _ in range(2))
        dialogue.append(Turn(text, words, first, second, answer))
    return dialogue


def _turns_of(question: Question) -> list[tuple[str, Sequence[Region], str]]:
    """Text, regions and answer of each turn."""
    past = [(turn.question, turn.regions, turn.answer) for turn in question.history]
    return [*past, (question.text, question.regions, "")]


def _on_dense_frames(region: Region, sample: Sequence[int], *, every: bool) -> list[NDArray[np.uint8]]:
    frames = dense(list(sample))
    return [masks(region, sample, size, every=every)[frames] for size in (SMALL, LARGE)]


def _on_one(dense_masks: Sequence[NDArray[np.uint8]], chance: random.Random) -> ShownRegion:
    """The region on one of the frames on which its small mask has something; on the first where it has nothing."""
    small, large = dense_masks
    visible_places = [place for place, mask in enumerate(small) if mask.any()]
    frame = chance.choice(visible_places) if visible_places else 0
    return ShownRegion(frame, small[frame], large[frame])


def ids(turns: Sequence[Turn], template: Template, tokenizer: Tokenizer) -> list[int]:
    """The ids of a dialogue up to where the answer begins.

    One turn is encoded as a whole. In training the parts of several were encoded each on its own and joined.
    """
    token_ids = tokenizer.encode(template.asked(turns[0].words))
    for previous, turn in pairwise(turns):
        for part in (
            _bare(previous.answer, template) + template.suffix, template.separator, template.asked(turn.words),
        ):  # fmt: skip
            token_ids += tokenizer.encode(part, start=False)
    return token_ids


def _bare(answer: str, template: Template) -> str:
    """An earlier answer without the words that ended it, which the template writes itself."""
    while stop := next((stop_word for stop_word in template.stops if answer.rstrip().endswith(stop_word)), ""):
        answer = answer.rstrip().removesuffix(stop)
    return answer.strip()


def fitting(turns: Sequence[Turn], template: Template, tokenizer: Tokenizer, blocks: str) -> list[Turn]:
    """The turns without the oldest ones, so far as a dialogue would be longer than any in training."""
    left = list(turns)
    while len(left) > 1 and len(ids(left, template, tokenizer)) > LONGEST:
        _, second, *others = left
        left = [Turn(second.asked, blocks + second.words, second.for_aggregator, second.for_language, second.answer),
                *others]  # fmt: skip
    return left


def frame_blocks(sample: Sequence[int]) -> str:
    """The places of the frames that are shown in full."""
    return "\n".join([FRAME] * len(dense(list(sample))))
