import pytest

from sama_bench.errors import UserError
from sama_bench.score.phrases import exact, find_similarity, words


def test_exact_tells_only_equal_phrases():
    assert exact(["a dog", "dog"], ["dog", "cat", "a dog"]).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_words_overlap():
    assert words(["the red coat"], ["the red coat", "the red hat", "a bench", "red  coat the"]).tolist() == [
        [1.0, pytest.approx(0.4 + 0.5 * 2 / 4), 0.4, 0.9]
    ]


@pytest.mark.parametrize("similarity", [exact, words])
@pytest.mark.parametrize(("true", "predicted"), [([], []), ([], ["a"]), (["a", "b"], [])])
def test_no_phrases_give_an_empty_matrix(similarity, true, predicted):
    assert similarity(true, predicted).shape == (len(true), len(predicted))


def test_the_built_in_ones_are_entry_points():
    assert find_similarity("exact") is exact
    assert find_similarity("words") is words


def test_an_unknown_name_tells_the_known():
    with pytest.raises(
        UserError, match=r"unknown phrase similarity 'word': did you mean words\? known are bert, exact, minilm, words"
    ):
        find_similarity("word")
