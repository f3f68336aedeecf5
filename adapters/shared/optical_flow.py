"""Dense optical flow between neighbouring frames of a video, computed once for all questions about it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sama_bench.types import Frame, Video

Field = NDArray[np.float32]
SIDE = 480
"""Longest side, in pixels, at which the flow is computed."""
SMALLEST = 32
"""DIS needs a picture of a few patches; smaller ones are widened by repeating their last rows and columns."""


class Flow:
    """The flow between each frame and the next, in both directions, computed when first asked for.

    DIS down to the finest scale, without its variational refinement, which smooths small objects away.
    Kroeger, Timofte, Dai, Van Gool: Fast Optical Flow using Dense Inverse Search, ECCV 2016.
    """

    def __init__(self, video: Video) -> None:
        self._video = video
        height, width = video.size
        scale = min(1.0, SIDE / max(height, width))
        self.size = max(1, round(height * scale)), max(1, round(width * scale))
        self._grey: dict[int, Frame] = {}
        self._fields: dict[tuple[int, int], NDArray[np.float16]] = {}
        # Any: the stubs do not know that the flow to start from may be None
        self._dis: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._dis.setFinestScale(0)
        self._dis.setPatchStride(5)
        self._dis.setVariationalRefinementIterations(0)

    def __len__(self) -> int:
        return len(self._video)

    def between(self, origin: int, target: int) -> Field:
        """The shift of each pixel of frame `origin` in frame `target`: (h, w, 2) x, y in pixels.

        (h, w) is `size`, at most 480 on the longer side. Raises UserError where a frame cannot be read.
        """
        pair = origin, target
        if pair not in self._fields:
            height, width = self.size
            field = self._dis.calc(self._small(origin), self._small(target), None)
            # halves the memory of a long video; a 64th of a pixel is kept up to 32 pixels of motion
            self._fields[pair] = _as_half(field[:height, :width])
        return self._fields[pair].astype(np.float32)

    def _small(self, index: int) -> Frame:
        if index not in self._grey:
            height, width = self.size
            grey = cv2.cvtColor(self._video.frame(index), cv2.COLOR_RGB2GRAY)
            grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
            below, beside = max(0, SMALLEST - height), max(0, SMALLEST - width)
            grey = cv2.copyMakeBorder(grey, 0, below, 0, beside, cv2.BORDER_REPLICATE)
            self._grey[index] = np.asarray(grey, np.uint8)
        return self._grey[index]


def _as_half(field: Field) -> NDArray[np.float16]:
    """The field in half precision. What lies below its normal numbers is rounded before, to the same values.

    NumPy reports an underflow for each number that it rounds there: of a scene at rest that takes as long as the flow.
    """
    subnormal = np.abs(field) < np.finfo(np.float16).smallest_normal
    rounded = np.rint(field * np.float32(2**24)) * np.float32(2**-24)
    return np.where(subnormal, rounded, field).astype(np.float16)
