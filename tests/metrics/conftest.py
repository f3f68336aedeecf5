"""What the tests of metrics share: golden numbers, and a strategy that draws masks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

GOLDEN = Path(__file__).parent.parent / "golden"

Masks: TypeAlias = NDArray[np.bool_]
Drawn: TypeAlias = st.SearchStrategy[Masks]


@pytest.fixture(scope="session")
def golden() -> Callable[[str], Any]:
    """The golden file of that name."""
    return lambda name: json.loads(gzip.decompress((GOLDEN / f"{name}.json.gz").read_bytes()))


@pytest.fixture(scope="session")
def masks() -> Callable[[int], Drawn]:
    """A strategy that draws so many masks of one size, as an array (N, H, W)."""

    def drawn(count: int) -> Drawn:
        sides = st.integers(1, 40)
        return st.tuples(sides, sides).flatmap(
            lambda size: st.lists(_mask(size), min_size=count, max_size=count).map(np.array)
        )

    return drawn


def _mask(size: tuple[int, int]) -> Drawn:
    """Noise, or boxes that flip what lies under them: none, one-pixel, to the borders, full."""
    corners = st.tuples(*(st.tuples(st.integers(0, side), st.integers(0, side)) for side in size))
    boxes = st.lists(corners | st.just(tuple((0, side) for side in size)), max_size=4)
    return arrays(np.bool_, size) | boxes.map(lambda chosen: _flipped(size, chosen))


def _flipped(size: tuple[int, int], boxes: list[tuple[tuple[int, int], tuple[int, int]]]) -> Masks:
    mask = np.zeros(size, bool)
    for (top, bottom), (left, right) in boxes:
        mask[min(top, bottom) : max(top, bottom), min(left, right) : max(left, right)] ^= True
    return mask
