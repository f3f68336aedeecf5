from pathlib import Path

import pytest

from sama_bench.leaderboard.page.question_data import Known, ReadRun
from sama_bench.leaderboard.page.samples import SAMPLES, choose
from sama_bench.types import Key


def run(values, sees_truth=False):
    questions = {
        Key("g", str(n)): Known("answered", False, None, {"J&F": value}, true=1) for n, value in enumerate(values)
    }
    return ReadRun(Path("run"), "model", sees_truth, "", questions, {}, {})


def ids(keys):
    return [int(key.id) for key in keys]


def test_all_are_all_and_in_order():
    assert ids(choose([run([0.5, 0.1, 0.9])], "all")) == [0, 1, 2]


def test_worst_are_the_24_with_the_least_mean():
    falling = [1 - n / 50 for n in range(50)]
    assert ids(choose([run(falling), run(falling)], "worst")) == list(range(50 - SAMPLES, 50))


def test_a_number_takes_worst_most_disputed_and_a_spread():
    one, other = [n / 40 for n in range(40)], [n / 40 for n in range(40)]
    other[30] = 0.0
    chosen = ids(choose([run(one), run(other)], 8))
    assert len(chosen) == 8
    assert {0, 1, 2, 3, 30, 39} <= set(chosen)


@pytest.mark.parametrize("samples", [0, 1, 5, 7, 100])
def test_never_more_than_asked_for_or_there(samples):
    assert len(choose([run([0.1] * 7)], samples)) == min(samples, 7)


def test_who_is_shown_the_truth_says_nothing_of_what_is_hard():
    chosen = ids(choose([run([1.0, 0.0], sees_truth=True), run([0.0, 1.0])], 1))
    assert chosen == [0]


def test_a_question_with_nothing_to_find_is_right_where_nothing_was_found():
    assert Known("answered", False, None, {}, true=0, predicted=0).right
    assert not Known("answered", False, None, {}, true=0, predicted=1).right
    assert not Known("error", False, None, {}, true=0, predicted=0).right
    assert Known("answered", False, None, {"ROUGE_L": 0.9}).right is None
