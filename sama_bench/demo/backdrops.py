"""The places where scenes happen: strips of painted backdrop at `DENSE` pixels a picture pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sama_bench.demo.outline import Points, box, curve, fill, oval
from sama_bench.demo.script import Band, Image
from sama_bench.demo.sheet import DENSE, Colour
from sama_bench.demo.texture import Field, noise, ramp, random


class Painting:
    """A picture of (height, width) picture pixels in the making."""

    def __init__(self, width: int, height: int, top: Colour, bottom: Colour) -> None:
        self.size = (height * DENSE, width * DENSE)
        self.rgb: Field = ramp(top, bottom, *self.size)
        self.land = np.zeros(self.size, dtype=np.bool_)

    def rough(self, weight: float, seed: int, cell: float, stretch: float = 1.0, *, land: bool = False) -> None:
        """Make it lighter and darker by noise of about `weight` of 255 levels; `land`: only where shapes were drawn."""
        lumps = noise(*self.size, seed, cell * DENSE, stretch) * (weight / 128)
        self.rgb *= 1 + (np.where(self.land, lumps, 0) if land else lumps)[..., None]

    def veil(self, colour: Colour, amount: Field, top: int = 0) -> None:
        """Mix in a colour; `amount` (h, w) within 0 to 1 lies from row `top` down."""
        part = self.rgb[top * DENSE : top * DENSE + amount.shape[0]]
        part += (np.asarray(colour, np.float32) - part) * amount[: part.shape[0], :, None]

    def shape(self, points: Points, colour: Colour, strength: float = 1.0, light: float = 0.0) -> None:
        """Fill an outline, brighter at its top by `light`."""
        place = np.rint(points * DENSE).astype(np.int64)
        left, up = np.maximum(place.min(axis=0), 0)
        right, down = np.minimum(place.max(axis=0) + 1, self.size[::-1])
        if right <= left or down <= up:
            return
        inside = fill(place - (left, up), int(down - up), int(right - left))
        window = self.rgb[up:down, left:right]
        tone = np.linspace(1 + light, 1 - light, int(down - up), dtype=np.float32)[:, None, None]
        mixed = window * (1 - strength) + np.asarray(colour, np.float32) * tone * strength
        np.copyto(window, mixed, where=inside[..., None])
        self.land[up:down, left:right] |= inside & (strength == 1)

    def image(self) -> Image:
        """The finished picture as uint8."""
        done: NDArray[np.uint8] = np.rint(np.clip(self.rgb, 0, 255)).astype(np.uint8)
        return done


def _sky(width: int, height: int, top: Colour, bottom: Colour, seed: int, clouds: float = 0.9) -> Painting:
    sky = Painting(width, height, top, bottom)
    lumps = noise(*sky.size, seed, 70, 2.6, octaves=5)
    sky.veil((252, 250, 246), np.clip((lumps - 0.08) * 1.7, 0, clouds))
    return sky


def _ridge(seed: int, width: int, base: float, height: float, cell: float) -> Points:
    steps = width // 4 + 2
    line = noise(3, steps, seed, cell / 4)[1]
    top = np.stack([np.arange(steps) * 4.0, base - height * (0.5 + 0.5 * line)], axis=1)
    return np.concatenate([top, [(width + 8.0, base + 60), (0.0, base + 60)]])


def harbour() -> Sequence[Band]:
    """A bay with a lighthouse on a headland."""
    sky = _sky(480, 118, (96, 158, 214), (226, 232, 226), 101)
    sky.shape(_ridge(102, 480, 118, 34, 120), (136, 158, 172))
    sea = Painting(480, 152, (82, 148, 172), (18, 74, 112))
    sea.rough(44, 103, 5, 7)
    sea.rough(26, 104, 26, 5)
    glint = noise(*sea.size, 105, 4, 6, octaves=2)
    sea.veil((236, 246, 246), np.clip((glint - 0.62) * 2.4, 0, 0.7))
    return [Band(sky.image()), Band(sea.image(), 118)]


def city() -> Sequence[Band]:
    """A street at dusk, long enough to drive along."""
    sky = _sky(700, 168, (74, 66, 128), (250, 168, 122), 111, 0.35)
    sky.shape(oval(250, 42, 20, 20), (255, 240, 206))
    _houses(sky, 112, 700, 150, (56, 96), (132, 104, 146))
    _houses(sky, 113, 700, 150, (26, 62), (80, 64, 98))
    road = Painting(960, 122, (112, 106, 116), (74, 72, 82))
    road.rough(30, 114, 4)
    road.shape(box(0, 0, 960, 10), (150, 142, 146), light=0.1)
    for x in range(0, 960, 24):
        road.shape(box(x, 0, x + 1, 10), (112, 106, 112))
    for x in range(-20, 960, 70):
        road.shape(box(x, 58, x + 36, 62), (236, 226, 190))
    return [Band(sky.image(), 0, 0.35), Band(road.image(), 148)]


def _houses(picture: Painting, seed: int, width: int, ground: float, heights: tuple[int, int], colour: Colour) -> None:
    chance = random(seed)
    x = -10.0
    while x < width:
        wide = int(chance.integers(34, 66))
        high, tone = int(chance.integers(*heights)), float(chance.uniform(0.82, 1.2))
        wall: Colour = (int(colour[0] * tone), int(colour[1] * tone), int(colour[2] * tone))
        picture.shape(box(x, ground - high, x + wide, ground), wall, light=0.12)
        for wx in np.arange(x + 5, x + wide - 7, 9).tolist():
            for wy in np.arange(ground - high + 6, ground - 6, 12).tolist():
                lit = chance.random() < 0.45
                picture.shape(box(wx, wy, wx + 4.5, wy + 7), (255, 214, 128) if lit else (58, 50, 78))
        x += wide


def aquarium() -> Sequence[Band]:
    """Water with slanting light above a sandy bottom."""
    water = Painting(480, 270, (70, 178, 196), (10, 62, 108))
    for x in range(-120, 460, 74):
        ray = np.array([(x + 60, 0), (x + 92, 0), (x + 190, 270), (x + 110, 270)], dtype=float)
        water.shape(ray, (170, 232, 230), 0.13)
    water.rough(30, 121, 22, 2)
    water.shape(_ridge(122, 480, 226, 26, 90), (30, 92, 118))
    water.shape(_ridge(123, 480, 248, 14, 140), (206, 186, 136), light=0.1)
    water.shape(box(0, 247, 480, 270), (206, 186, 136))
    water.rough(24, 124, 3, 1.4, land=True)
    chance = random(125)
    for x, y in chance.random((26, 2)).tolist():
        water.shape(oval(480 * x, 210 * y, 2.4, 2.4), (214, 244, 246), 0.6)
    return [Band(water.image())]


def valley() -> Sequence[Band]:
    """A tall sky above a valley of fields, with room to tilt the camera."""
    land = _sky(270, 560, (64, 134, 206), (232, 236, 228), 131)
    land.shape(_ridge(132, 270, 440, 60, 110), (140, 160, 190))
    land.shape(_ridge(133, 270, 480, 40, 70), (104, 142, 132))
    for y, seed, colour in ((490, 134, (136, 172, 92)), (510, 135, (196, 190, 96)), (530, 136, (96, 146, 76))):
        land.shape(_ridge(seed, 270, y, 16, 90), colour, light=0.15)
    land.shape(box(0, 528, 270, 560), (96, 146, 76))
    land.rough(24, 137, 5, 1.5, land=True)
    return [Band(land.image())]


def meadow() -> Sequence[Band]:
    """Grass with flowers below a summer sky; wider than the picture."""
    sky = _sky(600, 140, (88, 164, 226), (222, 236, 238), 141)
    sky.shape(_ridge(142, 600, 140, 40, 130), (126, 166, 130))
    sky.shape(_ridge(143, 600, 146, 22, 60), (86, 138, 84))
    grass = Painting(600, 132, (132, 182, 84), (70, 128, 48))
    grass.rough(46, 144, 8, 0.35)
    grass.rough(20, 145, 34, 3)
    for x, y, kind in random(146).random((150, 3)).tolist():
        size, colour = 1.0 + 1.3 * y, ((250, 248, 236), (250, 220, 80), (226, 110, 130))[int(kind * 3)]
        grass.shape(oval(600 * x, 6 + 122 * y, size * 1.3, size), colour)
    return [Band(sky.image(), 0, 0.4), Band(grass.image(), 138)]


def workshop() -> Sequence[Band]:
    """A workshop with a tool wall and a tiled floor."""
    room = Painting(432, 168, (208, 190, 160), (178, 156, 126))
    for y in range(0, 168, 21):
        room.shape(box(0, y, 432, y + 1.2), (140, 116, 90))
    room.rough(22, 151, 6, 8)
    room.shape(box(26, 24, 150, 92), (86, 112, 120), light=0.1)
    for number, x in enumerate(range(38, 146, 18)):
        room.shape(box(x, 34, x + 4, 74 - 7 * (number % 3)), (190, 140, 80))
        room.shape(box(x - 4, 34, x + 8, 43, 2), ((180, 184, 190), (196, 70, 60), (70, 110, 160))[number % 3])
    room.shape(box(262, 20, 380, 96), (246, 244, 232))
    room.shape(box(267, 25, 375, 91), (150, 206, 232), light=0.12)
    room.shape(curve([(267, 91), (290, 70), (330, 80), (375, 62), (375, 91)]), (110, 160, 100))
    room.shape(box(319, 20, 323, 96), (246, 244, 232))
    floor = Painting(432, 72, (150, 142, 136), (120, 112, 108))
    for row, (top, bottom) in enumerate(((0, 12), (12, 28), (28, 48), (48, 72))):
        for step in range(-14, 26):
            near, far = 216 + (step * 26 - 130) * (1 + bottom / 40), 216 + (step * 26 - 130) * (1 + top / 40)
            wide = (26 * (1 + top / 40), 26 * (1 + bottom / 40))
            tile = np.array([(far, top), (far + wide[0], top), (near + wide[1], bottom), (near, bottom)], dtype=float)
            floor.shape(tile, (176, 166, 156) if (row + step) % 2 else (122, 116, 118))
    floor.rough(26, 152, 5)
    return [Band(room.image()), Band(floor.image(), 168)]


def space() -> Sequence[Band]:
    """Stars before a nebula."""
    night = Painting(480, 270, (14, 14, 38), (28, 16, 48))
    for seed, colour in ((161, (120, 60, 150)), (162, (40, 110, 160))):
        night.veil(colour, np.clip(noise(*night.size, seed, 150, 1.6, octaves=5) * 0.75, 0, 0.6))
    night.rough(40, 163, 10)
    for x, y, size in random(164).random((420, 3)).tolist():
        radius = 0.5 + 1.5 * size**6
        night.shape(oval(480 * x, 270 * y, radius, radius), (255, 250, 232), 0.6 + 0.4 * size)
    return [Band(night.image())]


def pond() -> Sequence[Band]:
    """A pond with lily pads before a wooded bank."""
    bank = Painting(480, 92, (176, 210, 206), (120, 160, 110))
    for seed, base, colour in ((171, 66, (112, 156, 116)), (172, 84, (74, 122, 74)), (173, 98, (122, 152, 70))):
        bank.shape(_ridge(seed, 480, base, 44, 44), colour, light=0.15)
    bank.rough(40, 174, 5, land=True)
    water = Painting(480, 180, (104, 146, 120), (30, 78, 84))
    water.rough(34, 175, 5, 8)
    water.rough(30, 176, 30, 4)
    for x, y, wide in ((60, 26, 22), (430, 30, 20), (396, 148, 34), (120, 160, 36), (250, 168, 26)):
        water.shape(oval(x, y, wide, wide * 0.36), (62, 128, 62), light=0.15)
        water.shape(oval(x + wide * 0.2, y - wide * 0.1, wide * 0.26, wide * 0.16), (246, 196, 216))
    return [Band(bank.image()), Band(water.image(), 90)]


def winter() -> Sequence[Band]:
    """Snowy mountains, a railway embankment and a snow field."""
    view = _sky(480, 270, (120, 168, 212), (240, 236, 232), 181, 0.7)
    for seed, base, high, colour in ((182, 140, 90, (150, 172, 204)), (183, 160, 56, (186, 202, 222))):
        view.shape(_ridge(seed, 480, base, high, 130), colour, light=0.2)
    view.rough(22, 184, 9, 1.2, land=True)
    for x in range(6, 480, 17):
        high = 12 + (x * 7) % 11
        view.shape(np.array([(x, 158 - high * 2), (x + 9, 162), (x - 9, 162)], dtype=float), (58, 98, 92), light=0.2)
    view.shape(box(0, 158, 480, 270), (234, 240, 248), light=0.03)
    view.shape(box(0, 158, 480, 166), (134, 122, 118))
    for x in range(0, 480, 9):
        view.shape(box(x, 156, x + 5, 160), (92, 70, 58))
    view.shape(box(0, 155, 480, 157), (150, 152, 162))
    view.rough(12, 185, 6, 2, land=True)
    view.veil((150, 178, 214), np.clip(noise(208, 960, 186, 60, 3), 0, 0.35), 166)
    return [Band(view.image())]
