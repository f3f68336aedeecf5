from sama_bench.score.scores import Scores

SAID = {"column": "Judge", "of": 4, "judged": 0, "unscored": 0, "samples": 1, "parts": {}}


def scores(said):
    block = {
        "mean": {"METEOR": 0.5, "Judge": 0.0},
        "interval": {"METEOR": [0.4, 0.6], "Judge": [0.0, 0.0]},
        "bootstrap": {"level": 0.95, "method": "BCa", "resamples": 10, "seed": 1},
        "videos": {"v": {"METEOR": 0.5, "Judge": 0.0}},
        "questions": 4,
        "missing": 0,
        "errors": 0,
        "judge": said,
        "marked": {"Judge": "4 of 4"},
    }
    signature = {"task": "c", "judge": "typo/dialogue@12345678,t=0"}
    return {"signature": {"strict": {"c": signature}}, "protocols": {"strict": {"c": block}}}


def test_scores_of_an_older_version_lose_a_judge_that_said_nothing():
    found = Scores.from_json(scores(SAID))
    assert found.signature["strict"]["c"]["judge"] is None
    block = found.protocols["strict"]["c"]
    assert (block.mean, block.videos, block.interval) == (
        {"METEOR": 0.5},
        {"v": {"METEOR": 0.5}},
        {"METEOR": (0.4, 0.6)},
    )
    assert (block.judge, block.marked, block.questions) == (None, {}, 4)


def test_a_judge_that_said_anything_or_had_nothing_to_say_stays():
    for said in ({**SAID, "judged": 1}, {**SAID, "of": 0}):
        assert Scores.from_json(scores(said)).to_json() == scores(said)
