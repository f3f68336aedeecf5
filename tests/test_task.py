from importlib.resources import files

import pytest
import yaml

from sama_bench.benchmark.installed import load_task
from sama_bench.benchmarks.sama.tasks import SUFFIX, as_asked
from sama_bench.lmms.task_yaml import task_yaml
from sama_bench.lmms_yaml import TaskLoader
from sama_bench.prompting import grounding_request


@pytest.mark.parametrize(("key", "name", "region"), [("g", "sama_bench_g", "box"), ("c", "sama_bench_c", "mask")])
def test_tasks_say_what_the_released_scripts_do(key, name, region):
    task = load_task(key)
    assert (task.key, task.name, task.region) == (key, name, region)
    assert task.protocols == ("paper", "strict")
    frames = task.frames
    assert (frames.stride, frames.at_most, frames.at_least, frames.dense) == (3, 32, 8, 5)


def test_dialogue_questions_ask_for_masks_only_where_the_answer_has_them():
    ask = as_asked
    suffix = " Response with interleaved segmentation masks."
    assert SUFFIX == suffix == f" {grounding_request.SUFFIX}"
    assert ask("<video>\nWho runs?", grounded=True) == "Who runs?" + suffix
    assert ask("Who runs?\n<video>", grounded=False) == "Who runs?"
    said = "Who? Please respond with interleaved segmentation masks."
    assert ask(said, grounded=True) == said


def test_the_suffix_comes_before_the_marks_are_cut():
    # The released code appends first: a mark at the end of the question is then followed by a blank, not by the end.
    assert as_asked("Who runs?\n<video>", grounded=True).startswith("Who runs? Response")


def test_descriptions_are_asked_for_in_one_wording():
    assert load_task("c").wording == "Please describe the region <mask> in the video in detail."


def test_every_metric_has_a_direction_and_only_false_groundings_are_better_low():
    low = {m.name for key in ("g", "c") for m in load_task(key).metrics if not m.higher_is_better}
    assert low == {"false_groundings"}


def test_paper_columns_bear_the_names_of_the_released_results():
    names = [metric.name for metric in load_task("g").columns("paper")]
    assert names == ["miou", "recall", "Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr", "CLAIR"]


@pytest.mark.parametrize("key", ["g", "c"])
def test_the_file_that_lmms_eval_reads_lists_the_declared_metrics(key):
    task = load_task(key)
    kept = yaml.load(files("sama_bench.tasks").joinpath(f"{task.name}.yaml").read_bytes(), Loader=TaskLoader)
    written = yaml.load(task_yaml(task), Loader=TaskLoader)
    assert written["metric_list"] == kept["metric_list"]
    assert {name: kept[name] for name in written if name != "metadata"} == {
        name: value for name, value in written.items() if name != "metadata"
    }
