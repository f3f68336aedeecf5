"""Rendering: a scene's frames, its masks, and who covers whom.

All geometry is done in whole numbers once a pose is rounded, so masks do not hang on the machine's arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sama_bench.demo.outline import turned
from sama_bench.demo.script import At, Band, Image, Scene, Sway
from sama_bench.demo.sheet import DENSE, Sprite, soft_spot

_ONE = 1 << 16
_SEEN = 128


@dataclass(frozen=True, eq=False)
class Shot:
    """One rendered frame.

    `picture` is (H, W, 3) uint8 RGB; `labels` (H, W) uint8 holds for each pixel 1 + the number in the
    scene's cast of what is seen there, 0 for backdrop and scenery. `covered[i, j]` is the share of actor i's
    outline within the picture that actor j hides (j counts all actors of the scene, scenery included).
    """

    picture: Image
    labels: NDArray[np.uint8]
    covered: NDArray[np.float64]


def shoot(scene: Scene, frames: Iterable[int] | None = None) -> Iterator[Shot]:
    """Render the frames of `scene` one after the other, or those that are named."""
    bands = scene.backdrop()
    sprites = [tuple(actor.poses()) for actor in scene.actors]
    shades = [soft_spot(a.shade.rx, a.shade.ry) if a.shade else None for a in scene.actors]
    paths = [_moves(actor.path, actor.sway, scene.frames) for actor in scene.actors]
    camera = _moves(scene.camera, None, scene.frames)
    labels = _labels(scene)
    for frame in range(scene.frames) if frames is None else frames:
        stage = Stage(bands, camera[frame], scene.size, len(scene.actors))
        order = sorted(range(len(scene.actors)), key=lambda i: paths[i][frame].near)
        for i in order:
            at, actor, shade = paths[i][frame], scene.actors[i], shades[i]
            if shade is not None and actor.shade is not None:
                spot = at._replace(x=at.x + actor.shade.dx * at.size, y=at.y + actor.shade.dy * at.size, turn=0.0)
                stage.shadow(shade, spot)
            pose = int(frame * len(sprites[i]) / actor.cadence) % len(sprites[i])
            stage.put(i, sprites[i][pose], at, flip=actor.flip)
        yield stage.shot(order, labels)


def _labels(scene: Scene) -> NDArray[np.uint8]:
    """Maps 1 + the number of an actor to 1 + its number in the cast, and 0 and scenery to 0."""
    numbers = {actor.name: n for n, actor in enumerate(scene.cast, 1)}
    return np.array([0] + [numbers.get(actor.name, 0) for actor in scene.actors], dtype=np.uint8)


def _moves(path: Sequence[At], sway: Sway | None, frames: int) -> list[At]:
    time = np.arange(frames)
    keys = np.asarray(path, dtype=np.float64)
    columns = [time.astype(np.float64)] + [np.interp(time, keys[:, 0], keys[:, c]) for c in range(1, 6)]
    if sway is not None:
        wave = np.sin(2 * np.pi * time / sway.period)
        columns[1] += sway.x * wave
        columns[2] += sway.y * wave
        columns[4] += sway.turn * wave
    return [At(*row) for row in np.stack(columns, axis=1).tolist()]


class Stage:
    """The canvas of one frame at twice the picture's resolution, and whose pixel is whose."""

    def __init__(self, bands: Sequence[Band], camera: At, size: tuple[int, int], actors: int) -> None:
        self.width, self.height = size[0] * DENSE, size[1] * DENSE
        self.camera = camera
        self.canvas = np.zeros((self.height, self.width, 3), dtype=np.uint8)
        self.owner = np.zeros((self.height, self.width), dtype=np.uint8)
        self.outline = np.zeros(actors, dtype=np.int64)
        self.hidden = np.zeros((actors, actors), dtype=np.int64)
        for band in bands:
            self._lay(band)

    def _lay(self, band: Band) -> None:
        left, up = (round(v * DENSE * band.follows) for v in (self.camera.x, self.camera.y))
        top = band.top * DENSE
        room = self.canvas[top : top + band.image.shape[0] - up]
        room[:] = band.image[up : up + room.shape[0], left : left + self.width]

    def shadow(self, spot: Sprite, at: At) -> None:
        """Darken the ground; a shadow belongs to nobody."""
        sample = self._sample(spot, at, flip=False)
        if sample is not None:
            window, rgba = sample
            _blend(self.canvas[window], rgba)

    def put(self, number: int, sprite: Sprite, at: At, *, flip: bool) -> None:
        """Paint actor `number` over what is there, and take its pixels from their owners."""
        sample = self._sample(sprite, at, flip=flip)
        if sample is None:
            return
        window, rgba = sample
        _blend(self.canvas[window], rgba)
        solid = rgba[..., 3] >= _SEEN
        owner = self.owner[window]
        lost = np.bincount(owner[solid], minlength=len(self.outline) + 1)
        self.hidden[:, number] += lost[1 : len(self.outline) + 1]
        self.outline[number] += int(solid.sum())
        owner[solid] = number + 1

    def _sample(self, sprite: Sprite, at: At, *, flip: bool) -> tuple[tuple[slice, slice], Image] | None:
        """The part of the canvas that a placed sprite touches, and the sprite's pixels there."""
        height, width = sprite.rgba.shape[:2]
        angle = np.radians(at.turn)
        cos, sin = (round(float(f(angle)) / at.size * _ONE) for f in (np.cos, np.sin))
        x, y = (round(v * DENSE * 4) for v in (at.x - self.camera.x, at.y - self.camera.y))
        left, up, right, down = _reach(sprite, at, flip=flip)
        rows = np.arange(max(y // 4 + up, 0), min(y // 4 + down, self.height), dtype=np.int64)
        columns = np.arange(max(x // 4 + left, 0), min(x // 4 + right, self.width), dtype=np.int64)
        dy, dx = (4 * rows + 2 - y)[:, None], (4 * columns + 2 - x)[None, :]
        along = (dx * cos + dy * sin) // (4 * _ONE)
        u = (~along if flip else along) + sprite.pivot[0]
        v = (dy * cos - dx * sin) // (4 * _ONE) + sprite.pivot[1]
        inside = (u >= 0) & (u < width) & (v >= 0) & (v < height)
        if not inside.any():
            return None
        some_rows, some_columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        cut = np.s_[some_rows[0] : some_rows[-1] + 1, some_columns[0] : some_columns[-1] + 1]
        place = np.where(inside[cut], v[cut] * width + u[cut], 0)
        packed = sprite.rgba.view(np.uint32)[..., 0].ravel()[place]
        packed *= inside[cut]
        rgba: Image = packed[..., None].view(np.uint8)
        rows, columns = rows[cut[0]], columns[cut[1]]
        return np.s_[int(rows[0]) : int(rows[-1]) + 1, int(columns[0]) : int(columns[-1]) + 1], rgba

    def shot(self, order: Sequence[int], labels: NDArray[np.uint8]) -> Shot:
        """Bring canvas and owners down to the picture's grid.

        A pixel belongs to an actor that owns at least half of its sub-pixels, to the nearer one of two.
        """
        size = (self.width // DENSE, self.height // DENSE)
        picture = np.asarray(cv2.resize(self.canvas, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        final = np.zeros(size[::-1], dtype=np.uint8)
        quarters = self.owner.reshape(size[1], DENSE, size[0], DENSE).transpose(1, 3, 0, 2).reshape(4, *size[::-1])
        for number in order:
            if labels[number + 1]:
                own_quarters = (quarters == number + 1).view(np.uint8)
                final[(own_quarters[0] + own_quarters[1] + own_quarters[2] + own_quarters[3]) >= DENSE] = labels[
                    number + 1
                ]
        return Shot(picture, final, self.hidden / np.maximum(self.outline, 1)[:, None])


def _reach(sprite: Sprite, at: At, *, flip: bool) -> tuple[int, int, int, int]:
    """The most that a placed sprite reaches from its place: left, up, right, down in canvas pixels."""
    (height, width), (x, y) = sprite.rgba.shape[:2], sprite.pivot
    sides = np.array([(u, v) for u in (-x, width - x) for v in (-y, height - y)]) * (-1 if flip else 1, 1)
    corners = turned(sides * at.size, at.turn)
    (left, up), (right, down) = corners.min(axis=0), corners.max(axis=0)
    return int(left) - 2, int(up) - 2, int(right) + 3, int(down) + 3


def _blend(under: Image, rgba: Image) -> None:
    weight = rgba[..., 3]
    np.copyto(under, rgba[..., :3], where=(weight == 255)[..., None])
    soft = np.nonzero((weight > 0) & (weight < 255))
    over, part = rgba[soft][:, :3], weight[soft][:, None].astype(np.uint16)
    under[soft] = (over * part + under[soft] * (255 - part) + 127) // 255
