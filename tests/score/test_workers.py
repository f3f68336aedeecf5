import json
import os
import select
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from sama_bench.benchmark import open_benchmark
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.run.answer_sources import PredictionFile
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.store import Store
from sama_bench.score import engine, score, workers

# Functions that a worker can import, by which the tests see what happens in it.
PROBES = """
import os, pathlib, signal
from sama_bench.errors import UserError
from sama_bench.score import engine

def drafts(benchmark, answers, entry):
    return engine._drafts_of(benchmark, answers, entry)

def process(benchmark, answers, entry):
    return os.getpid()

def note(benchmark, answers, entry):
    pathlib.Path(answers, entry.video.id.rpartition("/")[2]).touch()

def die(benchmark, answers, entry):
    if entry.video.id.endswith("v3"):
        os.kill(os.getpid(), signal.SIGKILL)
    return entry.video.id

def refuse(benchmark, answers, entry):
    raise UserError([f"{entry.video.id} is unlucky", "as are others"])

def print_it(benchmark, answers, entry):
    print("among the answers?")
    return entry.video.id

def peak(benchmark, answers, entry):
    drafts(benchmark, answers, entry)
    line = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return int(line.split()[1])
"""
SCORING = """
import sys
from pathlib import Path
from sama_bench.benchmark import open_benchmark
from sama_bench.run.answer_sources import PredictionFile
from sama_bench.run.progress import Silence
from sama_bench.score import engine, score, workers

class Halting(Silence):
    def video_done(self):
        print(*told, flush=True)
        sys.stdin.readline()

class Told(workers._Worker):
    def __init__(self, task):
        super().__init__(task)
        told.append(self._process.pid)

told, workers._Worker = [], Told
benchmark = open_benchmark(sys.argv[1])
answers = PredictionFile(Path(sys.argv[2]), benchmark)
score(benchmark, answers, phrases="words", progress=Halting(), processes=2)
"""


class Village:
    """A benchmark of small videos on disk with a dialogue and a description each, and predictions for it."""

    def __init__(self, root, videos, size=(12, 16), frames=3):
        self.root, self.file, self.videos = root, root / "predictions.jsonl", videos
        random = np.random.default_rng(videos)
        tracks = [rle.encode_track(random.random((frames, *size)) < 0.5) for _ in range(3)]
        (root / "mevis.json").write_text(json.dumps([self._video(n, size, frames) for n in range(videos)]))
        masks = {str(n): tracks[n % 2] for n in range(videos)}
        (root / "Mevis_mask_dict_val.json").write_text(json.dumps(masks))
        with self.file.open("w") as lines:
            for n in range(videos):
                said = {"task": "g", "question_id": f"q{n}", "text": f"<p> Box {n} </p> [SEG] is a box."}
                lines.write(json.dumps(said | {"tracks": [tracks[n % 3]]}) + "\n")
                lines.write(json.dumps({"task": "c", "question_id": f"d{n}", "text": f"A box, {n % 5} is it."}) + "\n")

    def _video(self, number, size, frames):
        path = f"mevis/val_u/JPEGImages/v{number}"
        (self.root / path).mkdir(parents=True)
        picture = self.root / "one.jpg"
        if not picture.exists():
            Image.new("RGB", size[::-1]).save(picture)
        for frame in range(frames):
            os.link(picture, self.root / path / f"{frame}.jpg")
        asked = {"from": "human", "value": "Where is the box?", "question_id": f"q{number}"}
        said = {"from": "gpt", "value": f"<p> Box {number} </p> [SEG] is there."}
        return {
            "video": path, "frames": [str(frame) for frame in range(frames)], "anno_map": [number],
            "height": size[0], "width": size[1], "conversation": [asked, said], "obj_masks": [[]],
            "groundtruth": [[[number]]], "description": {"<obj0>": f"A box that is number {number}."},
            "description_id": {"<obj0>": f"d{number}"},
        }  # fmt: skip

    def open(self):
        benchmark = open_benchmark(self.root)
        return benchmark, PredictionFile(self.file, benchmark)


@pytest.fixture
def probes(tmp_path, monkeypatch):
    (tmp_path / "probes_of_workers.py").write_text(PROBES)
    monkeypatch.syspath_prepend(tmp_path)
    import probes_of_workers

    yield probes_of_workers
    sys.modules.pop("probes_of_workers")


@pytest.fixture(scope="module")
def village(tmp_path_factory, warm_cache):
    cache = pytest.MonkeyPatch()
    cache.setenv("SAMA_BENCH_CACHE", str(warm_cache(tmp_path_factory.mktemp("cache") / "cache")))
    yield Village(tmp_path_factory.mktemp("village"), 9)
    cache.undo()


