import math

import numpy as np
import pytest

from sama_bench.score.intervals import Clusters, mean_intervals
from sama_bench.types import Key
from sama_bench.verdicts.judge_result import Judged
from sama_bench.verdicts.verdict import EMPTY, Evidence, Verdict

ABOUT = {
    "model": "asked",
    "template": "dialogue@12345678",
    "column": "Judge",
    "temperature": 1.0,
    "seed": 7,
    "samples": 3,
}
A, B, C = Key("g", "a"), Key("g", "b"), Key("g", "c")


def judged(samples=3, **verdicts):
    def made(one):
        return one if isinstance(one, Verdict) else Verdict(one, "so", {"sense": 5.0}, model="m-1")

    rows = [(Key("g", id_), n, made(one).to_json()) for id_, own in verdicts.items() for n, one in enumerate(own)]
    return Judged.of({**ABOUT, "samples": samples}, rows)


def test_verdicts_come_back_from_json_as_they_were():
    whole = Verdict(0.5, "so", {"sense": 5.0}, (Evidence("sense", "a dog", False),), "m", 2)
    unread = Verdict(None, "no score", model="m", tries=3, raw="eh")
    assert [Verdict.from_json(one.to_json()) for one in (whole, unread, EMPTY)] == [whole, unread, EMPTY]


def test_a_question_is_worth_the_mean_of_its_scored_samples_and_nothing_without_one():
    found = judged(a=[0.2, 0.4, None], b=[None, None, None])
    assert found.value(A) == pytest.approx(0.3)
    assert found.value(B) is None
    assert found.value(C) is None
    summary = found.summary([A, B, C])
    assert (summary["of"], summary["judged"], summary["unscored"]) == (3, 2, 1)
    assert summary["reasons"] == {"so": 4}
    assert summary["spread"] == pytest.approx(math.sqrt(0.02))


def test_only_the_samples_that_were_asked_for_last_count():
    assert judged(samples=1, a=[0.2, 0.4, 0.6]).value(A) == 0.2
    assert "spread" not in judged(samples=1, a=[0.2, 0.4, 0.6]).summary([A])


def test_the_signature_names_the_judge_as_its_server_does_and_takes_no_stranger_marks():
    assert judged(a=[0.1]).label == "m-1/dialogue@12345678,t=1,seed=7,samples=3"
    hostile = Verdict(0.5, "", model="x|judge:none\n\x1b[2J" + "y" * 500)
    label = judged(a=[hostile]).label
    assert len(label) < 150
    assert not set(label) & set("|\n\x1b: ")
    assert judged(a=[EMPTY]).label.startswith("asked/")


def test_sub_scores_leave_out_answers_that_the_judge_was_not_asked_about():
    assert judged(a=[1.0], b=[EMPTY]).summary([A, B])["parts"] == {"sense": 5.0}


def test_evidence_that_is_no_quote_is_counted():
    one = Verdict(0.5, "", {"sense": 1.0}, (Evidence("sense", "a", True), Evidence("sense", "b", False)), "m")
    assert judged(a=[one]).summary([A])["quotes"] == {"given": 2, "not_found": 1}


def test_the_judges_own_error_is_that_of_a_mean_of_means():
    found = judged(a=[0.2, 0.4], b=[0.5, 0.5], c=[0.1, 0.9])
    variances = (0.02 / 2 + 0) / 2**2 + 0.32 / 2
    assert found.own_error({"v": [A, B], "w": [C]}) == pytest.approx(math.sqrt(variances) / 2)
    assert judged(a=[0.2], b=[0.4]).own_error({"v": [A, B]}) is None
    # an answer without verdict does not vary, and counts among those of its video
    missing = Key("g", "z")
    assert found.own_error({"v": [A, missing]}) == pytest.approx(math.sqrt(0.01 / 4))


def test_the_interval_of_the_videos_covers_the_judges_variance_too():
    """Resampled videos bring the judge's noise along: to resample the samples as well would count it twice."""
    random = np.random.default_rng(3)
    worlds, videos, questions, samples, noise = 400, 60, 4, 3, 0.4
    own = random.normal(0.5, 0.05, (worlds, videos, 1, 1)) + random.normal(0, 0.05, (worlds, videos, questions, 1))
    asked = own + random.normal(0, noise, (worlds, videos, questions, samples))

    def interval(values):
        return mean_intervals(Clusters.of_values(values.mean(axis=(2, 3)).T), resamples=1000)

    ends = interval(asked)
    held = ((ends[:, 0] <= 0.5) & (ends[:, 1] >= 0.5)).mean()
    assert 0.92 <= held <= 0.98
    without = interval(own)
    widths = (ends[:, 1] - ends[:, 0]).mean(), (without[:, 1] - without[:, 0]).mean()
    judge_alone = noise / math.sqrt(videos * questions * samples)
    videos_alone = widths[1] / (2 * 1.96)
    assert widths[0] / (2 * 1.96) == pytest.approx(math.hypot(judge_alone, videos_alone), rel=0.06)
