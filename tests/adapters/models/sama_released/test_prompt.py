import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.adapters.shared.sama_frames import dense, sparse
from sama_bench.adapters.shared.sama_prompt import IMAGE, masks, nearest, text
from sama_bench.metrics import rle
from sama_bench.types import Region


@given(st.integers(1, 3000), st.integers(8, 128))
def test_a_sample_is_in_order_within_the_video_and_not_too_large(length, at_most):
    found = sparse(length, at_most)
    assert found == sorted(set(found))
    assert 0 <= found[0] <= found[-1] < length
    assert len(found) <= at_most
    assert len(found) >= min(8, length) or length < 24


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1, [0]), (2, [0, 1]), (5, [0, 1, 2, 3, 4]), (9, [0, 1, 3, 4, 6, 7]), (24, list(range(0, 24, 3))),
     (96, list(range(0, 96, 3)))],
)  # fmt: skip
def test_samples_are_those_of_the_released_code(length, expected):
    assert sparse(length) == expected


def test_long_videos_are_thinned_to_what_is_allowed():
    assert len(sparse(1000)) == 32
    assert sparse(1000)[:3] == [0, 30, 60]
    assert dense(sparse(1000)) == [0, 30, 60, 93, 123]


@pytest.mark.parametrize("frames", [1, 2, 4, 5, 7, 8, 100, 1000])
@pytest.mark.parametrize("task", ["g", "c"])
def test_there_is_a_token_for_every_embedding(question, frames, task):
    shown = sparse(frames)
    asked = question("What does <mask> do to <mask>?", task=task, frames=2)
    words = text(asked, shown)
    assert words.count(IMAGE) == 256 * min(5, len(shown)) + len(shown) + 2 * 2
    assert words.count("<img>") == len(dense(shown))
    assert ("\nWhat" in words) == (task == "c")
    assert words.endswith("What does <vp><IMG_CONTEXT><IMG_CONTEXT></vp> do to <vp><IMG_CONTEXT><IMG_CONTEXT></vp>?")


def region(frames, visible, size=(40, 60)):
    found = np.zeros((frames, *size), bool)
    found[visible, 5:20, 10:30] = True
    return Region(rle.encode_track(found), size)


def test_a_region_is_shown_on_the_first_dense_frame_that_has_it_and_nowhere_else():
    shown = sparse(30)
    found = masks(region(30, slice(4, 25)), shown, 16)
    assert (found.shape, found.dtype) == ((30, 16, 16), np.uint8)
    assert found.any(axis=(1, 2)).nonzero()[0].tolist() == [6]


def test_every_frame_is_shown_where_that_is_asked_for():
    found = masks(region(30, slice(4, 25)), sparse(30), 16, every=True)
    assert found.any(axis=(1, 2)).nonzero()[0].tolist() == list(range(4, 25))


def test_a_region_that_no_dense_frame_has_is_shown_where_it_is_visible_first():
    found = masks(region(30, slice(20, 25)), sparse(30), 112)
    assert found.any(axis=(1, 2)).nonzero()[0].tolist() == [20]
    assert not masks(region(30, slice(0)), sparse(30), 112).any()


def test_a_small_region_is_shown_on_the_first_dense_frame_on_which_the_model_still_sees_it():
    track = np.zeros((30, 160, 160), bool)
    track[0, 1:5, 1:5] = track[3, 101:105, 101:105] = True  # lost at 16 x 16
    track[6, 19:23, 19:23] = track[9, 19:23, 19:23] = True
    small = Region(rle.encode_track(track), (160, 160))
    for size in (16, 112):
        assert masks(small, sparse(30), size).any(axis=(1, 2)).nonzero()[0].tolist() == [6]


@pytest.mark.parametrize("size", [16, 112])
@pytest.mark.parametrize("shape", [(480, 854), (720, 1280), (30, 40), (7, 5), (1, 1), (337, 601)])
def test_masks_are_made_smaller_as_pytorch_does(size, shape):
    torch = pytest.importorskip("torch")
    mask = np.random.default_rng(1).random(shape) > 0.5
    expected = torch.nn.functional.interpolate(torch.from_numpy(mask[None, None].astype(np.uint8)), (size, size))
    assert np.array_equal(nearest(mask, size), expected[0, 0].numpy())
