import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.cli.judge import judge
from sama_bench.errors import UserError
from sama_bench.judge import people
from sama_bench.judge.agreement import cohen, krippendorff, krippendorff_of_raters
from sama_bench.judge.people_agreement import agreements, raters_agree
from sama_bench.leaderboard.board import ScoredRun
from sama_bench.leaderboard.people import people_boards
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import Store
from sama_bench.score.scores import Scores
from sama_bench.types import Key
from sama_bench.verdicts.verdict import Verdict

ABOUT = {
    "column": "Judge", "model": "gpt", "template": "dialogue@1", "temperature": 0.0, "seed": 1, "samples": 1,
    "scores": {}, "lower_is_better": [],
}  # fmt: skip
scores = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=3, max_size=20)


@pytest.fixture
def run(tmp_path):
    """A run of eight answers to four videos, judged by a model, and one question that ended in an error."""
    path = tmp_path / "run"
    settings = RunSettings("chat", {}, "f" * 64, ["g"], None, None, {"g": "d" * 64})
    with Store.create(path, Manifest(settings, "demo", "demo", counts={"g": 9})) as store:
        for number in range(8):
            store.put(f"video{number // 2}", [(Key("g", f"q{number}"), StoredPrediction("A dog.", []))])
        store.put("video9", [(Key("g", "bad"), StoredPrediction("", [], error="broken"))])
        store.put_judge("model", ABOUT)
        verdicts = ((Key("g", f"q{number}"), 0, Verdict(number / 8, "so").to_json()) for number in range(8))
        store.put_verdicts("model", verdicts)
    return path


@pytest.fixture
def file(tmp_path):
    """Two people who rate from 1 to 5, and agree with the judge for the most part."""
    path = tmp_path / "people.csv"
    rows = [
        f"g,q{number},{1 + number // 2 + shift},{name},because"
        for number in range(8)
        for name, shift in (("Ann", 0), ("Bo", number % 2))
    ]
    path.write_text("\n".join(["task,question_id,score,rater,reason", *rows]) + "\n")
    return path


def test_ratings_become_a_judge_of_kind_human(run, file):
    result = CliRunner().invoke(judge, ["ratings", str(run), str(file), "--scale", "1", "5"])
    assert result.exit_code == 0, result.exception
    assert "16 ratings of 2 people" in result.stdout
    assert "Krippendorff's alpha among them" in result.stdout
    assert "Cohen" in result.stdout
    with Store.open(run) as store:
        judged = store.judged()
    assert list(judged) == ["Judge", "Human"]
    human = judged["Human"]
    assert (human.about["kind"], human.about["raters"], human.label) == ("human", ["Ann", "Bo"], "people,raters=2")
    assert human.value(Key("g", "q3")) == pytest.approx((0.25 + 0.5) / 2)
    assert [verdict.model for verdict in human.verdicts[Key("g", "q0")]] == ["Ann", "Bo"]


def test_again_they_replace_the_earlier_ones(run, file):
    for _ in range(2):
        CliRunner().invoke(judge, ["ratings", str(run), str(file), "--scale", "1", "5"])
    file.write_text("task,question_id,score\ng,q1,1\n")
    result = CliRunner().invoke(judge, ["ratings", str(run), str(file), "--json", "-"])
    told = json.loads(result.stdout)
    assert (told["ratings"], told["raters"], told["among_raters"], told["judges"]) == (1, ["a person"], None, [])
    with Store.open(run) as store:
        assert len(store.judged()["Human"].verdicts) == 1


