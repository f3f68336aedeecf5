"""What `predict_forward` is given for a question, beside the frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sama_bench.adapters.sama.sampling import dense, sparse
from sama_bench.types import Mask, Question, Region

IMAGE = "<IMG_CONTEXT>"
FRAME = f"<img>{IMAGE * 256}</img>"
REGION = f"<vp>{IMAGE * 2}</vp>"
MASK = "<mask>"
SMALL, LARGE = 16, 112

Masks = NDArray[np.uint8]


def text(question: Question, shown: Sequence[int]) -> str:
    """The words with image tokens: a block for each dense frame, one token for each of `shown`, two for each region.

    The released scripts write five blocks whatever the video's length. Where it has fewer dense frames, tokens and
    embeddings then disagree, and the model sees nothing of the video; so there are as many blocks here as dense frames.
    """
    blocks = "\n".join([FRAME] * len(dense(list(shown))))
    ends = "\n" if question.key.task == "c" else ""
    return f"{blocks}{IMAGE * len(shown)}{ends}{question.text.replace(MASK, REGION)}"


def masks(region: Region, shown: Sequence[int], size: int, *, every: bool = False) -> Masks:
    """A region as the model takes it: (T, size, size) uint8, by nearest neighbour.

    It is there on the first of the dense frames on which it is visible, and nowhere else, so that no later frame's
    truth is in the prompt; with `every` on all frames, as in the released scripts. A region that is visible on no
    dense frame is empty for the model either way.
    """
    found = np.zeros((len(region), size, size), np.uint8)
    visible = set(region.visible)
    places = sorted(visible) if every else [one for one in dense(list(shown)) if one in visible][:1]
    for place in places:
        found[place] = nearest(region.mask(place), size)
    return found


def nearest(mask: Mask, size: int) -> Masks:
    """A mask (H, W) at (size, size) by nearest neighbour, as PyTorch's `interpolate` takes it: floor(i * H / size)."""
    rows, columns = (
        np.floor(np.arange(size, dtype=np.float32) * np.float32(side / size)).astype(int) for side in mask.shape
    )
    small = mask[np.minimum(rows, mask.shape[0] - 1)][:, np.minimum(columns, mask.shape[1] - 1)]
    return np.asarray(small, np.uint8)


def given(question: Question, max_frames: int, *, every: bool) -> dict[str, Any]:
    """The keyword arguments for `question`: text, regions as CPU tensors, and whether masks are wanted back."""
    import torch

    shown = sparse(len(question.video), max_frames)

    def tensors(size: int) -> list[Any]:
        return [torch.from_numpy(masks(region, shown, size, every=every)) for region in question.regions]

    return {
        "text": text(question, shown),
        "text_prompts": question.text,
        "prompt_masks": tensors(SMALL),
        "prompt_masks_112": tensors(LARGE),
        "mask_count": [len(question.regions)],
        "max_frames": max_frames,
        "prediction_only": question.key.task == "c",
    }
