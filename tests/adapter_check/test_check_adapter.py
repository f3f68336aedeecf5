import threading

import numpy as np
import pytest

from sama_bench.adapter import Abilities, Adapter, BatchAdapter
from sama_bench.adapter_check import check_adapter, holds
from sama_bench.adapters.baselines.oracle import Oracle
from sama_bench.adapters.baselines.still import Still
from sama_bench.benchmark import open_benchmark
from sama_bench.types import Box, Prediction


@pytest.fixture(scope="module")
def found():
    """The finding of each check of an adapter, by its name."""
    demo = open_benchmark("demo")
    return lambda adapter: {one.check: one for one in check_adapter(adapter, demo)}


def words(text, **more):
    """A predict that always says the same."""
    return lambda self, question: Prediction(text, **more)


class Steady(Adapter):
    """An adapter that holds; those of the tests break it in one way each."""

    can = Abilities()

    def predict(self, question):
        if not question.regions or question.key.task == "c":
            return Prediction("Something.")
        track = np.zeros((len(question.video), *question.video.size), bool)
        track[:, :9, :9] = True
        return Prediction("<p>a thing</p> [SEG]", [track])


class Steadily(BatchAdapter):
    at_once = 3

    def predict_all(self, questions):
        for question in questions:
            try:
                question.video.frame(0)
            except OSError as problem:
                yield Prediction("", error=str(problem))
            else:
                yield Steady().predict(question)


@pytest.mark.parametrize("kind", [Still, Oracle, Steady, Steadily])
def test_a_sound_adapter_holds(kind, found):
    findings = found(kind())
    assert holds(findings.values())
    assert {one.check for one in findings.values() if one.state == "broken"} == set()
    assert findings["answers"].why == "8 questions of 2 videos"
    assert findings["no truth"].state == ("skipped" if kind is Oracle else "fine")
    assert ("together" in findings) == (kind is Steadily)


def breaks(**methods):
    return type("Broken", (Steady,), methods)()


def counted():
    """Another number with each call."""
    return iter(range(10**6)).__next__


def kept():
    return breaks(kept=[], open=lambda self, video: self.kept.append(video))


def threads():
    """Starts a thread for each video and never ends it."""
    adapter = breaks(done=threading.Event())
    adapter.open = lambda video: threading.Thread(target=adapter.done.wait, args=(60,), daemon=True).start()
    return adapter


def painted(self, question):
    question.video.frame(0)[:] = 0
    return Prediction("It was black.")


def emptied(self, question):
    for region in question.regions:
        region.track[0] = None
    return Prediction("Nothing.")


def scared(self, video):
    if type(video).__name__ == "Unreadable":
        self.scared = True


def after_a_scare(self, question):
    return Prediction("Not again!" if getattr(self, "scared", False) else "Fine.")


def forgets_itself(self, question):
    if any(turn.source == "own" for turn in question.history):
        raise ValueError("nothing of mine")
    return Steady().predict(question)


def cannot_see_its_masks(self, question):
    if any(turn.source == "own" and turn.tracks for turn in question.history):
        raise ValueError("no masks of mine")
    return Steady().predict(question)


def in_words(answer):
    """Answers questions in words, too, by this method."""
    return breaks(can=Abilities(plain=True), answer=answer)


