from hypothesis import given
from hypothesis import strategies as st

from sama_bench.adapters.baselines.observation import Observation, Place, observe
from sama_bench.adapters.baselines.wording import described, grounded, numbered, predicate

places = st.lists(
    st.none()
    | st.builds(
        Place,
        st.floats(1e-6, 1),
        st.floats(0, 1),
        st.floats(0, 1),
        st.lists(st.sampled_from(["left", "right", "top", "bottom"]), unique=True).map(tuple),
    ),
    max_size=8,
)


@given(places)
def test_whatever_is_measured_gives_whole_sentences(seen):
    observation = observe("red", seen)
    for text in (grounded([observation, observation]), described(observation)):
        assert text.endswith(".")
        assert "  " not in text
        assert ", and" not in text
    assert grounded([observation] * 3).count("[SEG]") == 3


@given(st.lists(st.sampled_from(["object", "red object", "large object"])))
def test_names_are_unique(nouns):
    assert len(set(numbered(nouns))) == len(nouns)


def test_growth_counts_only_where_no_edge_cuts_the_object():
    whole, closer, cut = Place(0.1, 0.5, 0.5, ()), Place(0.2, 0.5, 0.5, ()), Place(0.02, 0.5, 0.5, ("left",))
    assert "comes closer" in predicate(observe("", [whole, closer]))
    assert "moves away" not in predicate(observe("", [whole, cut]))


def test_a_mask_that_vanishes_away_from_the_edges_is_lost_not_gone():
    inside, at_left = Place(0.1, 0.3, 0.5, ()), Place(0.1, 0.1, 0.5, ("left", "top"))
    assert predicate(observe("", [inside, None])).endswith("is lost from view")
    assert predicate(observe("", [inside, at_left, None])).endswith("leaves the picture on the left")


def test_what_comes_back_has_wandered():
    here, there = Place(0.1, 0.3, 0.5, ()), Place(0.1, 0.8, 0.5, ())
    assert predicate(observe("", [here, there, here])) == "moves about, but ends near where it began"


def test_nothing_seen_is_said():
    assert observe("red", [None, None]) == Observation()
    assert "not to be seen" in described(Observation())
