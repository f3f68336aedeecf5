"""From questions about an open video to answers: what is seen and said becomes embeddings, [SEG]s become tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from sama_bench.adapters.models.sama.aggregator import Prompted
from sama_bench.adapters.models.sama.assembled import Assembled, Grounded
from sama_bench.adapters.models.sama.generation import Answer
from sama_bench.adapters.models.sama.prompts import ShownRegion, Turn, fitting, frame_blocks, ids
from sama_bench.adapters.models.sama.video import Looked, OpenVideo
from sama_bench.adapters.models.sama.vision import RegionEncoder
from sama_bench.types import Usage


@dataclass(frozen=True)
class Prompt:
    """A dialogue for the language model: ids (n), and embeddings (n, d) with what is seen in its places."""

    ids: tuple[int, ...]
    rows: Tensor


def prompts(parts: Assembled, looked: Looked, dialogues: Sequence[Sequence[Turn]]) -> list[Prompt]:
    """The prompts of dialogues about the same frames; all their questions go through the aggregator together."""
    prompted_turns = [_prompted(parts, looked, turn) for turns in dialogues for turn in turns]
    contexts = iter(parts.model.aggregator(looked.seen, prompted_turns))
    placed_prompts = []
    for turns in dialogues:
        rows = [looked.cells]
        for turn in turns:
            rows += [next(contexts), _regions_as_rows(parts, looked, turn.for_language)]
        placed_prompts.append(placed(parts, ids(turns, parts.template, parts.tokenizer), torch.cat(rows)))
    return placed_prompts


def answers(parts: Assembled, video: OpenVideo, dialogues: Sequence[Sequence[Turn]], longest: int) -> list[Answer]:
    """Answer dialogues about an open video together; what they begin with alike is read once a video."""
    blocks = frame_blocks(video.sample)
    fitting_dialogues = [fitting(turns, parts.template, parts.tokenizer, blocks) for turns in dialogues]
    placed_prompts = prompts(parts, video.looked, fitting_dialogues)
    shared = shared_length(placed_prompts, parts.place, len(video.looked.cells))
    if video.prefix is None or video.prefix.ids != placed_prompts[0].ids[:shared]:
        video.prefix = parts.language.read(placed_prompts[0].ids[:shared], placed_prompts[0].rows[:shared])
    replies = parts.language.answer(video.prefix, [prompt.rows[shared:] for prompt in placed_prompts], longest)
    return [
        replace(reply, usage=Usage(len(prompt.ids), turns_cut=len(turns) - len(fitting_turns)))
        for reply, prompt, turns, fitting_turns in zip(
            replies, placed_prompts, dialogues, fitting_dialogues, strict=True
        )
    ]


def shared_length(placed_prompts: Sequence[Prompt], place: int, cells: int) -> int:
    """With how many tokens all prompts begin alike: up to the token behind the last cell of the frames."""
    first = np.array(placed_prompts[0].ids)
    end = int((first == place).nonzero()[0][cells - 1]) + 2
    assert all(prompt.ids[:end] == placed_prompts[0].ids[:end] for prompt in placed_prompts), (
        "prompts about a video begin alike"
    )
    return end


def _prompted(parts: Assembled, looked: Looked, turn: Turn) -> Prompted:
    """A turn's question for the aggregator, where pooling is in the type of the cells."""
    regions = None
    if turn.for_aggregator is not None:
        regions = _encoded(parts.model.aggregator.regions, looked, turn.for_aggregator, looked.cells.dtype)
    return Prompted(parts.words(turn.asked), regions)


def _regions_as_rows(parts: Assembled, looked: Looked, regions: Sequence[ShownRegion]) -> Tensor:
    """Two rows of the language model for each region, (2 R, d); pooling is in bfloat16 here, always."""
    pooled, shape = _encoded(parts.model.regions, looked, regions, torch.bfloat16)
    return torch.stack([pooled, shape], dim=1).flatten(0, 1)


def _encoded(
    encoder: RegionEncoder, looked: Looked, regions: Sequence[ShownRegion], dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    cells = looked.seen.cells[[region.frame for region in regions]]
    small, large = (
        torch.from_numpy(np.stack(stack) if stack else np.zeros((0, side, side), np.uint8)).to(cells.device)
        for side, stack in (
            (16, [region.small for region in regions]), (112, [region.large for region in regions]),
        )
    )  # fmt: skip
    tokens: tuple[Tensor, Tensor] = encoder(cells, small, large, dtype)
    return tokens


def placed(parts: Grounded, token_ids: Sequence[int], visible_rows: Tensor) -> Prompt:
    """Embeddings of ids with the rows of what is seen, in order, in the places for them.

    Raises ValueError where there are more or fewer places than rows.
    """
    numbers = torch.tensor(list(token_ids), device=visible_rows.device)
    rows = parts.language.embeddings[numbers]
    places = numbers == parts.place
    if int(places.sum()) != len(visible_rows):
        raise ValueError(
            f"the prompt has {int(places.sum())} places for {len(visible_rows)} embeddings of what is seen"
        )
    rows[places] = visible_rows.to(rows.dtype)
    return Prompt(tuple(token_ids), rows)
