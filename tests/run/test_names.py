from pathlib import Path

from sama_bench.run.names import Named, labels


def named(model, folder, name="", **arguments):
    return Named(model, arguments, Path(folder), name)


def test_a_run_is_called_by_its_name_else_by_its_model_and_the_arguments_that_part_it():
    runs = [
        named("mine", "runs/a", seed="1", size="7B"),
        named("mine", "runs/b", seed="2", size="7B"),
        named("other", "runs/c", size="7B"),
        named("mine", "runs/d", "The best", seed="3"),
    ]
    assert labels(runs) == ["mine (seed=1)", "mine (seed=2)", "other", "The best"]


def test_an_argument_that_others_lack_is_shown_where_nothing_else_parts_them():
    assert labels([named("mine", "a", fast="yes"), named("mine", "b")]) == ["mine (fast=yes)", "mine"]


def test_paths_are_shown_by_their_ends_where_these_differ():
    runs = [named("mine", "a", path="/data/x/step-1"), named("mine", "b", path="/data/y/step-2")]
    assert labels(runs) == ["mine (path=step-1)", "mine (path=step-2)"]
    runs = [named("mine", "a", path="/data/x/last"), named("mine", "b", path="/data/y/last")]
    assert labels(runs) == ["mine (path=/data/x/last)", "mine (path=/data/y/last)"]


def test_what_is_still_alike_has_its_folder():
    assert labels([named("mine", "runs/a"), named("mine", "runs/b")]) == ["mine [a]", "mine [b]"]
    assert labels([named("mine", "x/a"), named("mine", "y/a")]) == ["mine [x/a]", "mine [y/a]"]
    assert labels([]) == []
