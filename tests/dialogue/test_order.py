from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from sama_bench.dialogue import ordered, stale, window_of
from sama_bench.types import Key

CHAIN = [Key("g", str(n)) for n in range(6)]


def numbers(keys):
    return sorted(int(key.id) for key in keys)


def test_the_window_holds_the_last_rounds_before():
    assert [len(window_of(CHAIN, place, 3)) for place in range(6)] == [0, 1, 2, 3, 3, 3]
    assert window_of(CHAIN, 5, 2) == CHAIN[3:5]
    assert window_of(CHAIN, 5, None) == CHAIN[:5]


def test_what_is_asked_again_makes_later_rounds_stale_one_after_the_other():
    assert numbers(stale(CHAIN, {CHAIN[2]}, 1)) == [3, 4, 5]
    assert numbers(stale(CHAIN, {CHAIN[5]}, None)) == []
    assert numbers(stale(CHAIN, {CHAIN[0]}, None)) == [1, 2, 3, 4, 5]
    assert stale(CHAIN, {Key("c", "2")}, 3) == set()
    assert stale(CHAIN, set(), 3) == set()


@given(st.integers(), st.sets(st.integers(0, 40)))
def test_a_shuffle_does_not_depend_on_which_rounds_there_are(seed, some):
    everything = ordered([Key("g", str(n)) for n in range(41)], "v", seed)
    part = ordered([Key("g", str(n)) for n in some], "v", seed)
    assert part == [key for key in everything if int(key.id) in some]


def test_seeds_and_videos_shuffle_in_their_own_way():
    shuffled = [tuple(ordered(CHAIN, video, seed)) for video in "ab" for seed in (None, 0, 1)]
    assert shuffled[0] == shuffled[3] == tuple(CHAIN)
    assert all(one != other for one, other in combinations([*shuffled[1:3], *shuffled[4:]], 2))
