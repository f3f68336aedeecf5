"""Our tasks in the real lmms-eval, with its own `dummy` and with adapters of ours."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("lmms_eval")

from sama_bench.benchmark import open_benchmark
from sama_bench.cli.tasks import folder
from sama_bench.lmms.samples import lines
from sama_bench.run.answer_sources import PredictionFile
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.registry import make_adapter
from sama_bench.run.runner import run
from sama_bench.run.store import Store
from sama_bench.score.engine import score

pytestmark = pytest.mark.filterwarnings("ignore")


def evaluated(model, arguments="", tasks=("sama_bench_g", "sama_bench_c"), **options):
    from lmms_eval.evaluator import simple_evaluate
    from lmms_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(folder()), include_defaults=False, model_name=model)
    return simple_evaluate(model, model_args=arguments, tasks=list(tasks), task_manager=manager, **options)


def means(results, task):
    """The values of a task, by protocol and metric, without those that are defined nowhere."""
    values = {name.removesuffix(",none"): value for name, value in results["results"][task].items()}
    ours = {name: value for name, value in values.items() if name.startswith(("paper_", "strict_"))}
    return {name: value for name, value in ours.items() if "_stderr" not in name and value is not None}


def flat(scores, task):
    blocks = {protocol: tasks[task].mean for protocol, tasks in scores.protocols.items()}
    return {f"{protocol}_{name}": value for protocol, own in blocks.items() for name, value in own.items()}


@pytest.fixture(scope="module")
def dummy(cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMA_BENCH_CACHE", str(cache))
        patch.setenv("LMMS_EVAL_DATASETS_CACHE", str(cache / "datasets"))
        patch.setenv("SAMA_BENCH_PHRASES", "words")
        return evaluated("dummy", "response=a dog runs")


def test_both_tasks_run_with_lmms_evals_own_model(dummy):
    assert dummy["results"]["sama_bench_g"]["answered,none"] == 1.0
    assert dummy["higher_is_better"]["sama_bench_g"]["strict_false_groundings"] is False
    assert 0 < means(dummy, "sama_bench_g")["strict_METEOR"] < 1
    assert 0 < means(dummy, "sama_bench_c")["paper_ROUGE_L"] < 1


def test_standard_errors_are_clustered_by_video(dummy):
    found = dummy["results"]["sama_bench_c"]

    assert found["strict_ROUGE_L_stderr_clustered,none"] > 0
    assert found["strict_ROUGE_L_stderr_clustered,none"] != found["strict_ROUGE_L_stderr_clt,none"]


@pytest.mark.parametrize("task", ["g", "c"])
def test_its_samples_score_here_to_the_same_numbers(dummy, tmp_path, task):
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join(f"{json.dumps(one, default=str)}\n" for one in dummy["samples"][f"sama_bench_{task}"]))
    (tmp_path / "predictions.jsonl").write_text("".join(f"{line}\n" for line in lines(samples)))

    benchmark = open_benchmark("demo", tasks=[task])
    scores = score(benchmark, PredictionFile(tmp_path / "predictions.jsonl", benchmark), phrases="words")

    assert means(dummy, f"sama_bench_{task}") == flat(scores, task)


def in_our_runner(folder, model, **arguments):
    benchmark, adapter = open_benchmark("demo", limit=6), make_adapter(model, arguments)
    settings = RunSettings(model, arguments, benchmark.fingerprint, benchmark.tasks, 6, None, {})
    with Store.create(folder / "run", Manifest(settings, "demo", "demo", can=adapter.can)) as store:
        run(benchmark, adapter, store)
        return score(benchmark, store, phrases="words")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [(("sama_bench", "adapter=motion"), "motion"), (("dummy", "response=a dog runs"), "lmms:dummy")],
)
def test_a_model_scores_there_as_in_our_own_runner(tmp_path, monkeypatch, theirs, ours):
    monkeypatch.setenv("SAMA_BENCH_PHRASES", "words")
    arguments = {"response": "a dog runs"} if ours == "lmms:dummy" else {}

    there = evaluated(*theirs, limit=6)
    here = in_our_runner(tmp_path, ours, **arguments)

    for task in ("g", "c"):
        assert means(there, f"sama_bench_{task}") == flat(here, task)
        assert there["results"][f"sama_bench_{task}"]["answered,none"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", "which adapter? expected --model_args adapter=motion"),
        ("adapter=moton", "there is no adapter 'moton', did you mean motion"),
        ("adapter=motion,speed=1", "motion"),
        ("adapter=motion,fast", "'fast' is no argument, expected name=value"),
    ],
)
def test_what_is_wrong_with_the_adapter_ends_lmms_eval_with_a_line(arguments, told):
    from sama_bench.lmms.model import SamaBench

    with pytest.raises(SystemExit, match=r"^sama-bench: ") as ended:
        SamaBench.create_from_arg_string(arguments, {"device": "cpu"})

    assert told in str(ended.value)


def in_a_shell(*arguments, **environment):
    import os

    command = [sys.executable, "-m", "lmms_eval", "--include_path", str(folder()), *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **environment}, timeout=300
    )


def test_a_benchmark_that_is_not_there_is_told_in_a_line(tmp_path):
    done = in_a_shell("--tasks", "sama_bench_g", "--model", "dummy", SAMA_BENCH_ROOT=str(tmp_path / "nowhere"))

    assert done.returncode
    assert f"sama-bench: {tmp_path / 'nowhere'}: no such path, expected the folder of a benchmark" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_lmms_eval_lists_them():
    command = [sys.executable, "-m", "lmms_eval", "tasks", "list", "--include-path", str(folder())]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)

    assert {"sama_bench", "sama_bench_g", "sama_bench_c", "sama_bench_vidstg"} <= set(done.stdout.split())
