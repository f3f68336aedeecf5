import json

import pytest

from sama_bench.errors import UserError
from sama_bench.lmms.general.record import FILE, Failed, GeneralSettings, Record, Scored, Value, read
from sama_bench.run.manifest import Session

SETTINGS = GeneralSettings("sama", {"checkpoint": "w"}, 20, "0.7.3")
SCORED = Scored((Value("acc", "A", 0.5, "fraction", True),), 20, 100, "1.0", "0a1b2c3d", lacking={"other": "none"})


def test_what_is_written_is_read_again(tmp_path):
    record = Record(SETTINGS, {"a": SCORED, "b": Failed("no data", 2)}, (Session("2026-03-01", {"python": "3"}, "c"),))
    record.write(tmp_path)
    assert read(tmp_path) == record


def test_a_failure_is_counted_on_and_ends_with_a_score():
    record = Record(SETTINGS).plus("a", Failed("x")).plus("a", Failed("y"))
    assert record.tasks == {"a": Failed("y", 2)}
    assert record.plus("a", SCORED).tasks == {"a": SCORED}


def test_only_what_has_scores_is_done_and_with_failed_answers_it_may_be_asked_again():
    torn = Scored(SCORED.values, 20, 100, "1.0", "0a1b2c3d", errors=3)
    record = Record(SETTINGS, {"a": SCORED, "b": Failed("no data"), "c": torn})
    assert [name for name in "abcd" if record.is_done(name)] == ["a", "c"]
    assert [name for name in "abcd" if record.is_done(name, retry_errors=True)] == ["a"]


def test_a_folder_without_scores_has_no_record(tmp_path):
    assert read(tmp_path) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "other"}, 'holds no scores of `sama-bench general` .expected "format": "sama-bench general".'),
        ({"version": 9}, "was written by a newer sama-bench"),
        ({"settings": {"model": "sama"}}, "damaged: model_args is missing at settings; make it again with: "),
        (
            {"tasks": {"a": {"values": [{"value": "x"}]}}},
            "damaged: metric is missing at values.0 in task .a.; make it again with: ",
        ),
        ({"tasks": []}, "damaged: .. is not an object at tasks; make it again with: "),
    ],
)
def test_a_file_that_is_not_right_is_told_in_a_line(tmp_path, change, told):
    content = Record(SETTINGS, {"a": SCORED}).to_json() | change
    (tmp_path / FILE).write_text(json.dumps(content))
    with pytest.raises(UserError, match=f"{FILE}: {told}"):
        read(tmp_path)


def test_a_file_that_is_cut_is_told(tmp_path):
    (tmp_path / FILE).write_text('{"format": ')
    with pytest.raises(UserError, match=r"damaged: it is not JSON .*; make it again with: "):
        read(tmp_path)


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UserError, match=r"general.json: cannot be written .No such file or directory"):
        Record(SETTINGS).write(tmp_path / "nowhere")
