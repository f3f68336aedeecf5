import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sama_bench.picture.spans import Piece, plain
from sama_bench.picture.typography import PAD, font, lines

WIDTH = 300


@example([("0000:I¡", (255, 0, 0))] * 3 + [("000:I¡¡", (255, 0, 0))])  # the ground's edge did not count
@given(st.lists(st.tuples(st.text(max_size=200), st.sampled_from([None, (255, 0, 0)])), max_size=6))
def test_no_line_is_wider_than_it_may_be(texts):
    pieces = [Piece(plain(text)[0].text, colour) for text, colour in texts]
    for line in lines(pieces, 20, WIDTH, most=999):
        assert line[0].x >= 0
        edge = PAD if pieces[line[-1].piece].colour else 0
        assert line[-1].x + font(20).getlength(line[-1].text) + edge <= WIDTH + 1


def test_all_words_are_there_in_order_with_the_spaces_of_the_text():
    pieces = [Piece("Is "), Piece("the dog", (1, 2, 3)), Piece("? No,"), Piece(" it is")]
    (line,) = lines(pieces, 20, 2000)
    assert [word.text for word in line] == ["Is", "the", "dog", "?", "No,", "it", "is"]
    gaps = {b.text: b.x - a.x - a.width for a, b in itertools.pairwise(line)}
    space = font(20).getlength(" ")
    assert [gaps[word] for word in ("?", "it", "the")] == pytest.approx([PAD, space, PAD + space])


def test_what_does_not_fit_ends_with_an_ellipsis():
    found = lines([Piece("word " * 500)], 20, WIDTH, most=3)
    assert len(found) == 3
    assert found[-1][-1].text.endswith("…")


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_has_no_line(text):
    assert lines([Piece(text)], 20, WIDTH) == []
