"""Every fourth frame of a video, read in two ways: by seeking, as released, and in order, as the video has them.

The released step (sunye23/SAMA 7c75e44, tools/vidstg_process.py) sets the place and reads one frame. Where a video's
frame rate varies that gives a neighbour of the frame that was meant; where its end is cut off it gives the last frame
again and again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from sama_bench.errors import UserError
from sama_bench.files import mp4

if TYPE_CHECKING:
    from cv2 import VideoCapture

Way: TypeAlias = Literal["released", "exact"]
Picture: TypeAlias = NDArray[np.uint8]
WAYS: tuple[Way, ...] = ("released", "exact")
STEP = 4
MOST_REPEATED, MOST_TIMES = 1000, 10
AGAIN = "copy the video again"


class Pair(NamedTuple):
    """The pictures (H, W, 3, uint8, BGR) that both ways give for one frame number; None where a way gives none."""

    number: int
    released: Picture | None
    exact: Picture | None


def pairs(path: Path) -> Iterator[Pair]:
    """The frames 0, 4, 8, … of a video by both ways, as long as either gives one.

    Raises UserError where the file is no video, no frame of it can be decoded, or its header promises so many frames
    more than can be decoded that seeking would write the last one thousands of times.
    """
    with opened(path) as seeking, opened(path) as running:
        import cv2

        promised = int(seeking.get(cv2.CAP_PROP_FRAME_COUNT))
        in_order, number = _in_order(running), 0
        decoded: int | None = None
        released: Picture | None = None
        ended = False
        while True:
            exact = next(in_order, None)
            if exact is None and decoded is None:
                decoded = number
                _check_promise(path, promised, decoded)
            released = None if ended or number >= promised else _sought(seeking, number)
            ended = released is None
            if released is None and exact is None:
                return
            yield Pair(number, released, exact)
            number += STEP


def _check_promise(path: Path, promised: int, decoded: int) -> None:
    if not decoded:
        raise UserError(f"{path}: no frame of it can be decoded; {AGAIN}")
    if promised > decoded * MOST_TIMES + MOST_REPEATED:
        raise UserError(
            f"{path}: its header promises {promised} frames, about {decoded} can be decoded; it is damaged: {AGAIN}"
        )


def _in_order(capture: VideoCapture) -> Iterator[Picture]:
    """Every fourth picture; those between are decoded and not converted."""
    while capture.grab():
        done, picture = capture.retrieve()
        if not done:
            return
        yield cast("Picture", picture)
        if not all(capture.grab() for _ in range(STEP - 1)):
            return


def _sought(capture: VideoCapture, number: int) -> Picture | None:
    import cv2

    capture.set(cv2.CAP_PROP_POS_FRAMES, number)
    done, picture = capture.read()
    return cast("Picture", picture) if done else None


@contextmanager
def opened(path: Path) -> Iterator[VideoCapture]:
    """Give the open video; raises UserError where the file is no mp4 that can be opened."""
    with ExitStack() as stack:
        try:
            capture = stack.enter_context(mp4.opened(path))
        except mp4.NotAVideo as problem:
            again = "" if isinstance(problem.__cause__, OSError) else f"; {AGAIN}"
            raise UserError(f"{path}: {problem}{again}") from problem
        yield capture
