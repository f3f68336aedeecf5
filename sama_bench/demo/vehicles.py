"""Things that carry somebody: drawn facing right, the pivot on the ground below the middle or at the centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sama_bench.demo.outline import Points, arc, bar, box, curve, oval, turned
from sama_bench.demo.sheet import Colour, Sheet, Sprite

_TYRE: Colour = (42, 42, 48)
_STEEL: Colour = (196, 200, 206)
_GLASS: Colour = (112, 160, 190)
_WOOD: Colour = (150, 98, 58)


def _wheel(sheet: Sheet, x: float, y: float, radius: float, turn: float, hub: Colour = _STEEL) -> None:
    sheet.draw(oval(x, y, radius, radius), _TYRE, rim=0.7)
    sheet.draw(oval(x, y, radius * 0.62, radius * 0.62), hub, ball=True)
    for spoke in range(5):
        end = turned(np.array([[x, y - radius * 0.56]]), turn + 72 * spoke, x, y)[0]
        sheet.draw(bar(x, y, float(end[0]), float(end[1]), radius * 0.22), (70, 72, 80), light=0)
    sheet.draw(oval(x, y, radius * 0.18, radius * 0.18), _TYRE, light=0)


def car(colour: Colour, stripe: Colour) -> list[Sprite]:
    """A small car with a coloured stripe; its wheels turn."""
    return [_car(colour, stripe, turn) for turn in (0, 24, 48)]


def _car(colour: Colour, stripe: Colour, turn: float) -> Sprite:
    sheet = Sheet(-64, -46, 64, 4, seed=11)
    body = [(-57, -12), (-56, -23), (-41, -26), (-25, -40), (10, -41), (27, -27), (50, -23), (59, -15), (57, -7)]
    sheet.draw(curve([*body, (0, -5), (-55, -6)]), colour, light=0.3, rim=0.6)
    sheet.draw(box(-54, -17, 56, -13), stripe)
    sheet.draw(curve([(-35, -26), (-22, -37), (-6, -38), (-5, -26)]), _GLASS, light=0.5, rim=0.6)
    sheet.draw(curve([(-1, -26), (-1, -38), (9, -37), (20, -27)]), _GLASS, light=0.5, rim=0.6)
    sheet.draw(bar(-30, -27, -22, -36, 2), (215, 232, 240), light=0).draw(
        bar(4, -27, 8, -36, 2), (215, 232, 240), light=0
    )
    sheet.draw(bar(-3, -38, -3, -8, 0.9), (40, 40, 46), light=0).draw(bar(22, -26, 20, -8, 0.9), (40, 40, 46), light=0)
    sheet.draw(box(0, -23, 7, -21), _STEEL)
    sheet.draw(oval(55, -18, 3.4, 2.8), (255, 240, 170), ball=True).draw(box(-58, -21, -54, -15, 1), (214, 40, 40))
    sheet.draw(box(-59, -10, -48, -6, 2), _STEEL).draw(box(48, -10, 60, -6, 2), _STEEL)
    for x in (-34.0, 35.0):
        sheet.draw(oval(x, -9, 12.5, 12), (34, 34, 40), light=0)
        _wheel(sheet, x, -9.5, 9.5, turn)
    return sheet.sprite()


def van(colour: Colour, sign: Colour) -> list[Sprite]:
    """A tall delivery van with a sun painted on its side; its wheels turn."""
    return [_van(colour, sign, turn) for turn in (0, 24, 48)]


def _van(colour: Colour, sign: Colour, turn: float) -> Sprite:
    sheet = Sheet(-72, -66, 72, 4, seed=12)
    sheet.draw(box(-66, -62, 30, -8, 5), colour, rim=0.6)
    sheet.draw(curve([(24, -46), (44, -45), (56, -28), (66, -22), (66, -8), (24, -8)]), colour, rim=0.6)
    sheet.draw(curve([(32, -41), (43, -41), (53, -27), (32, -26)]), _GLASS, light=0.5, rim=0.6)
    for ray in range(12):
        tip = turned(np.array([[-18.0, -54.0]]), 30 * ray, -18, -36)[0]
        sheet.draw(bar(-18, -36, float(tip[0]), float(tip[1]), 6, 1), sign)
    sheet.draw(oval(-18, -36, 10.5, 10.5), sign, ball=True, rim=0.7)
    sheet.draw(box(-64, -18, 28, -13), sign).draw(bar(24, -60, 24, -9, 1), (60, 70, 66), light=0)
    sheet.draw(oval(64, -18, 3, 3.4), (255, 240, 170), ball=True).draw(box(-67, -24, -63, -16, 1), (214, 40, 40))
    for x in (-40.0, 42.0):
        sheet.draw(oval(x, -9, 13, 12), (34, 34, 40), light=0)
        _wheel(sheet, x, -10, 10.5, turn)
    return sheet.sprite()


def sailing_boat(hull: Colour, mark: Colour) -> list[Sprite]:
    """A sailing boat with two white sails and a coloured mark at the mast top, seen from its side."""
    sheet = Sheet(-56, -122, 60, 18, seed=13)
    sheet.draw(bar(2, -116, 2, 2, 2.6), _WOOD)
    sheet.draw(curve([(5, -108), (20, -72), (44, -12), (24, -8), (5, -8)], 6), (246, 244, 236), light=0.18, rim=0.7)
    sheet.draw(
        curve([(-1, -98), (-18, -56), (-36, -12), (-18, -10), (-1, -10)], 6), (236, 234, 228), light=0.2, rim=0.7
    )
    for y in (-78, -54, -30):
        sheet.draw(bar(6, y, 15 - y * -0.28 + 21, y + 2, 0.8), (186, 186, 184), light=0)
    sheet.draw(bar(-30, -9, 42, -8, 2), _WOOD)
    sheet.draw(curve([(2, -121), (22, -117), (3, -112)], 4), mark)
    sheet.draw(curve([(-50, -4), (0, -2), (54, -6), (42, 12), (0, 16), (-38, 12)]), hull, light=0.3, rim=0.7)
    sheet.draw(curve([(-46, 1), (0, 3), (50, -1), (48, 2), (0, 7), (-44, 5)]), (244, 240, 228))
    for x in (-24, -6, 12):
        sheet.draw(oval(x, 9, 2.4, 2.4), (44, 52, 66), rim=0.4)
    return [sheet.sprite()]


def balloon(stripes: tuple[Colour, Colour], basket: Colour = _WOOD) -> list[Sprite]:
    """A hot-air balloon with upright stripes of two colours; the pivot is in the middle of the envelope."""
    sheet = Sheet(-46, -54, 46, 84, seed=14)
    envelope = curve([(0, -50), (30, -40), (43, -10), (34, 18), (12, 46), (-12, 46), (-34, 18), (-43, -10), (-30, -40)])
    sheet.draw(envelope, stripes[0], ball=True, light=0.32, rim=0.8, skin=(_gores, stripes[1]))
    for x in (-9, -3, 3, 9):
        sheet.draw(bar(x, 45, x * 0.8, 64, 0.9), (84, 66, 50), light=0)
    sheet.draw(box(-9, 62, 9, 78, 2), basket, rim=0.7, skin=(_weave, (104, 66, 40)))
    sheet.draw(box(-10, 61, 10, 65, 2), (96, 62, 38))
    return [sheet.sprite()]


def _gores(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.bool_]:
    bulge = 43 * np.sqrt(np.clip(1.02 - ((y + 6) / 58) ** 2, 0.05, 1))
    odd: NDArray[np.bool_] = (np.floor(np.arcsin(np.clip(x / bulge, -1, 1)) * 2.23 + 100.5) % 2) == 1
    return odd


def _weave(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.bool_]:
    even: NDArray[np.bool_] = ((np.floor(x / 2) + np.floor(y / 2)) % 2) == 0
    return even


def locomotive(colour: Colour) -> list[Sprite]:
    """A small steam locomotive; its wheels turn."""
    return [_locomotive(colour, turn) for turn in (0, 24, 48)]


def _locomotive(colour: Colour, turn: float) -> Sprite:
    sheet = Sheet(-60, -66, 64, 4, seed=15)
    sheet.draw(box(30, -62, 42, -40, 1), (52, 50, 56), rim=0.6).draw(box(27, -65, 45, -59, 2), (60, 58, 66), rim=0.6)
    sheet.draw(arc(6, -38, 8, 9, 180, 360), (226, 184, 70), ball=True)
    sheet.draw(box(-26, -42, 50, -16, 8), colour, light=0.4, rim=0.6)
    for x in (-4.0, 18.0, 36.0):
        sheet.draw(box(x, -42, x + 3, -16), (226, 184, 70))
    sheet.draw(box(-52, -56, -18, -14, 2), colour, rim=0.6).draw(box(-56, -61, -14, -55, 3), (60, 58, 66), rim=0.6)
    sheet.draw(box(-46, -50, -25, -34, 2), (252, 226, 150), rim=0.8)
    sheet.draw(box(-54, -17, 54, -11, 1), (60, 58, 66)).draw(curve([(48, -16), (62, -4), (46, -4)], 3), (180, 44, 40))
    sheet.draw(oval(52, -34, 4, 5), (255, 244, 190), ball=True)
    for x, radius in ((-38.0, 10.0), (-12.0, 10.0), (14.0, 7.5), (35.0, 7.5)):
        _wheel(sheet, x, -radius, radius, turn, (190, 60, 50))
    return sheet.sprite()


def wagon(colour: Colour, roof: Colour) -> list[Sprite]:
    """A passenger wagon with lit windows; its wheels turn."""
    return [_wagon(colour, roof, turn) for turn in (0, 24, 48)]


def _wagon(colour: Colour, roof: Colour, turn: float) -> Sprite:
    sheet = Sheet(-62, -56, 66, 4, seed=16)
    sheet.draw(box(-56, -46, 56, -12, 3), colour, rim=0.6).draw(box(-59, -52, 59, -44, 4), roof, rim=0.6)
    for x in (-46.0, -22.0, 2.0, 26.0):
        sheet.draw(box(x, -40, x + 17, -26, 2), (252, 226, 150), light=0.35, rim=0.8)
    sheet.draw(box(-56, -22, 56, -19), (240, 226, 190)).draw(box(54, -16, 66, -13), (60, 58, 66))
    sheet.draw(box(-52, -14, 52, -10), (60, 58, 66))
    for x in (-38.0, -20.0, 20.0, 38.0):
        _wheel(sheet, x, -7, 7, turn)
    return sheet.sprite()


def sledge() -> list[Sprite]:
    """A wooden sledge with a bundle of presents; the pivot is on the snow below its middle."""
    sheet = Sheet(-34, -36, 36, 4, seed=17)
    sheet.draw(curve([(-28, -3), (20, -3), (31, -12), (29, -15), (18, -6), (-28, -6)], 5), (176, 60, 44), rim=0.5)
    for x in (-20, 14):
        sheet.draw(bar(x, -5, x, -13, 3), _WOOD)
    sheet.draw(box(-28, -15, 22, -11, 1), _WOOD, rim=0.5)
    sheet.draw(box(-24, -31, -4, -15, 1), (60, 130, 190), rim=0.6).draw(box(-16, -31, -12, -15), (250, 220, 110))
    sheet.draw(box(-2, -26, 16, -15, 1), (214, 70, 110), rim=0.6).draw(box(-2, -22, 16, -19), (244, 244, 240))
    sheet.draw(oval(-14, -33, 5, 2.5), (250, 220, 110))
    return [sheet.sprite()]


def paper_plane() -> list[Sprite]:
    """A folded paper plane, its nose to the right."""
    sheet = Sheet(-30, -20, 32, 18, seed=18)
    sheet.draw(_points((-26, -10), (30, 0), (-14, 4)), (250, 250, 246), rough=0.06, rim=0.6)
    sheet.draw(_points((-14, 4), (30, 0), (-20, 12)), (196, 204, 214), rough=0.06, rim=0.6)
    sheet.draw(_points((-26, -10), (30, 0), (-20, -2)), (226, 230, 234), rough=0.06)
    sheet.draw(bar(-18, -6, 20, -1, 1.2), (220, 90, 80), light=0)
    return [sheet.sprite()]


def satellite() -> list[Sprite]:
    """A satellite with two blue solar wings, the pivot at its centre."""
    sheet = Sheet(-50, -22, 50, 22, seed=19)
    sheet.draw(bar(-30, 0, 30, 0, 3), _STEEL)
    for left, right in ((-46, -16), (16, 46)):
        sheet.draw(box(left, -11, right, 11, 1), (52, 88, 168), light=0.3, rim=0.7, skin=(_cells, (30, 52, 110)))
    sheet.draw(box(-11, -13, 11, 13, 3), (222, 186, 92), rim=0.7).draw(box(-7, -9, 7, 9, 1), (240, 214, 130))
    sheet.draw(arc(0, -12, 9, 8, 180, 360), (232, 232, 236), ball=True, rim=0.6).draw(bar(0, -18, 0, -12, 1.5), _STEEL)
    return [sheet.sprite()]


def _cells(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.bool_]:
    return (np.abs(np.mod(x + 46, 6)) < 0.8) | (np.abs(np.mod(y + 11, 7.3)) < 0.8)


def _points(*corners: tuple[float, float]) -> Points:
    return np.array(corners, dtype=np.float64)
