import copy
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sama_bench.benchmark import open_benchmark
from sama_bench.errors import UserError
from sama_bench.metrics import rle

SIZE = (12, 16)
FRAMES = 3
MASKS = {
    "mevis": "Mevis_mask_dict_val.json",
    "lvvis": "LVVIS_mask_dict_val.json",
    "ref_youtube_vos": "RefYoutube_mask_dict_val.json",
    "VidSTG": "VidSTG_mask_dict_val_updated.json",
}


def square(row, column, side=3, size=SIZE):
    pixels = np.zeros(size, bool)
    pixels[row : row + side, column : column + side] = True
    pixels[row, column] = False  # a corner is missing: a filled box differs from the mask
    return rle.encode(pixels)


def track(row, frames=FRAMES):
    return [square(row, 2 * frame) for frame in range(frames)]


def rounds(*pairs, start="g"):
    messages = []
    for number, (question, answer) in enumerate(pairs):
        messages += [
            {"from": "human", "value": question, "question_id": f"{start}{number}"},
            {"from": "gpt", "value": answer},
        ]
    return messages


def video(path, frames, ids, start):
    return {
        "video": path,
        "height": SIZE[0],
        "width": SIZE[1],
        "frames": frames,
        "anno_map": list(ids),
        "conversation": rounds(
            ("<video>\nWhat is <mask>?", "<p> A square </p> [SEG] it is."), ("Is it round?", "No."), start=f"{start}-g"
        ),
        "obj_masks": [[ids[0]], []],
        "groundtruth": [[[ids[0]]], []],
        "description": {"<obj0>": " A square that moves. "},
        "description_id": {"<obj0>": f"{start}-c0"},
    }


class Tree:
    """A tiny benchmark, one video per source data set, that a test changes before it is written."""

    def __init__(self, root):
        self.root = root
        names = [f"frame_{index}" for index in range(FRAMES)]
        self.splits = {
            "mevis.json": [video("mevis/val_u/JPEGImages/a", names, [0, 1], "m")],
            "lvvis_0.json": [video("lvvis/val/JPEGImages/7", names, ["10", "11"], "l")],
            "ref_youtube_vos_0.json": [video("ref_youtube_vos/valid/JPEGImages/b", names, [20, 21], "r")],
            "VidSTG_0.json": [
                video(
                    "VidSTG/val/99",
                    [{"raw_filename": f"{names[0]}.jpg"}, *(f"{n}.png" for n in names[1:])],
                    [30, 31],
                    "v",
                )
            ],
        }
        self.masks = {
            "mevis": {"0": track(1), "1": track(6)},
            "lvvis": {"10": {"segmentations": track(1)}, "11": {"segmentations": track(6)}},
            "ref_youtube_vos": {"20": track(1), "21": track(6)},
            "VidSTG": {"30": track(1), "31": track(6)},
        }

    @property
    def mevis(self):
        """The video of mevis.json, to be changed."""
        return self.splits["mevis.json"][0]

    def again(self, start="again", path=None, split="mevis.json"):
        """Adds a copy of the mevis video with other question ids."""
        twin = copy.deepcopy(self.mevis)
        for index, message in enumerate(twin["conversation"][::2]):
            message["question_id"] = f"{start}{index}"
        twin["description_id"] = {key: f"{start}-{key}" for key in twin["description_id"]}
        twin["video"] = path or twin["video"]
        self.splits.setdefault(split, []).append(twin)
        return twin

    def folder(self, listed):
        parent, last = Path(listed["video"]).parent, Path(listed["video"]).name
        return self.root / parent / (last.zfill(5) if "lvvis" in listed["video"] and last.isdigit() else last)

    def write_frames(self, listed, size=SIZE):
        folder = self.folder(listed)
        folder.mkdir(parents=True, exist_ok=True)
        for index, frame in enumerate(listed["frames"]):
            name = frame["raw_filename"] if isinstance(frame, dict) else frame
            pixels = np.full((*size, 3), 40 * index, np.uint8)
            Image.fromarray(pixels).save(folder / f"{name.split('.')[0]}.jpg")

    def write(self):
        for name, videos in self.splits.items():
            (self.root / name).write_text(json.dumps(videos))
            for listed in videos:
                self.write_frames(listed)
        for source, masks in self.masks.items():
            (self.root / MASKS[source]).write_text(json.dumps(masks))
        return self.root

    def open(self, **options):
        self.write()
        return open_benchmark(self.root, **options)

    def problems(self, **options):
        """What opening the tree as it lies there complains of."""
        with pytest.raises(UserError) as caught:
            open_benchmark(self.root, **options)
        return list(caught.value.problems)

    def only_problem(self, **options):
        problems = self.problems(**options)
        assert len(problems) == 1, problems
        return problems[0]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(folder))
    return folder


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tiny"
    root.mkdir()
    return Tree(root)


@pytest.fixture
def tree_at():
    """Makes a tree at a path."""

    def make(root):
        root.mkdir()
        return Tree(root)

    return make


@pytest.fixture
def make_square():
    return square


@pytest.fixture
def make_rounds():
    return rounds


@pytest.fixture
def real():
    root = Path(__file__).parents[3] / "shared" / "real" / "sama_bench"
    if not root.is_dir():
        pytest.skip("the real clips are not beside this checkout")
    return root
