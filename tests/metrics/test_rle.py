import re

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco

from sama_bench.metrics import rle
from sama_bench.metrics.rle import RLEError

SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40))
DIGITS = "".join(map(chr, range(48, 112)))


def spelled(numbers, digits=1):
    """The compressed string, each number with at least so many digits (more than one may be too many)."""
    text = ""
    for index, number in enumerate(numbers):
        left, count = number - (numbers[index - 2] if index > 2 else 0), 1
        while not -16 <= left < 16 or count < digits:
            text += chr(48 + 32 + (left & 31))
            left, count = left >> 5, count + 1
        text += chr(48 + (left & 31))
    return text


def test_golden_masks_are_canonical(golden):
    for case in golden("masks")["cases"]:
        for track in (case["gt"], case["pred"]):
            assert rle.check_track(track, len(track), tuple(case["size"])) == track
            for one in filter(None, track):
                assert rle.check(one) == one


@given(data=st.data())
def test_decoding_undoes_encoding(masks, data):
    (mask,) = data.draw(masks(1))
    coded = rle.encode(mask)
    assert np.array_equal(rle.decode(coded, mask.shape), mask)
    if coded is None:
        assert not mask.any()
    else:
        assert rle.check(coded, mask.shape) == coded
        assert rle.area(coded) == mask.sum()
        assert coded["counts"] == spelled(rle.runs(coded).tolist())


@given(data=st.data())
def test_tracks_are_decoded_and_encoded_frame_by_frame(masks, data):
    frames = data.draw(masks(3))
    track = rle.encode_track(frames)
    assert track == [rle.encode(frame) for frame in frames]
    assert np.array_equal(rle.decode_track(track, frames.shape[1:]), frames)
    for found, one in zip(rle.track_runs(track), track, strict=True):
        assert found is None if one is None else np.array_equal(found, rle.runs(one))


@given(data=st.data(), digits=st.integers(1, 6))
def test_any_spelling_of_a_mask_becomes_the_canonical_one(masks, data, digits):
    (mask,) = data.draw(masks(1))
    size = list(mask.shape)
    coded = rle.encode(mask) or {"size": size, "counts": spelled([mask.size])}
    runs = rle.runs(coded).tolist()
    for place in data.draw(st.lists(st.integers(0, len(runs)), max_size=3)):
        runs[place:place] = [0, 0]
    listed = rle.check({"size": size, "counts": runs})
    assert listed == coded
    for counts in (spelled(runs, digits), spelled(runs, digits).encode()):
        loose = {"size": size, "counts": counts}
        assert rle.check(loose) == coded
        assert rle.check_track([None, loose]) == [None, coded if mask.any() else None]


@given(data=st.data())
def test_a_damaged_string_is_an_error_or_a_mask_of_the_same_size(masks, data):
    (mask,) = data.draw(masks(1))
    counts = (rle.encode(mask) or {"counts": spelled([mask.size])})["counts"]
    begin = data.draw(st.integers(0, len(counts)))
    end = data.draw(st.integers(begin, len(counts)))
    middle = data.draw(st.text(DIGITS, max_size=4) | st.text(max_size=2))
    damaged = {"size": list(mask.shape), "counts": counts[:begin] + middle + counts[end:]}
    try:
        valid = rle.check(damaged)
    except RLEError as problem:
        with pytest.raises(RLEError, match=re.escape(f"frame 0: {problem}")):
            rle.check_track([damaged])
    else:
        assert rle.runs(valid).sum() == mask.size
        assert rle.decode(valid, mask.shape).sum() == rle.area(valid)
        assert rle.check_track([damaged]) == [valid if rle.area(valid) else None]


@given(text=st.text(DIGITS, min_size=1, max_size=40), size=SIZES)
def test_noise_is_an_error_or_a_mask(text, size):
    try:
        valid = rle.check({"size": list(size), "counts": text})
    except RLEError:
        return
    assert rle.runs(valid).sum() == size[0] * size[1]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (None, "object with size and counts"),
        ("04", "object with size and counts"),
        ({"counts": "04"}, "two whole numbers"),
        ({"size": [2], "counts": "04"}, "two whole numbers"),
        ({"size": [2.0, 2], "counts": "04"}, "two whole numbers"),
        ({"size": [True, 4], "counts": "04"}, "two whole numbers"),
        ({"size": [0, 4], "counts": "0"}, "sides must be"),
        ({"size": [-2, -2], "counts": "04"}, "sides must be"),
        ({"size": [32768, 1], "counts": "04"}, "sides must be"),
        ({"size": [32767, 32767], "counts": "04"}, "sides must be"),
        ({"size": [10**300, 2], "counts": "04"}, "sides must be"),
        ({"size": [2, 2]}, "compressed string or a list"),
        ({"size": [2, 2], "counts": None}, "compressed string or a list"),
        ({"size": [2, 2], "counts": ""}, "empty"),
        ({"size": [2, 2], "counts": b""}, "empty"),
        ({"size": [2, 2], "counts": []}, "empty"),
        ({"size": [2, 2], "counts": "0é"}, "not ASCII"),
        ({"size": [2, 2], "counts": "0 4"}, "do not use"),
        ({"size": [2, 2], "counts": "04\0"}, "do not use"),
        ({"size": [2, 2], "counts": "0p"}, "do not use"),
        ({"size": [2, 2], "counts": b"0\xff"}, "do not use"),
        ({"size": [2, 2], "counts": "04P"}, "cut off"),
        ({"size": [2, 2], "counts": "0PPPPPP0"}, "more than 6 digits"),
        ({"size": [2, 2], "counts": "0" * 121}, "too many"),
        ({"size": [2, 2], "counts": "03"}, "sum to 3"),
        ({"size": [2, 2], "counts": "05"}, "sum to 5"),
        ({"size": [2, 2], "counts": "5O"}, "negative"),
        ({"size": [2, 2], "counts": [0, 3]}, "sum to 3"),
        ({"size": [2, 2], "counts": [5, -1]}, "from 0 to its 4 pixels"),
        ({"size": [2, 2], "counts": [2**32, 4]}, "from 0 to its 4 pixels"),
        ({"size": [2, 2], "counts": [0, 4.0]}, "from 0 to its 4 pixels"),
        ({"size": [2, 2], "counts": [0, "4"]}, "from 0 to its 4 pixels"),
        ({"size": [2, 3], "counts": "06"}, "mask is 2x3"),
    ],
)
def test_what_is_wrong_is_said(bad, why):
    size = (2, 2) if why.startswith("mask is") else None
    with pytest.raises(RLEError, match=why):
        rle.check(bad, size)
    with pytest.raises(RLEError, match=f"frame 70: .*{why}" if bad is not None else "for each of 70"):
        rle.check_track([None] * 70 + [bad], 70 if bad is None else 71, size)


