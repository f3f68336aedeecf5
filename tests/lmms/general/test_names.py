from types import SimpleNamespace

import pytest

pytest.importorskip("lmms_eval")

from sama_bench.errors import UserError
from sama_bench.lmms.general.names import Names


@pytest.fixture(scope="module")
def names(manager):
    return Names(manager)


def test_a_group_and_a_tag_are_the_tasks_that_they_hold(names):
    assert names.tasks(["tiny", "tiny_points", "mme"]) == ["tiny_colours", "tiny_points", "mme"]
    assert {"ai2d", "mmstar"} <= set(names.tasks(["public_eval_qwen3_5_family"]))


def test_all_names_that_there_are_not_are_told_with_the_nearest(names):
    with pytest.raises(UserError) as caught:
        names.tasks(["mmstarr", "mme", "videomm"])
    first, second = caught.value.problems
    assert first.startswith("lmms-eval has no task 'mmstarr', did you mean mmstar")
    assert second.startswith("lmms-eval has no task 'videomm', did you mean videomm")


def test_a_group_that_holds_itself_is_told():
    loop = {"a": {"type": "group", "task": ["b"]}, "b": {"type": "group", "task": ["a"]}}
    with pytest.raises(UserError, match="the group a of lmms-eval holds itself"):
        Names(SimpleNamespace(task_index=loop)).tasks(["a"])


def test_a_group_that_changes_its_tasks_is_not_taken_apart(names):
    with pytest.raises(UserError, match="the group tiny_changing changes the tasks that it holds"):
        names.tasks(["tiny_changing"])
