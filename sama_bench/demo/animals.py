"""Animals, drawn facing right; the pivot is between the feet of those that walk or swim, else at the centre."""

from __future__ import annotations

import numpy as np

from sama_bench.demo.outline import arc, bar, box, curve, oval
from sama_bench.demo.sheet import Colour, Sheet, Sprite

_EYE: Colour = (24, 24, 30)


def _wave(steps: int) -> list[float]:
    return [float(value) for value in np.round(np.sin(2 * np.pi * np.arange(steps) / steps), 6)]


def cat(colour: Colour, scarf: Colour) -> list[Sprite]:
    """A walking cat with a coloured collar, in six poses."""
    return [_cat(colour, scarf, swing, lift) for swing, lift in zip(_wave(6), np.roll(_wave(6), 2), strict=True)]


def _cat(colour: Colour, scarf: Colour, swing: float, lift: float) -> Sprite:
    sheet = Sheet(-62, -70, 62, 4, seed=31)
    dark = (int(colour[0] * 0.7), int(colour[1] * 0.7), int(colour[2] * 0.7))
    for x, sign in ((-26.0, 1.0), (26.0, -1.0)):
        sheet.draw(bar(x, -24, x + sign * 11 * swing, -1, 9, 6), dark)
    tail = [(-32, -38), (-46, -44), (-52, -58 - 4 * lift), (-46, -66 - 4 * lift), (-43, -62), (-46, -56), (-40, -46)]
    sheet.draw(curve([*tail, (-28, -32)]), colour, rim=0.5)
    sheet.draw(curve([(-36, -36), (-10, -43), (22, -41), (36, -32), (30, -20), (0, -16), (-32, -19)]), colour, rim=0.5)
    for x, sign in ((-30.0, -1.0), (22.0, 1.0)):
        sheet.draw(bar(x, -24, x + sign * 11 * swing, -1, 11, 7), colour, rim=0.4)
        sheet.draw(oval(x + sign * 11 * swing + 2, -2, 5, 3), (238, 236, 230))
    for x in (-20, -6, 8):
        sheet.draw(curve([(x, -41), (x + 5, -41), (x + 3, -27)], 4), dark, light=0)
    sheet.draw(curve([(26, -44), (40, -38), (36, -28), (24, -34)], 4), scarf)
    for x in (28, 48):
        sheet.draw(curve([(x - 6, -54), (x, -68), (x + 7, -54)], 3), colour, rim=0.5)
        sheet.draw(curve([(x - 2, -56), (x, -63), (x + 4, -56)], 3), (226, 150, 150))
    sheet.draw(oval(39, -47, 18, 14), colour, ball=True, light=0.2, rim=0.5)
    sheet.draw(oval(46, -41, 9, 6), (238, 236, 230)).draw(oval(48, -44, 2.2, 1.6), (214, 110, 110))
    for x in (35, 48):
        sheet.draw(oval(x, -50, 3.6, 4), (232, 214, 90)).draw(oval(x + 0.8, -50, 1.4, 3.2), _EYE, light=0)
    return sheet.sprite()


def gull() -> list[Sprite]:
    """A flying gull beating its wings, in six poses; the pivot is in its body."""
    return [_gull(beat) for beat in _wave(6)]


def _gull(beat: float) -> Sprite:
    sheet = Sheet(-40, -40, 40, 32, seed=32)
    tip = -28.0 * beat
    sheet.draw(curve([(-6, -2), (4, tip * 0.7), (-6, tip), (-14, tip * 0.9), (-16, -1)]), (168, 176, 188), rim=0.5)
    sheet.draw(curve([(-34, -4), (-14, -8), (12, -8), (26, -6), (28, 0), (12, 8), (-14, 6)]), (248, 248, 246), rim=0.5)
    sheet.draw(curve([(-37, -8), (-22, -4), (-24, 3), (-36, 3)], 5), (232, 232, 232))
    sheet.draw(oval(24, -6, 9, 8), (250, 250, 248), ball=True, light=0.15)
    sheet.draw(curve([(31, -7), (39, -4), (31, -1)], 4), (242, 164, 40)).draw(oval(26, -8, 1.8, 1.8), _EYE, light=0)
    sheet.draw(
        curve([(8, -4), (4, tip * 0.75), (-10, tip * 1.15), (-16, tip * 0.8), (-14, -2)]), (190, 198, 208), rim=0.5
    )
    sheet.draw(curve([(-4, tip), (-10, tip * 1.15), (-15, tip * 0.9), (-9, tip * 0.85)], 5), (46, 50, 60), light=0)
    return sheet.sprite()


