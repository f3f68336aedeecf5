import json
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from sama_bench.benchmarks.sama.tasks import G
from sama_bench.cli.main import cli
from sama_bench.metrics import rle
from sama_bench.metrics.bleu import BleuStatistics
from sama_bench.metrics.java import TextFault
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.store import Store
from sama_bench.score.block import block, with_faults
from sama_bench.score.scores import Scores, keep
from sama_bench.score.strict import grounding_metrics, groundings
from sama_bench.statistics import Facts, Grounding, Pair, QuestionStatistics, TextStatistics
from sama_bench.types import Key

SIZE, FRAMES, VIDEOS = (12, 16), 3, 12
# Adapters of a stranger's distribution. The answers of `slow` depend on the frames and the question only; what it does
# besides, its model arguments say.
ADAPTER = """
import os, random, signal, sys, time
import numpy as np
from sama_bench.adapter import Abilities, Adapter, BatchAdapter
from sama_bench.errors import UserError
from sama_bench.types import Prediction

class Slow(Adapter):
    def __init__(self, seconds="0", letters="10", fail="", interrupt="", hold=""):
        self.seconds, self.letters = float(seconds), int(letters)
        self.fail, self.interrupt, self.hold = fail, interrupt, hold

    def predict(self, question):
        time.sleep(self.seconds)
        if question.key.id == self.interrupt:
            os.kill(os.getpid(), signal.SIGINT)
        if question.key.id == self.hold:
            os.write(int(os.environ["TOLD"]), b"holding" + bytes([10]))  # what it prints goes to its log
            sys.stdin.readline()
        if question.key.id in self.fail.split() and not os.environ.get("MENDED"):
            raise RuntimeError("no memory")
        letters = random.Random(str(question.key)).choices("abcdefghij klmnopqrst", k=self.letters)
        masks = np.zeros((len(question.video), *question.video.size), bool)
        for index in range(len(question.video)):
            masks[index, : 1 + question.video.frame(index)[0, 0, 0] // 20, :5] = True
        return Prediction("<p> " + "".join(letters) + " </p> [SEG]", [masks])

class Pinned(Adapter):  # says which device it sees
    can = Abilities(masks=False)

    def predict(self, question):
        return Prediction(os.environ.get("CUDA_VISIBLE_DEVICES", "all"))

class Paid(BatchAdapter):  # gives texts only, each for one dollar
    at_once, can, free = 8, Abilities(masks=False), frozenset({"budget"})

    def __init__(self, budget="1000", trust_remote_code=False):
        self.budget, self.spent = int(budget), 0
        self.asking = {"prompt": os.environ.get("PROMPT", "plain") + "@1", "trusted": str(trust_remote_code)}

    def predict_all(self, questions):
        for question in questions:
            if self.spent == self.budget:
                raise UserError(f"the budget of {self.budget} USD is spent; with a larger --budget the run goes on")
            self.spent += 1
            yield Prediction(f"It is {question.key.id}.", unread="no JSON" if question.key.id == "q1" else None)

    def notes(self):
        return [f"{self.spent} requests, {self.spent}.00 USD"]
"""


