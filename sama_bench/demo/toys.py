"""Things that roll, fly, shine or stand about."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sama_bench.demo.outline import arc, bar, box, curve, oval, turned
from sama_bench.demo.sheet import Colour, Sheet, Sprite
from sama_bench.demo.texture import noise


def ball(first: Colour, other: Colour, radius: int = 22) -> list[Sprite]:
    """A beach ball with six segments of two colours and a white cap, the pivot at its centre."""
    sheet = Sheet(-radius - 4, -radius - 4, radius + 4, radius + 4, seed=51)

    def segments(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.bool_]:
        angle = np.arctan2(y + radius * 0.2, x - radius * 0.15)
        even: NDArray[np.bool_] = (np.floor(angle / (np.pi / 3) + 6.2) % 2) == 0
        return even

    sheet.draw(oval(0, 0, radius, radius), first, ball=True, light=0.3, rough=0.08, skin=(segments, other))
    sheet.draw(oval(radius * 0.15, -radius * 0.2, radius * 0.24, radius * 0.22), (250, 250, 246), rim=0.5)
    return [sheet.sprite()]


def buoy() -> list[Sprite]:
    """An orange buoy with a white ring and a lamp, the pivot on the waterline."""
    sheet = Sheet(-22, -58, 22, 12, seed=52)
    sheet.draw(bar(0, -30, 0, -52, 3), (70, 72, 80)).draw(oval(0, -52, 4, 4), (255, 232, 120), ball=True)
    sheet.draw(curve([(-6, -34), (6, -34), (10, -10), (-10, -10)], 5), (240, 110, 36), rim=0.7)
    sheet.draw(box(-8, -26, 8, -19), (248, 246, 240))
    sheet.draw(oval(0, -2, 18, 10), (240, 110, 36), ball=True, rim=0.7).draw(box(-15, -4, 15, 0), (248, 246, 240))
    return [sheet.sprite()]


def kite(first: Colour, other: Colour) -> list[Sprite]:
    """A diamond kite of four fields with a ribboned tail that waves, in six poses; the pivot is its cross."""
    return [_kite(first, other, float(np.sin(2 * np.pi * step / 6))) for step in range(6)]


def _kite(first: Colour, other: Colour, wave: float) -> Sprite:
    sheet = Sheet(-36, -42, 40, 106, seed=53)
    x = 0.0
    for knot in range(5):
        following = 5 * wave * (-1) ** knot + 2
        sheet.draw(bar(x, 38 + 12 * knot, following, 50 + 12 * knot, 1.4), (80, 70, 80), light=0)
        bow = (first, other)[knot % 2]
        for side in (-9, 9):
            sheet.draw(
                curve(
                    [
                        (following, 50 + 12 * knot),
                        (following + side, 46 + 12 * knot),
                        (following + side, 54 + 12 * knot),
                    ],
                    3,
                ),
                bow,
            )
        x = following
    for corner, colour in (((-28, -4), first), ((28, -4), other)):
        sheet.draw(np.array([(0, -38), corner, (0, -4)], dtype=float), colour, rim=0.5)
    for corner, colour in (((-28, -4), other), ((28, -4), first)):
        sheet.draw(np.array([(0, 40), corner, (0, -4)], dtype=float), colour, rim=0.5)
    sheet.draw(bar(0, -38, 0, 40, 1.4), (110, 80, 60), light=0).draw(bar(-28, -4, 28, -4, 1.4), (110, 80, 60), light=0)
    return sheet.sprite()


def robot(colour: Colour, chest: Colour, wave: bool = False) -> list[Sprite]:
    """A robot on a tracked base, the pivot on the floor; it waves one arm where `wave`."""
    angles = [float(-70 - 28 * np.sin(2 * np.pi * step / 6)) for step in range(6)] if wave else [58.0]
    return [_robot(colour, chest, angle) for angle in angles]


def _robot(colour: Colour, chest: Colour, angle: float) -> Sprite:
    sheet = Sheet(-52, -118, 62, 4, seed=54)
    steel: Colour = (120, 126, 134)
    sheet.draw(box(-30, -20, 30, 0, 9), (48, 48, 54), rim=0.7)
    for x in (-20, -7, 7, 20):
        sheet.draw(oval(x, -10, 5.5, 5.5), steel, ball=True)
    sheet.draw(box(-12, -28, 12, -18), steel)
    sheet.draw(bar(-24, -58, -36, -34, 7), steel, rim=0.5).draw(oval(-37, -32, 6, 6), colour, rim=0.6)
    sheet.draw(box(-26, -68, 26, -26, 6), colour, rim=0.7)
    sheet.draw(box(-15, -60, 15, -40, 2), (40, 46, 56)).draw(oval(-6, -50, 4, 4), chest, ball=True)
    sheet.draw(oval(6, -50, 4, 4), (120, 220, 140), ball=True)
    for x in (-14, -5, 4, 13):
        sheet.draw(box(x - 2, -35, x + 2, -31), (60, 66, 76))
    sheet.draw(box(-7, -76, 7, -66), steel).draw(bar(0, -100, 0, -112, 2), steel).draw(
        oval(0, -112, 4, 4), chest, ball=True
    )
    sheet.draw(box(-20, -102, 20, -73, 7), colour, rim=0.7)
    sheet.draw(box(-15, -96, 17, -80, 5), (30, 36, 48))
    for x in (-5, 9):
        sheet.draw(oval(x, -88, 4.5, 4.5), (130, 236, 250), ball=True)
    hand = turned(np.array([[56.0, -60.0]]), angle, 24, -60)[0]
    sheet.draw(bar(24, -60, float(hand[0]), float(hand[1]), 8), steel, rim=0.5)
    sheet.draw(oval(float(hand[0]), float(hand[1]), 7, 7), colour, rim=0.7).draw(oval(24, -60, 6, 6), colour, rim=0.6)
    return sheet.sprite()


def crate() -> list[Sprite]:
    """A wooden crate, the pivot on the floor below its middle."""
    sheet = Sheet(-30, -52, 30, 4, seed=55)
    sheet.draw(box(-25, -48, 25, 0, 1), (214, 164, 92), rough=0.2, rim=0.8)
    for y in (-36, -24, -12):
        sheet.draw(bar(-25, y, 25, y, 1.2), (130, 90, 46), light=0)
    sheet.draw(bar(-21, -44, 21, -4, 6), (190, 138, 70), rim=0.5).draw(
        bar(-21, -4, 21, -44, 6), (190, 138, 70), rim=0.5
    )
    for x in (-25, 19):
        sheet.draw(box(x, -48, x + 6, 0), (190, 138, 70), rim=0.5)
    return [sheet.sprite()]


def snowman(scarf: Colour) -> list[Sprite]:
    """A snowman with hat and scarf, the pivot below it."""
    sheet = Sheet(-42, -104, 42, 4, seed=56)
    snow: Colour = (240, 244, 250)
    sheet.draw(bar(-18, -52, -39, -66, 3, 1.6), (110, 76, 50)).draw(bar(18, -52, 39, -62, 3, 1.6), (110, 76, 50))
    for y, radius in ((-24, 26), (-55, 20)):
        sheet.draw(oval(0, y, radius, radius * 0.96), snow, ball=True, light=0.22, rough=0.07, rim=0.5)
    sheet.draw(oval(0, -80, 15, 14.5), snow, ball=True, light=0.22, rough=0.07, rim=0.5)
    sheet.draw(curve([(-14, -71), (14, -71), (16, -64), (-14, -64)], 5), scarf, rough=0.25, rim=0.5)
    sheet.draw(bar(9, -66, 13, -46, 7), scarf, rough=0.25, rim=0.5)
    sheet.draw(box(-13, -101, 13, -87, 2), (48, 46, 58), rim=0.5).draw(box(-20, -90, 20, -86, 2), (48, 46, 58), rim=0.5)
    sheet.draw(box(-13, -93, 13, -90), scarf)
    for x, y in ((-5, -82), (6, -82), (0, -56), (0, -47), (0, -28)):
        sheet.draw(oval(x, y, 2, 2), (36, 36, 44), light=0)
    sheet.draw(np.array([(1, -79), (17, -75), (1, -74)], dtype=float), (240, 130, 40))
    return [sheet.sprite(shade=0.75)]


def planet(radius: int, first: Colour, other: Colour, seed: int, bands: bool = True) -> list[Sprite]:
    """A banded or cratered globe, the pivot at its centre."""
    edge = radius + 3
    sheet = Sheet(-edge, -edge, edge, edge, seed=seed)
    rough = noise(8 * edge, 8 * edge, seed, radius * 2.0, 1.0)

    def skin(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.bool_]:
        swirl = rough[((y + edge) * 4).astype(int), ((x + edge) * 4).astype(int)]
        dark: NDArray[np.bool_] = np.sin(y * (11.0 / radius) + 2.2 * swirl) > 0.2 if bands else swirl > 0.25
        return dark

    sheet.draw(oval(0, 0, radius, radius), first, ball=True, light=0.42, rough=0.16, skin=(skin, other))
    return [sheet.sprite()]


def ringed_planet(radius: int, first: Colour, other: Colour, ring: Colour) -> list[Sprite]:
    """A banded globe with a tilted ring around it; what lies behind the globe is hidden by it."""
    globe = planet(radius, first, other, 57)[0]
    edge = 2 * radius + 4
    back, front = (
        Sheet(-edge, -radius - 3, edge, radius + 3, seed=58),
        Sheet(-edge, -radius - 3, edge, radius + 3, seed=58),
    )
    for outer, colour in ((1.9, ring), (1.6, other), (1.45, ring)):
        for sheet, start in ((back, 180.0), (front, 0.0)):
            far = arc(0, 0, radius * outer, radius * outer * 0.3, start, start + 180)
            near = arc(0, 0, radius * (outer - 0.13), radius * (outer - 0.13) * 0.3, start + 180, start)
            sheet.draw(np.concatenate([far, near]), colour, rough=0.2)
    ring_behind = back.sprite(outline=0)
    rgba, (x, y) = ring_behind.rgba.copy(), ring_behind.pivot
    for layer in (globe, front.sprite(outline=0)):
        height, width = layer.rgba.shape[:2]
        window = rgba[y - layer.pivot[1] :, x - layer.pivot[0] :][:height, :width]
        np.copyto(window, layer.rgba, where=layer.rgba[..., 3:] >= 128)
    return [Sprite(rgba, (x, y))]


def comet() -> list[Sprite]:
    """A comet flying to the lower left, its tail behind it; the pivot is its head."""
    sheet = Sheet(-14, -62, 108, 14, seed=59)
    for width, colour in ((15, (120, 170, 240)), (9, (190, 220, 250)), (4, (250, 252, 255))):
        sheet.draw(bar(0, 0, 100 - 3 * width * 0.6, -54 + 3 * width * 0.3, width, 1.5), colour, rough=0.3, light=0)
    sheet.draw(oval(0, 0, 10, 10), (250, 240, 206), ball=True, light=0.3, rough=0.2)
    return [sheet.sprite(outline=0)]


def lighthouse() -> list[Sprite]:
    """A red and white lighthouse on a rock, the pivot at the waterline."""
    sheet = Sheet(-62, -112, 62, 10, seed=61)
    sheet.draw(
        curve([(-56, 4), (-36, -14), (-10, -22), (18, -20), (44, -8), (58, 4)]), (112, 108, 104), rough=0.4, rim=0.7
    )
    edges = [(-9.0, -86.0), (-10.6, -70.0), (-12.2, -54.0), (-13.8, -38.0), (-15.4, -20.0)]
    for number, ((top, high), (foot, low)) in enumerate(pairwise(edges)):
        colour = ((206, 58, 52), (246, 244, 238))[number % 2]
        tower = np.array([(top, high), (-top, high), (-foot, low), (foot, low)])
        sheet.draw(tower, colour, light=0.1, rim=0.4)
    sheet.draw(box(-12, -90, 12, -86), (70, 72, 82)).draw(box(-7, -101, 7, -90), (255, 236, 160), rim=0.7)
    sheet.draw(curve([(-9, -101), (0, -110), (9, -101)], 4), (170, 46, 44)).draw(box(-3, -32, 3, -22, 1), (70, 60, 58))
    return [sheet.sprite()]
