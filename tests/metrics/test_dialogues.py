import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics.dialogues import Sighting, ThingsAgain, repetitions, slope, things_again
from sama_bench.metrics.rle import encode


def track(begin, end):
    mask = np.zeros((4, 20), bool)
    mask[:, begin:end] = True
    return [encode(mask)] * 2


def test_nothing_seen_again_counts_for_nothing():
    assert things_again([]) == things_again([Sighting("a", track(0, 4), 1.0, "a")]) == ThingsAgain()


def test_objects_by_the_rounds_in_which_they_were_found():
    again = things_again(
        [
            Sighting("a", track(0, 4), 1.0, "a"),
            Sighting("b", None, 0.0, None),
            Sighting("a", track(2, 6), 0.5, "a"),
            Sighting("b", None, 0.0, None),
            Sighting("c", track(8, 9), 0.49, "c"),
            Sighting("a", track(10, 12), 0.0, "b"),
            Sighting("d", track(8, 9), 0.5, "d"),
            Sighting("d", track(8, 9), 0.9, "d"),
        ]
    )
    assert (again.in_all, again.in_some, again.in_none) == (1, 1, 1)
    assert again.agreements == pytest.approx([1 / 3, 1])
    assert again.switches == [False, True, True, False]
    assert again.accuracies == [1.0, 0.5, 0.0, 0.0, 0.0, 0.5, 0.9]


def test_answers_that_say_an_earlier_one_again():
    answers = ["the cat runs to the left", "The Cat runs to the right now", "no", "the cat runs to the right", ""]
    # of (cat runs to the) and three others two stand in the first: half is not most
    assert repetitions(answers) == [None, False, None, True, None]
    assert repetitions(["a b c d"] * 3) == [None, True, True]
    assert repetitions([]) == []


def test_slope():
    assert slope([(1, 0), (2, -1), (3, -2)]) == -1
    assert slope([]) is slope([(2, 1), (2, 5)]) is None


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(-1, 1)), min_size=2))
def test_slope_is_that_of_least_squares(points):
    x, y = zip(*points, strict=True)
    if len(set(x)) > 1:
        assert slope(points) == pytest.approx(np.polyfit(x, y, 1)[0], abs=1e-9)
