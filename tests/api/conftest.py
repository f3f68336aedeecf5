import json

import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle

SIZE, FRAMES = (12, 16), 2


@pytest.fixture(scope="session")
def track():
    """Makes a track of a square that begins in a column."""

    def make(left):
        masks = np.zeros((FRAMES, *SIZE), bool)
        masks[:, 2:9, left : left + 5] = True
        return rle.encode_track(masks)

    return make


@pytest.fixture
def make_tree(tmp_path, track, monkeypatch, warm_cache):
    """Makes a benchmark of so many videos, each with a G and a C question; the working folder is beside it."""
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(warm_cache(tmp_path / "cache")))
    monkeypatch.chdir(tmp_path)

    def make(videos):
        root = tmp_path / "town"
        root.mkdir()
        (root / "mevis.json").write_text(json.dumps([_video(root, number) for number in range(videos)]))
        masks = {str(number): track(3 + number % 8) for number in range(videos)}
        (root / "Mevis_mask_dict_val.json").write_text(json.dumps(masks))
        return root

    return make


@pytest.fixture
def tree(make_tree):
    """A benchmark of three videos."""
    return make_tree(3)


def _video(root, number):
    path = f"mevis/val_u/JPEGImages/v{number}"
    (root / path).mkdir(parents=True)
    for frame in range(FRAMES):
        Image.fromarray(np.full((*SIZE, 3), 80 * frame, np.uint8)).save(root / path / f"{frame}.jpg")
    return {
        "video": path,
        "height": SIZE[0],
        "width": SIZE[1],
        "frames": [str(frame) for frame in range(FRAMES)],
        "anno_map": [number],
        "conversation": [
            {"from": "human", "value": "Where is the box <mask>?", "question_id": f"q{number}"},
            {"from": "gpt", "value": f"<p> Box {number} </p> [SEG] is there."},
        ],
        "obj_masks": [[number]],
        "groundtruth": [[[number]]],
        "description": {"<obj0>": f"A box that is number {number}."},
        "description_id": {"<obj0>": f"d{number}"},
    }
