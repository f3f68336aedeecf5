"""Tracks of more frames, and masks of more pixels, than a byte or two can count."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sama_bench.metrics import boundary_f, jaccard, rle, volume_iou
from sama_bench.metrics.iou import volume_iou_matrix

SIDES = st.tuples(st.integers(1, 5), st.integers(1, 5))


def drawn(frames, size, seed):
    """Masks of which some are empty and some are full."""
    random = np.random.default_rng(seed)
    return random.random((frames, *size)) < random.choice([0, 0.5, 1], (frames, 1, 1))


@settings(max_examples=8, deadline=None)
@given(frames=st.integers(1, 1000), size=SIDES, seed=st.integers(0, 99))
@example(frames=255, size=(3, 4), seed=0)
@example(frames=256, size=(3, 4), seed=0)
@example(frames=5000, size=(5, 5), seed=0)
def test_a_track_has_as_many_frames_as_it_likes(frames, size, seed):
    truth, predicted = drawn(frames, size, seed), drawn(frames, size, seed + 1)
    true, given_ = rle.encode_track(truth), rle.check_track([*rle.encode_track(predicted)], frames, size)
    shared, united = (truth & predicted).sum((1, 2)), (truth | predicted).sum((1, 2))
    assert rle.areas(true) == truth.sum((1, 2)).tolist()
    assert np.array_equal(rle.decode_track(rle.union([true, given_]), size), truth | predicted)
    assert jaccard(true, given_, size).tolist() == [
        1.0 if u == 0 else s / u for s, u in zip(shared, united, strict=True)
    ]
    iou = shared.sum() / max(united.sum(), 1)
    assert volume_iou(true, given_) == iou
    assert volume_iou_matrix([true, given_], [given_])[:, 0].tolist() == [iou, float(predicted.any())]
    assert [one and rle.filled_box(one) for one in true] == rle.encode_track([_box(mask) for mask in truth])
    parts = [slice(begin, begin + 100) for begin in range(0, frames, 100)]
    pieces = [boundary_f(true[part], given_[part], size, 1) for part in parts]
    assert boundary_f(true, given_, size, 1).tolist() == np.concatenate(pieces).tolist()


def test_no_mask_at_all_has_no_pixels_however_long_the_track_is():
    assert rle.areas([]) == []
    assert rle.areas([None] * 1000) == [0] * 1000
    assert jaccard([None] * 1000, [None] * 1000, (2, 2)).tolist() == [1.0] * 1000


@pytest.mark.parametrize(
    "size", [(16, 16), (1, 256), (256, 256), (65536 // 4, 4), (257, 256), (32767, 3), (1200, 1900)]
)
def test_a_mask_has_as_many_pixels_as_it_likes(size):
    full, most = np.ones(size, bool), np.ones(size, bool)
    most[size[0] // 2 :, size[1] - 1 :] = False
    masks = [rle.encode(full), rle.encode(most), None, rle.encode(~most)]
    counts = [full.sum(), most.sum(), 0, (~most).sum()]
    assert rle.areas(masks) == counts == [0 if one is None else rle.area(one) for one in masks]
    assert rle.union([masks[1:2], masks[3:]]) == masks[:1]
    assert jaccard(masks, [masks[0]] * 4, size).tolist() == [count / full.sum() for count in counts]
    assert volume_iou(masks[:2] * 200, masks[:1] * 400) == (counts[0] + counts[1]) / (2 * counts[0])
    assert rle.filled_box(masks[1]) == rle.encode(_box(most))
    assert np.array_equal(rle.decode(masks[1], size), most)


@pytest.mark.parametrize("size", [(32767, 8000), (8000, 32767), (2**14, 2**14)])
def test_the_largest_masks_there_are(size):
    pixels, half = size[0] * size[1], size[0] * (size[1] // 2)
    full, right = (rle.check({"size": list(size), "counts": [off, pixels - off]}) for off in (0, half))
    assert rle.areas([full, right] * 200) == [pixels, pixels - half] * 200
    assert rle.union([[full], [right]]) == [full]
    assert volume_iou([full] * 300, [right] * 300) == (pixels - half) / pixels
    assert rle.filled_box(right) == right
    assert boundary_f([full, full], [full, right], size).tolist() == [1.0, 0.0]


def _box(mask):
    rows, columns = mask.any(1), mask.any(0)
    return _between(rows)[:, None] & _between(columns)


def _between(line):
    return np.logical_or.accumulate(line) & np.logical_or.accumulate(line[::-1])[::-1]
