import numpy as np
import pytest

from sama_bench.adapters.baselines.colour import NAMES, colour_name

SHOWN = {
    "black": (10, 10, 10),
    "white": (245, 245, 245),
    "grey": (128, 128, 128),
    "red": (220, 20, 20),
    "orange": (250, 140, 10),
    "brown": (110, 60, 20),
    "yellow": (240, 220, 20),
    "green": (30, 160, 40),
    "turquoise": (20, 200, 200),
    "blue": (20, 60, 220),
    "purple": (120, 30, 180),
    "pink": (250, 150, 190),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_plain_colours(name):
    frame = np.full((4, 5, 3), SHOWN[name], np.uint8)
    assert colour_name(frame, np.ones((4, 5), bool)) == name


def test_names_two_colours_where_both_are_strong_and_looks_only_under_the_mask():
    frame = np.full((10, 10, 3), SHOWN["green"], np.uint8)
    mask = np.zeros((10, 10), bool)
    mask[:5] = True
    frame[:3], frame[3:5] = SHOWN["red"], SHOWN["white"]
    assert colour_name(frame, mask) == "red and white"


def test_no_pixel_has_no_colour():
    assert colour_name(np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2), bool)) == ""
