import numpy as np
import pytest

from sama_bench.gate.plan import needed, plan, power
from sama_bench.gate.rules import Policy


def test_more_videos_see_more_and_smaller_drops_need_more():
    assert power(2, 0.5, 10, 50, 0.05) < power(2, 0.5, 10, 500, 0.05)
    assert needed(1, 0.5, 10, 0.05) > needed(2, 0.5, 10, 0.05) > needed(5, 0.5, 10, 0.05) >= 5


@pytest.mark.parametrize("drop", [1.0, 2.0, 7.0])
@pytest.mark.parametrize("spread", [0.5, 8.0, 30.0])
def test_what_is_needed_is_the_fewest_that_suffice(drop, spread):
    found = needed(drop, 0.5, spread, 0.0125)
    assert power(drop, 0.5, spread, found, 0.0125) >= 0.8
    assert found == 5 or power(drop, 0.5, spread, found - 1, 0.0125) < 0.8


def test_an_allowed_drop_is_never_seen_and_runs_without_spread_need_the_least():
    assert needed(0.5, 0.5, 10, 0.05) is None
    assert needed(1.0, 0.5, 0.0, 0.05) == 5


def test_the_power_is_what_drawing_gives():
    random = np.random.default_rng(1)
    drops = random.normal(2.0, 9.0, (4000, 150))
    means, errors = drops.mean(axis=1), drops.std(axis=1, ddof=1) / 150**0.5
    caught = ((means > 0.5) & (means / errors > 1.655)).mean()
    assert power(2.0, 0.5, 9.0, 150, 0.05) == pytest.approx(caught, abs=0.02)


def test_a_plan_has_a_row_for_each_rule(evidence):
    own = [evidence(np.random.default_rng(1).normal(0, 5, 100)), evidence(np.zeros(100), "g.miou")]
    jf, miou = plan(Policy(tuple(one.rule for one in own)), own, (0.5, 2.0))
    assert jf.videos[0.5] is None
    assert (miou.videos[2.0], miou.seen[2.0]) == (None, 0.0)  # of runs that differ in nothing no spread is known
    assert jf.seen[2.0] == pytest.approx(0.95, abs=0.05)


def test_four_videos_tell_nothing(evidence):
    own = [evidence([1.0, 2.0, 3.0, 4.0])]
    (jf,) = plan(Policy((own[0].rule,)), own, (2.0,))
    assert (jf.videos[2.0], jf.seen[2.0]) == (None, 0.0)
