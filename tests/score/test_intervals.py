import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import permutation_test

from sama_bench.metric import Sums
from sama_bench.score import intervals as made
from sama_bench.score.block import USUAL
from sama_bench.score.intervals import RESAMPLES, SEED, Clusters

VALUES = st.one_of(st.just(np.nan), st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 10))
COLUMNS = st.lists(VALUES, max_size=12).map(lambda values: np.array(values, np.float64).reshape(-1, 1))
PAIRS = st.lists(st.tuples(VALUES, VALUES), max_size=12).map(lambda pairs: np.array(pairs, np.float64).reshape(-1, 2))
FEW = 200


def mean_intervals(values, *args, **kwargs):
    return made.mean_intervals(Clusters.of_values(values), *args, **kwargs)


def difference_intervals(a, b, **kwargs):
    return made.difference_intervals(Clusters.of_values(a), Clusters.of_values(b), **kwargs)


def swap_p_values(a, b, **kwargs):
    return made.swap_p_values(Clusters.of_values(a), Clusters.of_values(b), **kwargs)


def intervals(videos, metrics):
    rows = [[videos[video].get(name) for name in metrics] for video in sorted(videos)]
    return made.intervals(Clusters.of(rows), metrics) if rows else {}


def defined(column):
    return column[~np.isnan(column)]


@given(COLUMNS)
def test_an_interval_lies_within_the_values_and_needs_two_of_them(column):
    low, high = mean_intervals(column, resamples=FEW)[0]
    values = defined(column)
    if values.size < 2:
        assert np.isnan([low, high]).all()
    else:
        assert values.min() <= low <= high <= values.max()


@given(COLUMNS, st.randoms(use_true_random=False))
def test_the_order_of_the_videos_does_not_change_a_digit(column, random):
    videos = [(f"v{n}", {} if np.isnan(value) else {"m": float(value)}) for n, value in enumerate(column[:, 0])]
    before = intervals(dict(videos), ["m"])
    random.shuffle(videos)
    assert intervals(dict(videos), ["m"]) == before


@given(COLUMNS)
def test_a_run_does_not_differ_from_itself(column):
    low, high = difference_intervals(column, column, resamples=FEW)[0]
    p = swap_p_values(column, column, resamples=FEW)[0]
    if defined(column).size < 2:
        assert np.isnan([low, high, p]).all()
    else:
        assert (low, high, p) == (0.0, 0.0, 1.0)


@given(PAIRS)
def test_the_other_way_round_the_test_says_the_same(pairs):
    a, b = pairs[:, :1], pairs[:, 1:]
    p = swap_p_values(a, b, resamples=FEW)[0]
    assert p == swap_p_values(b, a, resamples=FEW)[0] or np.isnan(p)
    assert np.isnan(p) or 1 / (FEW + 1) <= p <= 1


@settings(max_examples=20)
@given(PAIRS)
def test_metrics_beside_each_other_do_not_matter_to_each_other(pairs):
    together = mean_intervals(pairs, resamples=FEW)
    apart = np.concatenate([mean_intervals(pairs[:, [n]], resamples=FEW) for n in range(2)])
    np.testing.assert_array_equal(together, apart)


def test_the_seed_is_fixed_and_what_was_done_is_said():
    values = np.random.default_rng(0).random((40, 3))
    np.testing.assert_array_equal(mean_intervals(values), mean_intervals(values, RESAMPLES, SEED))
    assert not np.array_equal(mean_intervals(values), mean_intervals(values, seed=SEED + 1))
    assert (USUAL.resamples, USUAL.seed, USUAL.level) == (10_000, SEED, 0.95)


def test_of_many_videos_the_interval_is_the_normal_one():
    values = np.random.default_rng(1).normal(0.5, 0.1, (500, 2))
    half = 1.96 * values.std(axis=0, ddof=1) / np.sqrt(500)
    expected = np.stack([values.mean(axis=0) - half, values.mean(axis=0) + half], axis=1)
    np.testing.assert_allclose(mean_intervals(values), expected, atol=0.1 * half.max())


def test_a_skewed_metric_gets_a_skewed_interval():
    values = np.random.default_rng(2).exponential(1, (60, 1))
    low, high = mean_intervals(values)[0]
    assert high - values.mean() > 1.1 * (values.mean() - low)


def test_videos_without_the_metric_are_not_counted_as_zeros():
    values = np.random.default_rng(3).normal(0.5, 0.05, (100, 1))
    holes = np.concatenate([values, np.full((100, 1), np.nan)])
    np.testing.assert_allclose(mean_intervals(holes), mean_intervals(values), atol=0.004)


def test_pairing_narrows_the_interval_of_a_difference():
    random = np.random.default_rng(4)
    a = random.random((100, 1))
    b = a + random.normal(0.02, 0.01, a.shape)
    low, high = difference_intervals(a, b)[0]
    assert 0 < low < float((b - a).mean()) < high
    assert high - low < 0.01
    assert swap_p_values(a, b)[0] == pytest.approx(1 / (RESAMPLES + 1))


def test_p_is_that_of_all_swaps():
    random = np.random.default_rng(5)
    a, b = random.random(9), random.random(9) + 0.15
    exact = permutation_test(
        (a, b), lambda x, y, axis: y.mean(axis) - x.mean(axis), permutation_type="samples", vectorized=True
    )
    assert swap_p_values(a[:, None], b[:, None])[0] == pytest.approx(exact.pvalue, abs=0.015)


def test_metrics_without_two_values_have_no_interval():
    videos = {"a": {"x": 0.5, "y": 0.1}, "b": {"x": 0.7}}
    assert list(intervals(videos, ["y", "x", "z"])) == ["x"]
    assert intervals({}, ["x"]) == {}


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """The whole simulation is benchmarks/coverage.py; this one is small, its bounds 4 standard errors wide."""
    random = np.random.default_rng(6)
    first, second = random.beta(0.5, 2, (2, 100, 500))
    shared = random.beta(0.5, 2, (100, 500))
    a, b = (first + shared) / 2, (second + shared) / 2
    for ends, truth in (
        (mean_intervals(a, resamples=1000), 0.2),
        (difference_intervals(a, b, resamples=1000), 0.0),
    ):
        held = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
        assert 0.91 <= held.mean() <= 0.985
    assert 0.02 <= (swap_p_values(a, b, resamples=1000) < 0.05).mean() <= 0.09


def test_a_ratio_of_sums_is_that_of_all_videos_and_lies_within_theirs():
    rows = [[Sums(1, 2)], [Sums(30, 40)], [None], [Sums(0, 8)]]
    clusters = Clusters.of(rows)
    assert clusters.means(np.ones((1, 4)))[0, 0] == 31 / 50
    low, high = made.mean_intervals(clusters, resamples=FEW)[0]
    assert 0 <= low < 31 / 50 < high <= 0.75


@given(arrays(np.float64, (12, 1), elements=st.floats(0, 1)))
def test_a_ratio_whose_denominators_are_all_alike_is_a_mean(values):
    ratio = Clusters.of([[Sums(float(value), 1.0)] for value in values[:, 0]])
    np.testing.assert_array_equal(made.mean_intervals(ratio, resamples=FEW), mean_intervals(values, resamples=FEW))
