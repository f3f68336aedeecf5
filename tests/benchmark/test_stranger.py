"""A benchmark that a stranger's package brings, with metrics of its own, through every command."""

import json
import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from sama_bench.lmms_yaml import TaskLoader

pytestmark = pytest.mark.slow
PACKAGE = Path(__file__).parents[1] / "plugin_benchmark"
SIZE = (40, 60)
EXPRESSIONS = [  # image, id, text, kind, box
    ("a", "1", "the red one", "colour", [0, 0, 20, 10]),
    ("a", "2", "the one on the right", "place", [30, 10, 50, 30]),
    ("b", "3", "the blue one", "colour", [5, 5, 45, 35]),
    ("c", "4", "the one above", "place", [0, 0, 60, 4]),
]
# What a model says: the true box moved to the right by so many pixels; None is no mask.
MOVED = {"1": 10, "2": 0, "3": 15, "4": None}


def _data(folder):
    folder.mkdir()
    images = {}
    for image, id_, text, kind, box in EXPRESSIONS:
        own = images.setdefault(image, {"id": image, "file": f"{image}.png", "expressions": []})
        own["expressions"].append({"id": id_, "text": text, "kind": kind, "box": box})
    for image in images:
        Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(folder / f"{image}.png")
    (folder / "toy_refer.json").write_text(json.dumps(list(images.values())))
    return folder


def _site(folder):
    """The package as pip would install it: its modules, and the entry points of its setup.cfg."""
    shutil.copytree(PACKAGE / "toy_refer", folder / "toy_refer")
    config = ConfigParser()
    config.read(PACKAGE / "setup.cfg")
    about = folder / "toy_refer-0.3.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-refer\nVersion: 0.3\n")
    points = config["options.entry_points"]["sama_bench.benchmarks"]
    (about / "entry_points.txt").write_text(f"[sama_bench.benchmarks]{points}\n")
    return folder


