import cv2
import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle
from sama_bench.types import Key, Question, Region, Truth, Video


@pytest.fixture
def video(tmp_path):
    """Writes (H, W, 3) RGB arrays as the frames of a video."""

    def write(frames, name="v"):
        paths = [tmp_path / f"{name}_{index}.png" for index in range(len(frames))]
        for path, frame in zip(paths, frames, strict=True):
            Image.fromarray(frame).save(path)
        return Video(name, "mevis", frames[0].shape[:2], tuple(paths))

    return write


@pytest.fixture
def ask():
    """Makes a question about masks (T, H, W), in the form that the task prescribes."""

    def make(video, *masks, task="g", number="1"):
        tracks = [rle.encode_track(track) for track in masks]
        if task == "g":
            tracks = [[None if one is None else rle.filled_box(one) for one in track] for track in tracks]
        text = " and ".join(["<mask>"] * len(masks)) or "what is there?"
        return Question(Key(task, number), video, text, tuple(Region(track, video.size) for track in tracks))

    return make


@pytest.fixture
def truth():
    """Makes the truth of a question from masks."""
    return lambda question, *masks: Truth(
        question.key, question.video.id, "<p>it</p> [SEG]", tuple(rle.encode_track(track) for track in masks)
    )


@pytest.fixture(scope="session")
def scene():
    """Renders a red textured disk that moves over a textured blue backdrop: frames and masks (T, H, W)."""

    def render(frames=10, size=(120, 200), step=(5, 1), start=(45, 50), radius=22):
        rng = np.random.default_rng(0)
        height, width = size
        backdrop = _texture(rng, size) * np.array([0.3, 0.4, 1.0])
        disk = 60 + _texture(rng, (2 * radius, 2 * radius)) * np.array([0.75, 0.15, 0.15])
        y, x = np.mgrid[:height, :width]
        pictures, masks = [], []
        for index in range(frames):
            left, top = (start[axis] + index * step[axis] - radius for axis in (0, 1))
            mask = (x - left - radius) ** 2 + (y - top - radius) ** 2 < radius**2
            picture = backdrop.copy()
            picture[mask] = disk[y[mask] - top, x[mask] - left]
            pictures.append(picture.astype(np.uint8))
            masks.append(mask)
        return pictures, np.stack(masks)

    return render


def _texture(rng, size):
    coarse = rng.integers(0, 256, (size[0] // 4 + 1, size[1] // 4 + 1)).astype(np.float32)
    return np.clip(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC), 0, 255)[..., None]
