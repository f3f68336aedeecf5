import numpy as np
import pytest

from sama_bench.gate.rules import rule
from sama_bench.gate.video_drops import Evidence
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores


@pytest.fixture
def evidence():
    """Makes the evidence of one rule from the drops of videos in points."""

    def make(drops, name="g.jf", max_drop=0.5):
        drops = np.asarray(drops, float)
        return Evidence(rule(name, max_drop), 50.0, 50.0 - float(np.nanmean(drops)), drops)

    return make


@pytest.fixture
def scores():
    """Makes scores of task G by the strict protocol from values of videos, 0…1, by metric."""

    def make(**metrics):
        names = {name.replace("_and_", "&"): values for name, values in metrics.items()}
        count = max(map(len, names.values()))
        videos = {
            f"v{n}": {name: values[n] for name, values in names.items() if values[n] is not None} for n in range(count)
        }
        mean = {name: float(np.mean([one for one in values if one is not None])) for name, values in names.items()}
        block = Block(mean, videos, count)
        signature = {"task": "g", "protocol": "strict", "questions": count}
        return Scores({"strict": {"g": signature}}, {"strict": {"g": block}})

    return make
