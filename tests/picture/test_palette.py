import numpy as np

from sama_bench.metrics import rle
from sama_bench.picture.palette import COLOURS, Palette


def track(x0, x1, frames=2):
    masks = np.zeros((frames, 8, 100), bool)
    masks[:, :, x0:x1] = True
    return rle.encode_track(masks)


def test_what_overlaps_most_has_the_same_colour():
    palette = Palette()
    regions = palette.take([track(0, 10), track(20, 30)])
    assert regions == list(COLOURS[:2])
    assert palette.take([track(22, 31), track(1, 9), track(50, 60)]) == [COLOURS[1], COLOURS[0], COLOURS[2]]
    assert palette.take([track(51, 60)]) == [COLOURS[2]]


def test_equal_tracks_share_a_colour_and_others_do_not():
    assert Palette().take([track(0, 10), track(0, 10), track(1, 10)]) == [COLOURS[0], COLOURS[0], COLOURS[1]]


def test_empty_tracks_and_more_than_there_are_colours():
    nothing = [None, None]
    taken = Palette().take([nothing, *[track(n, n + 1) for n in range(len(COLOURS))]])
    assert taken[0] == taken[-1] == COLOURS[0]
    assert Palette().take([]) == []
