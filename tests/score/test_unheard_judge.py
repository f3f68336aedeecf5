from sama_bench.score.scores import Scores

SAID = {"column": "Judge", "of": 4, "judged": 0, "unscored": 0, "samples": 1, "parts": {}}


def scores(said):
    block = {"mean": {"METEOR": 0.5, "Judge": 0.0}, "interval": {"METEOR": [0.4, 0.6], "Judge": [0.0, 0.0]},
             "videos": {"v": {"METEOR": 0.5, "Judge": 0.0}}, "questions": 4,
             "judge": said, "marked": {"Judge": "4 of 4"}}  # fmt: skip
    signature = {"task": "c", "judge": "typo/dialogue@12345678,t=0"}
    return {"signature": {"strict": {"c": signature}}, "protocols": {"strict": {"c": block}}}


def test_scores_of_an_older_version_lose_a_judge_that_said_nothing():
    found = Scores.from_json(scores(SAID))
    assert found.signature["strict"]["c"]["judge"] is None
    assert found.protocols["strict"]["c"] == {
        "mean": {"METEOR": 0.5}, "interval": {"METEOR": [0.4, 0.6]}, "videos": {"v": {"METEOR": 0.5}}, "questions": 4,
    }  # fmt: skip


def test_a_judge_that_said_anything_or_had_nothing_to_say_stays():
    for said in ({**SAID, "judged": 1}, {**SAID, "of": 0}):
        assert Scores.from_json(scores(said)).to_json() == scores(said)
