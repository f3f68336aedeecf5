import dataclasses
import json

import numpy as np
import pytest
from click.testing import CliRunner

from sama_bench.api.comparisons import compare as compare_runs
from sama_bench.cli.compare import compare
from sama_bench.errors import UserError
from sama_bench.run.store import Store
from sama_bench.score.comparison_summary import headlines, sentence
from sama_bench.statistics import QuestionStatistics
from sama_bench.types import Key

QUALITY = np.linspace(0.1, 0.9, 16).reshape(8, 2)


def invoke(*arguments):
    return CliRunner().invoke(compare, [str(one) for one in arguments], catch_exceptions=False)


def metrics(*arguments):
    found = json.loads(invoke(*arguments, "--json", "-").stdout)
    return found["protocols"]["strict"]["g"]["metrics"]


def refused(*arguments):
    with pytest.raises(UserError) as told:
        invoke(*arguments)
    return told.value.lines()


def test_a_better_run_is_said_to_be_better_by_how_much_and_how_surely(run):
    better = QUALITY + np.linspace(0.05, 0.1, 16).reshape(8, 2)
    better[0] = QUALITY[0]
    found = metrics(run("a", QUALITY), run("b", better))["miou"]
    assert (found["a"], found["b"]) == (pytest.approx(QUALITY.mean()), pytest.approx(better.mean()))
    assert found["difference"] == found["b"] - found["a"]
    low, high = found["interval"]
    assert 0 < low < found["difference"] < high < 0.1
    assert found["p"] == pytest.approx(2 / 2**7, abs=0.004)
    assert found["tally"] == {"unit": "question", "better": 14, "equal": 2, "worse": 0}
    assert (found["videos"], found["higher_is_better"]) == (8, True)


def test_the_other_way_round_everything_is_turned(run):
    a, b = run("a", QUALITY), run("b", QUALITY[::-1])
    one, other = metrics(a, b), metrics(b, a)
    for name, found in one.items():
        assert found["difference"] == -other[name]["difference"]
        assert found["interval"] == pytest.approx([-end for end in reversed(other[name]["interval"])], abs=1e-9)
        assert found["p"] == other[name]["p"]
        assert found["tally"]["better"] == other[name]["tally"]["worse"]


def test_a_run_equals_itself(run):
    a = run("a", QUALITY)
    for found in metrics(a, a).values():
        assert (found["difference"], found["interval"], found["p"]) == (0.0, [0.0, 0.0], 1.0)
        assert (found["tally"]["better"], found["tally"]["worse"]) == (0, 0)


def test_what_is_not_of_single_questions_is_counted_by_video(run):
    found = metrics(run("a", QUALITY), run("b", 1 - QUALITY))
    assert found["f1_iou"]["tally"] == {"unit": "video", "better": 4, "equal": 0, "worse": 4}
    assert found["miou"]["tally"]["unit"] == "question"


def test_files_of_scores_are_compared_by_video(run, tmp_path):
    a, b = run("a", QUALITY), run("b", 1 - QUALITY)
    found = metrics(a / "scores.json", b / "scores.json")
    whole = metrics(a, b)
    assert found["miou"]["tally"]["unit"] == "video"
    assert {name: one["p"] for name, one in found.items()} == {name: one["p"] for name, one in whole.items()}


def test_every_part_in_which_signatures_differ_is_told(run):
    lines = refused(run("a", 0.5, phrases="words", version="1"), run("b", 0.6, judge="x", version="2", benchmark="y"))
    (line,) = lines
    assert "cannot be compared: they are of two benchmarks" in line
    assert "version 1 and 2" in line
    assert "benchmark (absent) and y" in line


