import json

import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.errors import UserError
from sama_bench.lmms import documents
from sama_bench.lmms.answer_text import written
from sama_bench.lmms.samples import lines
from sama_bench.run.abilities import without
from sama_bench.run.answer_sources import PredictionFile
from sama_bench.run.predictions import StoredPrediction


def test_what_the_model_cannot_do_stays_known(tmp_path):
    doc = next(documents.rows("sama_bench_g"))
    answer = written(StoredPrediction("a dog"), without(["masks"]))
    item = {"task": "g", "question_id": doc["question_id"], "video": doc["video"], "answer": answer}
    (tmp_path / "samples.jsonl").write_text(json.dumps({"answered": item}))
    (tmp_path / "answers.jsonl").write_text("\n".join(lines(tmp_path / "samples.jsonl")))
    assert PredictionFile(tmp_path / "answers.jsonl", open_benchmark("demo")).can == without(["masks"])


def test_samples_without_results_are_told_once(tmp_path):
    samples = tmp_path / "samples.jsonl"
    samples.write_text('{"doc_id": 0, "filtered_resps": ["a"], "bypass": 0}\n' * 3)
    with pytest.raises(UserError, match=r"its samples have no results .answered.: made with --predict_only") as told:
        lines(samples)
    assert len(told.value.lines()) == 1
