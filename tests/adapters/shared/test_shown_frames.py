import numpy as np
import pytest

from sama_bench.adapters.shared.shown_frames import ShownFrames


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6, 7, 23, 60])
@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_positions_are_those_at_which_the_released_codes_look(length, count):
    spread = sorted({int(place) for place in np.linspace(0, length - 1, count, dtype=int)})
    assert list(ShownFrames(count, spread=True).positions(length)) == spread
    assert list(ShownFrames(count).positions(length)) == list(range(min(count, length)))


@pytest.mark.parametrize(
    ("length", "marked", "first", "spread"),
    [
        (60, [], [0, 1, 2, 3, 4], [0, 14, 29, 44, 59]),
        (60, [3], [0, 1, 2, 3, 4], [3, 14, 29, 44, 59]),
        (60, [50], [0, 1, 2, 3, 50], [0, 14, 29, 50, 59]),
        (60, [0, 2], [0, 1, 2, 3, 4], [0, 2, 29, 44, 59]),
        (60, [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        (3, [2], [0, 1, 2], [0, 1, 2]),
        (1, [0], [0], [0]),
    ],
)
def test_a_marked_frame_takes_the_place_of_the_nearest_that_is_shown(length, marked, first, spread):
    assert list(ShownFrames().places(length, marked)) == first
    assert list(ShownFrames(spread=True).places(length, marked)) == spread
    assert len(ShownFrames(spread=True).places(length, marked)) == len(ShownFrames(spread=True).positions(length))
