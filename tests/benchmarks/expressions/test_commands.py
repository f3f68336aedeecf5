"""What the commands say of a task whose truth is not there: that it is not scored, and why."""

from pathlib import Path

import pytest
from click.testing import CliRunner

import sama_bench as sb
from sama_bench.cli.bench import bench
from sama_bench.cli.export import export
from sama_bench.cli.score import score
from sama_bench.leaderboard.command import report

GOLDEN = Path(__file__).parents[2] / "golden" / "grounding"
WHY = "its truth is not there (neither valid/Annotations nor valid/mask_dict.json)"


def said(command, *arguments):
    done = CliRunner().invoke(command, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A run on questions alone."""
    folder = tmp_path_factory.mktemp("asked") / "run"
    sb.evaluate("motion", GOLDEN / "rvos", folder)
    return folder


def test_bench_check_says_that_answers_are_not_scored():
    told = said(bench, "check", GOLDEN / "rvos")
    assert "1 videos; questions: 2 of task ref-youtube-vos" in told
    assert f"task ref-youtube-vos is not scored: {WHY}" in told
    assert "nothing is broken" in told
    assert "is not scored: its truth is not public" in said(bench, "check", GOLDEN / "mevis")


def test_bench_check_says_how_much_of_a_split_is_there_and_whether_its_files_are_the_released_ones():
    told = said(bench, "check", GOLDEN / "mevis")
    assert "task mevis: 4 of 50 videos, 11 of 793 questions\n" in told
    assert "task mevis-valid: 1 of 140 videos, 2 of 2,236 or 2,523 questions\n" in told
    assert "valid_u/mask_dict.json: not the file whose SHA-256 its authors give" in told
    assert "task ref-youtube-vos: 1 of 202 videos, 2 questions\n" in said(bench, "check", GOLDEN / "rvos")


def test_the_table_has_no_number_and_the_reason(asked):
    told = said(score, asked, "--all")
    assert f"released without J, F, J&F: {WHY}" in told
    assert "strict without J, F, J&F, target_accuracy" in told
    assert " 0.00" not in told


def test_a_report_of_such_a_run_alone_stands(asked, tmp_path):
    told = " ".join(said(report, asked, "--out", tmp_path / "report").split())
    assert "2 questions; no metric has a value, sama-bench score RUN says why" in told
    assert "motion" in (tmp_path / "report/report.md").read_text()
    assert (tmp_path / "report/index.html").exists()


def test_breakdowns_of_such_a_run_stand(asked):
    assert "Ref-YouTube-VOS valid, strict protocol, by part" in said(score, asked, "--breakdowns")


def test_answers_that_were_asked_for_without_the_truth_are_scored_with_it(sets, tmp_path):
    tree = sets.copied("mevis", tmp_path)
    masks = tree / "valid_u/mask_dict.json"
    kept = masks.read_bytes()
    masks.unlink()
    sb.evaluate("motion", tree, tmp_path / "run", tasks="mevis")
    said(export, tmp_path / "run", "--out", tmp_path / "answers.jsonl")
    masks.write_bytes(kept)
    later = sb.score(tree, tmp_path / "answers.jsonl", tasks="mevis")
    at_once = sb.evaluate("motion", tree, tmp_path / "again", tasks="mevis").scores
    assert later.mean("mevis", "strict", "J&F") == at_once.mean("mevis", "strict", "J&F")


def test_several_processes_give_the_same():
    bench = sb.load_benchmark(GOLDEN / "mevis")
    nothing = {str(question.key): {"text": "No.", "tracks": []} for question in bench}
    one, two = (sb.score(bench, nothing, processes=count) for count in (1, 2))
    assert one.kept == two.kept
