import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco

from sama_bench.metrics import jaccard, rle, volume_iou
from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.rle import RLEError

ONE = {"size": [2, 2], "counts": "04"}


def test_golden_j_and_volume_iou(golden):
    for case in golden("masks")["cases"]:
        found = jaccard(case["gt"], case["pred"], case["size"])
        assert found == pytest.approx(np.array(case["J"]), abs=1e-12), case["id"]
        assert volume_iou(case["gt"], case["pred"]) == pytest.approx(case["volume_iou"], abs=1e-12), case["id"]


@given(data=st.data())
def test_j_is_intersection_over_union_of_pixels(masks, data):
    frames = data.draw(masks(6))
    truth, predicted = frames[:3], frames[3:]
    common, united = (truth & predicted).sum((1, 2)), (truth | predicted).sum((1, 2))
    tracks = rle.encode_track(truth), rle.encode_track(predicted)
    found = jaccard(*tracks, truth.shape[1:])
    assert found.tolist() == [1.0 if u == 0 else i / u for i, u in zip(common, united, strict=True)]
    assert found.tolist() == jaccard(*reversed(tracks), truth.shape[1:]).tolist()
    assert volume_iou(*tracks) == (common.sum() / united.sum() if united.any() else 0.0)


@given(data=st.data())
def test_equal_tracks_have_j_of_one(masks, data):
    frames = data.draw(masks(2))
    track = rle.encode_track(frames)
    assert jaccard(track, list(track), frames.shape[1:]).tolist() == [1.0, 1.0]
    assert volume_iou(track, track) == float(frames.any())


@given(data=st.data())
def test_the_matrix_has_predictions_as_rows(masks, data):
    frames = data.draw(masks(10))
    tracks = [rle.encode_track(frames[begin : begin + 2]) for begin in range(0, 10, 2)]
    found = volume_iou_matrix(tracks[:2], tracks[2:])
    assert found.tolist() == [[volume_iou(truth, ours) for truth in tracks[2:]] for ours in tracks[:2]]


def test_nothing_to_compare():
    assert volume_iou_matrix([], [[ONE]]).shape == (0, 1)
    assert volume_iou_matrix([[ONE]], []).shape == (1, 0)
    assert volume_iou([None], [None]) == volume_iou([], []) == 0.0
    assert jaccard([], [], (2, 2)).shape == (0,)


def test_what_cannot_be_compared_is_refused():
    other = {"size": [1, 4], "counts": "04"}
    with pytest.raises(RLEError, match="1 and 2 frames"):
        volume_iou([ONE], [ONE, ONE])
    with pytest.raises(RLEError, match="sizes"):
        volume_iou([ONE], [other])
    with pytest.raises(RLEError, match=r"frame 1: mask is \[1, 4\]"):
        jaccard([ONE, None], [None, other], (2, 2))
    with pytest.raises(RLEError, match="frame 0: counts of a mask sum to 3"):
        jaccard([ONE], [{"size": [2, 2], "counts": "03"}], (2, 2))
    with pytest.raises(RLEError, match="1 and 2 frames"):
        volume_iou_matrix([[ONE, None]], [[ONE, None], [ONE]])


def test_masks_as_pycocotools_gives_them_are_understood():
    mask = coco.encode(np.asfortranarray(np.eye(7, dtype=np.uint8)))
    assert isinstance(mask["counts"], bytes)
    assert jaccard([mask], [rle.check(mask)], (7, 7)).tolist() == [1.0]
