import numpy as np
import pytest

from sama_bench.prompting import colours
from sama_bench.prompting.marks import FORMS, NOWHERE, draw, in_words, marked, marks_of, name

BOX = (60, 30, 90, 60)


def painted(question, how, index=0):
    before = question.video.frame(index)
    after = draw(before, marks_of(question), index, how)
    return (before != after).any(axis=2), after


@pytest.mark.parametrize("how", FORMS)
def test_a_mark_goes_around_its_region_and_leaves_its_inside_to_be_seen(how, ask):
    changed, after = painted(ask({0: BOX}), how)
    assert changed.any()
    assert not changed[30:60, 60:90].any()
    assert (after[28, 70] == colours.rgb(0)).all()


def test_a_region_that_fills_the_frame_is_marked_along_its_edge(ask):
    changed, _ = painted(ask({0: (0, 0, 160, 90)}), "outline")
    assert changed[0].all()
    assert changed[:, 0].all()
    assert not changed[20:70, 20:140].any()


@pytest.mark.parametrize("corner", [(0, 0, 6, 6), (154, 84, 160, 90), (154, 0, 160, 6)])
def test_the_number_is_whole_also_in_a_corner_of_the_picture(corner, ask):
    """As many pixels are bright in all colours, as only the numeral is, wherever the mark is."""
    middle, elsewhere = (painted(ask({0: box}), "number")[1] for box in ((80, 60, 86, 66), corner))
    assert (elsewhere > 150).all(axis=2).sum() == (middle > 150).all(axis=2).sum() > 4


@pytest.mark.parametrize("how", FORMS)
def test_only_the_first_frame_that_shows_a_region_carries_its_mark(how, ask):
    question = ask({2: BOX, 3: BOX, 4: BOX})
    assert [painted(question, how, index)[0].any() for index in range(6)] == [False, False, True, False, False, False]


def test_ten_referents_have_ten_colours_and_names(ask):
    question = ask(*({0: (14 * n, 30, 14 * n + 8, 50)} for n in range(10)))
    found = marks_of(question)
    assert len({name(one, "box") for one in found}) == 10
    assert len({colours.rgb(one.number) for one in found}) == 10
    _, after = painted(question, "outline")
    for n in range(10):
        assert (after[40, 14 * n + 8] == colours.rgb(n)).all()


def test_a_region_that_is_named_twice_has_one_mark(ask):
    question = ask({0: BOX}, {1: BOX}, {0: BOX})
    assert [one.number for one in marks_of(question)] == [0, 1, 0]


def test_a_region_that_is_visible_nowhere_is_told_so(ask):
    question = ask({})
    assert name(marks_of(question)[0], "box") == NOWHERE
    assert not painted(question, "box")[0].any()


def test_a_mark_of_one_pixel_survives_a_smaller_frame(ask):
    question = ask({0: (80, 45, 81, 46)})
    small = np.zeros((18, 32, 3), np.uint8)
    assert draw(small, marks_of(question), 0, "outline").any()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Where is <mask>?", "Where is the object in the red box?"),
        ("Where is the object <mask>?", "Where is the object in the red box?"),
        ("The region <mask> moves.", "The object in the red box moves."),
        ("An object <mask>", "An object the object in the red box"),
    ],
)
def test_words_for_a_mark_do_not_name_the_object_twice(text, said):
    assert in_words(text, ["the object in the red box"]) == said


def test_verbatim_words_only_take_the_place_of_the_mask():
    assert in_words("the object <mask>", ["it"], verbatim=True) == "the object it"


def test_a_model_without_regions_gets_the_marked_frames_at_their_own_size(ask):
    question = ask({1: BOX}, text="What is <mask>?")
    text, frame = marked(question, "outline")
    assert text == "What is the object outlined in red?"
    assert (frame(1) == painted(question, "outline", 1)[1]).all()
    assert (frame(0) == question.video.frame(0)).all()