def peeking(self, question):
    return Prediction(f"Seen {sum(len(region.visible) for region in question.regions)} times.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "check", "why"),
    [
        (lambda: breaks(predict=lambda self, question: 1 / 0), "answers", "ZeroDivisionError"),
        (lambda: breaks(predict=lambda self, question: "text"), "answers", "predict returned str"),
        (
            lambda: breaks(predict=words("[SEG]", tracks=[np.ones((2, 2), bool)])),
            "answers",
            "shape (2, 2)",
        ),
        (lambda: breaks(predict=words("[SEG]")), "tracks", "0 tracks for 1 [SEG]"),
        (lambda: breaks(predict=lambda self, q: Prediction("", [[None] * len(q.video)])), "tracks", "1 tracks for 0"),
        (
            lambda: breaks(predict=words("[SEG]", boxes=[[Box(0, 0, 0, 9, 9)]])),
            "tracks",
            "0 tracks",
        ),
        (lambda: breaks(can=Abilities(masks=False)), "tracks", "gives tracks, but can.masks is False"),
        (
            lambda: breaks(n=counted(), predict=lambda self, question: Prediction(str(self.n()))),
            "repeatable",
            "another answer when asked twice",
        ),
        (kept, "left over", "still holds the video"),
        (threads, "left over", "open threads after each round"),
        (lambda: breaks(predict=painted), "answers", "read-only"),
        (lambda: breaks(predict=emptied), "as given", "changes the regions of g:"),
        (lambda: breaks(open=scared, predict=after_a_scare), "errors", "after a video that could not be read"),
        (lambda: breaks(close=lambda self: 1 / 0), "no question", "ZeroDivisionError"),
        (
            lambda: breaks(can=Abilities(history="regions"), predict=forgets_itself),
            "history",
            "with earlier turns (own window=all): ValueError: nothing of mine",
        ),
        (
            lambda: breaks(can=Abilities(history="masks"), predict=cannot_see_its_masks),
            "history",
            "with earlier turns (own window=all masks): ValueError: no masks of mine",
        ),
        (lambda: breaks(asking={"frames": 8}), "declared", "asking is {'frames': 8}"),
        (lambda: breaks(can=Abilities(masks=False, boxes=True)), "declared", "can.boxes without can.masks"),
        (lambda: breaks(can=Abilities(plain=True)), "in words", "Broken answers no plain questions"),
        (lambda: in_words(lambda self, question: None), "in words", "gave NoneType, expected str"),
        (
            lambda: breaks(can=Abilities(plain=True), n=counted(), answer=lambda self, question: str(self.n())),
            "in words",
            "another answer when asked twice",
        ),
    ],
)
def test_what_is_broken_is_found_and_told(make, check, why, found):
    adapter = make()
    findings = found(adapter)
    if hasattr(adapter, "done"):
        adapter.done.set()
    assert findings[check].state == "broken"
    assert why in findings[check].why
    assert not holds(findings.values())


@pytest.mark.parametrize(
    ("adapter", "check", "why"),
    [
        (breaks(predict=peeking), "no truth", "looks at later frames of the region"),
        (breaks(predict=words(" ")), "texts", "the text is empty"),
        (
            breaks(predict=words("x", unread="no JSON")),
            "texts",
            "could not be read: no JSON",
        ),
        (breaks(predict=words("x")), "tracks", "no answer has a [SEG]"),
    ],
)
def test_what_may_be_meant_is_a_warning(adapter, check, why, found):
    findings = found(adapter)
    assert findings[check].state == "warning"
    assert why in findings[check].why
    assert holds(findings.values())


def test_an_adapter_that_answers_in_words_is_asked_about_a_picture_and_no_other_is(found):
    findings = found(in_words(lambda self, question: f"{question.text} {question.frames[0].shape}"))
    assert findings["in words"].state == "fine"
    assert "in words" not in found(breaks())


def test_a_model_that_takes_no_regions_is_asked_none_and_shown_none(found):
    def predict(self, question):
        assert not question.regions
        return Prediction("Something.")

    findings = found(breaks(can=Abilities(regions=False), predict=predict))
    assert holds(findings.values())
    assert findings["no truth"].state == "skipped"


def mixed(self, questions):
    """The answers of one group, turned."""
    return iter([Prediction(str(question.key)) for question in questions][::-1])


def spoilt(self, questions):
    """One question that cannot be answered takes the others along."""
    for question in questions:
        question.video.frame(0)
        yield Prediction("fine")


@pytest.mark.parametrize(
    ("predict_all", "check", "why"),
    [
        (mixed, "together", "another answer alone than together"),
        (spoilt, "errors", "after a video that could not be read (predict_all: OSError"),
        (lambda self, questions: iter([Prediction("one")]), "answers", "gave 1 answers to"),
        (lambda self, questions: None, "answers", "TypeError"),
    ],
)
def test_a_batch_adapter_that_is_broken_is_found(predict_all, check, why, found):
    findings = found(type("Broken", (BatchAdapter,), {"predict_all": predict_all})())
    assert findings[check].state == "broken"
    assert why in findings[check].why
