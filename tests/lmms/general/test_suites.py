"""The suite's tasks are lmms-eval's, and what is said of their metrics is so: looked up in the installed one."""

from argparse import Namespace

import pytest

from sama_bench.errors import UserError
from sama_bench.lmms.general.suites import PAPER, SuiteTask, entries, percent, suite, usual_scale

QUESTION = {"question": "Q?", "question_id": "1", "hint": "", "image": None, "index": 1, "category": "c"}
CHOICES = {"A": "red", "B": "blue", "C": "green", "D": "grey", "choices": ["red", "blue"], "options": ["red", "blue"]}
MORE = {"source": "s", "split": "dev", "L2-category": "l2", "l2_category": "l2", "data_type": "image"}
VIDEO = {"duration": "short", "domain": "Knowledge", "sub_category": "Law", "task_type": "OCR Problems", "videoID": "v"}
# The kind of a document that its task needs to know, and its answer. `task` says which questions there are in all.
DOCUMENTS = {
    "mme": [{"category": name, "answer": "Yes"} for name in ("OCR", "OCR", "code_reasoning", "code_reasoning")],
    "mmstar": [{"category": "math", "answer": "B"}],
    "scienceqa_img": [{"answer": 1}],
    "ai2d": [{"answer": "1"}],
}


def test_a_suite_that_there_is_not_is_told_with_the_nearest():
    with pytest.raises(UserError, match="there is no suite 'papers', did you mean paper\\?; there are paper"):
        suite("papers")


def test_a_task_is_described_where_it_is_known_and_each_stands_once():
    found = entries(["ai2d", "chartqa", "ai2d"])
    assert found == [next(one for one in suite(PAPER) if one.task == "ai2d"), SuiteTask("chartqa")]


def test_only_scales_that_are_known_are_claimed():
    assert (usual_scale("exact_match"), usual_scale("relaxed_overall")) == ("fraction", "unknown")
    assert (percent(0.5, "fraction"), percent(50.0, "percent"), percent(1500.0, "points")) == (50.0, 50.0, 1500.0)


@pytest.fixture(scope="module", params=[entry.task for entry in [*suite(PAPER), *entries(["mmbench_en_dev"])]])
def task(request, manager):
    """An entry of `suites.yaml`, and what lmms-eval's file of that task says, functions and all."""
    from lmms_eval.utils import load_yaml_config

    (entry,) = entries([request.param])
    return entry, load_yaml_config(manager.task_index[entry.task]["yaml_path"], mode="full")


@pytest.mark.filterwarnings("ignore")
def test_each_task_and_metric_is_there_with_that_direction(task):
    entry, config = task
    directions = {one["metric"]: one["higher_is_better"] for one in config["metric_list"]}
    assert {one.metric: one.higher_is_better for one in entry.metrics}.items() <= directions.items()
    assert config["output_type"] == "generate_until"


@pytest.mark.filterwarnings("ignore")
def test_right_answers_alone_reach_the_whole_of_the_scale(task, tmp_path):
    """lmms-eval's own functions score one question of each kind: 100 percent, 200 points of a category of MME."""
    entry, config = task
    rows = [{**QUESTION, **CHOICES, **MORE, **VIDEO, "answer": "B", **own} for own in DOCUMENTS.get(entry.task, [{}])]
    right = [row["answer"] if entry.task == "mme" else "B" for row in rows]
    wanted = 200.0 if entry.task == "mme" else 100.0
    for one in entry.metrics:
        value = scored(config, one.metric, rows, right, tmp_path)
        assert percent(value, one.scale) == wanted


def scored(config, metric, rows, answers, folder):
    from lmms_eval.api.registry import AGGREGATION_REGISTRY, METRIC_REGISTRY

    listed = next(one for one in config["metric_list"] if one["metric"] == metric)
    aggregate = AGGREGATION_REGISTRY.get(listed["aggregation"], listed["aggregation"])
    if "process_results" not in config:
        truths = [config["doc_to_target"](row, "mcq") for row in rows]
        return METRIC_REGISTRY[metric](references=truths, predictions=answers)[metric]
    given = [config["process_results"](row, [answer]) for row, answer in zip(rows, answers, strict=True)]
    items = [one[metric] for one in given if metric in one]
    if "args" in aggregate.__code__.co_varnames[: aggregate.__code__.co_argcount]:
        return aggregate(items, args=Namespace(output_path=str(folder)))
    return aggregate(items)
