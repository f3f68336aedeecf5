import io
import time

import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle
from sama_bench.picture import AnsweredInRun, paint
from sama_bench.picture.palette import COLOURS
from sama_bench.prompting import Prompting
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Box, Key, Question, Region, Truth, Video

SIZE, FRAMES = (60, 100), 6


def track(x0, x1):
    masks = np.zeros((FRAMES, *SIZE), bool)
    masks[:, 20:40, x0:x1] = True
    return rle.encode_track(masks)


@pytest.fixture
def video(tmp_path):
    paths = tuple(tmp_path / f"{n}.png" for n in range(FRAMES))
    for path in paths:
        Image.fromarray(np.full((*SIZE, 3), 128, np.uint8)).save(path)
    return Video("grey", "mevis", SIZE, paths)


@pytest.fixture
def question(video):
    return Question(Key("g", "1"), video, "What is <mask>?", (Region(track(10, 30), SIZE),))


TRUTH = Truth(Key("g", "1"), "grey", "<p>It</p> [SEG] and <p>that</p> [SEG].", (track(10, 30), track(60, 80)))
ANSWER = StoredPrediction("<p>A box</p> [SEG].", [track(12, 30)], 1.0)


def run(**asking):
    settings = RunSettings("mine", {}, "f" * 64, ("g",), None, None, {})
    return Manifest(settings, "nowhere", "grey", asking=asking)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def coloured(png, colour):
    return int((pixels(png) == colour).all(axis=2).sum())


def test_the_same_gives_the_same_bytes(question):
    asked = AnsweredInRun(run(), ANSWER)
    assert paint(question, TRUTH, asked) == paint(question, TRUTH, asked)


def test_object_and_phrase_have_one_colour_in_question_answer_and_truth(question):
    alone = paint(question, TRUTH)
    answered = paint(question, TRUTH, AnsweredInRun(run(), ANSWER))
    assert coloured(answered, COLOURS[0]) > coloured(alone, COLOURS[0]) > 1000
    assert coloured(answered, COLOURS[1]) == coloured(alone, COLOURS[1]) > 1000
    assert coloured(answered, COLOURS[2]) == 0
    other = StoredPrediction("<p>A box</p> [SEG].", [track(40, 50)])
    assert coloured(paint(question, TRUTH, AnsweredInRun(run(), other)), COLOURS[2]) > 1000


def test_without_a_run_there_is_no_answer(question):
    assert (
        pixels(paint(question, TRUTH)).shape[0] < pixels(paint(question, TRUTH, AnsweredInRun(run(), ANSWER))).shape[0]
    )


@pytest.mark.parametrize(
    "answer",
    [
        None,
        StoredPrediction("", [], error="RuntimeError: no memory"),
        StoredPrediction(""),
        StoredPrediction("It.", raw="{", unread="no box could be read out of the answer"),
    ],
)
def test_what_went_wrong_is_told_in_red(answer, question):
    alarm = (190, 40, 40)
    assert coloured(paint(question, TRUTH, AnsweredInRun(run(), answer)), alarm) > 50
    assert coloured(paint(question, TRUTH, AnsweredInRun(run(), ANSWER)), alarm) == 0


def test_a_prompted_model_was_shown_marks(question):
    """Pure red is no colour of the palette: it comes from the mark alone."""
    prompting = Prompting.load(None, "general", referents="box")
    shown = paint(question, TRUTH, AnsweredInRun(run(**prompting.asking), ANSWER))
    marks = pixels(shown).astype(int) - (255, 0, 0)
    assert (np.abs(marks).sum(axis=2) < 40).sum() > 100
    marks = pixels(paint(question, TRUTH, AnsweredInRun(run(), ANSWER))).astype(int) - (255, 0, 0)
    assert (np.abs(marks).sum(axis=2) < 40).sum() == 0


def test_marks_of_a_model_without_prompt_template_are_shown_too(question):
    shown = pixels(paint(question, TRUTH, AnsweredInRun(run(marks="outline"), ANSWER))).astype(int)
    assert (np.abs(shown - (255, 0, 0)).sum(axis=2) < 40).sum() > 100


def test_a_prompt_that_cannot_be_made_again_is_said_and_the_regions_are_shown(question):
    gone = {**Prompting.load(None, "general").asking, "prompt": "json@00000000"}
    assert pixels(paint(question, TRUTH, AnsweredInRun(run(**gone), ANSWER))).shape
    for prompt in ("absent@12345678", "/no/such.yaml@1"):
        assert paint(question, TRUTH, AnsweredInRun(run(**{**gone, "prompt": prompt}), ANSWER))


def test_boxes_are_drawn_on_their_frame(question):
    answer = StoredPrediction("<p>A</p> [SEG]", [[None] * FRAMES], boxes=[[Box(0, 10, 10, 50, 50)]])
    empty = StoredPrediction("<p>A</p> [SEG]", [[None] * FRAMES])
    with_box, without = (
        coloured(paint(question, TRUTH, AnsweredInRun(run(), one)), COLOURS[2]) for one in (answer, empty)
    )
    assert with_box > without


@pytest.mark.parametrize(
    "text", ["[SEG]" * 200_000, "<p>" * 300_000, "a" * 1_000_000, "\u202e\u0634\u0645\u0633 [SEG]", "\x00\ud83d"]
)
def test_hostile_answers_are_cut_and_shown_in_a_moment(text, question):
    begin = time.process_time()
    png = paint(question, TRUTH, AnsweredInRun(run(), StoredPrediction(text, raw=text * 2, unread=text)))
    assert time.process_time() - begin < 5
    assert pixels(png).shape[0] < 4000


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3)])
def test_odd_sizes_and_single_frames(size, tmp_path):
    path = tmp_path / "0.png"
    Image.fromarray(np.zeros((*size, 3), np.uint8)).save(path)
    whole = rle.encode_track(np.ones((1, *size), bool))
    question = Question(Key("c", "1"), Video("v", "mevis", size, (path,)), "<mask>", (Region(whole, size),))
    assert pixels(paint(question, Truth(Key("c", "1"), "v", "It.", (), (whole,)), frames=12)).size
