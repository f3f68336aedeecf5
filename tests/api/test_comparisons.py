import json
import math

import pytest

import sama_bench as sb
from sama_bench.api import gates

VIDEOS = 8


@pytest.fixture
def good(make_tree):
    return sb.evaluate(answer, make_tree(VIDEOS), "good", phrases="words", name="good")


@pytest.fixture
def bad(good):
    return sb.evaluate(lambda question: answer(question) if question.key.task == "c" else "Nothing.", "town", "bad",
                       phrases="words", name="bad")  # fmt: skip


def answer(question):
    if question.key.task == "c":
        return f"A box that is {question.key.id}."
    return sb.Prediction("<p> Box </p> [SEG] is there.", [region.track for region in question.regions])


def test_two_runs_are_compared_by_object_by_folder_and_by_scores(good, bad):
    comparison = sb.compare(good, bad)
    assert comparison.dumps() == sb.compare("good", "bad").dumps()
    assert json.loads(comparison.dumps())["a"] == "good"
    by_scores = sb.compare(good.scores, bad.scores)
    assert by_scores.names == ("A", "B")
    assert by_scores.table().equals(comparison.table())
    row = comparison.table().loc["g", "strict", "J&F"]
    assert (row["difference"], row["unit"], row["better"], row["worse"]) == (-1.0, "question", 0, VIDEOS)
    assert row["difference"] == bad.scores.mean("g", "strict", "J&F") - good.scores.mean("g", "strict", "J&F")
    assert comparison.lines("g", "strict")[0].metric.name == "miou"
    assert "J&amp;F" in comparison._repr_html_()
    with pytest.raises(sb.UserError, match="loose, task g: was not scored in both"):
        comparison.lines("g", "loose")


def test_metrics_that_were_made_in_another_way_are_left_out_and_told(good, tree_of_scores):
    found = sb.compare(good, tree_of_scores)
    assert [line.metric.name for line in found.lines("g", "paper")][:2] == ["miou", "Bleu_1"]
    assert "strict, task g: Recall, Precision, F1: phrases is words@0.5 in good, exact@0.5 in B" in found.left_out
    with pytest.raises(sb.UserError, match=r"g\.recall: phrases is words@0.5 in .*; score both in the same way"):
        sb.gate(good, "exact", metrics=["g.recall"])
    assert sb.gate(good, "exact", metrics=["g.jf"]).passed


def test_what_cannot_be_compared_is_told(good, fewer):
    with pytest.raises(
        sb.UserError,
        match=r"good and B cannot be compared: they were asked other questions, .*selection \w+ and",
    ):
        sb.compare(good, fewer)
    with pytest.raises(sb.UserError) as caught:
        sb.compare(5, "absent")
    assert len(caught.value.problems) == 2
    assert caught.value.problems[0] == "A is int, expected a run, scores, or the path of one of them"


@pytest.fixture
def tree_of_scores(good):
    scores = sb.score("town", good.predictions(), phrases="exact")
    scores.save("exact")
    return scores


@pytest.fixture
def fewer(good):
    bench = sb.load_benchmark("town", limit=2)
    return sb.score(bench, {key: answer for key, answer in good.predictions() if key in bench.where}, phrases="words")


def test_a_gate_passes_fails_and_cannot_tell(good, bad):
    failed = sb.gate(good, "bad", metrics=["g.jf", "c.meteor"])
    assert (failed.status, failed.passed) == ("fail", False)
    assert failed.table()["status"].to_dict() == {"g.jf": "fail", "c.meteor": "pass"}
    assert failed.table().loc["g.jf", ["baseline", "candidate", "drop", "allowed"]].tolist() == [100, 0, 100, 0.5]
    assert failed.reasons[0] == "✗ G J&F ↑: dropped by more than 0.5, and not by chance"
    assert {str(loss.key) for loss in failed.losses} == {f"g:q{n}" for n in range(5)}
    assert "gate: ✗ fail" in failed._repr_html_()
    assert b'failures="1"' in failed.junit()
    assert failed.markdown().startswith("## ✗ fail")
    allowed = sb.gate(good, bad, metrics={"g.jf": 100, "c.meteor": 0})
    assert (allowed.status, allowed.passed, repr(allowed)) == ("pass", True, "<gate: pass>")
    assert sb.gate(good, good).passed


def test_a_baseline_file_stands_for_a_run(good, bad, tmp_path):
    (tmp_path / "baseline.json").write_text(gates.baseline(good))
    assert (
        sb.gate("baseline.json", bad, max_drop=1).table()["drop"].equals(sb.gate(good, bad, max_drop=1).table()["drop"])
    )
    needs = gates.plan(good, bad, metrics="g.jf")
    assert [(need.rule.name, math.isclose(need.spread, 0)) for need in needs] == [("g.jf", True)]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"metrics": ["g.jf"], "max_drop": [1, 2, 3]}, "3 drops for 1 metrics"),
        ({"metrics": {"g.jf": 1}, "max_drop": 1}, "metrics say their drops: leave out max_drop"),
        ({"metrics": ["g.jf"], "config": "gate.yaml"}, "a config says metrics and drops itself"),
        ({"metrics": ["g.iff", "x.y"]}, "such metric.*; 'x.y' is not a metric"),
        ({"max_drop": -1}, "nowhere"),
    ],
)
def test_what_is_gated_wrongly_is_told(options, told):
    with pytest.raises(sb.UserError, match=told):
        sb.gate("nowhere", "nowhere", **options)
    with pytest.raises(sb.UserError, match="a side of the gate is int, expected a run"):
        sb.gate(5, 5)
