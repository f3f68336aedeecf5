import json
from pathlib import Path

import pytest
import yaml

from sama_bench.benchmark.installed import load_task
from sama_bench.metric import Metric
from sama_bench.result_formats.every_eval_ever import Evaluator, _bound, every_eval_ever
from sama_bench.result_formats.hugging_face import eval_results
from sama_bench.result_formats.scored_run import ScoredRun
from sama_bench.run.manifest import Manifest, RunSettings, Session
from sama_bench.score.block import USUAL, Block
from sama_bench.score.scores import Scores
from sama_bench.types import Key
from sama_bench.verdicts.judge_result import Judged
from sama_bench.verdicts.verdict import Verdict

SCHEMA = json.loads((Path(__file__).parent / "every_eval_ever.schema.json").read_text(encoding="utf-8"))["schema"]
# Hugging Face gives its form as a commented example (huggingface/hub-docs 242f4a1, eval_results.yaml): these are its
# keys, with those that are required.
HUB_KEYS = {"dataset", "value", "verifyToken", "date", "source", "notes"}
HUB_DATASET, HUB_SOURCE = {"id", "task_id", "revision"}, {"url", "name", "user", "org"}


def scored(means, **more):
    settings = RunSettings("chat", {"checkpoint": "Org/Model-1B"}, "f" * 64, ["g"], None, None, {"g": "d" * 64}, **more)
    sessions = (Session("2026-03-01T10:00:00+00:00", {}),)
    manifest = Manifest(settings, "demo", "demo", sessions=sessions, asking={"prompt": "plain@1"})
    block = Block(means, {}, 12, {"J&F": (0.1, 0.3)}, USUAL, missing=1)
    about = {
        "column": "Judge", "model": "gpt", "template": "dialogue@1", "temperature": 0.0, "seed": 1, "samples": 1,
    }  # fmt: skip
    judged = {"Judge": Judged(about, {Key("g", "1"): [Verdict(0.5, "so")]})}
    signature = {"strict": {"g": {"task": "g", "protocol": "strict"}}}
    return ScoredRun(manifest, Scores(signature, {"strict": {"g": block}}), judged)


def results(run, **more):
    return json.loads(every_eval_ever(run, Evaluator("Our lab", "first_party"), **more))


def test_every_eval_ever_is_valid_by_its_published_schema():
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft7Validator(SCHEMA)
    for dataset in (None, "org/data"):
        content = results(scored({"J&F": 0.2, "METEOR": 0.1, "CIDEr": 1.7, "Judge": 0.5}), dataset=dataset)
        assert [str(problem) for problem in validator.iter_errors(content)] == []
    broken = results(scored({"J&F": 0.2}))
    del broken["model_info"]["additional_details"]
    assert list(validator.iter_errors(broken))


def test_every_eval_ever_has_what_the_schema_requires():
    """As the test above, where jsonschema is not installed: the required keys of each object that is written."""
    content = results(scored({"J&F": 0.2, "Judge": 0.5}))
    assert set(SCHEMA["required"]) <= set(content) <= set(SCHEMA["properties"])
    item = SCHEMA["properties"]["evaluation_results"]["items"]
    for result in content["evaluation_results"]:
        assert set(item["required"]) <= set(result) <= set(item["properties"])
    assert set(SCHEMA["$defs"]["model_info"]["required"]) <= set(content["model_info"])
    assert content["schema_version"] == SCHEMA["version"]


def test_every_eval_ever_says_how_each_number_came():
    content = results(scored({"J&F": 0.2, "Judge": 0.5}))
    assert content["evaluation_id"] == "demo/Org/Model-1B/1772359200"
    assert content["model_info"]["additional_details"]["asked prompt"] == "plain@1"
    whole, judge = content["evaluation_results"]
    assert (whole["score_details"]["score"], whole["metric_config"]["lower_is_better"]) == (0.2, False)
    uncertainty = whole["score_details"]["uncertainty"]
    assert uncertainty["confidence_interval"] | {"method": ""} == {
        "lower": 0.1, "upper": 0.3, "confidence_level": 0.95, "method": "",
    }  # fmt: skip
    assert uncertainty["num_bootstrap_samples"] == USUAL.resamples
    assert whole["score_details"]["details"]["missing"] == "1"
    assert judge["metric_config"]["llm_scoring"]["judges"][0]["model_info"]["name"] == "gpt"
    assert "llm_scoring" not in whole["metric_config"]


def test_bounds_are_the_metrics_own():
    metrics = {metric.name: metric for metric in load_task("g").columns("strict")}
    for result in results(scored({"J&F": 0.2, "CIDEr": 1.7}))["evaluation_results"]:
        about = result["metric_config"]
        assert (about["min_score"], about["max_score"]) == metrics[about["metric_id"].split(".")[1]].bounds


def test_bounds_without_end_have_their_words():
    assert [_bound(value) for value in (float("inf"), float("-inf"), 1.0)] == ["Infinity", "-Infinity", 1.0]


def test_the_hubs_yaml_has_its_keys_and_only_headlines():
    content = eval_results(scored({"J&F": 0.2, "METEOR": 0.1, "Bleu_1": 0.3}), "org/data", "https://example.org/run")
    entries = yaml.safe_load(content)
    headlines = [metric.name for metric in load_task("g").columns("strict") if metric.headline]
    assert {"J&F", "METEOR"} <= set(headlines)
    assert len(entries) == 2
    for entry in entries:
        assert {"dataset", "value"} <= set(entry) <= HUB_KEYS
        assert {"id", "task_id"} <= set(entry["dataset"]) <= HUB_DATASET
        assert {"url"} <= set(entry["source"]) <= HUB_SOURCE
        assert isinstance(entry["date"], str)
    assert entries[0]["dataset"] == {"id": "org/data", "task_id": "sama_bench_g_strict_j_f"}
    assert (entries[0]["value"], entries[0]["date"]) == (20.0, "2026-03-01")
    assert "95 % interval 10.00 to 30.00" in entries[0]["notes"]


def test_a_run_without_sessions_has_a_date_that_says_so():
    run = scored({"J&F": 0.2})
    bare = ScoredRun(Manifest(run.manifest.settings, "demo", "demo"), run.scores, {})
    assert bare.made.year == 1970


def test_names_are_unlike():
    run = scored({})
    names = [f"{metric.protocol}/{metric.name}" for metric in load_task("g").metrics if isinstance(metric, Metric)]
    assert len(set(names)) == len(names)
    assert run.model == "Org/Model-1B"
