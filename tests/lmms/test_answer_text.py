import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.adapter import Abilities
from sama_bench.lmms.answer_text import read, written
from sama_bench.metrics.rle import encode
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Video

SIZE = (6, 8)
VIDEO = Video("v", "mevis", SIZE, (Path("0.jpg"), Path("1.jpg")))


def mask(x):
    found = np.zeros(SIZE, bool)
    found[1:4, x : x + 3] = True
    return encode(found)


def fields(prediction):
    return {name: getattr(prediction, name) for name in ("text", "tracks", "seconds", "error", "raw", "unread")}


@given(
    text=st.text(max_size=40),
    tracks=st.lists(st.lists(st.sampled_from([None, 0, 2, 5]), min_size=2, max_size=2), max_size=3),
    seconds=st.none() | st.floats(0, 1e6),
    raw=st.none() | st.text(max_size=20),
)
def test_an_answer_comes_back_as_it_was(text, tracks, seconds, raw):
    kept = [[None if x is None else mask(x) for x in track] for track in tracks]
    text, raw = (
        text.encode("utf-8", "replace").decode(),
        None if raw is None else raw.encode("utf-8", "replace").decode(),
    )
    answer = StoredPrediction(text, kept, seconds, raw=raw)

    found = read(written(answer), VIDEO)

    assert fields(found.prediction) == fields(answer)
    assert found.can == Abilities()


def test_an_error_stays_an_error_and_what_a_model_cannot_is_told():
    found = read(written(StoredPrediction("", error="out of memory"), Abilities(masks=False)), VIDEO)

    assert found.prediction.error == "out of memory"
    assert found.can == Abilities(masks=False)


def test_the_text_is_one_line_that_survives_those_who_strip_reasoning():
    line = written(StoredPrediction("<think>\nno</think> <p>a dog</p> [SEG]", [[mask(0), None]]))

    assert line.isascii()
    assert not {"<", "\n"} & set(line)
    assert read(f"  {line}\n", VIDEO).prediction.text == "<think>\nno</think> <p>a dog</p> [SEG]"


@pytest.mark.parametrize(
    "text", ["", "A", "a dog [SEG]", "{", '{"masks": []}', "[1]", '{"text": "a"}', "{" * 100_000, '{"a":' * 100_000]
)
def test_what_is_not_of_the_form_is_a_text_like_any_other(text):
    assert read(text, VIDEO) is None


def spoiled(**changes):
    return json.dumps({"sama_bench": 1, "text": "a [SEG]", "masks": [[mask(0), None]], **changes})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (spoiled(masks=[[mask(0)]]), "masks[0]: 1 frames"),
        (spoiled(masks=[[{"size": [9, 9], "counts": mask(0)["counts"]}, None]]), "9"),
        (spoiled(masks=[[{"size": list(SIZE), "counts": "\u0000"}, None]]), "tracks[0]"),
        (spoiled(masks="none"), "a sequence"),
        (spoiled(masks=None), "NoneType"),
        (spoiled(text=None), "text is NoneType"),
        (spoiled(text=7), "text is int"),
        (spoiled(sama_bench=2), "form 2, this version reads 1"),
        (spoiled(cannot=[{}], text=7), "text is int"),
    ],
)
def test_an_answer_of_the_form_with_something_wrong_is_an_error_that_says_what(line, told):
    prediction = read(line, VIDEO).prediction

    assert prediction.error.startswith("unusable answer: ")
    assert told.replace("masks[0]: 1 frames", "tracks[0]") in prediction.error
    assert not prediction.tracks
