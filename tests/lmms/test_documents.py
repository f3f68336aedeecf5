import json
from pathlib import Path

import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.errors import UserError
from sama_bench.lmms import data, documents


def test_the_documents_are_the_questions_in_their_order_and_lead_back_to_them():
    opened = open_benchmark("demo")

    rows = [row for task in ("g", "c") for row in documents.rows(f"sama_bench_{task}")]

    assert [documents.key_of(row) for row in rows] == [
        key for task in ("g", "c") for entry in opened.entries for key in entry.keys if key.task == task
    ]
    for row in rows:
        assert documents.question_of(row).text == row["question"]
        assert documents.truth_of(row).text == row["answer"]


def test_by_source_they_are_parted():
    parts = [f"sama_bench_g_{source}" for source in ("mevis", "lvvis", "ref_youtube_vos", "vidstg")]
    there = [list(documents.rows(part)) for part in parts if documents.is_ours(part)]

    assert sorted(row["question_id"] for part in there for row in part) == sorted(
        row["question_id"] for row in documents.rows("sama_bench_g")
    )
    assert all(len({row["source"] for row in part}) == 1 for part in there)


@pytest.mark.parametrize("name", ["sama_bench", "sama_bench_x", "sama_bench_g_coco", "mme", "xsama_bench_g", ""])
def test_other_tasks_are_not_ours(name):
    assert not documents.is_ours(name)


def test_a_document_of_another_benchmark_is_told(monkeypatch):
    row = {**next(documents.rows("sama_bench_g")), "question_id": "of another"}

    with pytest.raises(UserError, match=r"of another .* is not in the benchmark .* was \$SAMA_BENCH_ROOT changed"):
        documents.question_of(row)


def test_a_task_names_a_file_of_its_documents_which_stays_the_same():
    one, again = data.sama_bench_c, data.sama_bench_c
    lines = Path(one["data_files"]["test"]).read_text(encoding="utf-8").splitlines()

    assert one == again
    assert [json.loads(line) for line in lines] == list(documents.rows("sama_bench_c"))


def test_a_task_without_data_ends_with_a_line_that_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("SAMA_BENCH_ROOT", str(tmp_path / "nowhere"))

    with pytest.raises(SystemExit) as ended:
        data.sama_bench_g  # noqa: B018 - made when it is asked for

    assert str(ended.value).startswith(f"sama-bench: {tmp_path / 'nowhere'}: no such path")


def test_data_has_nothing_else():
    with pytest.raises(AttributeError, match="no attribute 'mme'"):
        data.mme  # noqa: B018 - made when it is asked for
