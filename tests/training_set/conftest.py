"""A tiny SAMA-239K of five videos, one of each source, in the form that the released loaders read."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle

CLIP = Path(__file__).parents[1] / "video_frames" / "clips" / "constant.mp4"  # 24 frames of 48x32
SIZE = (32, 48)
FILES = {
    "mevis": "mevis_train_mask_dict.json",
    "lvvis": "lvvis_train_mask_dict.json",
    "ref_youtube_vos": "ref_youtube_train_mask_dict.pkl",
    "VidSTG": "VidSTG_mask_dict_train_updated.json",
    "sav": "SAV_mask_dict_train.json",
}


def dialogue(*pairs, last=None):
    messages = [
        {"from": sender, "value": value} for pair in pairs for sender, value in zip(("human", "gpt"), pair, strict=True)
    ]
    return messages + ([{"from": "human", "value": last}] if last else [])


def sample(video, frames, **more):
    return {"video": video, "video_id": 0, "height": SIZE[0], "width": SIZE[1], "frames": frames, **more}


class TrainingSet:
    """The samples and masks, which a test changes before they are written."""

    def __init__(self, root):
        self.root = root
        self.mevis = sample(
            "mevis/train/JPEGImages/ab12cd34ef56",
            [f"{number:05d}" for number in range(6)],
            anno_map=[0, 1],
            obj_masks=[[0], [1], [0, 1], [0], [1], []],
            groundtruth=[[[0]], [[1], [0]], [[0], [1]], [], [[1]], [[0, 1]]],
            conversation=dialogue(
                ("<video>\nWhat does the object <mask> do?", "<p> The round thing </p> [SEG] drifts to the right."),
                ("Where does <mask> end?", "<p> It </p> [SEG] ends beside <p> the other </p> [SEG]."),
                ("How do <mask> and <mask> differ?", "<p> The first </p> [SEG] turns, <p> the second </p> [SEG] no."),
                ("Is <mask> alive?", "No, it is a drawn shape."),
                ("What is behind <mask>?", "Nothing is behind <g_s> the shape <g_e> <seg>."),
                ("Point out all shapes.", "<p> Both shapes </p> [SEG] are here."),
            ),
            description={"<obj0>": "A shape that drifts to the right.", "<obj1>": "A second shape that turns."},
        )
        self.lvvis = sample(
            "lvvis/train/JPEGImages/00042",
            [f"{number:05d}" for number in range(4)],
            anno_map=[7, -1, 8],
            obj_masks=[[7], [8]],
            groundtruth=[[], []],
            conversation=dialogue(("Is <mask> big?", "No."), ("And <mask>?", "Yes.")),
            description={"<obj0>": "A shape.", "<obj2>": "Another shape."},
        )
        self.youtube = sample(
            "ref_youtube_vos/train/JPEGImages/003234408d",
            [f"{number:05d}" for number in range(0, 25, 5)],
            anno_map=[0],
            obj_masks=[[0], [0], [0]],
            groundtruth=[[[0]], [[0]], [[0]]],
            conversation=dialogue(
                ("What is <mask>?", "<p> A shape </p> [SEG]."),
                ("What is it?", "<p> A shape </p> [SEG]."),
                last="Who is <mask>?",
            ),
            description={"<obj0>": "A shape that moves."},
        )
        self.sav = {
            **sample("sav_train/sav_000/sav_000001.mp4", None),
            "height": None,
            "width": None,
            "anno_map": [100],
            "obj_masks": [[100]],
            "groundtruth": [[[100]]],
            "conversation": dialogue(("What is <mask> doing?", "<p> The shape </p> [SEG] is drifting.")),
            "description": {"<obj0>": "A drifting shape."},
        }
        self.vidstg = sample(
            "VidSTG/train/2399224635",
            [{"frame_id": number, "raw_filename": f"frame_{number}.jpg", "boxes": []} for number in range(0, 20, 4)],
            anno_map=[3],
            obj_masks=[[3], [3]],
            groundtruth=[[[3]], [[3]]],
            conversation=dialogue(
                ("Where is <mask>?", "<p> The shape </p> [SEG] is in the middle."),
                ("Where does <mask> go?", "<p> It </p> goes to the left."),
            ),
            description={"<obj0>": "A shape in the middle."},
        )
        self.samples = [self.mevis, self.lvvis, self.youtube, self.sav, self.vidstg]
        self.masks = {
            "mevis": {"0": track(6), "1": track(6, 8)},
            "lvvis": {"7": track(4), "8": track(4, 8)},
            "ref_youtube_vos": {"0": track(5)},
            "VidSTG": {"3": track(5)},
            "sav": {"100": track(6)},
        }

    def write(self):
        for number, one in enumerate(self.samples):
            self.write_frames(one, number)
        (self.root / "sama239k_train_final.json").write_text(json.dumps(self.samples))
        for source, tracks in self.masks.items():
            content = pickle.dumps(tracks) if FILES[source].endswith(".pkl") else json.dumps(tracks).encode()
            (self.root / FILES[source]).write_bytes(content)
        return self.root

    def write_frames(self, one, seed):
        place = self.root / one["video"]
        if one["frames"] is None:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CLIP, place)
            return
        place.mkdir(parents=True, exist_ok=True)
        for number, frame in enumerate(one["frames"]):
            name = frame["raw_filename"] if isinstance(frame, dict) else f"{frame}.jpg"
            picture(100 * seed + number).save(place / name)


def picture(seed, size=SIZE):
    """A picture that is like no other: random grey in tiles of eight by eight pixels."""
    tiles = np.random.default_rng(seed).integers(0, 255, (size[0] // 4, size[1] // 4), np.uint8)
    return Image.fromarray(np.kron(tiles, np.ones((4, 4), np.uint8))).convert("RGB")


def track(frames, row=2, size=SIZE):
    mask = np.zeros(size, bool)
    mask[row : row + 6, 4:20] = True
    return [rle.encode(mask)] * frames


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def training(tmp_path):
    root = tmp_path / "sama239k_data"
    root.mkdir()
    return TrainingSet(root)


@pytest.fixture
def make_track():
    return track


@pytest.fixture
def make_picture():
    return picture
