from io import StringIO

import pytest
from rich.console import Console

from sama_bench.leaderboard.board import ScoredRun, boards
from sama_bench.leaderboard.markdown import markdown
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score import engine
from sama_bench.score.table import print_scores
from sama_bench.types import Key, Truth
from sama_bench.verdicts.judge_result import Judged
from sama_bench.verdicts.verdict import EMPTY, Verdict

COLUMN = {"paper": "CLAIR", "strict": "Judge"}


def about(column, samples=1):
    return {
        "column": column,
        "model": "asked",
        "template": "t@12345678",
        "temperature": 0.0,
        "seed": 7,
        "samples": samples,
    }


def judged(column, samples=1, **scores):
    """Verdicts on questions of task C; a score may be one, None, a verdict, or a list with one for each sample."""
    rows = []
    for id_, given in scores.items():
        for number, one in enumerate(given if isinstance(given, list) else [given]):
            verdict = one if isinstance(one, Verdict) else Verdict(one, "so", {"x": 1.0}, model="judge-2")
            rows.append((Key("c", id_), number, verdict.to_json()))
    return Judged.of(about(column, samples), rows)


@pytest.fixture
def town(bench):
    """Three videos: two answered questions, one answered and one with an error, one that is missing."""
    where = {"a": "v", "b": "v", "c": "w", "d": "w", "e": "x"}
    truths = [Truth(Key("c", id_), video, f"The dog number {id_}.") for id_, video in where.items()]
    answers = {Key("c", id_): StoredPrediction(f"A dog {id_}.") for id_ in "abc"}
    answers[Key("c", "d")] = StoredPrediction("", error="E: x")
    return bench(truths, answers)


def scored(town, *judges):
    town.tasks = ("c",)
    town.answers.judged = lambda: {one.column: one for one in judges}
    return engine.score(town, town.answers, phrases="exact", processes=1)


def printed(scores):
    console = Console(width=200, file=StringIO())
    print_scores(scores, console)
    return console.file.getvalue()


def test_paper_leaves_out_what_has_no_answer_and_strict_counts_it_as_0(town):
    scores = scored(town, judged("CLAIR", a=0.2, b=0.6, c=0.8), judged("Judge", a=0.2, b=0.6, c=0.8))
    paper, strict = (scores.to_json()["protocols"][one]["c"] for one in COLUMN)
    assert {video: own.get("CLAIR") for video, own in paper["videos"].items()} == {"v": 0.4, "w": 0.8}
    assert paper["mean"]["CLAIR"] == pytest.approx(0.6)
    assert {video: own["Judge"] for video, own in strict["videos"].items()} == {"v": 0.4, "w": 0.4, "x": 0}
    assert strict["mean"]["Judge"] == pytest.approx(0.8 / 3)
    assert "Judge" not in paper["mean"]
    assert "CLAIR" not in strict["mean"]
    assert len(strict["interval"]["Judge"]) == 2
    assert "marked" not in strict
    assert strict["judge"]["of"] == 3


def test_the_signature_holds_the_judge_of_its_own_column(town):
    scores = scored(town, judged("CLAIR", a=0.2, b=0.6, c=0.8))
    assert scores.signature["paper"]["c"]["judge"] == "judge-2/t@12345678,t=0,seed=7,samples=1"
    assert scores.signature["strict"]["c"]["judge"] is None


def test_a_run_that_nobody_judged_says_how_to_judge_it(town):
    scores = scored(town)
    assert scores.to_json()["protocols"]["paper"]["c"]["unavailable"] == {
        "CLAIR": "no verdicts: sama-bench judge RUN --judge MODEL --template clair"
    }
    assert "strict without Judge: no verdicts: sama-bench judge RUN --judge MODEL\n" in printed(scores)


@pytest.mark.parametrize("b", [None, "not judged"])
def test_answers_without_a_score_are_left_out_counted_and_marked(town, b):
    verdicts = {"a": 0.2, "c": 0.8, **({"b": None} if b is None else {})}
    scores = scored(town, judged("Judge", **verdicts))
    strict = scores.to_json()["protocols"]["strict"]["c"]
    assert strict["videos"]["v"]["Judge"] == 0.2
    assert strict["marked"] == {"Judge": "1 of 3 answers have no score"}
    shown = printed(scores)
    assert "20.00 ‡" in shown
    assert "‡ strict Judge: 1 of 3 answers have no score" in shown
    assert ("unscored: so (1)" if b is None else "1 of 3 answers not judged yet") in shown
    page = markdown(boards([ScoredRun("run", "m", scores)]))
    assert "20.00 ‡" in page
    assert "m: ‡ Judge: 1 of 3 answers have no score" in page


def test_an_empty_answer_scores_0_without_a_verdict_of_the_judge(town):
    strict = scored(town, judged("Judge", a=EMPTY, b=0.6, c=0.8)).to_json()["protocols"]["strict"]["c"]
    assert strict["videos"]["v"]["Judge"] == 0.3
    assert "marked" not in strict
    assert strict["judge"]["parts"] == {"x": 1.0}


def test_samples_are_averaged_and_their_spread_is_shown(town):
    scores = scored(town, judged("Judge", samples=2, a=[0.2, 0.4], b=[0.6, None], c=[0.8, 0.8]))
    strict = scores.to_json()["protocols"]["strict"]["c"]
    assert strict["videos"]["v"]["Judge"] == pytest.approx(0.45)
    assert strict["judge"]["spread"] == pytest.approx(0.1)
    assert strict["judge"]["own_error"] > 0
    assert "2 samples a question differ by 10.00" in printed(scores)


def test_one_unscored_answer_of_many_is_counted_and_not_marked(bench):
    truths = [Truth(Key("c", str(n)), f"v{n}", "A dog.") for n in range(100)]
    town = bench(truths, {truth.key: StoredPrediction("dog") for truth in truths})
    scores = scored(town, judged("Judge", **{str(n): 0.5 for n in range(99)}, **{"99": None}))
    assert "marked" not in scores.to_json()["protocols"]["strict"]["c"]
    assert "1 of 100 judged answers unscored" in printed(scores)