def clownfish() -> list[Sprite]:
    """An orange fish with white bands whose tail beats, in four poses; the pivot is its centre."""
    return [_clownfish(beat) for beat in _wave(4)]


def _clownfish(beat: float) -> Sprite:
    sheet = Sheet(-50, -32, 44, 32, seed=33)
    orange, black = (244, 122, 32), (40, 34, 40)
    sheet.draw(curve([(-26, 0), (-44, -15 + 6 * beat), (-47, 2 + 5 * beat), (-42, 15 + 4 * beat)]), orange, rim=1.2)
    sheet.draw(curve([(-18, -14), (-4, -27), (14, -25), (20, -14)]), orange, rim=1.2)
    sheet.draw(curve([(-14, 13), (-6, 25), (6, 24), (10, 14)]), orange, rim=1.2)
    body = curve([(-30, 0), (-16, -14), (8, -19), (30, -11), (40, 0), (30, 11), (8, 18), (-16, 13)])
    sheet.draw(body, orange, ball=True, light=0.25, rim=0.6)
    for x, half in ((19.0, 13.5), (-3.0, 15.5), (-24.0, 5.5)):
        sheet.draw(curve([(x - 5, -half), (x + 5, -half), (x + 7, 0), (x + 4, half), (x - 5, half), (x - 2, 0)]), black)
        inner = half - 0.8
        sheet.draw(
            curve([(x - 3, -inner), (x + 3, -inner), (x + 5, 0), (x + 2, inner), (x - 3, inner), (x, 0)]),
            (250, 248, 240),
        )
    sheet.draw(curve([(4, 2), (-8, 6 + 3 * beat), (-7, 12 + 4 * beat), (6, 8)]), (255, 156, 64), rim=1)
    sheet.draw(oval(30, -4, 4, 4), (250, 248, 240)).draw(oval(31, -4, 2.4, 2.4), _EYE, light=0)
    sheet.draw(bar(36, 5, 32, 6, 1.2), black, light=0)
    return sheet.sprite()


def tang() -> list[Sprite]:
    """A tall blue fish with a yellow tail, in four poses; the pivot is its centre."""
    return [_tang(beat) for beat in _wave(4)]


def _tang(beat: float) -> Sprite:
    sheet = Sheet(-74, -48, 66, 48, seed=34)
    blue, deep, yellow = (48, 104, 220), (22, 40, 104), (250, 214, 56)
    tail = [(-42, 0), (-66, -26 + 8 * beat), (-62, 2 + 7 * beat), (-66, 26 + 6 * beat)]
    sheet.draw(curve(tail), yellow, rim=0.8)
    sheet.draw(
        curve([(-44, -8), (-20, -38), (24, -38), (44, -14), (44, 14), (24, 38), (-20, 38), (-44, 8)]), deep, rim=0.8
    )
    body = curve([(-50, 0), (-30, -21), (4, -32), (40, -22), (60, 2), (44, 20), (4, 31), (-30, 20)])
    sheet.draw(body, blue, ball=True, light=0.3, rim=0.6)
    sheet.draw(curve([(-46, 0), (-28, -17), (6, -24), (30, -15), (10, -12), (2, 4), (-8, 12), (-24, 6)]), deep)
    sheet.draw(oval(-8, -4, 9, 6), blue)
    sheet.draw(curve([(18, 2), (2, 8 + 5 * beat), (4, 16 + 5 * beat), (20, 10)]), yellow, rim=0.6)
    sheet.draw(oval(44, -6, 5, 5), (240, 240, 236)).draw(oval(45, -6, 2.8, 2.8), _EYE, light=0)
    sheet.draw(bar(57, 7, 50, 9, 1.4), deep, light=0)
    return sheet.sprite()


