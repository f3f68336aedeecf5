import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics.rouge import longest_common_subsequence, rouge_l

texts = st.lists(st.sampled_from(["a", "b", "c", "dog", ""]), max_size=20).map(" ".join)


@given(texts, texts)
def test_same_bits_as_pycocoevalcap(candidate, reference):
    from pycocoevalcap.rouge.rouge import Rouge

    assert rouge_l(candidate, reference) == Rouge().calc_score([candidate], [reference])


@given(st.lists(st.integers(0, 5).map(str)), st.lists(st.integers(0, 5).map(str)))
def test_the_order_of_the_two_does_not_matter(one, other):
    assert longest_common_subsequence(one, other) == longest_common_subsequence(other, one)


def test_values_by_hand():
    assert rouge_l("a b c", "a b c") == 1.0
    assert rouge_l("a b", "c d") == 0.0
    assert rouge_l("a", "a b") == pytest.approx(2.44 * 1 * 0.5 / (0.5 + 1.44))
    assert rouge_l("", "") == 1.0, "pycocoevalcap: two empty words are equal"
    assert rouge_l("", "a") == 0.0


@pytest.mark.parametrize("words", [["a"] * 20_000, [str(i) for i in range(20_000)]], ids=["one word", "all different"])
def test_long_texts(words):
    assert longest_common_subsequence(words, words[100:]) == len(words) - 100
