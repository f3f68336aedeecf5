"""The arguments of `predict_forward` for a question, beside the frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sama_bench.adapters.shared.sama_frames import dense, sparse
from sama_bench.types import Mask, Question, Region

IMAGE = "<IMG_CONTEXT>"
FRAME = f"<img>{IMAGE * 256}</img>"
REGION = f"<vp>{IMAGE * 2}</vp>"
MASK = "<mask>"
SMALL, LARGE = 16, 112

Masks = NDArray[np.uint8]


def text(question: Question, sample: Sequence[int]) -> str:
    """The words with image tokens: a block for each dense frame, one token for each of `sample`, two for each region.

    The released scripts write five blocks whatever the video's length. Where it has fewer dense frames, tokens and
    embeddings then disagree, and the model sees nothing of the video; so there are as many blocks here as dense frames.
    """
    blocks = "\n".join([FRAME] * len(dense(list(sample))))
    line_end = "\n" if question.expects == "text" else ""
    return f"{blocks}{IMAGE * len(sample)}{line_end}{question.text.replace(MASK, REGION)}"


def masks(region: Region, sample: Sequence[int], size: int, *, every: bool = False) -> Masks:
    """A region as the model takes it: (T, size, size) uint8, by nearest neighbour.

    It is there on one frame, `place`, and nowhere else, so that no later frame's truth is in the prompt; with `every`
    on all frames, as in the released scripts.
    """
    region_masks = np.zeros((len(region), size, size), np.uint8)
    for index in region.visible if every else place(region, sample):
        region_masks[index] = nearest(region.mask(index), size)
    return region_masks


def place(region: Region, sample: Sequence[int]) -> list[int]:
    """The frame on which a region is shown; none where it is visible nowhere.

    It is the first of the dense frames on which the model sees it: at 16 x 16, by which it judges that, a small region
    may be lost on some. The model looks at no other frames; for it a region that is on none of them is empty, as
    with the released scripts. Such a one is shown where it is visible first.
    """
    visible = region.visible
    close = [index for index in dense(list(sample)) if index in set(visible)]
    close_enough = (index for index in close if nearest(region.mask(index), SMALL).any())
    return [index for index in (next(close_enough, None), *close, *visible) if index is not None][:1]


def unseen(question: Question, sample: Sequence[int]) -> int:
    """The number of the question's regions that the model sees on none of the frames it looks at closely."""
    close = dense(list(sample))
    regions_seen = (any(nearest(region.mask(index), SMALL).any() for index in close) for region in question.regions)
    return sum(not is_seen for is_seen in regions_seen)


def nearest(mask: Mask, size: int) -> Masks:
    """A mask (H, W) at (size, size) by nearest neighbour, as PyTorch's `interpolate` takes it: floor(i * H / size)."""
    rows, columns = (
        np.floor(np.arange(size, dtype=np.float32) * np.float32(side / size)).astype(int) for side in mask.shape
    )
    small = mask[np.minimum(rows, mask.shape[0] - 1)][:, np.minimum(columns, mask.shape[1] - 1)]
    return np.asarray(small, np.uint8)


def forward_arguments(question: Question, max_frames: int, *, every: bool) -> dict[str, Any]:
    """The keyword arguments for `question`: text, regions as CPU tensors, and whether masks are wanted back."""
    import torch

    sample = sparse(len(question.video), max_frames)

    def tensors(size: int) -> list[Any]:
        return [torch.from_numpy(masks(region, sample, size, every=every)) for region in question.regions]

    return {
        "text": text(question, sample),
        "text_prompts": question.text,
        "prompt_masks": tensors(SMALL),
        "prompt_masks_112": tensors(LARGE),
        "mask_count": [len(question.regions)],
        "max_frames": max_frames,
        "prediction_only": question.expects == "text",
    }