def jellyfish() -> list[Sprite]:
    """A pink jellyfish that opens and closes, in six poses; the pivot is in its bell."""
    return [_jellyfish(beat) for beat in _wave(6)]


def _jellyfish(beat: float) -> Sprite:
    sheet = Sheet(-34, -32, 34, 64, seed=35)
    wide = 24 + 4 * beat
    for number, x in enumerate((-16, -8, 0, 8, 16)):
        bend = 5 * (-1) ** number * (0.6 + 0.6 * beat)
        end = 50 - 4 * beat - 2 * abs(x) * 0.5
        strand = [(x - 2, 2), (x + 2, 2), (x + 2 + bend, end * 0.5), (x - bend * 0.6, end), (x - 1 + bend, end * 0.5)]
        sheet.draw(curve(strand), (248, 178, 220), solid=200, rim=0.5)
    bell = [
        (-wide, 6),
        (-wide * 0.85, -14),
        (0, -26 + 2 * beat),
        (wide * 0.85, -14),
        (wide, 6),
        (wide * 0.5, 3),
        (0, 7),
    ]
    sheet.draw(curve([*bell, (-wide * 0.5, 3)]), (238, 120, 190), ball=True, light=0.3, rim=0.8, solid=225)
    for x in (-11, 0, 11):
        sheet.draw(oval(x, -9, 3.6, 4.6), (255, 206, 236), ball=True)
    return sheet.sprite(shade=0.75)


def duck(body: Colour, head: Colour, wing: Colour) -> list[Sprite]:
    """A swimming duck, the pivot on the waterline."""
    sheet = Sheet(-48, -56, 52, 10, seed=36)
    shape = [(-44, -22), (-30, -14), (-6, -20), (18, -18), (32, -8), (24, 4), (-4, 7), (-30, 3)]
    sheet.draw(curve(shape), body, light=0.3, rim=0.5)
    sheet.draw(curve([(16, -10), (18, -30), (32, -32), (34, -8)]), head)
    sheet.draw(curve([(15, -19), (33, -19), (34, -15), (16, -14)], 4), (246, 246, 240))
    sheet.draw(oval(27, -37, 13, 12), head, ball=True, light=0.25, rim=0.5)
    sheet.draw(curve([(37, -39), (50, -35), (49, -31), (37, -31)], 5), (246, 186, 46), rim=0.5)
    sheet.draw(oval(31, -40, 2.4, 2.4), (250, 250, 250)).draw(oval(31.5, -40, 1.5, 1.5), _EYE, light=0)
    sheet.draw(curve([(-32, -12), (-10, -17), (12, -11), (4, -1), (-18, 0)]), wing, rim=0.6)
    for x in (-22, -12, -2):
        sheet.draw(curve([(x, -9), (x + 10, -6), (x + 4, -2)], 4), body, light=0.3)
    return [sheet.sprite()]


def duckling() -> list[Sprite]:
    """A yellow duckling, the pivot on the waterline."""
    sheet = Sheet(-24, -36, 28, 8, seed=37)
    sheet.draw(curve([(-20, -12), (-8, -10), (10, -10), (16, -3), (10, 4), (-8, 5), (-18, 0)]), (250, 212, 74), rim=0.5)
    sheet.draw(oval(10, -18, 10, 10), (252, 222, 92), ball=True, light=0.25, rim=0.5)
    sheet.draw(curve([(18, -19), (26, -16), (18, -13)], 4), (238, 140, 40)).draw(oval(13, -20, 1.8, 1.8), _EYE, light=0)
    sheet.draw(curve([(-12, -6), (0, -8), (5, -4), (-4, 0)]), (222, 170, 46), rim=0.5)
    sheet.draw(curve([(4, -27), (9, -33), (12, -26)], 3), (222, 170, 46))
    return [sheet.sprite()]


