import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics.grounding_marks import groundings, modern, phrases, plain

PIECES = [
    "<p>",
    "</p>",
    "[SEG]",
    "<s>",
    "<|im_end|>",
    "<|end|>",
    "<g_s>",
    "<g_e>",
    "<seg>",
    "<",
    "p>",
    "A dog",
    " ",
    "\n",
]
marked = st.lists(st.sampled_from([*PIECES, "\u2028", "\x1c", "É", "\ud83d"])).map("".join)


def released_phrases(text):
    return [found.strip().lower() for found in re.findall(r"<p>(.*?)</p>", text, flags=re.DOTALL)]


def released_plain(text):
    tokens = ["<p>", "</p>", "[SEG]", "<|im_end|>", "<s>", "<|end|>"]
    cleaned = re.sub(r"\s+", " ", re.sub("|".join(map(re.escape, tokens)), "", text)).strip()
    words = cleaned.split()
    return (" ".join(words[:300]) if len(words) > 300 else cleaned)[:2000]


@given(marked)
def test_phrases_are_those_of_the_released_pattern(text):
    assert phrases(text) == released_phrases(text)


@given(marked)
def test_plain_is_what_the_released_code_scores(text):
    assert plain(text) == released_plain(text)


def test_plain_cuts_marks_then_words_then_characters():
    assert plain(" <p> A  dog </p>[SEG]\u2028runs\t.<|im_end|>") == "A dog runs ."
    assert plain("<<p>p> x") == "<p> x", "what closes up around a cut mark stays"
    assert plain("a " * 299 + "b c d") == "a " * 299 + "b"
    assert plain("x" * 1999 + " y") == "x" * 1999 + " "
    assert plain("<p></p> \n") == plain("") == ""


def test_modern_rewrites_the_older_marks():
    assert modern("<g_s> a <g_e> <seg> <p> b </p> [SEG]") == "<p> a </p> [SEG] <p> b </p> [SEG]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p> A dog </p> [SEG] and <p> cats </p> [SEG]", ["a dog", "cats"]),
        ("<p> a </p> <p> b </p> [SEG] [SEG]", ["b", ""]),
        ("[SEG] <p> a </p>", [""]),
        ("<p> a [SEG] </p> [SEG]", ["", "a [seg]"]),
        ("<p> a [SEG]", [""]),
        ("<p>\n</p>[SEG]", [""]),
        ("", []),
    ],
)
def test_groundings(text, expected):
    assert groundings(text) == expected


@given(marked)
def test_each_segment_gets_a_phrase_of_the_text_or_none(text):
    found = groundings(text)
    assert len(found) == text.count("[SEG]")
    rest = iter(phrases(text))
    assert all(phrase in rest for phrase in found if phrase), "in order, none twice"


@pytest.mark.parametrize(
    "text",
    ["<p>" * 350_000, "</p>" * 250_000, "<p></p>" * 50_000 + "[SEG]" * 100_000, "<p>[SEG]" * 100_000, " <" * 500_000],
    ids=["opened", "closed", "empty", "never closed", "no marks"],
)
def test_a_megabyte_of_hostile_text_takes_linear_time(text, bounded_work):
    with bounded_work():  # quadratic time would be hours
        plain(text)
        phrases(text)
        groundings(modern(text))