def test_sums_beyond_32_bits_do_not_pass_for_small_ones():
    runs = [2**28] * 16 + [4]
    with pytest.raises(RLEError, match="sum to 4294967300"):
        rle.check({"size": [2, 50], "counts": spelled(runs)}, (2, 50))


def test_a_track_must_be_a_list_of_its_length():
    with pytest.raises(RLEError, match="not dict"):
        rle.check_track({"segmentations": []}, 1)
    with pytest.raises(RLEError, match="has 1 entries, expected one for each of 2"):
        rle.check_track([None], 2, (2, 2))
    assert rle.check_track([], 0, (2, 2)) == []


def test_a_checked_track_is_not_checked_again():
    track = rle.check_track([{"size": [2, 2], "counts": "04"}, {"size": [2, 2], "counts": "4"}])
    assert track[1] is None
    assert rle.as_checked(track) is track
    with pytest.raises(RLEError, match="frame 0"):
        rle.as_checked([{"size": [2, 2], "counts": "03"}])


def test_pycocotools_own_form_is_understood():
    mask = np.asfortranarray(np.eye(5, dtype=np.uint8))
    assert rle.check(coco.encode(mask)) == rle.encode(mask)
    assert rle.encode(mask * 255) == rle.encode(mask)


def test_shapes_that_are_no_mask_are_refused():
    with pytest.raises(RLEError, match="shape"):
        rle.encode(np.zeros(4))
    with pytest.raises(RLEError, match="shape"):
        rle.encode_track(np.zeros((4, 4)))
    with pytest.raises(RLEError, match="expected 4x1"):
        rle.decode({"size": [2, 2], "counts": "04"}, (4, 1))


@given(data=st.data(), size=SIZES)
def test_resizing_picks_pixels_as_opencv_does(masks, data, size):
    (mask,) = data.draw(masks(1))
    wanted = cv2.resize(mask.astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST)
    coded = rle.encode(mask)
    assert coded is None or rle.resize(coded, size) == rle.encode(wanted)


@given(data=st.data())
def test_a_filled_box_is_the_bounding_box(masks, data):
    (mask,) = data.draw(masks(1))
    coded = rle.encode(mask)
    if coded is None:
        return
    rows, columns = np.nonzero(mask)
    box = np.zeros_like(mask)
    box[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    assert rle.filled_box(coded) == rle.encode(box)


def test_the_box_of_nothing_is_nothing():
    assert rle.filled_box(rle.check({"size": [2, 2], "counts": [4]})) is None


@given(data=st.data())
def test_a_union_has_the_pixels_of_all(masks, data):
    frames = data.draw(masks(6))
    tracks = [rle.encode_track(frames[begin : begin + 2]) for begin in (0, 2, 4)]
    assert rle.union(tracks) == rle.encode_track(frames.reshape(3, 2, *frames.shape[1:]).any(axis=0))
    assert rle.union(tracks[:1]) == tracks[0]


def test_unions_of_different_things_are_refused():
    one, other = (rle.encode(np.ones(size)) for size in ((2, 3), (3, 2)))
    assert rle.union([]) == []
    with pytest.raises(RLEError, match="lengths"):
        rle.union([[one], [one, one]])
    with pytest.raises(RLEError, match="sizes"):
        rle.union([[one], [other]])


def wrapping(pixels):
    """Run lengths, none negative, that sum to 2**64 + pixels, as numbers of 6 digits."""
    step, steps = 2**29 - 1, 100_000  # the largest number of 6 digits
    hold, rest = divmod(2**64 + pixels - step * steps * (steps + 1) // 2, step * steps)
    count = steps + hold + 1
    runs = np.full((count, 2), rest // count)
    runs[: rest % count, 1] += 1
    runs[:, 0] = np.minimum(np.arange(count), steps) * step
    numbers = runs.ravel()
    numbers[3:] -= numbers[1:-2].copy()
    digits = numbers[:, None] >> np.arange(0, 30, 5) & 31
    digits[:, :5] |= 32
    return (digits + 48).astype(np.uint8).tobytes().decode("ascii")


def test_runs_that_sum_to_the_pixels_only_modulo_the_size_of_an_integer():
    one = {"size": [1000, 2000], "counts": wrapping(2_000_000)}
    with pytest.raises(RLEError, match="sum to 18446744073711"):
        rle.check(one)
    with pytest.raises(RLEError, match="frame 0"):
        rle.check_track([one])
