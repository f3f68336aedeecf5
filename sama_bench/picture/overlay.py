"""Masks, regions and boxes over a frame, each in its colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sama_bench.frames import Frame
from sama_bench.metrics import rle
from sama_bench.prompting.colours import RGB
from sama_bench.types import RLE, Box, Cue, Point

Cover: TypeAlias = NDArray[np.float32]
FILL, LINE = 0.45, 2


def scaled(frame: Frame, size: tuple[int, int]) -> Image.Image:
    """The frame at `size` (width, height)."""
    return Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS)


def lay(picture: Image.Image, masks: Sequence[tuple[RLE | None, RGB]], fill: float = FILL) -> Image.Image:
    """The picture with masks (of any size) over it: filled to the share `fill`, with a full line along the edge.

    Larger masks lie below smaller ones.
    """
    visible = [(mask, colour) for mask, colour in masks if mask is not None and rle.area(mask)]
    pixels = np.asarray(picture, np.float32)
    for mask, colour in sorted(visible, key=lambda pair: -rle.area(pair[0])):
        pixels = _laid(pixels, _cover(mask, picture.size), colour, fill)
    return Image.fromarray(np.rint(pixels).astype(np.uint8))


def lay_boxes(picture: Image.Image, boxes: Sequence[tuple[Cue, RGB]], size: tuple[int, int]) -> Image.Image:
    """The picture with the outlines of boxes, and dots for points, in pixels of frames of `size` (height, width)."""
    across, down = picture.width / size[1], picture.height / size[0]
    pen = ImageDraw.Draw(picture)
    for box, colour in boxes:
        if isinstance(box, Point):
            _dot(pen, (box.x * across, box.y * down), colour)
        if not isinstance(box, Box):
            continue
        corners = (box.x0 * across, box.y0 * down, box.x1 * across - 1, box.y1 * down - 1)
        x0, y0, x1, y1 = (round(corner) for corner in corners)
        pen.rectangle((x0 - 1, y0 - 1, max(x0, x1) + 1, max(y0, y1) + 1), outline=(255, 255, 255), width=4)
        pen.rectangle((x0, y0, max(x0, x1), max(y0, y1)), outline=colour, width=2)
    return picture


def _dot(pen: ImageDraw.ImageDraw, at: tuple[float, float], colour: RGB) -> None:
    x, y = at
    pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=colour, outline=(255, 255, 255), width=2)


def _cover(mask: RLE, size: tuple[int, int]) -> Cover:
    """The share of each pixel that the mask covers at `size` (width, height); what is thin stays to be seen."""
    solid = rle.decode(mask, (mask["size"][0], mask["size"][1])).astype(np.uint8) * 255
    small = np.asarray(Image.fromarray(solid).resize(size, Image.Resampling.BOX), np.float32)
    cover: Cover = small / max(1.0, min(255.0, float(small.max())))
    return cover


def _laid(pixels: NDArray[np.float32], cover: Cover, colour: RGB, fill: float) -> NDArray[np.float32]:
    import cv2

    solid = (cover >= 0.5).astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    inner = cv2.erode(solid, kernel, iterations=LINE, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    share = np.where(solid > inner, np.float32(1), np.float32(fill) * cover)[..., None]
    halo = (cv2.dilate(solid, kernel) > solid)[..., None] * np.float32(0.55)
    pixels = pixels * (1 - halo) + np.float32(255) * halo
    laid: NDArray[np.float32] = pixels * (1 - share) + np.asarray(colour, np.float32) * share
    return laid
