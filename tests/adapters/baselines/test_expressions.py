"""Baselines asked for a track without being shown a region."""

import numpy as np
import pytest
from PIL import Image

from sama_bench.adapters.baselines.centre import centre_box
from sama_bench.adapters.baselines.motion import Motion
from sama_bench.adapters.baselines.still import Still
from sama_bench.metrics import rle
from sama_bench.types import Key, Question, Video

SIZE = (96, 160)


@pytest.fixture
def video(tmp_path):
    """A textured square that moves to the right before a textured ground that stands still."""
    generator = np.random.default_rng(5)
    ground, square = generator.integers(0, 120, (*SIZE, 3)), generator.integers(130, 255, (24, 24, 3))
    frames = []
    for number in range(6):
        picture = ground.copy()
        picture[30:54, 20 + 6 * number : 44 + 6 * number] = square
        frames.append(tmp_path / f"{number:05d}.png")
        Image.fromarray(picture.astype(np.uint8)).save(frames[-1])
    return Video("v", "made", SIZE, tuple(frames))


def asked(video, expects="track"):
    return Question(Key("mevis", "v_0"), video, "Please segment the square.", expects=expects)


def answer(adapter, video, expects="track"):
    adapter.open(video)
    prediction = adapter.predict(asked(video, expects))
    adapter.close()
    return prediction


def test_motion_answers_what_moves(video):
    prediction = answer(Motion(), video)
    assert prediction.text.count("[SEG]") == len(prediction.tracks) == 1
    for number, mask in enumerate(prediction.tracks[0]):
        true = np.zeros(SIZE, bool)
        true[30:54, 20 + 6 * number : 44 + 6 * number] = True
        said = rle.decode(mask, SIZE)
        assert (said & true).sum() > 0.9 * true.sum()
        assert said.sum() < 3 * true.sum()  # the flow at an outline is half the background's


def test_motion_takes_the_middle_of_a_single_frame(video):
    image = Video("v", "made", SIZE, video.frames[:1])
    (track,) = answer(Motion(), image).tracks
    assert len(track) == 1
    assert not (rle.decode(track[0], SIZE) & ~centre_box(SIZE)).any()


def test_still_answers_the_middle(video):
    (track,) = answer(Still(), video).tracks
    assert [rle.area(mask) for mask in track] == [SIZE[0] * SIZE[1] / 4] * 6


@pytest.mark.parametrize("adapter", [Motion, Still])
def test_without_a_region_only_an_expression_has_a_track(video, adapter):
    assert not answer(adapter(), video, "phrases").tracks
    assert "No region" in answer(adapter(), video, "text").text


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (5, 7)])
def test_the_middle_of_a_small_picture_has_a_pixel(size):
    assert centre_box(size).any()
