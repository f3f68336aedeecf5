"""Regions as models take them that are shown one mask of each: on the first frame on which it is visible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sama_bench.prompting.marks import NOWHERE, in_words
from sama_bench.types import Mask, Region


class Seen(NamedTuple):
    """A region's first visible frame, and its mask there, (H, W) bool."""

    frame: int
    mask: Mask


def first_seen(regions: Sequence[Region]) -> list[Seen | None]:
    """For each of some regions where it is visible first; None where it nowhere is."""
    first_visible: list[Seen | None] = []
    for region in regions:
        frame = next(iter(region.visible), None)
        first_visible.append(None if frame is None else Seen(frame, region.mask(frame)))
    return first_visible


def with_names(text: str, names: list[str | None]) -> str:
    """The text with each `<mask>` replaced by the next of `names`; None is a region that is not visible."""
    return in_words(text, [NOWHERE if name is None else name for name in names], verbatim=True)