def swan() -> list[Sprite]:
    """A white swan, the pivot on the waterline."""
    sheet = Sheet(-64, -84, 64, 12, seed=38)
    white: Colour = (246, 246, 244)
    neck = [(24, -10), (26, -34), (18, -56), (24, -74), (40, -74), (46, -66), (36, -64), (31, -56), (40, -34), (44, -8)]
    sheet.draw(curve(neck), white, light=0.15, rim=0.5)
    sheet.draw(curve([(44, -72), (60, -62), (44, -62)], 5), (240, 126, 36)).draw(oval(38, -69, 1.8, 1.8), _EYE, light=0)
    sheet.draw(
        curve([(-58, -26), (-34, -34), (6, -30), (38, -18), (46, -4), (30, 7), (-22, 8), (-46, -2)]),
        white,
        light=0.3,
        rim=0.5,
    )
    for lift in (0, 8, 16):
        feather = [
            (-52 + lift, -30 + lift * 0.6),
            (-20, -32 + lift),
            (16, -22 + lift),
            (-4, -16 + lift),
            (-34, -18 + lift),
        ]
        sheet.draw(curve(feather), (228, 230, 234), light=0.25, rim=0.5)
    return [sheet.sprite(shade=0.7)]


def butterfly(colour: Colour) -> list[Sprite]:
    """A butterfly seen from above whose wings open and close, in four poses; the pivot is its body."""
    return [_butterfly(colour, 0.72 + 0.28 * beat) for beat in _wave(4)]


def _butterfly(colour: Colour, spread: float) -> Sprite:
    sheet = Sheet(-28, -24, 28, 24, seed=39)
    for side in (-spread, spread):
        sheet.draw(curve([(0, 0), (8 * side, 14), (18 * side, 17), (20 * side, 5)]), colour, rim=1.2)
        sheet.draw(curve([(0, 0), (8 * side, -18), (23 * side, -20), (25 * side, -4)]), colour, rim=1.6)
        sheet.draw(oval(16 * side, -11, 3.4 * spread, 3.6), (252, 246, 214)).draw(
            oval(13 * side, 9, 2.4, 2.4), (252, 246, 214)
        )
    sheet.draw(oval(0, 0, 2.4, 12), (44, 36, 40), rim=0.3)
    return sheet.sprite()


def starfish(colour: Colour) -> list[Sprite]:
    """A five-armed starfish, the pivot at its centre."""
    sheet = Sheet(-26, -26, 26, 26, seed=40)
    angle = np.radians(np.arange(10) * 36 - 90)
    reach = np.where(np.arange(10) % 2, 9.0, 23.0)
    sheet.draw(curve(np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1).tolist(), 5), colour, rim=0.9)
    for arm in range(5):
        for step in (6, 11, 16):
            a = np.radians(arm * 72 - 90)
            sheet.draw(oval(step * float(np.cos(a)), step * float(np.sin(a)), 1.5, 1.5), (255, 214, 170), light=0)
    return [sheet.sprite()]


def owl() -> list[Sprite]:
    """A sitting brown owl, the pivot below its feet."""
    sheet = Sheet(-22, -52, 22, 4, seed=41)
    sheet.draw(curve([(-14, -2), (-18, -24), (-14, -44), (14, -44), (18, -24), (14, -2)]), (140, 100, 66), rim=0.6)
    for x in (-11, 11):
        sheet.draw(curve([(x - 5, -42), (x * 1.3, -51), (x + 5, -42)], 3), (140, 100, 66))
    sheet.draw(oval(0, -16, 10, 13), (222, 196, 154), rough=0.3)
    for x in (-7, 7):
        sheet.draw(oval(x, -35, 6.5, 6.5), (240, 226, 190)).draw(oval(x, -35, 4.4, 4.4), (240, 176, 40))
        sheet.draw(oval(x, -35, 2.2, 2.2), _EYE, light=0)
    sheet.draw(curve([(-3, -31), (3, -31), (0, -25)], 3), (226, 150, 50)).draw(box(-10, -3, -3, 1, 1), (226, 150, 50))
    sheet.draw(box(3, -3, 10, 1, 1), (226, 150, 50)).draw(arc(0, -16, 10, 13, 20, 160), (200, 168, 124), light=0.1)
    return [sheet.sprite()]
