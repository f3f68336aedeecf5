import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics.bleu import BleuStatistics, bleu, bleu_statistics

texts = st.lists(st.sampled_from(["a", "b", "dog", "é", "1\xa01/2", ""]), max_size=12).map(" ".join)


def of(pairs):
    return bleu(sum((bleu_statistics(*pair) for pair in pairs), BleuStatistics()))


def original(pairs):
    from pycocoevalcap.bleu.bleu import Bleu

    truths = {i: [reference] for i, (_, reference) in enumerate(pairs)}
    return Bleu().compute_score(truths, {i: [candidate] for i, (candidate, _) in enumerate(pairs)}, verbose=0)[0]


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_same_bits_as_pycocoevalcap(pairs):
    assert list(of(pairs)) == original(pairs)


def test_a_perfect_text_and_its_statistics():
    statistics = bleu_statistics("a b c d e", "a b c d e")
    assert statistics == BleuStatistics(5, 5, (5, 4, 3, 2), (5, 4, 3, 2))
    assert bleu(statistics) == pytest.approx((1, 1, 1, 1), abs=1e-9)


def test_repetition_is_clipped_and_shortness_punished():
    assert bleu_statistics("the the the", "the cat").matches == (1, 0, 0, 0)
    assert of([("a b", "a b c d")])[0] == pytest.approx(0.36787944, abs=1e-6)


def test_nothing_scores_nothing():
    assert of([]) == of([("", "")]) == of([("", "a b")]) == (0.0, 0.0, 0.0, 0.0)
