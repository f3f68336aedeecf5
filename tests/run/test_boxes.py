import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.run.boxes import OBJECTS, usable_boxes
from sama_bench.types import Box, Video

VIDEO = Video("v", "mevis", (40, 60), tuple("abc"))
FINE = Box(1, 2.0, 3.0, 10.0, 20.0)


def test_a_box_inside_stays_and_one_that_reaches_out_is_clipped():
    found = usable_boxes([[FINE], [Box(0, -5, -5, 1e9, 7.5)]], 2, VIDEO)
    assert found.objects == [[FINE], [Box(0, 0.0, 0.0, 60.0, 7.5)]]
    assert found.problem == ""


@pytest.mark.parametrize(
    "wrong",
    [
        Box(0, 5, 5, 2, 9),
        Box(0, 5, 5, 5, 9),
        Box(0, -9, 5, 0, 9),
        Box(3, 0, 0, 5, 5),
        Box(-1, 0, 0, 5, 5),
        Box(0.5, 0, 0, 5, 5),
        Box(0, math.nan, 0, 5, 5),
        Box(0, 0, 0, math.inf, 5),
        Box(0, 0, 0, 10**400, 5),
        Box(10**400, 0, 0, 5, 5),
        Box(0, "0", "0", "5", "5"),
        Box(0, None, 0, 5, 5),
        Box(0, 0, 0, 5, 5j),
        (0, 1, 2, 3),
        (0, 1, 2, 3, 4, 5),
        "01234",
        None,
        7,
        np.zeros((2, 2)),
    ],
)
def test_a_box_that_cannot_be_used_is_none_and_is_counted(wrong):
    found = usable_boxes([[wrong, FINE], [wrong]], 2, VIDEO)
    assert found.objects == [[FINE], []]
    assert found.problem == "2 boxes that cannot be used"


def test_of_two_boxes_on_one_frame_the_first_counts():
    found = usable_boxes([[FINE, FINE._replace(x0=0.0), FINE._replace(frame=2)]], 1, VIDEO)
    assert found.objects == [[FINE, FINE._replace(frame=2)]]
    assert found.problem == "1 boxes that cannot be used"


def test_a_seg_without_a_list_has_no_box_and_a_list_without_a_seg_is_left_out():
    assert usable_boxes([[FINE]], 2, VIDEO).objects == [[FINE], []]
    assert usable_boxes([[FINE], [FINE]], 1, VIDEO).objects == [[FINE]]
    assert usable_boxes([[FINE]], 2, VIDEO).problem == "1 lists of boxes for 2 [SEG]"


def test_a_thousand_boxes_are_cut_to_a_hundred_objects():
    found = usable_boxes([[FINE]] * 1000, 1000, VIDEO)
    assert [len(one) for one in found.objects] == [1] * OBJECTS + [0] * (1000 - OBJECTS)
    assert found.problem == f"boxes of more than {OBJECTS} objects"
    assert usable_boxes(found.objects, 1000, VIDEO).problem == ""


@pytest.mark.parametrize("given_", ["boxes", b"boxes", 7, iter([])])
def test_what_is_no_list_is_refused(given_):
    with pytest.raises(TypeError, match="expected a list of boxes"):
        usable_boxes(given_, 1, VIDEO)


anything = st.recursive(
    st.none() | st.floats() | st.integers() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=6) | st.tuples(inner, inner, inner, inner, inner),
    max_leaves=20,
)


@given(st.lists(anything, max_size=5), st.integers(0, 5))
def test_whatever_is_given_what_comes_out_can_be_used(given_, segments):
    found = usable_boxes(given_, segments, VIDEO)
    assert len(found.objects) == segments
    for boxes in found.objects:
        assert len({box.frame for box in boxes}) == len(boxes)
        for frame, x0, y0, x1, y1 in boxes:
            assert 0 <= frame < 3
            assert 0 <= x0 < x1 <= 60
            assert 0 <= y0 < y1 <= 40
    assert usable_boxes(found.objects, segments, VIDEO).objects == found.objects
