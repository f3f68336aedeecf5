import shutil
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from sama_bench.cli.tasks import folder, tasks
from sama_bench.lmms.task_files import AGGREGATIONS, files_of, problems_of, read
from sama_bench.lmms.task_loader import refused

GOOD = {
    "task": "mine",
    "dataset_path": "json",
    "test_split": "test",
    "output_type": "generate_until",
    "doc_to_text": "!function mine.words",
    "doc_to_target": "answer",
    "process_results": "!function mine.results",
    "metric_list": "[{metric: m, aggregation: !function mine.mean, higher_is_better: true}]",
}
CODE = "def words(doc): return ''\ndef results(doc, results): return {'m': 1}\ndef mean(items): return 1\n"


def text(**changes):
    return "".join(f"{key}: {value}\n" for key, value in {**GOOD, **changes}.items() if value is not None)


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "ends.py").write_text("raise SystemExit(0)\n", encoding="utf-8")

    def write(content, name="mine.yaml"):
        (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path

    return write


def test_ours_are_right_by_our_reading_and_by_lmms_evals_own():
    reading = read(files_of(folder()))

    assert {one.name for one in reading.found} >= {"sama_bench", "sama_bench_g", "sama_bench_c", "sama_bench_g_mevis"}
    assert problems_of(reading) == []
    assert refused(reading) == []


def test_copies_of_the_tasks_of_0_1_are_right_too(tmp_path):
    shutil.copytree(folder(), tmp_path, dirs_exist_ok=True)
    for name in ("sama_bench_g.yaml", "sama_bench_c.yaml"):
        content = (tmp_path / name).read_text(encoding="utf-8")
        assert "lmms.prompts.words" in content
        (tmp_path / name).write_text(content.replace("lmms.prompts.", "lmms.asking."), encoding="utf-8")
    reading = read(files_of(tmp_path))

    assert problems_of(reading) == []
    assert refused(reading) == []


def test_a_file_that_lmms_eval_takes_has_no_problem(mine):
    reading = read(files_of(mine(text())))

    assert problems_of(reading) == []
    assert refused(reading) == []


BROKEN = {
    "key": (text(metrics="[]"), "knows no key 'metrics'", True),
    "output type": (text(output_type="generate"), "`output_type` is 'generate', expected one of loglikelihood", False),
    "arguments of another type": (text(output_type="loglikelihood", generation_kwargs="{until: []}"), "go with", True),
    "no split": (text(test_split=None), "neither `test_split` nor `validation_split`", False),
    "no data": (text(dataset_path=None), "no `dataset_path`", False),
    "metric without a name": (text(metric_list="[{label: m}]"), "metric_list[0] has no `metric`", False),
    "metric without aggregation": (
        text(metric_list="[{metric: m, higher_is_better: true}]"),
        "metric_list[0], m: no `aggregation`",
        False,
    ),
    "metric without direction": (
        text(metric_list="[{metric: m, aggregation: !function mine.mean}]"),
        "m: no `higher_is_better`",
        False,
    ),
    "direction": (
        text(metric_list="[{metric: m, aggregation: !function mine.mean, higher_is_better: up}]"),
        "`higher_is_better` is 'up'",
        False,
    ),
    "aggregation": (
        text(metric_list="[{metric: m, aggregation: avg, higher_is_better: true}]"),
        "m: lmms-eval has no `aggregation` 'avg'",
        False,
    ),
    "metrics that are none": (text(metric_list="m"), "`metric_list` is str", False),
    "function that is not there": (text(doc_to_text="!function mine.word"), "mine has no word", True),
    "module that is not there": (text(doc_to_text="!function yours.words"), "the module does not load", True),
    "function without module": (text(doc_to_text="!function words"), "expected module.function", True),
    "task of ours that is none": (
        text(dataset_kwargs="!function sama_bench.lmms.data.sama_bench_x"),
        "there is no task sama_bench_x",
        True,
    ),
    "not YAML": ("task: [\n", "is not YAML", True),
    "include that is not there": ("include: base.yaml\n" + text(), "base.yaml cannot be read", True),
    "include of itself": ("include: mine.yaml\n" + text(), "includes itself", True),
    "group without a name": ("task: [mine]\n", "expected its name under `group`", True),
    "group of strangers": ("group: all\ntask: [theirs]\n", "its task 'theirs' is in none of these files", False),
    "group of nothing": ("group: all\ntask: [7]\n", "its task 7 is neither a name nor a mapping", False),
    "group of itself": ("group: all\ntask: [all]\n", "it holds itself", False),
    "alias of itself": (text(metadata="&m {x: *m}"), "an alias within its own anchor", False),
    "module that ends the process": (
        text(doc_to_text="!function ends.words"),
        "the module does not load (SystemExit",
        False,
    ),
    "name": (text(task="7"), "`task` is 7, expected the task's name", False),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_lmms_eval_would_not_take_is_told(mine, name):
    content, told, _ = BROKEN[name]

    problems = problems_of(read(files_of(mine(content))))

    assert any(told in problem for problem in problems), problems
    assert all("mine.yaml" in problem for problem in problems)


@pytest.mark.skipif(find_spec("lmms_eval") is None, reason="lmms-eval is not installed")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name, (_, _, theirs) in BROKEN.items() if theirs])
def test_lmms_eval_itself_does_not_take_it(mine, name):
    from lmms_eval.tasks import TaskManager

    folder = mine(BROKEN[name][0])

    with pytest.raises((Exception, SystemExit)):
        TaskManager(include_path=str(folder), include_defaults=False).load_task_or_group(["mine", "all"])


def test_two_files_of_one_name_are_told_with_both(mine):
    mine(text(), "one.yaml")
    problems = problems_of(read(files_of(mine(text(), "two.yaml"))))

    assert len(problems) == 2
    assert all("2 files here are called 'mine'" in problem for problem in problems)


def test_what_is_no_task_is_left_alone(mine):
    reading = read(files_of(mine("prices: {a: 1}\n", "prices.yaml")))

    assert reading.found == []
    assert reading.problems == []


def test_what_is_included_counts_as_if_it_stood_there(mine):
    mine(text(task="base"), "base.yaml")
    reading = read(files_of(mine("include: base.yaml\ntask: mine\n")))

    assert sorted(one.name for one in reading.found) == ["base", "mine"]
    assert problems_of(reading) == []


def test_a_group_may_hold_what_others_have(mine):
    reading = read(files_of(mine("group: all\ntask: [theirs]\n")))

    assert problems_of(reading, {"theirs"}) == []


def test_a_folder_of_such_a_name_is_no_file(mine):
    folder = mine(text())
    (folder / "folder.yaml").mkdir()

    assert [one.name for one in files_of(folder)] == ["mine.yaml"]


def test_check_tells_a_path_that_is_not_there_as_bad_usage():
    done = CliRunner().invoke(tasks, ["check", "nowhere"])

    assert done.exit_code == 2
    assert "'nowhere' does not exist" in done.output


@pytest.mark.filterwarnings("ignore")
def test_aggregations_are_those_of_lmms_eval():
    pytest.importorskip("lmms_eval.api.metrics")
    from lmms_eval.api.registry import AGGREGATION_REGISTRY

    assert set(AGGREGATION_REGISTRY) == AGGREGATIONS