class Commands:
    def __init__(self, folder, cache):
        self.folder = folder
        self.data = _data(folder / "data")
        path = os.pathsep.join([str(_site(folder / "site")), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.environment = {
            **os.environ,
            "PYTHONPATH": path,
            "COLUMNS": "160",
            "SAMA_BENCH_CACHE": str(cache),
        }

    def __call__(self, *arguments, status=0):
        code = "from sama_bench.cli.main import main; main()"
        command = [sys.executable, "-c", code, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def json(self, name):
        return json.loads((self.folder / name).read_text())


def _moved(box, by):
    mask = np.zeros(SIZE, bool)
    x0, y0, x1, y1 = box
    mask[y0:y1, x0 + by : x1 + by] = True
    return mask


def _overlap(box, by):
    true = _moved(box, 0)
    said = np.zeros(SIZE, bool) if by is None else _moved(box, by)
    return int((true & said).sum()), int((true | said).sum())


MODEL = """
import json, sys
import numpy as np
import sama_bench as sb

moved = json.loads(sys.argv[1])

def model(question):
    truth = bench.truth(question.key)
    by = moved[question.key.id]
    if by is None:
        return sb.Prediction("It is not there.")
    from sama_bench.metrics import rle
    mask = rle.decode(truth.strict_tracks[0][0], question.video.size)
    return sb.Prediction("<p> This </p> [SEG]", [np.roll(mask, by, axis=1)[None]])

bench = sb.load_benchmark(sys.argv[2])
run = sb.evaluate(model, bench, "moved", name="moved")
print(len(bench), run.scores.mean("toyseg", "strict", "cIoU"))
"""


@pytest.fixture(scope="module")
def stranger(tmp_path_factory, warm_cache):
    """The commands with two runs on the benchmark: `moved`, and the oracle's."""
    folder = tmp_path_factory.mktemp("stranger")
    commands = Commands(folder, warm_cache(folder / "cache"))
    arguments = [sys.executable, "-c", MODEL, json.dumps(MOVED), f"toy-refer:{commands.data}"]
    done = subprocess.run(
        arguments, cwd=commands.folder, env=commands.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    commands.printed = done.stdout
    commands("run", "--model", "oracle", "--bench", commands.data, "--out", "oracle")  # its folder is recognised
    return commands


def test_it_is_listed_and_checked_by_name_or_by_its_folder_alone(stranger):
    done = stranger("bench", "list")
    assert "toy-refer" in done.stdout
    assert "toyseg, toybox" in done.stdout
    assert "toy-broken: cannot be used: toy_refer.broken:BROKEN: ImportError: this benchmark was written" in done.stderr
    for address in (stranger.data, f"toy-refer:{stranger.data}"):
        assert "3 videos; questions: 4 of task toyseg, 4 of task toybox" in stranger("bench", "check", address).stdout
    assert (
        "there is no benchmark 'toy-refr', did you mean toy-refer?"
        in stranger("bench", "check", f"toy-refr:{stranger.data}", status=2).stderr
    )
    assert "toy-refer: needs the folder of its data" in stranger("bench", "check", "toy-refer", status=2).stderr


def test_a_ratio_of_sums_is_over_all_questions_and_a_mean_is_over_videos(stranger):
    content = stranger.json("moved/scores.json")
    block = content["protocols"]["strict"]["toyseg"]
    overlaps = {id_: _overlap(box, MOVED[id_]) for _, id_, _, _, box in EXPRESSIONS}
    inner, outer = (sum(pair[n] for pair in overlaps.values()) for n in (0, 1))
    assert block["mean"]["cIoU"] == inner / outer
    assert stranger.printed == f"8 {inner / outer}\n"
    ious = {id_: one / other for id_, (one, other) in overlaps.items()}
    assert block["mean"]["gIoU"] == pytest.approx(((ious["1"] + ious["2"]) / 2 + ious["3"] + ious["4"]) / 3)
    assert block["sums"]["cIoU"]["a"] == [sum(overlaps[id_][n] for id_ in "12") for n in (0, 1)]
    low, high = block["interval"]["cIoU"]
    assert 0 <= low < inner / outer < high <= 1
    assert content["protocols"]["strict"]["toybox"]["mean"] == {"box_acc": pytest.approx(0.5 / 3)}
    signature = content["signature"]["strict"]["toyseg"]
    assert (signature["tokenizer"], signature["phrases"], signature["judge"]) == (None, None, None)


def test_scoring_again_and_the_answers_in_a_file_give_the_same(stranger):
    before = (stranger.folder / "moved/scores.json").read_bytes()
    stranger("export", "moved", "--out", "answers.jsonl")
    stranger("score", "--bench", f"toy-refer:{stranger.data}", "--predictions", "answers.jsonl", "--json", "again.json")
    assert (stranger.folder / "again.json").read_bytes() == before
    shown = stranger("score", "moved", "--bench", stranger.data, "--breakdowns").stdout
    assert "Toy-Refer, masks: 4 questions of 3 videos, strict protocol, percent" in shown
    assert "colour" in shown.split("by part")[1]
    stranger("score", "moved")
    assert (stranger.folder / "moved/scores.json").read_bytes() == before


def test_compare_and_gate_know_its_metrics(stranger):
    found = json.loads(stranger("compare", "oracle", "moved", "--json", "-").stdout)
    metrics = found["protocols"]["strict"]["toyseg"]["metrics"]
    assert metrics["cIoU"]["a"] == 1.0
    assert metrics["gIoU"]["tally"] == {"unit": "question", "better": 0, "equal": 1, "worse": 3}
    sides = ("--baseline", "oracle", "--candidate", "moved")
    usual = stranger("gate", *sides, status=3).stdout  # three videos tell nothing
    assert all(name in usual for name in ("TOYSEG cIoU", "TOYSEG gIoU", "TOYBOX Acc@0.5"))
    named = stranger("gate", *sides, "--metric", "toyseg.ciou", status=3).stdout
    assert "only 3 videos" in named
    assert "toyseg:4" in named
    stranger("gate", "baseline", "oracle", "base.json")
    again = stranger("gate", "--baseline", "base.json", *sides[2:], "--metric", "toyseg.ciou", status=3).stdout
    assert "only 3 videos" in again


def test_the_report_has_its_tables_and_the_page_its_questions(stranger):
    stranger("report", "moved", "oracle", "--out", "report")
    tables = {table["task"]: table for table in stranger.json("report/report.json")["tables"]}
    assert [column["name"] for column in tables["toyseg"]["columns"]] == ["cIoU", "gIoU"]
    assert tables["toybox"]["rows"][0]["values"]["box_acc"] == pytest.approx(0.5 / 3)
    questions = (stranger.folder / "report/page/questions.js").read_text()
    assert "toyseg:3" in questions
    assert "Please segment the blue one." in questions
    stranger("show", "toyseg:3", "moved", "--out", "three.png")
    assert (stranger.folder / "three.png").stat().st_size > 1000


def test_a_leaderboard_takes_it(stranger):
    stranger("leaderboard", "pack", "moved", "--out", "moved.zip", "--name", "Mover")
    fingerprint = stranger.json("moved/manifest.json")["settings"]["fingerprint"]
    (stranger.folder / "board").mkdir()
    (stranger.folder / "board/leaderboard.yaml").write_text(f"benchmark: {fingerprint}\nphrases: words\n")
    stranger("leaderboard", "add", "moved.zip", "--bench", f"toy-refer:{stranger.data}", "--to", "board")
    entry = stranger.json("board/entries/mover.json")
    assert entry["protocols"] == stranger.json("moved/scores.json")["protocols"]
    done = stranger("leaderboard", "build", "board", "--out", "site")
    assert "another way" not in done.stdout + done.stderr
    assert "Mover" in (stranger.folder / "site/report.md").read_text()


def test_lmms_eval_has_a_file_for_its_tasks(stranger):
    (stranger.folder / "lmms").mkdir()
    written = stranger("tasks", "yaml", "toyseg").stdout
    (stranger.folder / "lmms/toyseg.yaml").write_text(written)
    content = yaml.load(written, Loader=TaskLoader)
    assert [one["metric"] for one in content["metric_list"]] == ["answered", "strict_cIoU", "strict_gIoU"]
    assert "1 tasks and groups, 0 problems" in stranger("tasks", "check", "lmms").stdout
    rows = (
        "import os, json; from sama_bench.lmms import data, results;"
        "path = data.toy_refer_toyseg['data_files']['test'];"
        "docs = [json.loads(line) for line in open(path)];"
        "kept = [results.process_results(doc, ['nothing'])['answered'] for doc in docs];"
        "print(len(docs), docs[0]['question'])"
    )
    environment = {**stranger.environment, "SAMA_BENCH_ROOT": f"toy-refer:{stranger.data}"}
    done = subprocess.run([sys.executable, "-c", rows], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "Told" in done.stderr or "asked" in done.stderr, done.stderr


def test_without_the_package_the_run_says_what_is_missing(stranger):
    environment = {**stranger.environment, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    code = "from sama_bench.cli.main import main; main()"
    command = [sys.executable, "-c", code, "score", "moved"]
    done = subprocess.run(command, cwd=stranger.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "toy-refer" in done.stderr
    assert "Traceback" not in done.stderr
