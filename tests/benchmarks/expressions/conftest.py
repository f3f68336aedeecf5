"""Small trees of the expression sets, made or copied, and answers to them."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle

GOLDEN = Path(__file__).parents[2] / "golden" / "grounding"


@pytest.fixture(scope="session")
def sets():
    """What is below, for tests that are modules without a package."""
    return sys.modules[__name__]


def copied(name, folder):
    """A golden tree that a test may change."""
    return Path(shutil.copytree(GOLDEN / name, folder / name))


def track(*masks):
    """A track as JSON has it."""
    return [None if mask is None else rle.encode(mask) for mask in masks]


def split(folder, videos, masks=None, size=(4, 6)):
    """A split in the common form: `videos` are names with (frames, expressions), black frames of `size` (H, W)."""
    entries = {}
    for name, (frames, expressions) in videos.items():
        entries[name] = {"frames": frames, "expressions": expressions}
        (folder / "JPEGImages" / name).mkdir(parents=True)
        for frame in frames:
            Image.fromarray(np.zeros((*size, 3), np.uint8)).save(folder / "JPEGImages" / name / f"{frame}.jpg")
    (folder / "meta_expressions.json").write_text(json.dumps({"videos": entries}))
    if masks is not None:
        (folder / "mask_dict.json").write_text(json.dumps(masks))


def answers(task, tracks):
    """Predictions by the key's name: a track each, None for an answer without one."""
    return {
        f"{task}:{id_}": {"text": "It is [SEG]." if own is not None else "No.", "tracks": [] if own is None else [own]}
        for id_, own in tracks.items()
    }
