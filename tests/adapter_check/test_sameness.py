"""Two answers that differ in rounding alone are the same; those that differ in more are not."""

import numpy as np
import pytest

from sama_bench.adapter_check.sameness import same, same_but_for_rounding
from sama_bench.metrics import rle
from sama_bench.run.predictions import StoredPrediction


def answer(*pixels, text="<p>a thing</p> [SEG]", frames=3):
    """An answer with a track of 60 x 60 pixels a frame, but for these pixels of frame 1."""
    masks = np.zeros((frames, 80, 80), bool)
    masks[:, :60, :60] = True
    for row, column in pixels:
        masks[1, row, column] ^= True
    return StoredPrediction(text=text, tracks=[list(rle.encode_track(masks))])


def test_equal_answers_are_the_same():
    assert same(answer(), answer())
    assert same_but_for_rounding(answer(), answer())


def test_two_pixels_of_ten_thousand_are_rounding_but_not_equal():
    assert not same(answer(), answer((60, 5), (0, 0)))
    assert same_but_for_rounding(answer(), answer((60, 5), (0, 0)))


@pytest.mark.parametrize(
    "other",
    [
        answer(*((70, column) for column in range(12))),
        answer(text="<p>a thing</p> [SEG]."),
        answer(frames=2),
        StoredPrediction(text="<p>a thing</p> [SEG]", tracks=[]),
        StoredPrediction(text="<p>a thing</p> [SEG]", tracks=answer().tracks, error="failed"),
    ],
    ids=["more pixels", "words", "length", "no track", "error"],
)
def test_more_than_rounding_is_another_answer(other):
    assert not same(answer(), other)
    assert not same_but_for_rounding(answer(), other)


def test_a_track_that_is_empty_is_not_one_with_a_pixel():
    empty = StoredPrediction(text="", tracks=[[None, None]])
    pixel = StoredPrediction(text="", tracks=[[rle.encode(np.eye(1, 80, dtype=bool).repeat(80, 0)), None]])
    assert same_but_for_rounding(empty, empty)
    assert not same_but_for_rounding(empty, pixel)
