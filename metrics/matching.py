"""Matching of predicted to true objects: the paper's two greedy searches, and the best assignments.

All take a matrix of scores with one row per predicted and one column per true object, and return pairs
(row, column) in which no row and no column occurs twice; no pair where the matrix is empty.
"""

from __future__ import annotations

import math
from itertools import permutations
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Pairs: TypeAlias = list[tuple[int, int]]

_STRUCK = -1.0
_FEW = 24  # choices that are looked at one by one, sooner than SciPy is imported
_ROUNDING = 1e-9  # far more than sums of a few numbers are wrong by


def greedy(ious: ArrayLike) -> Pairs:
    """Return the pairs of the paper's mIoU, best first: the largest IoU left, until it is 0.

    `ious` is (m, n) in [0, 1]; of equal ones the first row's, then the first column's is taken.
    Source: SAMA, `compute_miou`.
    """
    left = np.array(ious, np.float64)
    pairs: Pairs = []
    while left.size and left.max() > 0:
        pairs.append(_largest(left))
        _strike(left, pairs[-1])
    return pairs


def paper_matches(
    ious: ArrayLike, similarities: ArrayLike, iou_threshold: float = 0.5, similarity_threshold: float = 0.5
) -> Pairs:
    """Return the pairs that the paper's Recall counts, best IoU first.

    `ious` is (predicted, true) by tracks, `similarities` (true, predicted) by phrases, both in [0, 1].
    The search is the released one with its defects: both matrices are cut to their common shape and
    indexed alike although one is the other's transpose, and the first largest IoU that misses either
    threshold ends it. Source: SAMA, `find_best_matches`.
    """
    left, similar = np.array(ious, np.float64), np.asarray(similarities, np.float64)
    rows, columns = np.minimum(left.shape, similar.shape)
    left = left[:rows, :columns]
    pairs: Pairs = []
    while left.size:
        pair = _largest(left)
        if left[pair] < iou_threshold or similar[pair] < similarity_threshold or left[pair] == _STRUCK:
            break
        pairs.append(pair)
        _strike(left, pair)
    return pairs


def best_assignment(scores: ArrayLike) -> Pairs:
    """Return the pairs with the largest sum of scores, in order of rows; pairs of score 0 are left out.

    `scores` is (m, n), finite; nothing is gained from pairs below 0, which are left out too.
    """
    gains = np.maximum(np.asarray(scores, np.float64), 0)
    return [(row, column) for row, column in _assigned(gains) if gains[row, column] > 0]


def most_matches(admissible: ArrayLike, scores: ArrayLike) -> Pairs:
    """Return as many admissible pairs as possible, and of those choices the one with the largest sum of scores.

    `admissible` is bool and `scores` finite, both (m, n); the pairs come in order of rows.
    """
    allowed, values = np.asarray(admissible, np.bool_), np.asarray(scores, np.float64)
    if not allowed.any():
        return []
    low, high = values[allowed].min(), values[allowed].max()
    # One pair more must weigh more than anything that its choice can cost the others.
    bonus = (high - low) * min(allowed.shape) + 1
    gains = np.where(allowed, values - low + bonus, 0.0)
    return [pair for pair in _assigned(gains) if allowed[pair]]


def _assigned(gains: NDArray[np.float64]) -> Pairs:
    """The pairs with the largest sum, in order of rows; those that gain nothing are there or not.

    `gains` is (m, n), at least 0. Where one choice is plainly the best, that is it, whatever the method.
    """
    gaining = gains > 0
    if gaining.sum(axis=0).max(initial=0) <= 1 and gaining.sum(axis=1).max(initial=0) <= 1:
        return [(row, column) for row, column in np.argwhere(gaining).tolist()]
    if math.perm(max(gains.shape), min(gains.shape)) <= _FEW and (pairs := _best_by_far(gains)) is not None:
        return pairs
    from scipy.optimize import linear_sum_assignment  # late: it takes most of a second

    rows, columns = linear_sum_assignment(gains, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _best_by_far(gains: NDArray[np.float64]) -> Pairs | None:
    """The pairs with the largest sum of all choices, which are few; None where another one comes near."""
    if gains.shape[0] > gains.shape[1]:
        pairs = _best_by_far(gains.T)
        return None if pairs is None else sorted((row, column) for column, row in pairs)
    choices = [list(enumerate(columns)) for columns in permutations(range(gains.shape[1]), gains.shape[0])]
    sums = [float(sum(gains[pair] for pair in choice)) for choice in choices]
    second, first = sorted(sums)[-2:]
    return choices[sums.index(first)] if first - second > _ROUNDING * first else None


def _largest(left: NDArray[np.float64]) -> tuple[int, int]:
    row, column = divmod(int(left.argmax()), left.shape[1])
    return row, column


def _strike(left: NDArray[np.float64], pair: tuple[int, int]) -> None:
    """Take the pair's row and column out of the search."""
    left[pair[0], :] = _STRUCK
    left[:, pair[1]] = _STRUCK
