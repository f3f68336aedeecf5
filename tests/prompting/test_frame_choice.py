import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.prompting.frame_choice import HOW, choose


@given(st.integers(1, 90), st.integers(1, 40), st.sampled_from(HOW), st.data())
def test_places_are_sorted_inside_the_video_and_hold_what_is_wanted(length, count, how, data):
    wanted = data.draw(st.sets(st.integers(0, length - 1), max_size=5))
    places = choose(length, count, how, wanted)
    assert list(places) == sorted(set(places))
    assert places[0] >= 0
    assert places[-1] < length
    assert wanted <= set(places)
    assert len(places) <= max(min(count, length), len(wanted))


@pytest.mark.parametrize(
    ("how", "expected"),
    [("uniform", (0, 24, 49, 74, 99)), ("stride", (0, 18, 39, 60, 81)), ("first", (0, 1, 2, 3, 4))],
)
def test_ways_to_choose(how, expected):
    assert choose(100, 5, how) == expected


def test_around_stays_next_to_the_asked_frame_and_inside_the_video():
    assert choose(100, 5, "around", {50}) == (48, 49, 50, 51, 52)
    assert choose(100, 5, "around", {99}) == (95, 96, 97, 98, 99)


def test_a_short_video_is_shown_whole():
    assert choose(3, 8, "uniform") == (0, 1, 2)