def test_models_that_were_asked_in_other_ways_are_compared_and_both_ways_told(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    a, b = run("a", QUALITY, asked="prompt=marks@1"), run("b", QUALITY, asked=None)
    shown = invoke(a, b).output
    assert f"A: a, {a} (asked: prompt=marks@1)\nB: b, {b}\n" in shown
    assert "asked:" not in shown.split("strict protocol")[1]
    assert json.loads(invoke(a, b, "--json", "-").stdout)["asked"] == ["prompt=marks@1", None]


def test_what_cannot_be_compared_is_told_for_both(tmp_path, run):
    bad = tmp_path / "bad.json"
    bad.write_text('{"signature": {}, "protocols": {"paper": {"g": {}}}}')
    first, *others = refused(tmp_path / "nowhere", bad)
    assert "is not a run" in first
    assert all(
        f"{bad}: damaged: {name} is missing at protocols.paper.g; " in " ".join(others) for name in ("mean", "videos")
    )
    bad.write_text("nonsense")
    assert "damaged: it is not JSON" in refused(bad, run("a", 0.5))[0]
    bad.write_text('{"signature": {}, "protocols": {}}')
    assert "nothing to compare" in refused(bad, run("b", 0.5))[0]


def test_statistics_of_an_older_form_are_told(run):
    a = run("a", 0.5)
    with Store.open(a, write=True) as store:
        store.put_statistics([(Key("g", "v0.0"), {"old": 1})])
    assert "make them again with: sama-bench score" in refused(a, run("b", 0.5))[0]


def test_the_table_is_readable_at_80_columns(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    shown = invoke(run("a", QUALITY), run("b", 1 - QUALITY), "--all").output
    lines = [line for line in shown.splitlines() if not line.startswith(("A: ", "B: ", "task:", "look at one: "))]
    assert max(map(len, lines)) <= 80
    assert "…" not in shown
    assert "B > = <" in shown
    assert "[low, high]" in shown
    assert "task:g|questions:16|phrases:none" in shown


def test_it_begins_with_who_is_better_on_what_and_how_surely(run):
    better = QUALITY + 0.05
    text = " ".join(invoke(run("a", QUALITY), run("b", better)).output.split())
    assert text.startswith("b is better than a on J&F by +3.75 (37.50 to 41.25, p ")
    assert "Holm's method.)" in text
    turned = " ".join(invoke(run("c", better), run("d", QUALITY)).output.split())
    assert turned.startswith("d is worse than c on J&F by -3.75")
    unsure = " ".join(invoke(run("e", QUALITY), run("f", 1 - QUALITY)).output.split())
    assert not unsure.startswith("f is ")


def test_the_questions_that_changed_most_are_listed_with_the_command_that_shows_one(run):
    other = QUALITY.copy()
    other[3, 1], other[5, 0] = 1.0, 0.0
    a, b = run("a", QUALITY), run("b", other)
    text = invoke(a, b).output
    changed = [line.split()[0] for line in text.splitlines() if line.startswith("g:v")]
    assert changed == ["g:v3.1", "g:v5.0"]
    assert f"look at one: sama-bench show g:v3.1 {a}\nlook at one: sama-bench show g:v3.1 {b}\n" in text
    content = json.loads(invoke(a, b, "--json").stdout)
    assert [change["question"] for change in content["changed_questions"]] == changed
    assert content["summary"]
    assert "changed most" not in invoke(a, a).output


def test_json_is_the_same_bytes_each_time(run, tmp_path):
    a, b, out = run("a", QUALITY), run("b", QUALITY**2), tmp_path / "out.json"
    invoke(a, b, "--json", out)
    assert out.read_bytes() == invoke(a, b, "--json", "-").stdout_bytes
    assert "there is no folder" in refused(a, b, "--json", tmp_path / "no" / "x.json")[0]


def test_statistics_survive_their_json(run):
    with Store.open(run("a", QUALITY)) as store:
        kept = [QuestionStatistics.from_text(one) for _, one in store.statistics()]
    assert len(kept) == 16
    without = dataclasses.replace(kept[0], grounding=None, facts=None)
    for one in (*kept, without):
        assert QuestionStatistics.from_text(json.dumps(one.to_json())) == one


def test_too_few_videos_for_any_difference_to_be_sure_are_told(run):
    kept = compare_runs(run("a", QUALITY), run("b", QUALITY + 0.05)).kept
    few = {place: [dataclasses.replace(line, videos=5) for line in lines] for place, lines in kept.lines.items()}
    tested = sum(headline.line.p is not None for headline in headlines(few))
    needed = {1: 7, 2: 7}[tested]
    assert "5 videos are too few for a difference of" in sentence(few, ("a", "b"))
    assert f"to be sure, whatever it is: {needed} are needed" in sentence(few, ("a", "b"))
    assert "too few" not in kept.sentence


def test_a_model_that_is_shown_the_truth_is_called_so(run):
    a, b = run("a", QUALITY), run("b", 1 - QUALITY)
    manifest = json.loads((b / "manifest.json").read_text())
    (b / "manifest.json").write_text(json.dumps({**manifest, "sees_truth": True}))
    first, other = json.loads(invoke(a, b, "--json").stdout)["labels"]
    assert other.endswith(" (shown the truth)")
    assert "truth" not in first


def test_the_entries_of_a_leaderboard_are_called_by_their_names(run, tmp_path):
    for name in ("a", "b"):
        scores = json.loads((run(name, QUALITY) / "scores.json").read_text())
        (tmp_path / f"{name}.json").write_text(json.dumps({**scores, "card": {"name": f"Model {name}"}}))
    found = json.loads(invoke(tmp_path / "a.json", tmp_path / "b.json", "--json").stdout)
    assert found["labels"] == ["Model a", "Model b"]
