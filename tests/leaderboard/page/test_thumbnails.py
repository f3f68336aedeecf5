import io

import numpy as np
import pytest
from PIL import Image

from sama_bench.leaderboard.page.thumbnails import (
    SHARP_FRAMES,
    counts,
    jpeg,
    places,
    sharp_places,
    sharp_size,
    small_size,
)
from sama_bench.metrics import rle


@pytest.mark.parametrize(
    ("size", "small"),
    [((480, 854), (180, 320)), ((854, 480), (320, 180)), ((60, 80), (60, 80)), ((1, 30000), (1, 320))],
)
def test_frames_keep_their_shape_and_are_never_enlarged(size, small):
    assert small_size(size) == small


@pytest.mark.parametrize(("length", "kept"), [(1, 1), (48, 48), (49, 25), (96, 48), (500, 46)])
def test_frames_of_long_videos_are_thinned_evenly(length, kept):
    found = places(length)
    assert len(found) == kept
    assert found[0] == 0
    assert len(set(np.diff(found))) <= 1


@pytest.mark.parametrize(
    ("size", "sharp"),
    [((480, 854), (480, 854)), ((1080, 1920), (480, 854)), ((1920, 1080), (854, 480)), ((60, 80), (60, 80))],
)
def test_sharp_frames_keep_their_shape_and_are_never_enlarged(size, sharp):
    assert sharp_size(size) == sharp


@pytest.mark.parametrize("videos", [1, 9, 24, 100, 480])
def test_there_are_never_more_sharp_frames_on_a_page_than_the_bound(videos):
    kept = places(500)
    sharp = sharp_places(kept, videos)
    assert sharp[0] == kept[0]
    assert set(sharp) <= set(kept)
    assert len(sharp) * videos <= SHARP_FRAMES


def test_a_frame_becomes_a_small_jpeg():
    with Image.open(io.BytesIO(jpeg(np.full((480, 854, 3), 200, np.uint8), (180, 320)))) as image:
        assert (image.format, image.size) == ("JPEG", (320, 180))


def test_a_small_mask_is_where_the_large_one_was():
    mask = np.zeros((400, 800), bool)
    mask[100:200, 400:600] = True
    (text, empty) = counts([rle.encode(mask), None], [0, 1], (100, 200))
    small = rle.decode({"size": [100, 200], "counts": text}, (100, 200))
    assert (small == mask[::4, ::4]).all()
    assert empty is None


def test_a_mask_of_one_pixel_is_still_seen():
    mask = np.zeros((480, 854), bool)
    mask[7, 11] = True
    (text,) = counts([rle.encode(mask)], [0], (180, 320))
    assert rle.area({"size": [180, 320], "counts": text}) == 1


def test_a_mask_of_the_size_that_is_asked_for_is_given_as_it_is():
    mask = rle.encode(np.eye(30, dtype=bool))
    assert counts([mask], [0], (30, 30)) == [mask["counts"]]
