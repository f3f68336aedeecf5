import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics.cider import cider

texts = st.lists(st.sampled_from(["a", "b", "c", "dog", "cat", "1\xa01/2", ""]), max_size=12).map(" ".join)
pairs = st.lists(st.tuples(texts, texts), min_size=1, max_size=6)


def scorer(pairs):
    from pycocoevalcap.cider.cider_scorer import CiderScorer

    scorer = CiderScorer()
    for candidate, reference in pairs:
        scorer += (candidate, [reference])
    return scorer


@given(pairs.filter(lambda pairs: any(reference.split() for _, reference in pairs)))
def test_as_pycocoevalcap(pairs):
    _, expected = scorer(pairs).compute_score()
    assert cider(*zip(*pairs, strict=True)) == pytest.approx(expected, abs=1e-9)


@given(pairs, st.lists(texts, min_size=1, max_size=8))
def test_with_document_frequencies_of_a_corpus(pairs, corpus):
    """pycocoevalcap with the corpus' frequencies put in, and the logarithm of its size."""
    frequencies = scorer([("", text) for text in corpus])
    frequencies.compute_doc_freq()
    original = scorer([*pairs, *[("", "")] * (len(corpus) - len(pairs))])
    original.crefs, original.ctest = original.crefs[: len(pairs)], original.ctest[: len(pairs)]
    original.document_frequency = frequencies.document_frequency
    original.crefs = Sized(original.crefs, len(corpus))
    expected = original.compute_cider()
    assert cider(*zip(*pairs, strict=True), corpus) == pytest.approx(np.array(expected), abs=1e-9)


class Sized(list):
    """The references of the pairs, which claim to be as many as the corpus has."""

    def __init__(self, items, size):
        super().__init__(items)
        self.size = size

    def __len__(self):
        return self.size


@given(pairs)
def test_the_references_are_the_default_corpus(pairs):
    candidates, references = zip(*pairs, strict=True)
    assert np.array_equal(cider(candidates, references), cider(candidates, references, references))


def test_one_text_has_no_rare_words():
    assert cider(["a dog runs"], ["a dog runs"]).tolist() == [0.0]


def test_values_by_hand():
    perfect = ["a b c d", "e f g h"]
    assert cider(perfect, perfect) == pytest.approx([10.0, 10.0])
    shorter = cider(["a", "e f g h"], perfect)[0]
    assert shorter == pytest.approx(10 / 4 * (1 / 2) * math.exp(-(3**2) / 72)), "one unigram of four; bigrams 0 and 3"


def test_nothing():
    assert cider([], []).shape == (0,)
    assert cider(["", "a"], ["", ""]).tolist() == [0.0, 0.0]


def test_bad_arguments():
    with pytest.raises(ValueError, match="1 candidates, 2 references"):
        cider(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="at least one text in the corpus"):
        cider(["a"], ["a"], [])
