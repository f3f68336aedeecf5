import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sama_bench.errors import UserError
from sama_bench.gate.rules import rule
from sama_bench.gate.video_drops import gather, influences
from sama_bench.metric import Sums
from sama_bench.score.intervals import Clusters

values = arrays(np.float64, 12, elements=st.one_of(st.just(np.nan), st.floats(0, 100)))


def test_drops_are_differences_in_points_with_the_sign_of_worse(scores):
    before = scores(J_and_F=[0.5, 0.7, 0.2], false_groundings=[0.1, 0.0, 0.3])
    after = scores(J_and_F=[0.4, 0.7, 0.5], false_groundings=[0.3, 0.0, 0.3])
    jf, false = gather([rule("g.jf"), rule("g.false_groundings")], before, after)
    assert jf.drops == pytest.approx([10, 0, -30])
    assert false.drops == pytest.approx([20, 0, 0])
    assert (jf.drop, false.drop) == (pytest.approx(-20 / 3), pytest.approx(20 / 3))


@given(values, values)
def test_influences_have_the_difference_of_the_means_as_their_mean(a, b):
    if np.isnan(a).all() or np.isnan(b).all():
        return
    found = influences(*(Clusters.of_values(one[:, None] / 100) for one in (a, b)))
    assert np.nanmean(found) == pytest.approx(np.nanmean(a) - np.nanmean(b), abs=1e-9)
    assert np.array_equal(np.isnan(found), np.isnan(a) & np.isnan(b))
    if not (np.isnan(a) | np.isnan(b)).any():
        assert found == pytest.approx(a - b, abs=1e-9)


def test_a_video_without_the_metric_in_one_run_still_counts(scores):
    before, after = scores(precision=[0.5, 0.7, 0.2]), scores(precision=[None, 0.7, 0.2])
    (found,) = gather([rule("g.precision")], before, after)
    assert found.drop == pytest.approx(found.drops.mean())
    assert found.videos == 3


def test_every_metric_that_a_side_lacks_is_told(scores):
    with pytest.raises(UserError) as refusal:
        gather([rule("g.jf"), rule("g.miou"), rule("c.meteor")], scores(miou=[0.1]), scores(J_and_F=[0.1]))
    assert len(refusal.value.problems) == 4


def test_of_ratios_of_sums_the_influences_have_the_difference_as_their_mean():
    a = Clusters.of([[Sums(1, 2)], [Sums(30, 40)], [None], [Sums(0, 8)]])
    b = Clusters.of([[Sums(2, 2)], [Sums(10, 40)], [Sums(1, 4)], [None]])
    found = influences(a, b)
    assert found.mean() == pytest.approx(100 * (31 / 50 - 13 / 46))
