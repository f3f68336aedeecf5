"""Masks of PNG pictures: the run lengths that all of a picture's pixels have, however they are stored."""

import io

import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle
from sama_bench.run.mask_picture import NoMask, mask_of, mask_of_value, picture_of

SIZE = (37, 53)


def stored(pixels, mode):
    image = Image.fromarray(pixels) if mode != "1" else Image.fromarray(pixels.astype(bool))
    if mode == "P":
        image.putpalette([5, 5, 5, 0, 0, 0] * 128)  # the colours say nothing: two values even have black
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def masks():
    draw = np.random.default_rng(3)
    yield np.zeros(SIZE, bool)
    yield np.ones(SIZE, bool)
    for corner in ((0, 0), (0, 52), (36, 0), (36, 52), (20, 20)):
        mask = np.zeros(SIZE, bool)
        mask[corner] = True
        yield mask
    for share in (0.003, 0.3, 0.9):
        yield draw.random(SIZE) < share
    for _ in range(10):
        mask = np.zeros(SIZE, bool)
        (top, bottom), (left, right) = (np.sort(draw.choice(side + 1, 2, replace=False)) for side in SIZE)
        mask[top:bottom, left:right] = draw.random((bottom - top, right - left)) < 0.8
        yield mask


@pytest.mark.parametrize(("mode", "value"), [("1", 1), ("L", 255), ("L", 1), ("P", 1), ("P", 255)])
def test_a_picture_of_any_form_is_the_mask_that_its_pixels_are(mode, value):
    for mask in masks():
        picture = picture_of(stored(mask.astype(np.uint8) * value, mode), SIZE)
        assert mask_of(picture) == rle.encode(mask)
        assert picture.mode == mode


def test_an_object_of_a_label_image_is_found_by_its_number():
    for n, mask in enumerate(masks()):
        labels = mask * np.random.default_rng(n).integers(1, 4, SIZE).astype(np.uint8)
        picture = picture_of(stored(labels, "P"), SIZE)
        for number in (1, 2, 3):
            assert mask_of_value(picture, number) == rle.encode(labels == number)


def test_values_that_no_mask_has_are_all_named():
    pixels = np.zeros(SIZE, np.uint8)
    pixels[3:9, 4:7], pixels[9, 9] = 7, 255
    with pytest.raises(NoMask, match="holds the values 0, 7, 255, expected"):
        mask_of(picture_of(stored(pixels, "L"), SIZE))
    with pytest.raises(NoMask, match="holds the values 7, expected"):
        mask_of(picture_of(stored(np.full(SIZE, 7, np.uint8), "L"), SIZE))


def test_a_rectangle_of_very_many_runs_is_the_whole_mask_that_it_stands_in():
    size, corner = (300, 260), (17, 40)
    mask = np.zeros(size, bool)
    part = mask[17:290, 40:255]
    part[...] = np.random.default_rng(0).random(part.shape) < 0.5  # more runs than are encoded one by one
    assert rle.encode_within(part, corner, size) == rle.encode(mask)
    assert np.array_equal(rle.decode(rle.encode(mask), size), mask)
    assert rle.encode_within(np.zeros((4, 5), bool), corner, size) is None
