"""Damaged YAML files, entries, cards, cached indexes, answers and benchmarks: a line of what is wrong, or as before."""

import hashlib
import json
from pathlib import Path

import pytest

from sama_bench import cache
from sama_bench.benchmark import open_benchmark
from sama_bench.benchmark.frame_index import FrameIndex
from sama_bench.benchmark.installed import load_task
from sama_bench.benchmarks.sama.mask_index import open_index
from sama_bench.gate.rules import read_config
from sama_bench.leaderboard.board import ScoredRun, boards
from sama_bench.leaderboard.data_export import as_json
from sama_bench.leaderboard.reported import read_reported
from sama_bench.leaderboard.submission import settings, submission_manifest
from sama_bench.leaderboard.submission.build import build
from sama_bench.leaderboard.submission.entry import SubmissionEntry, read_all
from sama_bench.leaderboard.submission.outdated import outdated
from sama_bench.leaderboard.submission.submission_manifest import Card
from sama_bench.lmms import task_files
from sama_bench.prompting import template
from sama_bench.run.answer_sources import PredictionFile
from sama_bench.score.scores import Scores

DATA = Path(__file__).parent / "data"
GATE = {"metrics": {"g.jf": 0.5, "c.meteor": 2, "g.paper.miou": 1.5}, "alpha": 0.05, "margin": 1.5}
FINGERPRINT = "4d279e7f25eb93254222838960b46b1ffa00c55ee2c106f73135d60432daa611"
LEADERBOARD = {"benchmark": FINGERPRINT, "phrases": "words"}
PAPER = {"title": "A paper", "arxiv": "2401.01234", "table": 1}
PAGE = {"title": "A page", "url": "https://example.org/a"}
REPORTED = {
    "entries": [
        {"model": "A", "task": "g", "protocol": "paper", "values": {"miou": 51.2, "CIDEr": 120}, "source": PAPER},
        {"model": "B", "task": "c", "protocol": "strict", "values": {"METEOR": 12}, "source": PAGE, "date": "2025-02"},
    ]
}
PROMPT = {
    "texts": {
        "dialogue": "{{ question }} {% for one in names %}{{ one }} {% endfor %}{{ frames }}",
        "ungrounded": "{{ question }}", "description": "Say what {{ names[0] }} does.", "opening": "Look. ",
    },
    "system": "You see a video.", "frames": 8, "choose": "uniform", "size": 448, "fit": "longest",
    "referents": "outline", "line": 2, "first_frame": False, "boxes": None,
}  # fmt: skip
TASK = {
    "task": "mine", "dataset_path": "x/y", "test_split": "test", "output_type": "generate_until",
    "doc_to_visual": "image", "doc_to_text": "question", "doc_to_target": "answer", "include": "below.yaml",
    "generation_kwargs": {"max_new_tokens": 16, "until": ["\n"]}, "process_results": "x",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}], "metadata": [{"version": 0}],
}  # fmt: skip


@pytest.fixture
def tried(mutations, refused, many):
    """Calls a function for each of many damaged versions of a file; gives whether each was refused."""

    def call(function, path, document, count, content=None):
        content = json.dumps(document).encode() if content is None else content
        path.write_bytes(content)
        assert not refused(function)
        done = []
        for damaged in mutations.mutants(content, path.name, many(count), document):
            path.write_bytes(damaged)
            done.append(refused(function))
        return done

    return call


def test_gate_settings(tried, tmp_path):
    path = tmp_path / "gate.yaml"
    assert any(tried(lambda: read_config(path), path, GATE, 500))


def test_leaderboard_settings(tried, tmp_path):
    path = tmp_path / "leaderboard.yaml"
    assert any(tried(lambda: settings.read(tmp_path), path, LEADERBOARD, 400))


def test_reported_numbers(tried, tmp_path):
    path = tmp_path / "reported.yaml"
    assert any(tried(lambda: as_json(boards([], read_reported([path]))), path, REPORTED, 500))


def test_prompt_templates(tried, tmp_path):
    path = tmp_path / "prompt.yaml"

    def call():
        found = template.load(str(path))
        found.render("dialogue", template.EXAMPLE)

    assert any(tried(call, path, PROMPT, 400))


def test_task_files(tried, tmp_path):
    path = tmp_path / "task.yaml"
    (tmp_path / "below.yaml").write_text("repeats: 1\n")
    told = []

    def call():
        found = task_files.read(task_files.files_of(tmp_path))
        told.append([task_files.strangers(found), task_files.problems_of(found)])

    assert not any(tried(call, path, TASK, 400))
    assert all(isinstance(one, str) for _, problems in told for one in problems)