def test_json_lines_will_do(tmp_path):
    path = tmp_path / "people.jsonl"
    path.write_text('{"task": "g", "question_id": 1, "score": 0.5, "rater": "Ann"}\n')
    assert people.read(path) == [people.Given(Key("g", "1"), "Ann", 0.5)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("g,q1,6,Ann", "score '6'; expected a number from 1 to 5"),
        ("g,q1,nan,Ann", "expected a number from 1 to 5"),
        ("g,q1,2,Ann\ng,q1,3,Ann", "people.csv:3: g:q1 is rated twice by 'Ann'"),
        ("x,q1,2,Ann", "task 'x'"),
        ("g,q1,2", "has 3 cells, the heading has 4"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, row, words):
    path = tmp_path / "people.csv"
    path.write_text(f"task,question_id,score,rater\n{row}\n")
    with pytest.raises(UserError, match="people") as caught:
        people.read(path, (1, 5))
    assert words in str(caught.value)


def test_a_scale_goes_up(tmp_path):
    with pytest.raises(UserError, match="expected the worst score"):
        people.read(tmp_path / "any", (5, 1))


def test_an_empty_file_is_told(tmp_path):
    (tmp_path / "people.csv").write_text("task,question_id,score\n")
    with pytest.raises(UserError, match="holds no rating"):
        people.read(tmp_path / "people.csv")


def test_ratings_of_no_answer_are_told_and_nothing_is_kept(run, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("task,question_id,score\ng,q1,1\ng,bad,1\ng,other,0\n")
    result = CliRunner().invoke(judge, ["ratings", str(run), str(path)])
    assert isinstance(result.exception, UserError)
    assert [line.split(":")[1] for line in result.exception.problems] == ["bad", "other"]
    with Store.open(run) as store:
        assert list(store.judged()) == ["Judge"]


def test_the_agreement_of_a_judged_run_with_a_file_of_people(run, tmp_path):
    path = tmp_path / "equal.csv"
    path.write_text("task,question_id,score\n" + "".join(f"g,q{number},{number / 8}\n" for number in range(8)))
    shown = CliRunner().invoke(judge, ["agreement", str(run), str(path), "--json", str(tmp_path / "it.json")])
    assert shown.exit_code == 0, shown.exception
    assert "Krippendorff" in shown.stdout
    told = json.loads((tmp_path / "it.json").read_text())
    assert (told["questions"], told["videos"]) == (8, 4)
    values = {name: measure["value"] for name, measure in told["measures"].items()}
    assert values.pop("difference") == 0
    assert values == pytest.approx(dict.fromkeys(["Spearman", "Kendall", "Krippendorff", "Cohen"], 1))


def test_what_no_judge_rated_is_told_for_both_sides_at_once(run, tmp_path):
    settings = RunSettings("chat", {}, "f" * 64, ["g"], None, None, {"g": "d" * 64})
    Store.create(tmp_path / "unjudged", Manifest(settings, "demo", "demo", counts={"g": 1})).close()
    unjudged = CliRunner().invoke(judge, ["agreement", str(tmp_path / "unjudged"), str(tmp_path / "absent.csv")])
    assert isinstance(unjudged.exception, UserError)
    assert "this run has no verdicts; make them with: sama-bench judge" in unjudged.exception.problems[0]
    other = CliRunner().invoke(judge, ["agreement", str(run), str(run), "--column", "Human"])
    assert isinstance(other.exception, UserError)
    assert "no verdicts for Human, it has Judge" in str(other.exception)


def test_the_report_has_people_beside_judges(run, file):
    CliRunner().invoke(judge, ["ratings", str(run), str(file), "--scale", "1", "5"])
    (board,) = people_boards([ScoredRun(run, "chat", Scores({}, {}))])
    (row,) = board.rows
    assert board.title == "SAMA-Bench-G, ratings by people"
    assert (board.questions, board.videos) == (8, 4)
    assert list(row.values) == [
        "Human", "Judge", "Krippendorff of people",
        "Spearman with Judge", "Krippendorff with Judge", "Cohen with Judge",
    ]  # fmt: skip
    assert row.values["Judge"] == pytest.approx(np.mean([number / 8 for number in range(8)]))
    low, high = row.intervals["Human"]
    assert low <= row.values["Human"] <= high
    assert people_boards([ScoredRun(run, "away", Scores({}, {}), stored=False)]) == []


def test_agreement_is_of_questions_that_both_scored(run, file):
    with Store.open(run, write=True) as store:
        people.keep(store, [one for one in people.read(file, (1, 5)) if one.key.id != "q0"])
        judged = store.judged()
    videos = {Key("g", f"q{number}"): f"video{number // 2}" for number in range(8)}
    found = agreements(judged, videos)["Judge"]
    assert (found.questions, found.only) == (7, (0, 1))
    assert raters_agree(judged, videos).value < 1


@given(scores, scores)
def test_alpha_of_two_raters_without_gaps_is_the_one_of_two(one, other):
    size = min(len(one), len(other))
    x, y = np.array(one[:size]), np.array(other[:size])
    assert krippendorff_of_raters(np.stack([x, y], axis=1)) == pytest.approx(krippendorff(x, y), nan_ok=True)


def test_alpha_is_that_of_the_published_example():
    """Krippendorff (2011), four observers with gaps, interval data: 0.849."""
    nan = np.nan
    values = [
        [1, 1, nan, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4],
        [1, 1, 2, 1], [2, 2, 2, 2], [nan, 5, 5, 5], [nan, nan, 1, 1], [nan, nan, 3, nan],
    ]  # fmt: skip
    assert krippendorff_of_raters(np.array(values, float)) == pytest.approx(0.849, abs=0.0005)


@given(scores, scores)
def test_kappa_is_the_quadratically_weighted_one(one, other):
    size = min(len(one), len(other))
    x, y = np.array(one[:size]), np.array(other[:size])
    levels = [0.0, 0.25, 0.5, 1.0]
    table = np.array([[np.mean((x == a) & (y == b)) for b in levels] for a in levels])
    weights = np.array([[(a - b) ** 2 for b in levels] for a in levels])
    expected = (weights * np.outer(table.sum(1), table.sum(0))).sum()
    kappa = 1 - (weights * table).sum() / expected if expected > 0 else np.nan
    assert cohen(x, y) == pytest.approx(kappa, nan_ok=True, abs=1e-9)
