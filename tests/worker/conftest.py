"""A plug-in that only the worker knows, whose adapters do what the question says; and a video to ask about."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sama_bench.types import Key, Question, Video
from sama_bench.worker import remote

SIZE, FRAMES = (12, 16), 3
PLUGIN = '''
import os, signal, sys, time
from pathlib import Path
import numpy as np
from sama_bench.adapter import Abilities, Adapter, BatchAdapter, Need
from sama_bench.errors import MissingExtra, UserError
from sama_bench.types import Box, Prediction

class Obeys(Adapter):
    """Runs the code that it is given, as argument (when made), id of the video (when opened), or question."""
    summary = "obeys"
    can = Abilities(history=True, plain=True)
    free = frozenset({"close"})

    def __init__(self, make: str = "", open: str = "", close: str = "", notes: str = "") -> None:
        self.asking = {"prompt": "obey"}
        self.codes = {"open": open, "close": close, "notes": notes}
        self.does(make)

    def does(self, code, question=None):
        known = {**globals(), "self": self, "question": question, "answer": Prediction("fine")}
        exec(code, known)
        return known["answer"]

    def open(self, video):
        self.video = video
        self.does(self.codes["open"])

    def predict(self, question):
        return self.does(question.text, question)

    def answer(self, question):
        return self.does(question.text, question)

    def close(self):
        self.does(self.codes["close"])

    def notes(self):
        return ["obeyed"] if not self.codes["notes"] else self.does(self.codes["notes"])

class Sees(Obeys):
    can = Abilities(truth=True)

class Needs(Obeys):
    needs = (Need("no_such_module", "no-such-thing"),)

class Typed(Obeys):
    def __init__(self, size: int, flag: bool = False, path: Path | None = None):
        super().__init__()
        self.asking = {"size": repr(size), "flag": repr(flag), "path": repr(path)}

class Together(BatchAdapter):
    def predict_all(self, questions):
        for question in questions:
            yield Prediction(f"{len(questions)} at once", seconds=1.5)

class Slowly(Adapter):
    """An answer and tracks that depend on frames and question alone; the process is noted beside this file."""

    def __init__(self):
        with Path(__file__).with_name("pids").open("a") as file:
            file.write(f"{os.getpid()}\\n")

    def predict(self, question):
        time.sleep(0.15)
        masks = np.zeros((len(question.video), *question.video.size), bool)
        masks[:, : 1 + int(question.video.frame(0)[0, 0, 0]) // 8, :5] = True
        return Prediction(f"<p> {question.key} </p> [SEG]", [masks])

class Boxes(Adapter):
    can = Abilities(boxes=True)

    def predict(self, question):
        return Prediction("<p>it</p> [SEG]", boxes=[[Box(0, 2, 2, 9, 9)]], raw="raw", unread="half")
'''
ENTRIES = """[sama_bench.adapters]
obeys = obeys:Obeys
sees = obeys:Sees
typed = obeys:Typed
needs = obeys:Needs
together = obeys:Together
boxes = obeys:Boxes
obeys-slowly = obeys:Slowly
"""


@pytest.fixture(scope="package")
def folder(tmp_path_factory):
    """A folder with the plug-in, as an installation makes it."""
    folder = tmp_path_factory.mktemp("plugin")
    info = folder / "obeys-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: obeys\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    (folder / "obeys.py").write_text(PLUGIN)
    return folder


@pytest.fixture
def plugin(folder, monkeypatch):
    """The folder with the plug-in, known to processes that are started from now on."""
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def log(tmp_path):
    return tmp_path / "worker.log"


@pytest.fixture
def worker(plugin, log):
    """Makes an adapter of the plug-in in a process of this very Python; it is ended after the test."""
    made = []

    def make(name="obeys", python=sys.executable, timeout=20, **args):
        adapter = remote(name, args, Path(python), log, timeout, False)
        adapter.told = []
        adapter.warn = adapter.told.append
        made.append(adapter)
        return adapter

    yield make
    for adapter in made:
        adapter._process.kill()


@pytest.fixture
def video(tmp_path):
    """Makes a video of a few frames of noise, the same for the same id."""

    def make(id_="v"):
        folder = tmp_path / "frames" / str(abs(hash(id_)))
        folder.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(len(id_)).integers(0, 256, (FRAMES, *SIZE, 3), np.uint8)
        paths = tuple(folder / f"{index}.png" for index in range(FRAMES))
        for path, frame in zip(paths, noise, strict=True):
            Image.fromarray(frame).save(path)
        return Video(id_, "mevis", SIZE, paths)

    return make


@pytest.fixture
def question(video):
    """Makes a question that is code, about a video."""

    def make(code, about=None, **rest):
        return Question(Key("g", "1"), about or video(), code, **rest)

    return make


@pytest.fixture
def once(tmp_path):
    """Makes code that runs only the first time, whatever process it is in."""
    numbers = iter(range(100))

    def make(code):
        marker = tmp_path / f"once{next(numbers)}"
        return f"if not Path({str(marker)!r}).exists():\n Path({str(marker)!r}).touch()\n {code}"

    return make
