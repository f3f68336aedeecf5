import warnings

import numpy as np
import pytest
from PIL import Image

from sama_bench.errors import UserError
from sama_bench.frames import frame_size, load_frame


@pytest.fixture
def picture(tmp_path):
    """Writes a picture of 20 x 30 pixels in a format; gives its path."""

    def write(kind="JPEG", mode="RGB"):
        path = tmp_path / f"{kind}-{mode}.jpg"
        noise = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
        Image.fromarray(noise).convert(mode).save(path, kind)
        return path

    return write


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_size_and_pixels_of_a_frame(picture, kind, mode):
    path = picture(kind, mode)
    assert frame_size(path) == (20, 30)
    frame = load_frame(path, (20, 30))
    assert frame.dtype == np.uint8
    assert np.array_equal(frame, np.asarray(Image.open(path).convert("RGB")))


def test_something_behind_the_end_of_a_whole_frame_does_no_harm(picture):
    path = picture()
    path.write_bytes(path.read_bytes() + b"\0" * 7)
    assert frame_size(path) == (20, 30)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_frame_cut_off_anywhere_is_never_taken_for_whole(picture, kind):
    path = picture(kind)
    content = path.read_bytes()
    # The last 20 bytes of a PNG file are its sums and its closing chunk: without them every pixel is there.
    for end in (0, 1, 2, 10, len(content) // 2, len(content) - (2 if kind == "JPEG" else 40)):
        path.write_bytes(content[:end])
        for read in (frame_size, lambda path: load_frame(path, (20, 30))):
            if kind == "JPEG" and end == len(content) - 2 and read is not frame_size:
                continue  # every pixel is there
            with pytest.raises(UserError, match="cannot be read") as caught:
                read(path)
            assert caught.value.problems[0].startswith(str(path))


def test_no_bytes_whatever_make_another_error_than_a_users(picture):
    path = picture("PNG")
    content = path.read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(200):
        spoiled = bytearray(content)
        for place in rng.integers(8, len(content), 3):
            spoiled[place] ^= int(rng.integers(1, 256))
        path.write_bytes(spoiled)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert min(frame_size(path)) > 0
            except UserError:
                continue


@pytest.mark.parametrize("read", [frame_size, lambda path: load_frame(path, (20, 30))])
def test_a_missing_frame_a_folder_and_a_text(tmp_path, read):
    (tmp_path / "text.jpg").write_text("no picture")
    for name, said in (("none.jpg", "No such file"), (".", "directory"), ("text.jpg", "not a picture")):
        with pytest.raises(UserError, match=said):
            read(tmp_path / name)


def test_a_frame_of_another_size_tells_both(picture):
    with pytest.raises(UserError, match=r"30x20, the video's first one is 40x10 \(width x height\)"):
        load_frame(picture(), (10, 40))
