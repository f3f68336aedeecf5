import numpy as np
import pytest
from scipy.stats import ttest_1samp

from sama_bench.gate.decision import Outcome, corrected_p_values, decide, upper_bound
from sama_bench.gate.rules import Policy, rule


def decided(*evidence, **settings):
    return decide(Policy(tuple(one.rule for one in evidence), **settings), evidence, resamples=2000)


@pytest.fixture
def noise():
    """Makes drops of videos around a mean, seeded."""
    return lambda mean, spread=5.0, count=200, seed=1: np.random.default_rng(seed).normal(mean, spread, count)


def test_no_drop_passes_and_a_large_one_fails(evidence, noise):
    assert decided(evidence(noise(0.0))).outcome is Outcome.PASS
    assert decided(evidence(noise(3.0))).outcome is Outcome.FAIL


def test_a_drop_that_may_be_chance_cannot_be_told(evidence, noise):
    (finding,) = decided(evidence(noise(1.2, spread=12.0, count=60))).findings
    assert finding.evidence.drop > 0.5
    assert finding.p > 0.05
    assert finding.outcome is Outcome.CANNOT_TELL
    assert "chance" in finding.why


def test_too_few_videos_to_exclude_a_drop_cannot_be_told(evidence, noise):
    (finding,) = decided(evidence(noise(-0.2, spread=15.0, count=30))).findings
    assert finding.outcome is Outcome.CANNOT_TELL
    assert "too few videos" in finding.why


def test_a_sure_drop_that_is_allowed_passes(evidence, noise):
    (finding,) = decided(evidence(noise(1.0, spread=0.5), max_drop=2.0)).findings
    assert finding.p < 0.05
    assert finding.outcome is Outcome.PASS


def test_one_failing_rule_is_enough_and_not_being_able_to_tell_outranks_a_pass(evidence, noise):
    good, bad = evidence(noise(0.0)), evidence(noise(4.0), "g.miou")
    unsure = evidence(noise(3.0, spread=30.0), "g.f1_iou")
    assert decided(good, bad, unsure).outcome is Outcome.FAIL
    assert decided(good, unsure).outcome is Outcome.CANNOT_TELL
    assert [one.value for one in (Outcome.PASS, Outcome.FAIL, Outcome.CANNOT_TELL)] == [0, 1, 3]


@pytest.mark.parametrize("drops", [[9.0, 9.0, 9.0, 9.0], [9.0], [0.0, 0.0]])
def test_fewer_than_five_videos_tell_nothing(evidence, drops):
    (finding,) = decided(evidence(drops)).findings
    assert (finding.outcome, finding.p) == (Outcome.CANNOT_TELL, None)


def test_equal_runs_pass_and_a_constant_drop_fails(evidence):
    assert decided(evidence(np.zeros(9))).outcome is Outcome.PASS
    assert decided(evidence(np.full(30, 2.0))).outcome is Outcome.FAIL


def test_the_same_input_gives_the_same_p(evidence, noise):
    pair = evidence(noise(0.7)), evidence(noise(0.6, seed=2), "g.miou")
    assert decided(*pair) == decided(*pair)


def test_one_rule_alone_agrees_with_a_t_test(noise):
    drops = noise(0.6)
    expected = ttest_1samp(drops, 0.0, alternative="greater").pvalue
    assert corrected_p_values(drops[:, None], 20_000, 1)[0] == pytest.approx(expected, abs=0.01)
    interval = ttest_1samp(drops, 0.0, alternative="less").confidence_interval(0.95)
    assert upper_bound(drops, 0.05) == pytest.approx(interval.high)


def test_correction_costs_for_other_rules_and_nothing_for_copies(noise):
    drops = noise(0.7)
    alone = corrected_p_values(drops[:, None], 5000, 1)[0]
    copies = corrected_p_values(np.column_stack([drops] * 5), 5000, 1)
    others = corrected_p_values(np.column_stack([drops, *(noise(0.0, seed=n) for n in range(2, 6))]), 5000, 1)
    assert copies == pytest.approx([alone] * 5)
    assert others[0] > 2 * alone


def test_over_all_rules_together_no_more_than_five_of_hundred_fail_without_a_change(evidence):
    random = np.random.default_rng(3)
    shared, names = random.normal(0, 1, (300, 60, 1)), ("g.jf", "g.miou", "g.f1_iou", "c.meteor")
    worlds = 6 * (shared + random.normal(0, 1, (300, 60, len(names))))
    failed = [
        decide(
            Policy(tuple(rule(name, 0.0) for name in names)),
            [evidence(world[:, n], name, 0.0) for n, name in enumerate(names)],
            resamples=500,
        ).outcome
        is Outcome.FAIL
        for world in worlds
    ]
    assert 0.01 < np.mean(failed) < 0.08  # 5 % with a standard error of 1.3
