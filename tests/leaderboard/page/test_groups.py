from pathlib import Path

from sama_bench.leaderboard.page.groups import benchmark_of, groups, run_names
from sama_bench.leaderboard.page.question_data import ReadRun
from sama_bench.types import Key


def run(name, fingerprint, bench, task="g"):
    return ReadRun(Path(name), name, False, fingerprint, {Key(task, "1"): None}, {}, {}, bench)


def test_runs_stand_by_benchmark_in_their_order_and_the_first_has_no_prefix():
    found = groups([run("a", "1" * 64, "demo"), run("b", "2" * 64, "data"), run("c", "1" * 64, "demo")])
    assert [(group.label, group.prefix, [run.model for run in group.runs]) for group in found] == [
        ("demo", "", ["a", "c"]),
        ("SAMA-Bench", "bench1-", ["b"]),
    ]


def test_two_benchmarks_of_one_name_are_told_apart():
    found = groups([run("a", "1" * 64, "demo"), run("b", "2" * 64, "demo")])
    assert [group.label for group in found] == ["demo 11111111", "demo 22222222"]


def test_a_benchmark_is_called_by_the_title_of_its_task_else_by_its_folder():
    assert benchmark_of("mevis") == "MeViS"
    assert benchmark_of("g") == "SAMA-Bench"
    assert benchmark_of("no such task") == ""
    assert groups([run("a", "1" * 64, "folder", "no such task")])[0].label == "folder"


def test_runs_are_named_by_their_folder_where_that_is_enough():
    assert run_names(["runs/a", "runs/b", "other/b", "/"]) == ["a", "runs/b", "other/b", "/"]
