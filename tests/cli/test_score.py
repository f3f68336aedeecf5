import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from sama_bench.benchmark import open_benchmark
from sama_bench.cli.score import score
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import Store
from sama_bench.types import Key

SIZE, FRAMES = (12, 16), 2
VIDEO = "mevis/val_u/JPEGImages/a"
C_LINE = {"task": "c", "question_id": "8", "text": "A square."}


def track(left):
    masks = np.zeros((FRAMES, *SIZE), bool)
    masks[:, 2:9, left : left + 5] = True
    return rle.encode_track(masks)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def tree(tmp_path):
    """A benchmark of one video with a G and a C question."""
    root = tmp_path / "bench"
    frames = root / VIDEO
    frames.mkdir(parents=True)
    for frame in range(FRAMES):
        Image.fromarray(np.full((*SIZE, 3), 80 * frame, np.uint8)).save(frames / f"{frame}.jpg")
    question = {"from": "human", "value": "What is <mask>?", "question_id": "7"}
    video = {
        "video": VIDEO,
        "height": SIZE[0],
        "width": SIZE[1],
        "frames": ["0", "1"],
        "anno_map": [5],
        "conversation": [question, {"from": "gpt", "value": "<p> A square </p> [SEG] that stands still."}],
        "obj_masks": [[5]],
        "groundtruth": [[[5]]],
        "description": {"<obj0>": "A square that stands still in the middle."},
        "description_id": {"<obj0>": "8"},
    }
    (root / "mevis.json").write_text(json.dumps([video]))
    (root / "Mevis_mask_dict_val.json").write_text(json.dumps({"5": track(3)}))
    return root


@pytest.fixture
def lines(tmp_path):
    """Writes predictions as JSON lines: by default for the G question, half of its object."""

    def write(*rows):
        file = tmp_path / "answers.jsonl"
        default = {"task": "g", "question_id": "7", "text": "<p> a square </p> [SEG]", "tracks": [track(5)]}
        file.write_text("\n".join(json.dumps(row) for row in rows or [default]))
        return file

    return write


@pytest.fixture
def stored(tree, tmp_path):
    """A run of both questions, scored never."""
    benchmark = open_benchmark(tree)
    settings = RunSettings("made", {}, benchmark.fingerprint, ("g", "c"), None, None, {})
    with Store.create(tmp_path / "run", Manifest(settings, str(tree), benchmark.name)) as store:
        answer = StoredPrediction("<p> a square </p> [SEG]", [track(5)])
        store.put(VIDEO, [(Key("g", "7"), answer), (Key("c", "8"), StoredPrediction("", error="RuntimeError: no"))])
    return tmp_path / "run"


def invoke(*arguments):
    return CliRunner().invoke(score, [str(one) for one in arguments], catch_exceptions=False)


def refused(*arguments):
    with pytest.raises(UserError) as told:
        invoke(*arguments)
    return told.value.lines()


@pytest.mark.slow
def test_a_file_of_predictions_is_scored_on_the_whole_benchmark(tree, lines, tmp_path):
    done = invoke("--bench", tree, "--predictions", lines(), "--phrases", "words", "--json", tmp_path / "out.json")
    assert done.exit_code == 0
    assert "SAMA-Bench-G: 1 questions of 1 videos" in done.output
    assert "of 1 questions 1 without an answer" in done.output
    found = json.loads((tmp_path / "out.json").read_text())
    strict = found["protocols"]["strict"]
    assert strict["g"]["videos"][VIDEO]["miou"] == strict["g"]["mean"]["miou"] == pytest.approx(3 / 7)
    assert (strict["g"]["missing"], strict["c"]["missing"]) == (0, 1)
    assert found["signature"]["strict"]["g"]["phrases"] == "words@0.5"


def test_json_on_stdout_is_all_that_is_there(tree, lines, tmp_path):
    shown = invoke("--bench", tree, "--predictions", lines(), "--task", "g", "--phrases", "exact", "--json", "-")
    found = json.loads(shown.stdout)
    assert list(found["protocols"]["paper"]) == ["g"]
    assert found["signature"]["paper"]["g"]["phrases"] == "exact@0.5"


def test_one_task_of_a_file_that_holds_both_is_scored(tree, lines):
    rows = [{"task": "g", "question_id": "7", "text": "[SEG]", "tracks": [track(5)]}, C_LINE]
    asked = "--bench", tree, "--phrases", "exact", "--json", "-", "--predictions"
    both = invoke(*asked, lines(*rows), "--task", "g")
    assert both.stderr == f"{lines(*rows)}: 1 answers to questions of the other task are not scored\n"
    only = invoke(*asked, lines(rows[0]), "--task", "G")
    assert (only.stdout, only.stderr) == (both.stdout, "")
    assert "they are of task C" in refused(*asked, lines(C_LINE), "--task", "g")[0]


