from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.matching import best_assignment, greedy, most_matches, paper_matches

SHAPES = st.tuples(st.integers(0, 5), st.integers(0, 5))
SCORES = SHAPES.flatmap(lambda shape: arrays(float, shape, elements=st.sampled_from([0, 0.1, 0.25, 0.5, 0.75, 1])))


def alike(one, other):
    """The phrase similarity of golden/grounding.json."""
    ours, theirs = set(one.split()), set(other.split())
    return 1.0 if one == other else 0.4 + 0.5 * len(ours & theirs) / max(len(ours | theirs), 1)


def assignments(shape):
    """All largest sets of pairs, of any matrix of that shape."""
    if shape[0] > shape[1]:
        return [[(row, column) for column, row in pairs] for pairs in assignments(shape[::-1])]
    return [list(enumerate(columns)) for columns in permutations(range(shape[1]), shape[0])]


def total(scores, pairs):
    return sum(scores[pair] for pair in pairs)


def is_one_to_one(pairs):
    return all(len({pair[side] for pair in pairs}) == len(pairs) for side in (0, 1))


def test_golden_miou(golden):
    for video in golden("grounding")["videos"]:
        found = []
        for sample in video["samples"]:
            ious = volume_iou_matrix(sample["pred"], sample["gt"])
            taken = [ious[pair] for pair in greedy(ious)]
            found.append(np.mean(taken) if taken else 0.0)
            assert found[-1] == pytest.approx(sample["miou"], abs=1e-12)
        assert np.mean(found) == pytest.approx(video["miou"], abs=1e-12)


def test_golden_recall(golden):
    for video in golden("grounding")["videos"]:
        matched = positives = 0
        for sample in video["samples"]:
            if sample["pred"] and sample["pred_phrases"]:
                similar = [[alike(true, ours) for ours in sample["pred_phrases"]] for true in sample["gt_phrases"]]
                matched += len(paper_matches(volume_iou_matrix(sample["pred"], sample["gt"]), np.array(similar)))
                positives += len(sample["gt_phrases"])
        assert matched / max(positives, 1) == pytest.approx(video["recall"], abs=1e-12)


@given(scores=SCORES)
def test_greedy_takes_the_largest_left(scores):
    pairs = greedy(scores)
    assert is_one_to_one(pairs)
    left = scores.copy()
    for pair in pairs:
        assert scores[pair] == left.max() > 0
        left[pair[0]] = left[:, pair[1]] = 0
    assert not left.any()


@given(scores=SCORES)
def test_no_assignment_beats_the_best(scores):
    pairs = best_assignment(scores)
    assert is_one_to_one(pairs)
    assert all(scores[pair] > 0 for pair in pairs)
    assert total(scores, pairs) == pytest.approx(max(total(scores, each) for each in assignments(scores.shape)))
    assert total(scores, pairs) >= total(scores, greedy(scores)) - 1e-12


@given(scores=SCORES)
def test_equal_choices_are_decided_as_scipy_decides_them(scores):
    pairs = zip(*linear_sum_assignment(scores, maximize=True), strict=True)
    assert best_assignment(scores) == [pair for pair in pairs if scores[pair] > 0]


@given(data=st.data(), scores=SCORES)
def test_most_matches_counts_pairs_first_and_scores_second(data, scores):
    allowed = data.draw(arrays(bool, scores.shape))
    pairs = most_matches(allowed, scores)
    assert is_one_to_one(pairs)
    assert all(allowed[pair] for pair in pairs)
    possible = [[pair for pair in each if allowed[pair]] for each in assignments(scores.shape)]
    number, best = max((len(each), total(scores, each)) for each in possible)
    assert len(pairs) == number
    assert total(scores, pairs) == pytest.approx(best)


def test_two_matches_go_before_one_better():
    scores = np.array([[0.6, 1.0], [0.1, 0.6]])
    assert most_matches([[True, True], [False, True]], scores) == [(0, 0), (1, 1)]
    assert best_assignment([[1.0, 0.9], [0.9, 0.0]]) == [(0, 1), (1, 0)]
    assert greedy([[1.0, 0.9], [0.9, 0.0]]) == [(0, 0)]


def test_the_first_of_equal_pairs_is_taken():
    assert greedy(np.full((2, 3), 0.5)) == [(0, 0), (1, 1)]


def test_the_released_recall_reads_similarities_transposed():
    ious = np.array([[0.9, 0.0], [0.0, 0.8]])
    crossed = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert paper_matches(ious, crossed) == [(0, 0), (1, 1)]
    assert paper_matches(ious[:, ::-1], crossed) == []
    assert paper_matches([[0.0, 0.9], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]]) == [(0, 1)]


def test_the_released_recall_ends_at_the_first_miss():
    ious = np.diag([0.9, 0.8, 0.7])
    assert paper_matches(ious, np.diag([1.0, 0.4, 1.0])) == [(0, 0)]
    assert paper_matches(ious, np.diag([0.4, 1.0, 1.0])) == []
    assert paper_matches(np.diag([0.9, 0.49]), np.ones((2, 2))) == [(0, 0)]
    assert paper_matches(np.diag([0.5, 0.5]), np.full((2, 2), 0.5)) == [(0, 0), (1, 1)]


def test_the_released_recall_cuts_to_the_common_shape():
    ious = np.array([[0.6, 0.9], [0.7, 0.0]])
    assert paper_matches(ious, np.ones((2, 1))) == [(1, 0)]
    assert paper_matches(ious, np.ones((1, 3))) == [(0, 1)]
    assert paper_matches(ious, np.ones((0, 3))) == []
    assert paper_matches(np.zeros((2, 0)), np.ones((0, 2))) == []


def test_thresholds_of_zero_end_too():
    assert paper_matches(np.zeros((2, 3)), np.zeros((2, 3)), 0, 0) == [(0, 0), (1, 1)]
    assert paper_matches(np.zeros((2, 2)), np.zeros((2, 2)), -2, 0) == [(0, 0), (1, 1)]