def made_card():
    tasks = {task: load_task(task).digest for task in ("g", "c")}
    can = {"regions": True, "masks": True, "text": True}
    return Card(
        "A model", "https://example.org", FINGERPRINT, tasks, "still", {"a": "b"}, can, {}, False, {"python": "3"}
    )


def test_cards(mutations, refused, many):
    content = json.dumps(made_card().to_json()).encode()
    assert not refused(submission_manifest.read, content)
    done = [
        refused(submission_manifest.read, one)
        for one in mutations.mutants(content, "card", many(400), json.loads(content))
    ]
    assert sum(done) > len(done) / 2


def listed(folder):
    """What `leaderboard build` makes of the entries, but for the page."""
    entries = read_all(folder)
    for one in entries:
        outdated(one, settings.read(folder), folder)
    rows = [ScoredRun(Path(one.key), one.card.name, one.scores, False, False) for one in entries]
    as_json(boards(rows))


def test_entries(mutations, refused, many, tmp_path):
    folder = tmp_path / "board"
    (folder / "entries").mkdir(parents=True)
    (folder / settings.FILE).write_text(json.dumps(LEADERBOARD), encoding="utf-8")
    scores = Scores.from_json(json.loads((DATA / "scores.json").read_bytes()))
    path = folder / "entries" / "a.json"
    content = SubmissionEntry("a", "0" * 64, made_card(), scores).dumps()
    path.write_bytes(content)
    assert not refused(build, folder, tmp_path / "site")
    done = []
    for damaged in mutations.mutants(content, "entry", many(200), json.loads(content)):
        path.write_bytes(damaged)
        done.append(refused(listed, folder))
    assert sum(done) > len(done) / 3


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_cached_indexes(own_cache, mutations, refused, many, tmp_path):
    """A cache that is damaged, or was written by a stranger with a right digest, costs only time."""
    masks = tmp_path / "masks.json"
    masks.write_text(json.dumps({"1": [{"size": [2, 2], "counts": "04"}, None], "2": [None]}))
    right = open_index(masks)
    frames = FrameIndex(tmp_path)
    frames._known["a"] = ["0" * 64, 12, 16]
    frames._changed = True
    frames.save()

    def call():
        found = open_index(masks)
        for place in found.annotations.values():
            found.path.read_bytes()[place.offset : place.offset + place.length].decode()
        FrameIndex(tmp_path).probe("a", ["0.jpg"], "mevis")

    kept = sorted(own_cache.iterdir())
    assert len(kept) == 2
    for path in kept:
        content = path.read_bytes()
        value = content.partition(b"\n")[2]
        for n, damaged in enumerate(mutations.mutants(value, path.name[:5], many(200), json.loads(value))):
            signed = hashlib.sha256(damaged).hexdigest().encode() + b"\n" + damaged
            path.write_bytes(signed if n % 4 else mutations.bitten(content, mutations.random.Random(n)))
            assert not refused(call)
        path.write_bytes(content)
    assert cache.load(kept[0].name) is not None
    assert open_index(masks) == right


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    """A benchmark of two videos as the data lie on disk."""
    return open_benchmark("demo", videos="*lvvis*")


def test_files_of_answers(bench, mutations, refused, many, tmp_path):
    keys = [key for entry in bench.entries for key in entry.keys][:6]
    video = {key: entry.video for entry in bench.entries for key in entry.keys}
    mask = {"size": list(video[keys[0]].size), "counts": None}
    lines = [
        {"task": key.task, "question_id": key.id, "video": video[key].id, "text": "a boat [SEG]", "seconds": 0.5,
         "tracks": [[None] * len(video[key])], "unread": "half", "cannot": ["text"]}
        for key in keys
    ]  # fmt: skip
    lines[0]["tracks"][0][0] = {**mask, "counts": [0, mask["size"][0] * mask["size"][1]]}
    path = tmp_path / "answers.jsonl"

    def call():
        found = PredictionFile(path, bench)
        for entry in bench.entries:
            found.predictions(entry.video.id)

    content = [json.dumps(one).encode() for one in lines]
    path.write_bytes(b"\n".join(content))
    assert not refused(call)
    done = []
    for n in range(len(lines)):
        for damaged in mutations.mutants(content[n], f"answers{n}", many(50), lines[n]):
            path.write_bytes(b"\n".join([*content[:n], damaged, *content[n + 1 :]]))
            done.append(refused(call))
    assert sum(done) > len(done) / 3