def test_a_run_is_scored_where_its_benchmark_was(stored):
    assert invoke(stored).exit_code == 0
    first = (stored / "scores.json").read_bytes()
    strict = json.loads(first)["protocols"]["strict"]
    assert strict["g"]["mean"]["miou"] == pytest.approx(3 / 7)
    assert (strict["c"]["errors"], strict["c"]["mean"]["METEOR"]) == (1, 0.0)
    assert invoke(stored, "--json", "-").stdout_bytes == first
    assert (stored / "scores.json").read_bytes() == first


def test_breakdowns_are_in_the_scores_when_asked_for(stored):
    invoke(stored)
    plain = json.loads((stored / "scores.json").read_bytes())
    assert "SAMA-Bench-C, strict protocol, by part" in invoke(stored, "--breakdowns").output
    found = json.loads((stored / "scores.json").read_bytes())
    parts = found.pop("breakdowns")
    assert found == plain
    assert [part["part"] for part in parts["strict"]["g"]["source"]] == ["mevis"]
    assert [part["part"] for part in parts["strict"]["c"]["size"]] == ["5–20 % of frame"]
    assert parts["strict"]["g"]["objects"][0]["mean"]["miou"] == plain["protocols"]["strict"]["g"]["mean"]["miou"]


def test_the_benchmark_may_have_moved(stored, tree, tmp_path):
    invoke(stored)
    first = (stored / "scores.json").read_bytes()
    shutil.move(tree, tmp_path / "moved")
    assert invoke(stored, "--bench", tmp_path / "moved").exit_code == 0
    assert (stored / "scores.json").read_bytes() == first


def test_another_benchmark_is_refused(stored, tree):
    masks = tree / "Mevis_mask_dict_val.json"
    masks.write_text(json.dumps({"5": track(4)}))
    [line] = refused(stored)
    assert "fingerprint" in line
    assert not (stored / "scores.json").exists()


def test_bad_usage_is_told_in_a_line(tree, lines, tmp_path):
    assert "expected either" in refused()[0]
    assert "expected either" in refused(tmp_path, "--predictions", lines())[0]
    assert "--task goes with" in refused(tmp_path, "--task", "G")[0]
    assert "is not a run" in refused(tmp_path / "nowhere")[0]
    unknown = refused("--bench", tree, "--predictions", lines(), "--phrases", "x")
    assert "known are bert, exact, minilm, words" in unknown[0]


def test_every_bad_line_is_told(tree, lines):
    file = lines({"task": "g", "question_id": "9", "text": ""}, {"task": "g", "question_id": "7", "tracks": []})
    first, second = refused("--bench", tree, "--predictions", file)
    assert f"{file}:1: " in first
    assert f"{file}:2: " in second


def test_a_place_that_cannot_be_written_is_told_before_anything_is_read(tmp_path, lines):
    out = tmp_path / "no" / "folder" / "x.json"
    assert "there is no folder" in refused("--bench", tmp_path / "nowhere", "--predictions", lines(), "--json", out)[0]
    assert "is a folder" in refused("--bench", tmp_path / "nowhere", "--predictions", lines(), "--json", tmp_path)[0]


def test_a_full_disk_leaves_nothing_half_written(tree, lines, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    out = tmp_path / "out.json"
    out.write_text("before")
    monkeypatch.setattr("os.fsync", full)
    [line] = refused("--bench", tree, "--predictions", lines(), "--json", out)
    assert line == f"{out}: cannot be written (No space left on device)"
    assert out.read_text() == "before"
    assert not list(tmp_path.glob(".out.json*"))


def test_help_has_an_example():
    assert "Example: sama-bench score --bench" in invoke("--help").output


def test_truth_that_does_not_fit_is_scored_with_a_warning(tree, lines):
    turned = rle.encode_track(np.ones((FRAMES + 1, *SIZE[::-1]), bool))
    (tree / "Mevis_mask_dict_val.json").write_text(json.dumps({"5": turned}))
    done = invoke("--bench", tree, "--predictions", lines(), "--phrases", "exact", "--json", "-")
    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("warning")]
    assert "(2 problems, the first: " in warning
    assert "annotation '5' has masks of 16x12 (height x width)" in warning
    assert json.loads(done.stdout)["protocols"]["paper"]["g"]
