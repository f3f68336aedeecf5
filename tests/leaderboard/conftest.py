from pathlib import Path

import pytest

from sama_bench.leaderboard.board import ScoredRun


def block(mean, **counts):
    return {"mean": mean, "videos": {"v": mean}, "questions": 10, "missing": 0, "errors": 0, **counts}


@pytest.fixture
def scored():
    """Makes a scored run: model, grounding and text scores, and what its signature says of the phrases."""

    def make(model, miou, cider=0.5, phrases="words", sees_truth=False, interval=None, asked=None, **counts):
        signature = {"task": "g", "phrases": phrases, "questions": 10, **({"asked": asked} if asked else {})}
        scores = {
            "signature": {"paper": {"g": signature}, "strict": {"g": signature, "c": {"task": "c"}}},
            "protocols": {
                "paper": {"g": block({"miou": miou, "CIDEr": cider}, interval=interval or {}, **counts)},
                "strict": {
                    "g": block({"miou": miou / 2, "false_groundings": miou}, **counts),
                    "c": block({"METEOR": cider}, **counts),
                },
            },
        }
        return ScoredRun(Path("runs") / model, model, scores, sees_truth)

    return make
