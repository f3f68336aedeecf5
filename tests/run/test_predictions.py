from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from sama_bench.metrics.grounding_marks import plain
from sama_bench.metrics.rle import decode_track, encode
from sama_bench.run.predictions import failed, mended, validate
from sama_bench.score.grounding import grounding_of
from sama_bench.types import Box, Key, Prediction, Truth, Usage, Video

VIDEO = Video("v", "mevis", (4, 5), ("a.jpg", "b.jpg", "c.jpg"))
SHAPE = (3, 4, 5)


@given(npst.arrays(np.bool_, SHAPE), st.sampled_from(["bool", "uint8", "int64"]))
def test_masks_are_kept_as_they_are(masks, dtype):
    kept = validate(Prediction("x [SEG]", [masks.astype(dtype)]), VIDEO, 0.5)
    assert (kept.text, kept.error, kept.seconds) == ("x [SEG]", None, 0.5)
    assert np.array_equal(decode_track(kept.tracks[0], (4, 5)), masks)
    again = validate(Prediction("x", [tuple(kept.tracks[0])]), VIDEO)
    assert again.tracks == kept.tracks


def test_a_stack_of_tracks_is_a_sequence_of_tracks():
    assert validate(Prediction("", np.zeros((2, *SHAPE), bool)), VIDEO).tracks == [[None] * 3] * 2


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
        (Prediction("", usage={"prompt_tokens": 1}), "usage is dict, expected a Usage"),
        (Prediction("", usage=Usage(-1)), "usage.prompt_tokens is -1, expected a whole number from 0 on, or None"),
        (Prediction("", usage=Usage(1, True)), "usage.cached_tokens is True, expected a whole number"),
        (Prediction("", usage=Usage(turns_cut=10**13)), "usage.turns_cut is 10000000000000, expected"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_an_error_with_its_reason(answer, reason):
    kept = validate(answer, VIDEO, 1.0)
    assert kept.error.startswith(f"unusable answer: {reason}")
    assert (kept.text, kept.tracks, kept.seconds) == ("", [], 1.0)


class Lying(list):
    """A sequence that is none."""

    def __iter__(self):
        raise RuntimeError("nothing in here")


class Evil(Prediction):
    """An answer whose text cannot be looked at."""

    def __getattribute__(self, name):
        if name == "text":
            raise SystemExit(0)
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    "answer",
    [
        Prediction("", np.bool_(1)),
        Prediction("", np.array(1)),
        Prediction("", np.zeros(3)),
        Prediction("", (one for one in [[None] * 3])),
        Prediction("", range(10**12)),
        Prediction("", [10**400]),
        Prediction("", [[10**400] * 3]),
        Prediction("", [[None] * 3, np.full(SHAPE, 10**30, object)]),
        Prediction("", [np.full(SHAPE, np.inf, np.float16)]),
        Prediction("", [np.zeros((3, 5, 4), bool)]),
        Prediction("", [np.zeros((3, 4, 5), complex)]),
        Prediction("", [[{"size": [10**30, 10**30], "counts": "1"}] * 3]),
        Prediction("", [[{"size": [4, 5], "counts": [-1, 21]}] * 3]),
        Prediction("", Lying()),
        Prediction("", [Lying([None] * 3)]),
        Prediction("", boxes=7),
        Evil("", []),
        Prediction,
        [Prediction("")],
    ],
)
def test_hostile_answers_are_that_questions_error_and_never_a_crash(answer):
    kept = validate(answer, VIDEO)
    assert kept.error.startswith("unusable answer: ")
    assert (kept.text, kept.tracks) == ("", [])


@pytest.mark.parametrize(
    ("text", "tracks"),
    [
        ("<p> open [SEG] </p> <p> [SEG] [SEG] </p></p>", 3),
        ("[SEG]", 0),
        ("[SEG]", 5),
        ("[SEG] " * 500, 500),
        ("[SEG]" * 200_000, 1),
        ("<p>" * 300_000 + "</p>" * 50_000, 0),
        ("word " * 200_000, 0),
        ("\x00\ud800 <|im_end|>", 0),
    ],
)
def test_hostile_texts_are_kept_with_the_tracks_that_came_and_can_be_scored(text, tracks):
    kept = validate(Prediction(text, [[None] * 3] * tracks, raw=text, unread="x"), VIDEO)
    assert (kept.error, len(kept.tracks), kept.unread) == (None, tracks, "x")
    truth = Truth(Key("g", "1"), "v", "<p> a </p> [SEG]", ([ONE, None, None],))
    found = grounding_of(truth, kept, (4, 5))
    assert len(found.predicted_groundings) == found.predicted == tracks
    assert len(plain(kept.text)) <= 2000


def test_what_the_model_said_itself_is_kept_also_with_an_error():
    kept = validate(Prediction("", error="refused", raw="I cannot \ud800 help", unread=None), VIDEO)
    assert (kept.error, kept.raw, kept.unread) == ("refused", "I cannot \ufffd help", None)


def test_boxes_are_kept_as_far_as_they_can_be_used_and_the_others_counted():
    kept = validate(Prediction("[SEG]", boxes=[[Box(0, -1, 0, 9, 2), Box(9, 0, 0, 1, 1)]], unread="half"), VIDEO)
    assert kept.boxes == [[Box(0, 0.0, 0.0, 5.0, 2.0)]]
    assert kept.unread == "half; 1 boxes that cannot be used"


@pytest.mark.parametrize("answer", [Prediction("a"), Prediction("a", boxes=[]), Prediction("", error="no")])
def test_what_a_prompt_took_is_kept_whatever_came_of_it(answer):
    assert validate(answer, VIDEO).usage is None
    assert validate(replace(answer, usage=Usage(10, 0)), VIDEO).usage == Usage(10, 0, None)


def test_an_error_that_the_adapter_tells_is_kept_without_answer():
    kept = validate(Prediction("half", [[None] * 3], error="out of \ud800 memory", traceback="File …"), VIDEO)
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
