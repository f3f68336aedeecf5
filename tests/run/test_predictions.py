import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from sama_bench.metrics.rle import decode_track, encode
from sama_bench.run.predictions import failed, mended, settle
from sama_bench.types import Prediction, Video

VIDEO = Video("v", "mevis", (4, 5), ("a.jpg", "b.jpg", "c.jpg"))
SHAPE = (3, 4, 5)


@given(npst.arrays(np.bool_, SHAPE), st.sampled_from(["bool", "uint8", "int64"]))
def test_masks_are_kept_as_they_are(masks, dtype):
    kept = settle(Prediction("x [SEG]", [masks.astype(dtype)]), VIDEO, 0.5)
    assert (kept.text, kept.error, kept.seconds) == ("x [SEG]", None, 0.5)
    assert np.array_equal(decode_track(kept.tracks[0], (4, 5)), masks)
    again = settle(Prediction("x", [tuple(kept.tracks[0])]), VIDEO)
    assert again.tracks == kept.tracks


def test_a_stack_of_tracks_is_a_sequence_of_tracks():
    assert settle(Prediction("", np.zeros((2, *SHAPE), bool)), VIDEO).tracks == [[None] * 3] * 2


ONE = encode(np.ones((4, 5), bool))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "predict returned NoneType, expected a Prediction"),
        ("text", "predict returned str, expected a Prediction"),
        (Prediction(b"x"), "text is bytes, expected str"),
        (Prediction("", None), "tracks is NoneType, expected a sequence with one track per [SEG]"),
        (Prediction("", "ab"), "tracks is str, expected a sequence with one track per [SEG]"),
        (Prediction("", [[None] * 3, [None] * 2]), "tracks[1]: track has 2 entries, expected one for each of 3 frames"),
        (Prediction("", [[ONE, None, {"size": [4, 5], "counts": "1"}]]), "tracks[0]: frame 2: "),
        (Prediction("", [[ONE, None, encode(np.ones((5, 4), bool))]]), "tracks[0]: frame 2: mask is 5x4"),
        (Prediction("", [np.zeros((2, 4, 5), bool)]), "tracks[0]: shape (2, 4, 5), expected (frames, height, width) ="),
        (Prediction("", [np.zeros((4, 5), bool)]), "tracks[0]: shape (4, 5), expected"),
        (Prediction("", [np.full(SHAPE, np.nan)]), "tracks[0]: dtype float64, expected bool, or integers"),
        (Prediction("", [np.full(SHAPE, 255, np.uint8)]), "tracks[0]: values from 255 to 255, expected bool"),
        (Prediction("", [np.full(SHAPE, -1)]), "tracks[0]: values from -1 to -1, expected bool"),
        (Prediction("", [{"a": 1}]), "tracks[0]: shape (), expected"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_an_error_with_its_reason(answer, reason):
    kept = settle(answer, VIDEO, 1.0)
    assert kept.error.startswith(f"unusable answer: {reason}")
    assert (kept.text, kept.tracks, kept.seconds) == ("", [], 1.0)


def test_an_error_that_the_adapter_tells_is_kept_without_answer():
    kept = settle(Prediction("half", [[None] * 3], error="out of \ud800 memory", traceback="File …"), VIDEO)
    assert (kept.text, kept.tracks, kept.error, kept.traceback) == ("", [], "out of \ufffd memory", "File …")


def test_an_exception_is_kept_with_its_traceback():
    class Awkward(RuntimeError):
        def __str__(self):
            raise ValueError

    try:
        raise KeyError("frame\n7")
    except KeyError as problem:
        kept = failed(problem, 2.0, during="open")
    assert (kept.error, kept.seconds) == ("open: KeyError: 'frame\\n7'", 2.0)
    assert 'raise KeyError("frame\\n7")' in kept.traceback
    assert failed(Awkward()).error == "Awkward: its message cannot be shown"
    assert failed(Awkward()).traceback
    assert failed(MemoryError()).error == "MemoryError"


@given(st.text(st.characters(codec="utf-8")))
def test_whole_text_is_not_changed(text):
    assert mended(text) == text


@given(st.text(st.characters(exclude_categories=()), max_size=8))
def test_mended_text_can_be_stored_and_stays(text):
    assert mended(mended(text)) == mended(text)
    mended(text).encode()


def test_lone_surrogates_are_replaced():
    assert mended("a\ud83d b \ude00 \ud83d\ude00") == "a\ufffd b \ufffd \U0001f600"
