"""Adapters for the benchmarks, installed for the processes that are started from now on."""

from __future__ import annotations

import os
from pathlib import Path

SLEEPER = '''
import hashlib, math, os, statistics, time
from sama_bench.adapter import Abilities, Adapter
from sama_bench.types import Prediction

UNIT = statistics.NormalDist()

def seconds_of(key, frames, scale, seed):
    """What a question takes: log-normal (median 1.2 s, sigma 0.45), more for long videos, drawn by its own name."""
    drawn = int.from_bytes(hashlib.sha256(f"{seed}/{key}".encode()).digest()[:7], "big") / 2**56
    return scale * 1.2 * math.exp(0.45 * UNIT.inv_cdf(min(max(drawn, 1e-9), 1 - 1e-9))) * (0.5 + frames / 120)

class Sleeper(Adapter):
    """Sleeps as long as a model on a GPU would work, and answers with the question's name."""
    def __init__(self, scale: float = 0.1, seed: int = 0, log: str = ""):
        self.scale, self.seed, self.log = scale, seed, log

    def open(self, video):
        time.sleep(self.scale * 0.01 * len(video))

    def predict(self, question):
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{question.key}\\n")
        time.sleep(seconds_of(question.key, len(question.video), self.scale, self.seed))
        return Prediction(f"answer to {question.key}")
'''


def install(folder: Path) -> None:
    """Write the adapter `sleeper` as a distribution below `folder`, and let new processes find it."""
    information = folder / "sleeper-1.0.dist-info"
    information.mkdir(parents=True)
    (folder / "sleeper.py").write_text(SLEEPER, encoding="utf-8")
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: sleeper\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(
        "[sama_bench.adapters]\nsleeper = sleeper:Sleeper\n", encoding="utf-8"
    )
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def read() -> dict[str, object]:
    """The names that the plug-in's module defines."""
    names: dict[str, object] = {"__name__": "sleeper"}
    exec(SLEEPER, names)
    return names
