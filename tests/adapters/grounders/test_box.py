import numpy as np
import pytest

from sama_bench.adapters.grounders.box import BoxGrounder, filled
from sama_bench.metrics import rle
from sama_bench.types import Box, Video


def _video(length=4, size=(30, 40)):
    return Video("v", "mevis", size, (None,) * length)


def test_a_box_is_its_own_mask_on_its_frame_and_nothing_elsewhere():
    (track,) = BoxGrounder().tracks(_video(), [[Box(2, 5, 10, 15, 20)]])
    assert track[:2] == [None, None]
    assert track[3] is None
    mask = rle.decode(track[2], (30, 40))
    assert mask[10:20, 5:15].all()
    assert mask.sum() == 100


def test_each_object_has_its_own_track_and_one_without_a_box_has_no_mask():
    one, none, two = BoxGrounder().tracks(
        _video(), [[Box(0, 0, 0, 40, 30)], [], [Box(1, 1, 1, 3, 3), Box(3, 2, 2, 4, 4)]]
    )
    assert rle.areas(one) == [1200, 0, 0, 0]
    assert none == [None] * 4
    assert rle.areas(two) == [0, 4, 0, 4]


def test_the_box_of_a_mask_gives_the_box_that_the_scores_use():
    mask = np.zeros((30, 40), bool)
    mask[7:19, 3] = mask[12, 3:33] = True
    assert rle.encode(filled(Box(0, 3, 7, 33, 19), (30, 40))) == rle.filled_box(rle.encode(mask))


@pytest.mark.parametrize(
    ("corners", "area"),
    [((2.6, 3.6, 2.9, 3.9), 1), ((0, 0, 0.4, 0.4), 1), ((39.7, 29.7, 40, 30), 1), ((1.5, 2.5, 3.5, 4.5), 4)],
)
def test_fractions_are_rounded_and_a_sliver_keeps_one_pixel(corners, area):
    assert filled(Box(0, *corners), (30, 40)).sum() == area
