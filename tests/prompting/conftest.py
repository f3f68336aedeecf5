import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle
from sama_bench.types import Key, Question, Region, Video

SIZE = (90, 160)


@pytest.fixture
def video(tmp_path):
    """Writes grey frames, each of another brightness, as a video."""

    def write(length=12, size=SIZE):
        paths = tuple(tmp_path / f"{index}.png" for index in range(length))
        for index, path in enumerate(paths):
            Image.fromarray(np.full((*size, 3), 40 + 5 * index, np.uint8)).save(path)
        return Video("v", "mevis", size, paths)

    return write


@pytest.fixture
def ask(video):
    """Asks about regions of a new video, each given as {frame: (x0, y0, x1, y1)}."""

    def make(*regions, text=None, task="g", length=12, size=SIZE):
        clip = video(length, size)
        tracks = [[_box(region.get(frame), size) for frame in range(length)] for region in regions]
        words = " and ".join(["<mask>"] * len(regions)) if text is None else text
        regions = tuple(Region(track, size) for track in tracks)
        return Question(Key(task, "1"), clip, words, regions, expects="text" if task == "c" else "phrases")

    return make


def _box(corners, size):
    if corners is None:
        return None
    mask = np.zeros(size, bool)
    x0, y0, x1, y1 = corners
    mask[y0:y1, x0:x1] = True
    return rle.encode(mask)
