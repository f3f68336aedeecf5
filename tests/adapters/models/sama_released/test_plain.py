import numpy as np
import pytest

from sama_bench.types import PlainQuestion


def pictures(*sizes):
    return tuple(np.random.default_rng(n).integers(0, 256, (*size, 3), np.uint8) for n, size in enumerate(sizes))


@pytest.mark.parametrize(
    ("sizes", "film", "said"),
    [
        ([(30, 40)], False, "image: What is it? A. dog B. cat"),
        ([(30, 40)] * 7, True, "video 7 of 16: What is it? A. dog B. cat"),
        ([(30, 40)] * 3, False, "video 3 of 16: What is it? A. dog B. cat"),
        ([], False, "nothing: What is it? A. dog B. cat"),
    ],
)
def test_whatever_is_shown_the_models_code_answers_and_words_of_two_lines_stay_apart(sama, sizes, film, said):
    asked = PlainQuestion("<image>\nWhat is it?\nA. dog\nB. cat", pictures(*sizes), film)
    assert sama(max_frames=16).answer(asked) == said


def test_an_answer_is_as_long_as_the_question_lets_it_be_and_the_next_as_before(sama):
    adapter = sama()
    assert adapter.answer(PlainQuestion("one two three", max_new_tokens=3)) == "nothing: one two"
    assert adapter.answer(PlainQuestion("one two three")) == "nothing: one two three"


@pytest.mark.parametrize(
    ("sizes", "told"),
    [([(8, 8)] * 6, "6 images, and the model sees 5"), ([(8, 8), (9, 8)], "images of several sizes")],
)
def test_images_that_the_model_cannot_take_together_are_an_error(sama, sizes, told):
    with pytest.raises(ValueError, match=told):
        sama().answer(PlainQuestion("Which?", pictures(*sizes)))


def test_an_answer_that_was_given_without_the_picture_is_an_error(sama):
    with pytest.raises(RuntimeError, match="saw nothing"):
        sama().answer(PlainQuestion("mismatch", pictures((30, 40))))


def test_questions_of_a_video_go_on_after_one_in_words(sama, question):
    adapter, asked = sama(), question("say 1. Response with interleaved segmentation masks.")
    adapter.open(asked.video)
    before = adapter.predict(asked)
    adapter.close()
    adapter.answer(PlainQuestion("What?", pictures((30, 40))))
    adapter.open(asked.video)
    after = adapter.predict(asked)
    adapter.close()
    assert np.array_equal(before.tracks[0], after.tracks[0])
