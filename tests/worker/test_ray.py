"""Workers on a Ray cluster of several nodes on this machine: what they answer, and what becomes of killed ones."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from sama_bench.errors import UserError
from sama_bench.run.progress import Silence
from sama_bench.run.store import Store
from sama_bench.types import Key, Question, Video
from sama_bench.worker.ray_workers import RayCluster, ray_workers

pytest.importorskip("ray")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's own
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
MEMORY = 80_000_000  # bytes of a node's object store, the least that Ray takes
DRIVER = """
import sys
from sama_bench.api.evaluation import evaluate
import sama_bench.api.evaluation as evaluation
evaluation.scored = evaluation.keep = lambda *_, **__: None
bench, out, address = sys.argv[1:]
on = {"ray": address, "workers": 3, "gpus_per_worker": 0} if address else {}
evaluate("obeys-slowly", bench, out, phrases="words", **on, tell=lambda line: print(line, file=sys.stderr))
"""


class Nodes:
    """A cluster whose head has no place for workers, and nodes that have one each."""

    def __init__(self, count):
        from ray.cluster_utils import Cluster

        self.cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "object_store_memory": MEMORY, "include_dashboard": False},
        )
        self.nodes = []
        for _ in range(count):
            self.add()

    def add(self):
        self.nodes.append(self.cluster.add_node(num_cpus=1, object_store_memory=MEMORY))

    def kill_any(self, draw):
        node = self.nodes.pop(draw.randrange(len(self.nodes)))
        self.cluster.remove_node(node, allow_graceful=False)


@pytest.fixture(scope="module")
def nodes(folder):
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(folder)  # what the nodes' processes find is what they are started with
    made = Nodes(3)
    yield made
    import ray

    ray.shutdown()
    made.cluster.shutdown()
    os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


class Told(Silence):
    def __init__(self):
        self.lines = []

    def warn(self, line):
        self.lines.append(line)


@pytest.fixture
def ask(nodes, log, video):
    """Asks the plug-in's adapter questions that are codes, by video, with so many actors."""

    def run(codes, name="obeys", workers=2, videos=None, **args):
        videos = videos or {id_: video(id_) for id_ in codes}
        questions = {
            id_: [Question(Key("g", f"{id_}{n}"), videos[id_], code) for n, code in enumerate(own)]
            for id_, own in codes.items()
        }
        benchmark = SimpleNamespace(questions=questions.__getitem__)
        todo = [
            (SimpleNamespace(video=videos[id_]), [question.key for question in own]) for id_, own in questions.items()
        ]
        asked = ray_workers(name, args, None, log, 20, False, RayCluster(nodes.cluster.address, 0), workers)
        told = Told()
        answers = {answer.key: answer for some in asked.answers(benchmark, todo, told) for answer in some}
        return {str(key): answer.prediction for key, answer in answers.items()}, told.lines, asked

    return run


def test_a_model_that_dies_is_asked_again(ask, once):
    codes = {"v1": ["1", once(KILL)], "v2": ["raise ValueError('no')"], "v3": ["1"] * 3}
    answers, told, asked = ask(codes)
    assert len(answers) == 6
    assert answers["g:v20"].error == "ValueError: no"
    assert [key for key, answer in answers.items() if answer.error] == ["g:v20"]
    assert any("the worker died at question g:v11" in line for line in told)
    assert any("the worker died once" in line for line in asked.notes())


def test_a_question_that_kills_two_workers_is_an_error(ask):
    answers, _, _ = ask({"v1": [KILL, "1"], "v2": ["1"]})
    assert answers["g:v10"].error.startswith("WorkerDied: the worker died twice (killed by signal 9")
    assert [key for key, answer in answers.items() if answer.error] == ["g:v10"]


def test_a_model_that_cannot_be_made_is_told_with_its_node(ask):
    with pytest.raises(UserError, match=r"^node .*no such size"):
        ask({"v1": ["1"]}, make="raise UserError('no such size')")
    with pytest.raises(UserError, match="leave out --ray"):
        ask({"v1": ["1"]}, name="sees")


def test_frames_that_a_node_does_not_see_are_sent(ask, tmp_path, monkeypatch):
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in range(3):
        Image.fromarray(np.full((12, 16, 3), 50 * number, np.uint8)).save(frames / f"{number}.png")
    monkeypatch.chdir(frames)  # of this process alone
    paths = tuple(Path(f"/proc/self/cwd/{number}.png") for number in range(3))
    sent = Video("sent", "mevis", (12, 16), paths)
    code = "answer = Prediction(str([int(question.video.frame(n).mean()) for n in range(3)]))"
    answers, told, asked = ask({"sent": [code]}, videos={"sent": sent}, workers=1)
    assert answers["g:sent0"].text == "[0, 50, 100]"
    assert any("does not see /proc/self/cwd: frames are sent to it" in line for line in told)
    assert any("frames were sent to node" in line for line in asked.notes())


def test_models_that_take_many_questions_together(ask):
    answers, _, _ = ask({f"v{n}": ["1", "1"] for n in range(4)}, name="together")
    assert {answer.text.endswith("at once") for answer in answers.values()} == {True}
    assert len(answers) == 8


def test_an_actor_that_finds_no_place_keeps_nobody_waiting(ask):
    answers, _, _ = ask({f"v{n}": ["time.sleep(0.2)"] for n in range(6)}, workers=5)  # of 3 nodes
    assert len(answers) == 6


def stored(folder):
    with Store.open(folder) as store:
        answers = [(key, one) for video in store.videos() for key, one in store.predictions(video).items()]
    return [(key, one.text, one.tracks, one.error) for key, one in answers]


def count(folder):
    try:
        return len(stored(folder))
    except Exception:
        return 0


@pytest.fixture
def evaluating(tmp_path, nodes):
    """Starts a run of the demo as a command; without an address in one process."""

    def start(out, address=""):
        command = [sys.executable, "-c", DRIVER, "demo", str(tmp_path / out), address]
        return subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)

    return start


def until(true, process):
    while not true():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)


def test_nodes_that_are_killed_at_random_change_no_answer(evaluating, nodes, tmp_path):
    draw = random.Random(7)
    alone = evaluating("alone")
    assert alone.wait() == 0
    process = evaluating("many", nodes.cluster.address)
    killed = 0
    for least in (2, 20, 45, 70):
        until(lambda least=least: count(tmp_path / "many") >= least, process)
        nodes.add()
        nodes.kill_any(draw)
        killed += 1
    _, told = process.communicate()
    assert process.returncode == 0, told
    assert killed == 4
    assert stored(tmp_path / "many") == stored(tmp_path / "alone")


def lives(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_killed_driver_goes_on_and_leaves_no_model_behind(evaluating, nodes, tmp_path, folder):
    pids = folder / "pids"
    pids.unlink(missing_ok=True)
    first = evaluating("out", nodes.cluster.address)
    until(lambda: count(tmp_path / "out") >= 5, first)
    first.send_signal(signal.SIGKILL)
    first.wait()
    models = pids.read_text().split()
    assert models
    while any(map(lives, models)):  # a raylet ends the actors of a driver that is gone
        time.sleep(0.1)
    before = count(tmp_path / "out")
    assert 5 <= before < 104
    again = evaluating("out", nodes.cluster.address)
    _, told = again.communicate()
    assert again.returncode == 0, told
    assert count(tmp_path / "out") == 104
    assert not [error for *_, error in stored(tmp_path / "out") if error]


def test_threads_of_workers_are_gone_after_each_test():
    assert not [one for one in threading.enumerate() if one.name.startswith("worker ")]
