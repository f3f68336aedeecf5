"""Things that stand in front of others: they hide actors, but carry no annotation unless a scene names them."""

from __future__ import annotations

import numpy as np

from sama_bench.demo.outline import bar, box, curve, oval
from sama_bench.demo.sheet import Colour, Sheet, Sprite
from sama_bench.demo.texture import random


def hay_bale() -> list[Sprite]:
    """A round hay bale seen from its end, the pivot on the ground."""
    sheet = Sheet(-62, -100, 62, 4, seed=71)
    sheet.draw(oval(0, -48, 56, 48), (222, 184, 92), rough=0.3, rim=1.2)
    for radius in (46, 36, 26, 16, 7):
        sheet.draw(oval(0, -48, radius, radius * 0.86), (196, 150, 66), rough=0.3, light=0)
        sheet.draw(oval(0, -48, radius - 3, (radius - 3) * 0.86), (226, 190, 100), rough=0.35, light=0.1)
    return [sheet.sprite()]


def lamp_post() -> list[Sprite]:
    """A street lamp, the pivot at its foot."""
    sheet = Sheet(-18, -214, 40, 2, seed=72)
    sheet.draw(bar(0, 0, 0, -196, 8, 5), (52, 56, 66)).draw(box(-8, -12, 8, 0, 2), (44, 46, 56))
    sheet.draw(curve([(-2, -196), (6, -208), (26, -210), (26, -205), (8, -203), (2, -192)]), (52, 56, 66))
    sheet.draw(curve([(20, -206), (38, -206), (34, -197), (24, -197)], 4), (255, 226, 140), rim=0.6)
    return [sheet.sprite()]


def rock(width: int, height: int, colour: Colour, seed: int) -> list[Sprite]:
    """A boulder, the pivot at the middle of its foot."""
    sheet = Sheet(-width // 2 - 4, -height - 6, width // 2 + 4, 6, seed=seed)
    angle = np.linspace(0, 2 * np.pi, 11)[:-1]
    wobble = 1 - 0.16 * random(seed).random(10)
    x, y = width / 2 * np.cos(angle) * wobble, -height * (0.48 - 0.5 * np.sin(angle) * wobble) + 4
    sheet.draw(curve(np.stack([x, y], axis=1).tolist()), colour, light=0.45, rough=0.35, rim=0.9)
    for spot in random(seed + 1).random((7, 2)):
        px, py = (float(spot[0]) - 0.5) * width * 0.6, -height * (0.2 + 0.5 * float(spot[1]))
        sheet.draw(oval(px, py, 5, 2.4), (int(colour[0] * 0.7), int(colour[1] * 0.7), int(colour[2] * 0.75)))
    return [sheet.sprite()]


def weeds(blades: int, height: int, colour: Colour, seed: int) -> list[Sprite]:
    """A tuft of long leaves that sway, in six poses; the pivot is where they grow."""
    return [_weeds(blades, height, colour, seed, float(np.sin(2 * np.pi * step / 6))) for step in range(6)]


def _weeds(blades: int, height: int, colour: Colour, seed: int, sway: float) -> Sprite:
    sheet = Sheet(-blades * 5 - 16, -height - 6, blades * 5 + 16, 4, seed=seed)
    for blade, (tall, bend) in enumerate(random(seed).random((blades, 2)).tolist()):
        x, top = (blade - blades / 2) * 8.5, -height * (0.6 + 0.4 * tall)
        tip = x + (bend - 0.5) * 24 + sway * 5
        middle = x + (0.5 - bend) * 14 - sway * 3
        shape = [(x - 3, 2), (middle - 4.5, top / 2), (tip, top), (middle + 4.5, top / 2), (x + 3, 2)]
        tone = 0.75 + 0.45 * bend
        sheet.draw(
            curve(shape), (int(colour[0] * tone), int(colour[1] * tone), int(colour[2] * tone)), rough=0.2, rim=0.6
        )
    return sheet.sprite()


def reeds() -> list[Sprite]:
    """Bulrushes at the bank, the pivot where they grow."""
    sheet = Sheet(-40, -110, 40, 6, seed=75)
    for number, (x, top) in enumerate(((-26, -70), (-14, -98), (-2, -78), (9, -104), (22, -84), (30, -62))):
        sheet.draw(bar(x, 4, x + number - 2, top, 3.4, 2), (96, 130, 60), rim=0.4)
        sheet.draw(oval(x + number - 2, top + 4, 3.8, 12), (120, 76, 44), rim=0.5)
        sheet.draw(
            curve([(x, 4), (x - 9, top * 0.5), (x - 13, top * 0.72), (x - 4, top * 0.4)], 5), (116, 152, 70), rim=0.5
        )
    return [sheet.sprite()]


def fir() -> list[Sprite]:
    """A snowy fir, the pivot at its foot."""
    sheet = Sheet(-36, -118, 36, 4, seed=76)
    sheet.draw(box(-5, -18, 5, 2), (96, 66, 46))
    for y, wide in ((-16, 33), (-42, 27), (-66, 20)):
        sheet.draw(
            curve([(0, y - 46), (wide * 0.6, y - 16), (wide, y), (0, y + 4), (-wide, y), (-wide * 0.6, y - 16)], 5),
            (42, 92, 76),
            rough=0.3,
            rim=0.6,
        )
        sheet.draw(
            curve([(0, y - 46), (wide * 0.45, y - 22), (wide * 0.1, y - 26), (-wide * 0.5, y - 20)], 5), (236, 242, 250)
        )
    return [sheet.sprite()]


def hill(width: int, height: int, colour: Colour, seed: int) -> list[Sprite]:
    """A rounded hill, the pivot at the middle of its foot."""
    sheet = Sheet(-width // 2 - 4, -height - 4, width // 2 + 4, 4, seed=seed)
    half = width / 2
    line = [(-half, 2), (-half * 0.8, -height * 0.45), (-half * 0.35, -height * 0.93), (half * 0.2, -height)]
    sheet.draw(curve([*line, (half * 0.7, -height * 0.6), (half, 2)]), colour, light=0.1, rough=0.07)
    for x, y, wide in ((-0.3, 0.55, 0.22), (0.25, 0.6, 0.26), (0.0, 0.25, 0.4), (-0.5, 0.2, 0.2)):
        line = [
            (x * half - wide * half, -y * height),
            (x * half, -y * height - 7),
            (x * half + wide * half, -y * height),
        ]
        sheet.draw(
            curve([*line, (x * half, -y * height + 3)]),
            (int(colour[0] * 0.9), int(colour[1] * 0.93), int(colour[2] * 0.97)),
            light=0,
        )
    return [sheet.sprite(outline=0)]
