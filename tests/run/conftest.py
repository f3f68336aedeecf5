from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from sama_bench.adapter import Adapter
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.types import Key, Prediction, Question, Truth, Video

SIZE = (12, 16)
FRAMES = 3


class Bench:
    """Questions about grey frames: two G and one C for each video, ids numbered through."""

    name, fingerprint, tasks = "grey", "f" * 64, ("g", "c")

    def __init__(self, folder, videos):
        self.entries = tuple(self._entry(folder / f"v{n}", n) for n in range(videos))
        self.positions = {key: place for place, key in enumerate((key for one in self.entries for key in one.keys), 1)}
        self.where = {key: entry.video.id for entry in self.entries for key in entry.keys}
        self.dropped = [SimpleNamespace(video="v0", task="g", id="900", reason="2 [SEG] for 1 list")]
        self.closed = []

    def _entry(self, folder, n):
        folder.mkdir(parents=True)
        paths = tuple(folder / f"{frame}.png" for frame in range(FRAMES))
        for path in paths:
            Image.fromarray(np.full((*SIZE, 3), n, np.uint8)).save(path)
        keys = (Key("g", str(2 * n)), Key("g", str(2 * n + 1)), Key("c", f"c{n}"))
        return SimpleNamespace(video=Video(folder.name, "mevis", SIZE, paths), keys=keys)

    def has(self, key):
        return key in self.where

    def questions(self, video_id):
        entry = next(entry for entry in self.entries if entry.video.id == video_id)
        return [Question(key, entry.video, f"what is {key}?") for key in entry.keys]

    def truths(self, video_id):
        return {question.key: Truth(question.key, video_id, "truth") for question in self.questions(video_id)}


class Square(Adapter):
    """Answers with a square that is as wide as the frame is bright; writes down what it is asked."""

    def __init__(self):
        self.calls = []

    def open(self, video):
        self.calls.append(f"open {video.id}")

    def predict(self, question):
        self.calls.append(str(question.key))
        masks = np.zeros((FRAMES, *SIZE), bool)
        masks[:, :5, : 1 + int(question.video.frame(0)[0, 0, 0])] = True
        return Prediction(f"answer to {question.key} [SEG]", [masks])

    def close(self):
        self.calls.append("close")


@pytest.fixture
def bench(tmp_path):
    """Makes a small benchmark of grey frames with so many videos."""
    return lambda videos=3: Bench(tmp_path / "grey", videos)


@pytest.fixture
def square():
    """Makes a subclass of the adapter Square with the given methods."""
    return lambda **methods: type("Square", (Square,), methods)()


@pytest.fixture
def manifest():
    """Makes a manifest; settings may be replaced."""

    def make(**settings):
        ours = {
            "model": "square",
            "model_args": {"width": "3"},
            "fingerprint": "f" * 64,
            "tasks": ["g", "c"],
            "limit": None,
            "videos": None,
            "task_digests": {"g": "1" * 64, "c": "2" * 64},
        }
        made = RunSettings(**{**ours, **settings})
        return Manifest(made, "/data/grey", "grey", counts={"g": 6, "c": 3}, asked={"bench": "grey"})

    return make
