"""What the demo's dialogues say is so."""

from __future__ import annotations

import numpy as np
import pytest

from sama_bench.demo.facts import Facts, SceneFacts, holds
from sama_bench.demo.script import Scene


def test_every_claim_holds(again, scenes):
    _, facts = again
    claims = [(scene.name, claim) for scene in scenes for turn in scene.rounds for claim in turn.claims]
    assert len(claims) > 60
    assert [(name, claim) for name, claim in claims if not holds(claim, facts[name])] == []


def test_claims_are_about_the_actors_of_the_round(scenes):
    for scene in scenes:
        names = {actor.name for actor in scene.actors}
        for turn in scene.rounds:
            for subject, _, *rest in map(str.split, turn.claims):
                assert {subject, *rest} <= names | {"left", "right", "top", "bottom"}


def test_no_slot_is_left_open_or_empty(again, scenes):
    _, facts = again
    for scene in scenes:
        for turn in scene.rounds:
            text = turn.answer.format_map(facts[scene.name].actors)
            assert "{" not in text
            assert "  " not in text, text


def test_rounds_differ_from_each_other(scenes):
    rounds = [turn for scene in scenes for turn in scene.rounds]
    assert len({turn.question for turn in rounds}) == len(rounds)
    assert len({turn.answer for turn in rounds}) == len(rounds)


def test_descriptions_are_two_or_three_sentences(scenes):
    for scene in scenes:
        for actor in scene.cast:
            if actor.about:
                assert 2 <= actor.about.count(". ") + actor.about.endswith(".") <= 3, actor.about


def _facts(xs: list[float | None], edges: list[int] = ()) -> Facts:
    """An actor of 100 pixels at these x (None: not visible) that touches the left edge in the frames `edges`."""
    area = np.array([0 if x is None else 100 for x in xs])
    centre = np.array([(np.nan if x is None else x, np.nan if x is None else 50.0) for x in xs])
    touches = np.zeros((len(xs), 4), dtype=bool)
    touches[list(edges), 0] = True
    return Facts(area, centre, touches)


@pytest.fixture
def two() -> SceneFacts:
    covered = np.zeros((4, 2, 2))
    covered[1, 0, 1] = 0.5
    return SceneFacts({"a": _facts([200, 150, 60, None], [2]), "b": _facts([100, 101, 102, 103])}, ["a", "b"], covered)


@pytest.mark.parametrize(
    ("claim", "so"),
    [
        ("a left", True),
        ("a right", False),
        ("a stays", False),
        ("b stays", True),
        ("a leaves left", True),
        ("b leaves left", False),
        ("a gone", False),
        ("b visible", True),
        ("a vanishes", False),
        ("b hides a", True),
        ("a hides b", False),
        ("a spares b", True),
        ("a faster b", True),
        ("b faster a", False),
        ("b outlasts a", True),
        ("a earlier b", False),
        ("a larger b", False),
        ("a grows", False),
    ],
)
def test_a_claim_is_judged_by_what_is_seen(two, claim, so):
    assert bool(holds(claim, two)) is so


def test_an_unknown_claim_is_an_error(two):
    with pytest.raises(KeyError):
        holds("a sings", two)
    with pytest.raises(KeyError):
        holds("nobody left", two)


def test_slots_tell_way_and_edges():
    one = _facts([None, 10, 60, 90, None], [1])
    assert (one.way, one.entry, one.exit) == ("to the right", "left", "")


def test_scene_names_are_unique(scenes: tuple[Scene, ...]):
    assert len({scene.name for scene in scenes}) == len(scenes)
    for scene in scenes:
        names = [actor.name for actor in scene.actors]
        assert len(set(names)) == len(names)