def results(work, benchmark, answers, processes):
    with workers.video_by_video(work, benchmark, answers, processes) as found:
        return list(found)


def ended(process, seconds=30.0):
    """Whether a process that is not our child is gone within that time."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


@pytest.mark.slow
def test_the_number_of_processes_does_not_change_a_byte(village):
    found = {score(*village.open(), phrases="words", processes=count).dumps() for count in (1, 2, 3)}
    assert len(found) == 1
    assert json.loads(found.pop())["protocols"]["strict"]["g"]["questions"] == village.videos


def test_results_come_in_the_order_of_the_benchmark_and_from_several_processes(village, probes):
    benchmark, answers = village.open()
    alone = [engine._drafts_of(benchmark, answers, entry) for entry in benchmark.entries]
    assert results(probes.drafts, benchmark, answers, 3) == alone
    assert os.getpid() not in results(probes.process, benchmark, answers, 2)


def test_a_run_is_read_in_the_processes_while_it_is_open_for_writing(village, probes, tmp_path):
    benchmark, answers = village.open()
    tasks = {"tasks": ["g", "c"], "limit": None, "videos": None, "task_digests": {}}
    settings = RunSettings(model="m", model_args={}, fingerprint=benchmark.fingerprint, **tasks)
    with Store.create(tmp_path / "run", Manifest(settings, str(village.root), "village", counts={}, asked={})) as store:
        for entry in benchmark.entries:
            store.put(entry.video.id, answers.predictions(entry.video.id).items())
        expected = results(probes.drafts, benchmark, answers, 1)
        assert results(probes.drafts, benchmark, store, 2) == expected


def test_a_small_benchmark_is_done_in_one_process(village, probes, monkeypatch):
    benchmark, answers = village.open()
    monkeypatch.setattr(workers, "available", lambda: 2)
    assert set(results(probes.process, benchmark, answers, None)) == {os.getpid()}
    monkeypatch.setattr(workers, "WORTH_IT", 2)
    assert os.getpid() not in results(probes.process, benchmark, answers, None)


def test_a_process_that_is_killed_is_told_with_its_video(village, probes):
    benchmark, answers = village.open()
    with pytest.raises(UserError, match=r"v3: the process .* ended with status -9 .*--processes 1"):
        results(probes.die, benchmark, answers, 2)


def test_what_the_work_raises_is_raised_here(village, probes):
    benchmark, answers = village.open()
    with pytest.raises(UserError) as caught:
        results(probes.refuse, benchmark, answers, 2)
    assert caught.value.problems == ("mevis/val_u/JPEGImages/v0 is unlucky", "as are others")


def test_what_a_worker_prints_does_no_harm(village, probes):
    benchmark, answers = village.open()
    assert results(probes.print_it, benchmark, answers, 2) == [entry.video.id for entry in benchmark.entries]


def test_only_so_much_is_done_ahead_and_no_process_is_left(village, probes, monkeypatch, tmp_path):
    monkeypatch.setattr(workers, "AHEAD", 3)
    benchmark, _ = village.open()
    done = tmp_path / "done"
    done.mkdir()
    with workers.video_by_video(probes.note, benchmark, str(done), 2) as found:
        next(found)
    assert 1 <= len(list(done.iterdir())) <= 3
    with workers.video_by_video(probes.process, benchmark, None, 2) as found:
        running = next(found)
    with pytest.raises(ProcessLookupError):
        os.kill(running, 0)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes are watched by pidfd")
@pytest.mark.slow
def test_killed_at_any_video_nothing_is_left_and_scoring_again_gives_the_same_bytes(village):
    before = score(*village.open(), phrases="words", processes=2).dumps()
    command = [sys.executable, "-c", SCORING, village.root, village.file]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as scoring:
        running = [int(number) for number in scoring.stdout.readline().split()]
        scoring.send_signal(signal.SIGKILL)
    assert len(running) == 2
    assert all(ended(process) for process in running)
    assert score(*village.open(), phrases="words", processes=2).dumps() == before


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")  # noqa: PTH110
def test_memory_does_not_grow_with_the_number_of_videos(tmp_path, probes):
    peaks = []
    for count in (10, 40):
        root = tmp_path / str(count)
        root.mkdir()
        benchmark, answers = Village(root, count, size=(200, 300), frames=30).open()
        peaks.append(max(results(probes.peak, benchmark, answers, 2)))
    kept = 30 * (tmp_path / "10" / "predictions.jsonl").stat().st_size / 10 / 1024  # kB, if tracks of 30 more were kept
    assert kept > 20_000
    assert peaks[1] - peaks[0] < kept / 2, (peaks, kept)
