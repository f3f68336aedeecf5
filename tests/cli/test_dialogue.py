"""`run --history` and `sama-bench dialogue` on the demo, in this process."""

import json

import pytest
from click.testing import CliRunner

import sama_bench as sb
from sama_bench.cli.main import cli
from sama_bench.run.store import Store

SELECTED = ("--task", "g", "--limit", "9", "--phrases", "words")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The runs of two models under each history."""
    folder = tmp_path_factory.mktemp("runs")
    for model in ("motion", "oracle"):
        for history in ("none", "true", "own"):
            sb.evaluate(
                model, "demo", folder / f"{model}-{history}", tasks="g", limit=9, phrases="words", history=history
            )
    return folder


@pytest.fixture
def invoke(runs, monkeypatch):
    monkeypatch.chdir(runs)
    return lambda *words: CliRunner().invoke(cli, list(words))


def answers(folder):
    with Store.open(folder) as store:
        found = {key: one for video in store.videos() for key, one in store.predictions(video).items()}
    return {key: (one.text, one.tracks, one.error) for key, one in found.items()}


@pytest.mark.slow
def test_a_perfect_model_is_the_same_under_all_and_a_first_round_too(runs):
    assert answers(runs / "oracle-own") == answers(runs / "oracle-true") == answers(runs / "oracle-none")
    firsts = [
        {key: one for key, one in answers(runs / f"motion-{history}").items() if key.id.endswith("-0")}
        for history in ("none", "true", "own")
    ]
    assert firsts[0] == firsts[1] == firsts[2]
    assert len(firsts[0]) == 2


@pytest.mark.slow
def test_manifests_and_signatures_say_the_condition_and_those_of_before_say_nothing(runs):
    told = {}
    for history in ("none", "true", "own"):
        content = json.loads((runs / f"motion-{history}" / "manifest.json").read_text())
        scores = json.loads((runs / f"motion-{history}" / "scores.json").read_text())
        signature = scores["signature"]["strict"]["g"]
        told[history] = (content["settings"].get("history"), signature.get("history"), content["sees_truth"])
        assert signature["asked"] is None
    assert told == {
        "none": (None, None, False),
        "true": ("true window=3", "true window=3", True),
        "own": ("own window=3", "own window=3", False),
    }
    none, own = (json.loads((runs / f"motion-{one}" / "manifest.json").read_text()) for one in ("none", "own"))
    assert "history" not in none["settings"]
    assert "history" not in (none["asking"] or {})
    assert own["can"]["history"] == "regions"


@pytest.mark.slow
def test_tables_of_a_run_and_of_three_conditions(invoke):
    done = invoke("dialogue", "motion-none", "motion-true", "motion-own")
    assert done.exit_code == 0, done.output
    for words in ("true window=3 – none, paired by question", "found in all rounds", "by the round before"):
        assert words in done.output
    alone = json.loads(invoke("dialogue", "oracle-own", "--json").output)
    assert alone["pairs"] == []
    assert alone["runs"][0]["accuracy"]["value"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("dialogue",), "expected the folder of a run, or --bench BENCH"),
        (("dialogue", "nowhere"), "nowhere: is not a run"),
        (("dialogue", "motion-none", "oracle-own"), "oracle-own: has model=oracle, but motion-none has model=motion"),
        (("dialogue", "motion-none", "motion-none"), "two runs have the same history"),
        (("run", "--model", "motion", "--history", "own", "--task", "c"), "demo has no dialogue among its tasks"),
        (
            ("compare", "motion-none", "oracle-own"),
            "motion-none and oracle-own cannot be compared: only the folders of one model's runs that differ in",
        ),
        (("run", "--model", "motion", "--window", "2"), "--window: goes with --history true or own"),
        (
            ("run", "--model", "motion", "--history", "own", "--masks-back", *SELECTED),
            "takes no masks of earlier turns",
        ),
        (
            ("run", "--model", "motion", *SELECTED, "--out", "motion-own"),
            "history=own window=3; now asked history=none",
        ),
        (
            ("run", "--model", "motion", *SELECTED, "--out", "motion-own", "--history", "own", "--window", "all"),
            "was made with history=own window=3; now asked history=own window=all; give --out another folder",
        ),
    ],
)
def test_what_cannot_be_is_told_in_a_line(invoke, words, problem):
    done = invoke(*words)
    assert isinstance(done.exception, sb.UserError)
    assert problem in str(done.exception)


@pytest.mark.slow
def test_two_conditions_of_one_model_are_compared_by_question(invoke, runs):
    done = invoke("compare", "motion-none", "motion-own")
    assert done.exit_code == 0, done.output
    assert "A: motion [motion-none], motion-none, history none\n" in done.output
    assert "B: motion [motion-own], motion-own, history own window=3\n" in done.output
    told = json.loads(invoke("compare", "motion-none", "motion-own", "--json", "-").output)
    assert told["histories"] == ["none", "own window=3"]
    assert told == json.loads(sb.compare(runs / "motion-none", runs / "motion-own").dumps()) | {
        name: told[name] for name in "ab"
    }
    line = told["protocols"]["strict"]["g"]["metrics"]["miou"]
    assert line["tally"]["unit"] == "question"
    assert "history" not in told["protocols"]["strict"]["g"]["signature"]
    with_one = json.loads(invoke("compare", "motion-true", "motion-true", "--json", "-").output)
    assert "histories" not in with_one


@pytest.mark.slow
def test_the_rounds_of_a_benchmark_are_counted(invoke):
    counts = json.loads(invoke("dialogue", "--bench", "demo", "--json").output)
    assert (counts["dialogues"], counts["rounds"], counts["later_rounds"]) == (9, 65, 56)
    assert sum(int(rounds) * count for rounds, count in counts["by_length"].items()) == 65
    assert "65 rounds in 9 dialogues" in invoke("dialogue", "--bench", "demo").output
