import json
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner

from sama_bench.cli.gate import gate
from sama_bench.errors import UserError

GOOD = np.linspace(0.5, 0.9, 16).reshape(8, 2)
BAD = GOOD - np.linspace(0.2, 0.4, 16).reshape(8, 2)
BOTH = ("--metric", "g.jf", "--metric", "g.miou")


def invoke(*arguments):
    return CliRunner().invoke(gate, [str(one) for one in arguments])


def sides(baseline, candidate):
    return "--baseline", baseline, "--candidate", candidate


def refused(*arguments):
    done = invoke(*arguments)
    assert isinstance(done.exception, UserError), done.output
    return done.exception.problems


def test_a_checkpoint_as_good_passes_and_a_worse_one_fails(run):
    good, bad = run("good", GOOD), run("bad", BAD)
    assert invoke(*sides(good, good), *BOTH).exit_code == 0
    failed = invoke(*sides(good, bad), *BOTH)
    assert failed.exit_code == 1
    assert "gate: ✗ fail" in failed.output
    assert invoke(*sides(bad, good), *BOTH).exit_code == 0


def test_noise_cannot_be_told(run):
    noise = np.clip(GOOD + np.random.default_rng(4).normal(-0.01, 0.15, GOOD.shape), 0, 1)
    done = invoke(*sides(run("good", GOOD), run("noisy", noise)), *BOTH)
    assert done.exit_code == 3, done.output
    assert "? cannot tell" in done.output


def test_an_allowed_drop_is_no_failure(run):
    done = invoke(*sides(run("good", GOOD), run("bad", BAD)), "--metric", "g.miou", "--max-drop", 50)
    assert done.exit_code == 0, done.output


def test_each_metric_may_have_a_drop_of_its_own(run):
    both = sides(run("good", GOOD), run("bad", BAD))
    done = invoke(*both, *BOTH, "--max-drop", 50, "--max-drop", 1)
    assert (done.exit_code, done.output.count("-50.00")) == (1, 1)
    assert "3 drops for 2 metrics: give one --max-drop" in refused(*both, *BOTH, *["--max-drop", 1] * 3)[0]


def test_the_five_questions_that_lost_most_are_named_for_each_metric_worst_first(run):
    output = invoke(*sides(run("good", GOOD), run("bad", BAD)), *BOTH).output
    lost = [line.split()[:2] for line in output.splitlines() if line.strip().startswith("g:v")]
    assert [metric for _, metric in lost] == ["J&F"] * 5 + ["mIoU"] * 5
    assert lost[0] == ["g:v7.1", "J&F"]


def test_a_program_reads_what_people_read(run, tmp_path):
    both, file = sides(run("good", GOOD), run("bad", BAD)), tmp_path / "gate.json"
    printed = invoke(*both, *BOTH, "--json", "-")
    written = invoke(*both, *BOTH, "--json", file)
    content = json.loads(printed.stdout)
    assert content == json.loads(file.read_text(encoding="utf-8"))
    assert printed.exit_code == written.exit_code == content["exit_status"] == 1
    assert (content["status"], len(content["losses"])) == ("fail", 10)
    by_rule = {rule["rule"]: rule for rule in content["rules"]}
    assert by_rule["g.miou"]["status"] == "fail"
    assert by_rule["g.miou"]["drop"] == pytest.approx(by_rule["g.miou"]["baseline"] - by_rule["g.miou"]["candidate"])
    assert "✗" in written.stdout


def test_a_baseline_file_decides_as_its_run_does(run, tmp_path):
    good, bad, file = run("good", GOOD), run("bad", BAD), tmp_path / "baseline.json"
    assert invoke("baseline", good, file).exit_code == 0
    from_run, from_file = invoke(*sides(good, bad), *BOTH), invoke(*sides(file, bad), *BOTH)
    assert from_file.output == from_run.output
    before = file.read_bytes()
    invoke("baseline", good, file)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"format": "sama-bench baseline", "version": 9}', '{"format": "sama-bench baseline", "version": 1}',
     ('{"format":"sama-bench baseline","version":1,"of":"x","signature":{},"protocols":{},'
     '"questions":{"strict":[["h","1",{}]]}}')],
)  # fmt: skip
def test_a_damaged_baseline_is_refused_in_a_line(run, tmp_path, content):
    file = tmp_path / "baseline.json"
    file.write_text(content)
    assert str(file) in refused(*sides(file, run("good", GOOD)))[0]


