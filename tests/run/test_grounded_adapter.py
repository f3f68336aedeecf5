from types import SimpleNamespace

import numpy as np
import pytest

from sama_bench.adapter import Abilities, Adapter, BatchAdapter
from sama_bench.errors import UserError
from sama_bench.grounder import Grounder
from sama_bench.metrics.rle import area
from sama_bench.run.grounded_adapter import grounded
from sama_bench.run.runner import run
from sama_bench.run.store import Store
from sama_bench.types import Box, Key, Prediction


@pytest.fixture
def store(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as opened:
        yield opened


class Filling(Grounder):
    """Fills each box on its own frame; writes down what it is asked."""

    def __init__(self, fail=()):
        self.calls, self.fail, self.asking = [], fail, {"kind": "filling"}

    def open(self, video):
        self.calls.append(f"open {video.id}")
        if f"open {video.id}" in self.fail:
            raise RuntimeError("no room")

    def tracks(self, video, objects):
        self.calls.append([len(one) for one in objects])
        if video.id in self.fail:
            raise ValueError("no object")
        masks = np.zeros((len(objects), len(video), *video.size), bool)
        for n, boxes in enumerate(objects):
            for frame, x0, y0, x1, y1 in boxes:
                masks[n, frame, int(y0) : int(y1), int(x0) : int(x1)] = True
        return list(masks)

    def close(self):
        self.calls.append("close")
        if "close" in self.fail:
            raise OSError("stuck")


def boxed(question):
    """Three [SEG]s, of which the second has no box that can be used; descriptions have none."""
    if question.key.task == "c":
        return Prediction("a thing")
    boxes = [[Box(0, 0, 0, 4, 2)], [Box(0, 5, 5, 1, 1)], [Box(1, 1, 1, 3, 3), Box(2, 1, 1, 2, 2)]]
    return Prediction("[SEG] [SEG] [SEG]", boxes=boxes, raw="said", unread="a little")


class OneByOne(Adapter):
    can = Abilities(boxes=True)
    asking = {"prompt": "p@1"}  # noqa: RUF012

    def __init__(self, answer=boxed):
        self.answer = answer
        self.calls = []

    def open(self, video):
        self.calls.append(f"open {video.id}")

    def predict(self, question):
        return self.answer(question)

    def close(self):
        self.calls.append("close")

    def notes(self):
        return ["cost nothing"]


class Together(OneByOne, BatchAdapter):
    at_once = 5

    def predict_all(self, questions):
        self.calls.append([question.key.id for question in questions])
        yield from map(self.answer, questions)


KINDS = pytest.mark.parametrize("kind", [OneByOne, Together])


@KINDS
def test_boxes_become_tracks_one_for_each_seg(kind, bench, store):
    grounder = Filling()
    adapter = grounded(kind(), grounder, "filling")
    assert run(bench(), adapter, store) == 9
    assert store.errors() == {}
    answer = store.predictions("v1")[Key("g", "2")]
    assert [[mask and area(mask) for mask in track] for track in answer.tracks] == [
        [8, None, None],
        [None, None, None],
        [None, 4, 1],
    ]
    assert answer.boxes[0] == [Box(0, 0.0, 0.0, 4.0, 2.0)]
    assert (answer.raw, answer.unread) == ("said", "a little; 1 boxes that cannot be used")
    assert store.predictions("v1")[Key("c", "c1")].tracks == []
    assert grounder.calls == [one for n in range(3) for one in (f"open v{n}", [1, 2], [1, 2], "close")]


def test_it_says_how_the_model_was_asked_and_what_it_can():
    adapter = grounded(OneByOne(), Filling(), "filling")
    assert adapter.asking == {"prompt": "p@1", "grounder": "filling", "grounder_kind": "filling"}
    assert adapter.can.masks
    assert list(adapter.notes()) == ["cost nothing"]
    assert grounded(Together(), Filling(), "filling").at_once == 5


@KINDS
def test_its_free_arguments_and_its_summary_are_the_adapters(kind):
    class Sized(kind):
        summary, free = "sized", frozenset({"batch"})

    adapter = grounded(Sized(), Filling(), "filling")
    assert (adapter.summary, adapter.free) == ("sized", {"batch"})
    assert grounded(kind(), Filling(), "filling").free == frozenset()


@KINDS
@pytest.mark.parametrize(
    ("fail", "error"),
    [("v1", "grounder filling: ValueError: no object"), ("open v1", "grounder filling: RuntimeError: no room")],
)
def test_a_failure_of_the_grounder_is_the_error_of_its_questions(kind, fail, error, bench, store):
    run(bench(), grounded(kind(), Filling([fail]), "filling"), store)
    assert store.errors() == {Key("g", "2"): error, Key("g", "3"): error}
    failed = store.predictions("v1")[Key("g", "2")]
    assert "Traceback" in failed.traceback
    assert failed.raw == "said"


@KINDS
def test_a_grounder_that_cannot_close_costs_no_answer_and_is_told(kind, bench, store):
    adapter = grounded(kind(), Filling(["close"]), "filling")
    run(bench(2), adapter, store)
    assert store.errors() == {}
    assert adapter.notes()[1:] == [f"v{n}: close() of grounder filling failed (OSError: stuck)" for n in range(2)]


@KINDS
def test_a_broken_frame_that_the_grounder_meets_stops_the_run(kind, bench, store):
    def broken(*_):
        raise UserError("7.jpg: this frame cannot be read")

    grounder = Filling()
    grounder.tracks = broken
    with pytest.raises(UserError, match=r"7\.jpg"):
        run(bench(), grounded(kind(), grounder, "filling"), store)
    assert grounder.calls[-1] == "close"


@KINDS
@pytest.mark.parametrize(
    "answer",
    [
        Prediction("no [SEG]", [], boxes=None),
        Prediction("its own [SEG]", [[None] * 3], boxes=[[Box(0, 0, 0, 4, 2)]]),
        Prediction("none", boxes=[]),
        Prediction("only bad [SEG]", boxes=[[None]]),
    ],
)
def test_without_a_usable_box_the_grounder_is_not_asked(kind, answer, bench, store):
    grounder = Filling()
    run(bench(1), grounded(kind(lambda question: answer), grounder, "filling"), store)
    assert store.errors() == {}
    assert grounder.calls == []


@KINDS
@pytest.mark.parametrize(
    "answer", [None, 7, Prediction(7, boxes=[]), Prediction("[SEG]", boxes=3), Prediction("", None)]
)
def test_what_is_no_answer_is_an_error_as_ever(kind, answer, bench, store):
    run(bench(1), grounded(kind(lambda question: answer), Filling(), "filling"), store)
    assert len(store.errors()) == 3


def test_the_truth_reaches_the_adapter_behind():
    adapter = OneByOne()
    proxy = grounded(adapter, Filling(), "filling")
    proxy.reveal = SimpleNamespace
    assert adapter.reveal is proxy.reveal is SimpleNamespace


def test_a_grounder_that_gives_another_number_of_tracks_is_an_error(bench, store):
    grounder = Filling()
    grounder.tracks = lambda video, objects: [[None] * 3]
    run(bench(1), grounded(OneByOne(), grounder, "filling"), store)
    assert len(store.errors()) == 2
