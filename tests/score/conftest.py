import gzip
import json
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from sama_bench.adapter import Abilities
from sama_bench.metrics import rle
from sama_bench.metrics.bleu import BleuStatistics
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score.grounding import grounding_of
from sama_bench.statistics import QuestionStatistics, TextStatistics
from sama_bench.types import Key, Truth

GOLDEN = Path(__file__).parents[1] / "golden"
SIZE, FRAMES = (12, 16), 2


class Bench:
    """A benchmark in memory: videos with their truths in order, and answers beside them."""

    name, fingerprint, tasks = "memory", "ab12cd34" * 8, ("g", "c")
    without_truth = MappingProxyType({})

    def __init__(self, truths, size=SIZE):
        videos = {
            truth.video: SimpleNamespace(id=truth.video, source="memory", size=size, frames=(None,) * FRAMES)
            for truth in truths
        }
        self._truths = truths
        self.answers = SimpleNamespace(predictions=self._predictions, can=Abilities(), asking={}, judged=dict)
        self.given = {}
        self.entries = tuple(
            SimpleNamespace(video=video, keys=tuple(truth.key for truth in truths if truth.video == id_))
            for id_, video in videos.items()
        )

    def truths(self, video_id):
        return {truth.key: truth for truth in self._truths if truth.video == video_id}

    def references(self, task):
        return [truth.text for truth in self._truths if truth.key.task == task]

    def _predictions(self, video_id):
        return {key: self.given[key] for key in self.truths(video_id) if key in self.given}


@pytest.fixture
def bench():
    """Makes a benchmark in memory from truths and answers (a dict of key to StoredPrediction)."""

    def make(truths, answers=None, size=SIZE):
        made = Bench(truths, size)
        made.given = dict(answers or {})
        return made

    return make


@pytest.fixture(scope="session")
def golden():
    """The videos of a golden file."""
    return lambda name: json.loads(gzip.decompress((GOLDEN / f"{name}.json.gz").read_bytes()))["videos"]


@pytest.fixture(scope="session")
def band():
    """Makes a track of some frames whose masks fill the columns from `left` up to `right`."""

    def make(left, right, size=SIZE, frames=FRAMES):
        masks = np.zeros((frames, *size), bool)
        masks[:, :, left:right] = True
        return rle.encode_track(masks)

    return make


@pytest.fixture(scope="session")
def grounded():
    """Makes the grounding statistics of a question: true and predicted lists of (phrase, track)."""

    def text(spans):
        return " ".join(f"<p> {phrase} </p> [SEG]" for phrase, _ in spans)

    def make(true, predicted, size=SIZE):
        truth = Truth(Key("g", "1"), "v", text(true), tuple(track for _, track in true))
        return grounding_of(truth, StoredPrediction(text(predicted), [track for _, track in predicted]), size)

    return make


@pytest.fixture(scope="session")
def question():
    """Makes a question's statistics without a text that would need Java."""

    def make(grounding, state="answered", text=None):
        blank = TextStatistics("", "", BleuStatistics(), 0.0, "")
        return QuestionStatistics(Key("g", "1"), state, grounding, text or blank)

    return make
