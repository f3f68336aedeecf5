import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics.grounding_marks import groundings
from sama_bench.picture.spans import CHARACTERS, Piece, grounded, plain, question_pieces

RED, BLUE = (255, 0, 0), (0, 0, 255)


def said(pieces):
    return [(piece.text.strip(), piece.colour) for piece in pieces if piece.text.strip()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p> A dog </p> [SEG] runs.", [("A dog", RED), ("runs.", None)]),
        ("<p>A dog</p> and <p>a cat</p> [SEG]", [("A dog", None), ("and", None), ("a cat", RED)]),
        ("<p>Two</p> [SEG] [SEG]", [("Two", RED), ("[SEG]", BLUE)]),
        ("[SEG] alone </p>", [("[SEG]", RED), ("alone", None)]),
        ("<p>open [SEG]", [("open", None), ("[SEG]", RED)]),
        ("<p>one</p> [SEG] <p>two</p> [SEG] <p>three</p> [SEG]", [("one", RED), ("two", BLUE), ("three", None)]),
        ("nothing", [("nothing", None)]),
        ("", []),
    ],
)
def test_phrases_have_the_colours_of_their_tracks(text, expected):
    assert said(grounded(text, [RED, BLUE])) == expected


def test_the_blank_before_a_mark_that_is_not_shown_is_not_shown_either():
    assert "".join(piece.text for piece in grounded("<p>A dog</p> [SEG].", [RED])) == "A dog."


@given(st.lists(st.sampled_from(["<p>", "</p>", "[SEG]", "a dog", " b "]), max_size=12).map("".join))
def test_a_phrase_is_coloured_as_the_metrics_understand_it(text):
    """The colours tell the number of the track: 0, 1, 2, …"""
    colours = [(n, 0, 0) for n in range(12)]
    found = {piece.colour[0]: piece.text for piece in grounded(text, colours) if piece.colour}
    for number, phrase in enumerate(groundings(text)):
        if phrase and "<p>" not in phrase and "[seg]" not in phrase:
            assert found[number].strip().lower().endswith(phrase[-1:])


def test_a_question_names_its_regions():
    assert said(question_pieces("Is <mask> near <mask>?", ["region 1", "region 2"], [RED, BLUE])) == [
        ("Is", None), ("region 1", RED), ("near", None), ("region 2", BLUE), ("?", None)
    ]  # fmt: skip


def test_long_texts_are_cut_and_say_so():
    pieces = plain("a" * 1_000_000)
    assert pieces == [Piece("a" * CHARACTERS), Piece(" … (1,000,000 characters)")]
    assert "1,000,000" in grounded("[SEG]" * 200_000, [])[-1].text


def test_what_is_not_to_be_seen_is_left_out():
    assert plain("a\u202eb\x00c\ud83dd\te\u200bf")[0].text == "abcd ef"