class Town:
    """A benchmark of twelve small videos on disk, an adapter `slow` that is installed beside, and the command."""

    # Java takes seconds: where a test looks at predicting only, the scoring that would follow is left out.
    no_scoring = (
        "import sama_bench.api.evaluation as e, sama_bench.cli.run as r; e.scored = e.keep = r._show = lambda *_: None"
    )

    def __init__(self, folder, cache):
        self.folder = folder
        self.bench = folder / "town"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(folder / "plugin"),
            "SAMA_BENCH_CACHE": str(cache),
            "COLUMNS": "200",
        }
        _install(folder / "plugin")
        _build(self.bench)

    def command(self, *arguments, before=""):
        """The command line of sama-bench in a process of its own; `before` is code that runs first in it."""
        code = f"{before}\nfrom sama_bench.cli.main import main; main()"
        return [sys.executable, "-c", code, *map(str, arguments)]

    def __call__(self, *arguments, before="", **environment):
        """Run sama-bench to its end; variables that are None are taken out of its environment."""
        variables = {name: value for name, value in {**self.environment, **environment}.items() if value is not None}
        return subprocess.run(
            self.command(*arguments, before=before),
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def here(self, *arguments):
        """Run sama-bench in this process, which has Java, to its end; for commands that load no adapter."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            for name in ("SAMA_BENCH_CACHE", "COLUMNS"):
                patch.setenv(name, self.environment[name])
            return CliRunner().invoke(cli, [*map(str, arguments)], catch_exceptions=False)

    def run(self, *arguments, **more):
        """Run `sama-bench run` on the benchmark, with `slow` if no other model is named; the run goes to `out`."""
        model = () if "--model" in arguments else ("--model", "slow")
        return self("run", *model, "--bench", self.bench, "--out", "out", *arguments, **more)

    def predict(self, *arguments, before="", **environment):
        """What `run` does, but for the scoring."""
        return self.run(*arguments, before=f"{before}\n{self.no_scoring}", **environment)


@pytest.fixture(scope="module")
def shared_town(tmp_path_factory, warm_cache):
    folder = tmp_path_factory.mktemp("town")
    return Town(folder, warm_cache(folder / "cache"))


@pytest.fixture
def town(shared_town, tmp_path):
    """The town, with the working folder of the test."""
    shared_town.folder = tmp_path
    return shared_town


def _install(folder):
    information = folder / "slow-1.5.dist-info"
    information.mkdir(parents=True)
    (folder / "slow_adapter.py").write_text(ADAPTER)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1.5\n")
    named = "slow = slow_adapter:Slow\npaid = slow_adapter:Paid\npinned = slow_adapter:Pinned\n"
    (information / "entry_points.txt").write_text(f"[sama_bench.adapters]\n{named}")


def _build(root):
    masks = np.zeros(SIZE, bool)
    masks[2:6, 3:9] = True
    track = [rle.encode(masks), None, rle.encode(masks)]
    root.mkdir()
    (root / "mevis.json").write_text(json.dumps([_video(root, number) for number in range(VIDEOS)]))
    (root / "Mevis_mask_dict_val.json").write_text(json.dumps({str(number): track for number in range(VIDEOS)}))


def _video(root, number):
    path = f"mevis/val_u/JPEGImages/v{number}"
    (root / path).mkdir(parents=True)
    for frame in range(FRAMES):
        pixels = np.full((*SIZE, 3), 10 * number, np.uint8)
        Image.fromarray(pixels).save(root / path / f"{frame}.jpg")
    return {
        "video": path,
        "height": SIZE[0],
        "width": SIZE[1],
        "frames": [str(frame) for frame in range(FRAMES)],
        "anno_map": [number],
        "conversation": [
            {"from": "human", "value": "Where is the box?", "question_id": f"q{number}"},
            {"from": "gpt", "value": f"<p> Box {number} </p> [SEG] is there."},
        ],
        "obj_masks": [[]],
        "groundtruth": [[[number]]],
        "description": {"<obj0>": f"A box that is number {number}."},
        "description_id": {"<obj0>": f"d{number}"},
    }


SCORED = [f"v{n}" for n in range(8)]
METRICS = ("miou", "J", "F", "J&F", "recall_iou", "precision_iou", "f1_iou", "false_groundings")


def question(video, number, quality, text):
    """A question with one object of which an answer finds `quality`."""
    grounding = Grounding(1, 1, [[quality]], [0], ["a"], ["a"], ["a"], ["a"], [Pair(0, 0, quality, quality / 2)])
    facts = Facts(video, "mevis", 20, 1, 0.1, "always")
    return QuestionStatistics(Key("g", f"{video}.{number}"), "answered", grounding, text, facts)


def scores_of(quality, **signature):
    """Scores of 8 videos with two questions each; `quality` by video and question."""
    text = TextStatistics("a b", "a c", BleuStatistics(2, 2, (2, 1, 0, 0), (1, 0, 0, 0)), 0.5, "1 2 3")
    videos = {
        video: [question(video, n, float(quality[row, n]), TextFault("slow") if row == 0 else text) for n in range(2)]
        for row, video in enumerate(SCORED)
    }
    flat = [one for own in videos.values() for one in own]
    values = {video: grounding_metrics(groundings(own), None) for video, own in videos.items()}
    made_of = {"task": "g", "questions": 16, "phrases": None, **signature}
    found = with_faults(block([one for one in G.columns("strict") if one.name in METRICS], values, flat), flat)
    return Scores({"strict": {"g": made_of}}, {"strict": {"g": found}}, {one.key: one for one in flat})


@pytest.fixture
def run(tmp_path):
    """Makes a scored run; the quality of its answers is a number or an array (8, 2)."""

    def make(name, quality, **signature):
        folder = tmp_path / name
        settings = RunSettings(name, {}, "ab" * 32, ("g",), None, None, {})
        with Store.create(folder, Manifest(settings, "nowhere", "nothing")) as store:
            keep(scores_of(np.broadcast_to(quality, (8, 2)), **signature), store)
        return folder

    return make