def test_runs_that_were_scored_otherwise_are_refused(run):
    problems = refused(*sides(run("good", GOOD, version="1"), run("bad", BAD, version="2")), *BOTH)
    (problem,) = problems
    assert "cannot be compared: score both in the same way: version 1 and 2" in problem


def test_without_a_name_the_usual_metrics_are_gated(run):
    output = invoke(*sides(run("good", GOOD), run("bad", BAD))).output
    assert "G J&F" in output
    assert "G F1 by IoU" in output


def test_a_usual_metric_that_the_candidate_lost_is_told_and_not_left_out(run):
    good, bad = run("good", GOOD), run("bad", GOOD)
    scores = json.loads((bad / "scores.json").read_text())
    block = scores["protocols"]["strict"]["g"]
    for values in (block["mean"], block["interval"], *block["videos"].values()):
        del values["J&F"]
    (bad / "scores.json").write_text(json.dumps(scores))
    assert refused(*sides(good, bad)) == (f"{bad} has no g.jf, {good} has: name what to gate with --metric",)
    assert invoke(*sides(good, bad), "--metric", "g.miou").exit_code == 0


def test_the_option_of_a_file_that_cannot_be_made_is_named(run, tmp_path):
    good, nowhere = run("good", GOOD), tmp_path / "no" / "gate.xml"
    assert refused(*sides(good, good), "--junit", nowhere)[0].startswith(f"--junit {nowhere}: there is no folder")


def test_junit_and_markdown_say_the_same(run, tmp_path):
    junit, markdown = tmp_path / "gate.xml", tmp_path / "gate.md"
    good, bad = run("good", GOOD), run("b|ad`<b>", BAD)
    invoke(*sides(good, bad), *BOTH, "--max-drop", 50, "--max-drop", 1, "--junit", junit, "--markdown", markdown)
    suite = ET.parse(junit).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [one.get("name") for one in suite.findall("testcase")] == ["g.jf", "g.miou"]
    text = markdown.read_text(encoding="utf-8")
    assert text.startswith("## ✗ fail: sama-bench gate")
    rows = [line for line in text.splitlines() if line.startswith("| G ")]
    assert {row.count("|") for row in rows} == {10}


def test_a_plan_says_how_many_videos_see_a_drop(run):
    done = invoke(
        "plan", *sides(run("good", GOOD), run("noisy", GOOD + 0.1 * np.sin(np.arange(16)).reshape(8, 2))), *BOTH
    )
    assert done.exit_code == 0, done.output
    assert "drop of 2" in done.output
    assert "the 8 at hand" in done.output


def test_a_plan_is_written_as_json(run):
    worse = run("noisy", GOOD + 0.1 * np.sin(np.arange(16)).reshape(8, 2))
    done = invoke("plan", *sides(run("good", GOOD), worse), *BOTH, "--json")
    content = json.loads(done.stdout)
    assert content["videos"] == 8
    assert [rule["rule"] for rule in content["rules"]] == ["g.jf", "g.miou"]
    drops = content["rules"][0]["drops"]
    assert [drop["drop"] for drop in drops] == [1.0, 2.0, 3.0, 5.0, 10.0]
    assert all(0 <= drop["seen_by_these_videos"] <= 1 for drop in drops)
    needed = [drop["videos_needed"] for drop in drops if drop["videos_needed"] is not None]
    assert needed == sorted(needed, reverse=True)


def test_what_is_missing_is_told_at_once(tmp_path):
    assert len(refused()) == 2
    assert len(refused(*sides(tmp_path / "a", tmp_path / "b"))) == 2


def test_a_baseline_of_the_full_benchmark_is_below_a_megabyte(run, tmp_path):
    file, full = tmp_path / "baseline.json", tmp_path / "full.json"
    invoke("baseline", run("good", GOOD), file)
    content = json.loads(file.read_text())
    block = content["protocols"]["strict"]["g"]
    (values, *_), questions = block["videos"].values(), content["questions"]["strict"]
    names = [f"metric_{n}" for n in range(20)]
    values = dict.fromkeys(names, 1 / 3)
    block["videos"] = {f"mevis/val_u/JPEGImages/{n:012x}": values for n in range(522)}
    content["questions"]["strict"] = [["g", str(n), questions[3][2]] for n in range(5067)]
    full.write_text(json.dumps(content, separators=(",", ":")))
    assert full.stat().st_size < 1e6
