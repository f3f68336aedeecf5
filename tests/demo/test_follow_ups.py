"""The demo of dialogues: true of its scenes, and of use to those who remember alone."""

import pytest

import sama_bench as sb
from sama_bench.api.dialogues import dialogues, rounds
from sama_bench.benchmark.address import resolve
from sama_bench.benchmarks.sama.check import check
from sama_bench.demo.facts import holds
from sama_bench.demo.follow_ups import ROUNDS, with_follow_ups


def test_every_claim_holds_and_every_round_names_actors(again, scenes):
    _, facts = again
    told = with_follow_ups(scenes)
    assert {scene.name for scene in told} == ROUNDS.keys()
    claims = [(scene.name, claim) for scene in told for turn in scene.rounds for claim in turn.claims]
    assert len(claims) == 15
    assert [(name, claim) for name, claim in claims if not holds(claim, facts[name])] == []
    for scene in told:
        annotated = {actor.name for actor in scene.actors if actor.about}
        for turn in scene.rounds:
            assert {*turn.ask, *(name for group in turn.seg for name in group)} <= annotated
            assert "{" not in turn.answer.format_map(facts[scene.name].actors)


@pytest.mark.slow
def test_memory_finds_more_and_nothing_is_lost_in_the_first_rounds(tmp_path):
    assert check(resolve("demo-dialogue").folder).problems == []
    counts = rounds("demo-dialogue", "g")
    assert (counts.dialogues, counts.rounds, counts.refer_back) == (3, 18, 12)
    runs = [
        sb.evaluate("motion", "demo-dialogue", tmp_path / history, tasks="g", phrases="words", history=history)
        for history in ("none", "true", "own")
    ]
    numbers = dialogues(*runs)
    true, own, compounding = (pair.metrics["miou"] for pair in numbers.pairs)
    assert true.later == own.later
    assert true.later.interval[0] > 0
    assert compounding.later.value == 0
    whole = sb.evaluate(
        "motion", "demo-dialogue", tmp_path / "all", tasks="g", phrases="words", history="own", window="all"
    )
    assert dialogues(runs[0], whole).pairs[0].metrics["miou"].later.value > own.later.value  # the first round, too
    assert [(pair.first_equal, pair.first_rounds) for pair in numbers.pairs] == [(3, 3)] * 3
