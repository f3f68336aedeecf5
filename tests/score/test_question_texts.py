"""METEOR and CIDEr of single questions beside those of their videos."""

import pytest

from sama_bench.run.predictions import StoredPrediction
from sama_bench.score.engine import score
from sama_bench.score.question_texts import meteor_and_cider
from sama_bench.types import Key, Truth

REFERENCES = {
    "v": ["A cat runs over the grass.", "A red ball rolls to the left."],
    "w": ["A dog sits near the tree and waits."],
}
ANSWERS = {"v0": "A cat runs over the grass.", "v1": "A blue ball rolls away.", "w0": ""}


@pytest.mark.slow
def test_values_of_questions_are_those_of_which_the_videos_are_made(bench, java):
    truths = [
        Truth(Key("g", f"{video}{number}"), video, text)
        for video, texts in REFERENCES.items()
        for number, text in enumerate(texts)
    ]
    made = bench(truths, {Key("g", id_): StoredPrediction(text) for id_, text in ANSWERS.items()})
    scores = score(made, made.answers, phrases="words")
    videos = scores.protocols["strict"]["g"].videos
    values = meteor_and_cider(made, list(scores.statistics.values()), java)
    by_id = {key.id: value for key, value in values.items()}
    for name in ("METEOR", "CIDEr"):
        assert by_id["w0"][name] == videos["w"][name] == 0
        assert by_id["v0"][name] > by_id["v1"][name] > 0
    assert (by_id["v0"]["CIDEr"] + by_id["v1"]["CIDEr"]) / 2 == pytest.approx(videos["v"]["CIDEr"])
    alone = bench(truths[:1], {Key("g", "v0"): StoredPrediction(ANSWERS["v0"])})
    alone_meteor = score(alone, alone.answers, phrases="words").protocols["strict"]["g"].videos["v"]["METEOR"]
    assert by_id["v0"]["METEOR"] == alone_meteor == 1
    assert meteor_and_cider(made, [], java) == {}
