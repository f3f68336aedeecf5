import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics import boundary_f, rle
from sama_bench.metrics.rle import RLEError


def outline(mask):
    """Positions of the pixels that differ from their right, lower, or lower right neighbour; borders go on."""
    wide = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    differs = (mask != wide[1:, :-1]) | (mask != wide[:-1, 1:]) | (mask != wide[1:, 1:])
    return np.argwhere(differs)


def reference(truth, predicted, radius):
    """F of one frame by the distances of all pairs of boundary pixels."""
    true, given_ = outline(truth), outline(predicted)
    if not (len(true) and len(given_)):
        return float(len(true) == len(given_))
    near = ((true[:, None] - given_[None]) ** 2).sum(axis=2) <= radius**2
    precision, recall = near.any(axis=0).mean(), near.any(axis=1).mean()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def f(truth, predicted, radius):
    return boundary_f([rle.encode(truth)], [rle.encode(predicted)], truth.shape, radius)[0]


def dot(size, *at):
    mask = np.zeros(size, bool)
    mask[at] = True
    return mask


def test_golden_f(golden):
    for case in golden("masks")["cases"]:
        found = boundary_f(case["gt"], case["pred"], case["size"])
        assert found == pytest.approx(np.array(case["F"]), abs=1e-12), case["id"]


@given(data=st.data(), radius=st.integers(1, 9))
def test_f_is_that_of_all_pairs_of_boundary_pixels(masks, data, radius):
    truth, predicted = data.draw(masks(2))
    found = f(truth, predicted, radius)
    assert found == pytest.approx(reference(truth, predicted, radius), abs=1e-12)
    assert found == pytest.approx(f(predicted, truth, radius), abs=1e-12)
    assert 0 <= found <= 1
    assert f(truth, predicted, radius + 1) >= found - 1e-12


@given(data=st.data())
def test_turned_frames_have_the_same_f(masks, data):
    truth, predicted = data.draw(masks(2))
    assert f(truth.T, predicted.T, 3) == pytest.approx(f(truth, predicted, 3), abs=1e-12)


@given(data=st.data())
def test_equal_masks_have_f_of_one(masks, data):
    (mask,) = data.draw(masks(1))
    assert f(mask, mask.copy(), 1) == 1.0
    runs = [] if rle.encode(mask) is None else rle.runs(rle.encode(mask)).tolist()
    if runs:
        assert boundary_f([rle.encode(mask)], [{"size": list(mask.shape), "counts": runs}], mask.shape)[0] == 1.0


@pytest.mark.parametrize("at", [(0, 0), (0, 59), (89, 0), (89, 59), (45, 30), (45, 59), (89, 30)])
@pytest.mark.parametrize("radius", [1, 5, 8, 13])
def test_one_pixel_matches_within_the_disk_and_not_beyond(at, radius):
    size = (90, 60)
    truth = dot(size, *at)
    for down in range(-radius - 1, radius + 2):
        for across in (0, radius // 2, radius, radius + 1):
            other = min(max(at[0] + down, 0), 89), abs(at[1] - across)
            predicted = dot(size, *other)
            assert f(truth, predicted, radius) == pytest.approx(reference(truth, predicted, radius), abs=1e-12)


@pytest.mark.parametrize("size", [(480, 854), (854, 480), (1, 300), (300, 1), (97, 203)])
def test_large_frames_with_the_usual_tolerance(size):
    random = np.random.default_rng(5)
    rows, columns = np.indices(size)
    radius = int(np.ceil(0.008 * np.hypot(*size)))
    for _ in range(4):
        centre, spread = random.random(2) * size, (0.05 + random.random(2) * 0.5) * size
        truth = ((rows - centre[0]) / spread[0]) ** 2 + ((columns - centre[1]) / spread[1]) ** 2 < 1
        predicted = np.roll(truth, random.integers(-12, 13), axis=(0, 1)) & (random.random(size) < 0.9999)
        found = boundary_f([rle.encode(truth)], [rle.encode(predicted)], size)[0]
        assert found == pytest.approx(reference(truth, predicted, radius), abs=1e-12)


def test_masks_without_boundary():
    full, empty, half = np.ones((20, 30), bool), np.zeros((20, 30), bool), np.zeros((20, 30), bool)
    half[:, :15] = True
    assert f(full, full, 1) == f(empty, empty, 1) == f(full, empty, 1) == f(empty, full, 1) == 1.0
    assert f(full, half, 1) == f(half, full, 1) == f(empty, half, 1) == f(half, empty, 1) == 0.0
    assert boundary_f([], [], (20, 30)).shape == (0,)


def test_frames_do_not_touch_each_other():
    frames = np.array([np.eye(30, dtype=bool), np.zeros((30, 30), bool), np.ones((30, 30), bool), np.tri(30) > 0])
    others = frames[[3, 1, 0, 0]]
    found = boundary_f(rle.encode_track(frames), rle.encode_track(others), (30, 30), 2)
    assert found.tolist() == [f(one, other, 2) for one, other in zip(frames, others, strict=True)]


def test_a_tolerance_beyond_the_frame_matches_everything():
    assert f(dot((40, 50), 1, 1), dot((40, 50), 38, 48), 10**9) == 1.0


@pytest.mark.parametrize("bad", [-1, 1.5, float("nan"), float("inf")])
def test_other_tolerances_are_refused(bad):
    with pytest.raises(ValueError, match="bound_th"):
        boundary_f([], [], (4, 4), bad)


def test_invalid_tracks_are_refused():
    one = {"size": [2, 2], "counts": "04"}
    with pytest.raises(RLEError, match="0 and 1 frames"):
        boundary_f([one], [], (2, 2))
    with pytest.raises(RLEError, match="cut off"):
        boundary_f([one], [{"size": [2, 2], "counts": "0P"}], (2, 2))
    with pytest.raises(RLEError, match="frame 0"):
        boundary_f([one], [None], (3, 2))
