"""An adapter as a model of the real lmms-eval: asked its own tasks, by its evaluator, and ours, as the runner asks."""

import json
import sys
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("lmms_eval")

from sama_bench.adapter import Abilities, Adapter
from sama_bench.adapters.baselines.still import Still
from sama_bench.errors import UserError
from sama_bench.lmms.answer_text import read
from sama_bench.lmms.documents import question_of, rows, truth_of
from sama_bench.lmms.model import SamaBench
from sama_bench.run import registry
from sama_bench.run.registry import make_adapter

pytestmark = pytest.mark.filterwarnings("ignore")
TASK = """
task: {name}
dataset_path: json
dataset_kwargs: {{data_files: {{test: {folder}/{name}.json}}}}
test_split: test
output_type: {form}
doc_to_visual: !function shown.{name}
doc_to_text: words
doc_to_target: answer
generation_kwargs: {{max_new_tokens: 7, until: [END]}}
metric_list: [{{metric: {metric}, aggregation: mean, higher_is_better: true}}]
metadata: {{version: 1.0}}
"""
CHOICES = "doc_to_choice: [A, B]"
SHOWN = """
from pathlib import Path
from PIL import Image

def images(doc):
    return [Image.new("L", (4 + n, 6), 100 * n) for n in range(doc["count"])]

def film(doc):
    return [str(Path(__file__).parent / "film.avi")]

def sound(doc):
    return [{"array": [0.0], "sampling_rate": 16000}]

likely = images
"""


class Says(Adapter):
    """Says what it is asked, and what for; `mood` is what it does with a question that has the word."""

    can = Abilities(plain=True)
    made = None

    def __init__(self, flag: str = "", number: str = "", device: str = ""):
        Says.made = (flag, number, device)
        self.asked = []

    def predict(self, question): ...

    def answer(self, question):
        if "broken" in question.text:
            raise RuntimeError("no such picture")
        if "silent" in question.text:
            return None
        if "key" in question.text:
            raise UserError("the key is not accepted")
        self.asked.append(question)
        kind = "film" if question.video else "images"
        return f"{len(question.frames)} {kind} {question.text}END of {question.max_new_tokens}"


@pytest.fixture
def says(monkeypatch):
    """The adapter above under a name, as an entry point of a plug-in would have it."""
    monkeypatch.setattr(registry, "Says", Says, raising=False)
    found = registry.candidates()
    found["says"] = [EntryPoint("says", "sama_bench.run.registry:Says", registry.ADAPTERS.name)]
    monkeypatch.setattr(registry, "candidates", lambda: found)


@pytest.fixture
def evaluated(tmp_path):
    """Has lmms-eval's evaluator ask a task of its own; gives its results."""
    from lmms_eval.evaluator import simple_evaluate
    from lmms_eval.tasks import TaskManager

    (tmp_path / "shown.py").write_text(SHOWN)

    def run(name, documents, arguments="adapter=says", form="generate_until"):
        (tmp_path / f"{name}.json").write_text(json.dumps(documents))
        metric, more = ("exact_match", "") if form == "generate_until" else ("acc", CHOICES)
        text = TASK.format(name=name, folder=tmp_path, form=form, metric=metric)
        (tmp_path / f"{name}.yaml").write_text(text + more)
        manager = TaskManager(include_path=str(tmp_path), include_defaults=False, model_name="sama_bench")
        return simple_evaluate("sama_bench", model_args=arguments, tasks=[name], task_manager=manager, device="cpu")

    return run


def said(results, name):
    return [one["filtered_resps"][0] for one in sorted(results["samples"][name], key=lambda one: one["doc_id"])]


def test_pictures_and_words_reach_the_adapter_and_its_words_are_scored(says, evaluated):
    documents = [{"words": f"What is {n}?", "count": n, "answer": f"{n} images What is {n}?"} for n in range(3)]
    documents[2]["answer"] = "other"
    results = evaluated("images", documents)
    assert said(results, "images") == ["0 images What is 0?", "1 images What is 1?", "2 images What is 2?"]
    assert results["results"]["images"]["exact_match,none"] == pytest.approx(2 / 3)


def test_of_a_video_file_frames_are_shown_in_order(says, evaluated, tmp_path, monkeypatch):
    import cv2

    writer = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter.fourcc(*"FFV1"), 5.0, (16, 12))
    for n in range(80):
        writer.write(np.full((12, 16, 3), (0, 0, 3 * n), np.uint8))  # blue, green, red
    writer.release()
    seen = []
    monkeypatch.setattr(Says, "answer", lambda self, question: seen.append(question) or "yes")
    evaluated("film", [{"words": "What happens?", "answer": "yes"}])
    (question,) = seen
    reds = [int(frame[0, 0, 0]) for frame in question.frames]
    assert question.video
    assert question.max_new_tokens == 7
    assert (reds[0], reds[-1], len(reds)) == (0, 237, 32)
    assert reds == sorted(reds)
    assert not question.frames[-1][..., 1:].any()


@pytest.mark.parametrize("name", ["images", "sound"])
def test_what_cannot_be_answered_is_no_answer_and_costs_no_other(says, evaluated, name):
    documents = [{"words": words, "count": 1, "answer": ""} for words in ("broken", "Fine?")]
    first, second = said(evaluated(name, documents), name)
    reason = "RuntimeError: no such picture" if name == "images" else "TypeError: shown is dict"
    assert first.startswith(f"[LMMS_EVAL_REQUEST_FAILED] {reason}")
    assert second.startswith("1 images Fine?" if name == "images" else "[LMMS_EVAL_REQUEST_FAILED]")


def test_an_answer_that_is_no_text_is_no_answer(says, evaluated):
    first, second = said(
        evaluated("images", [{"words": one, "count": 1, "answer": ""} for one in ("silent", "a")]), "images"
    )
    assert first == "[LMMS_EVAL_REQUEST_FAILED] TypeError: answer() gave NoneType, expected a text"
    assert second == "1 images a"


@pytest.mark.parametrize(
    ("arguments", "form", "told"),
    [
        ("adapter=motion", "generate_until", r"adapter motion answers no plain questions .*; these do: .*chat"),
        ("adapter=says", "multiple_choice", "tasks of output_type loglikelihood cannot be asked of it"),
        ("adapter=says", "generate_until", "the key is not accepted"),
    ],
)
def test_what_the_user_has_to_mend_ends_lmms_eval_in_a_line(says, evaluated, arguments, form, told):
    with pytest.raises(SystemExit, match=f"^sama-bench: .*{told}"):
        evaluated("likely", [{"words": "the key?", "count": 1, "answer": "A"}], arguments, form)


def test_arguments_reach_the_adapter_as_they_are_written_and_the_device_where_none_is(says):
    SamaBench.create_from_arg_string("adapter=says,flag=true,number=1", {"batch_size": 4, "device": "cuda:1"})
    assert Says.made == ("true", "1", "cuda:1")
    SamaBench.create_from_arg_string("adapter=says,device=cpu", {"device": "cuda:1"})
    assert Says.made == ("", "", "cpu")
    SamaBench.create_from_arg_string("adapter=still", {"device": "cuda:1"})  # takes none


def test_an_adapter_answers_from_another_interpreter(documents, capsys):
    model = SamaBench.create_from_arg_string(f"adapter=still,python={sys.executable}", {"device": "cpu"})
    there, here = ask(model.adapter, documents[:2]), ask(Still(), documents[:2])
    assert model.adapter.spec.python == sys.executable
    assert [one.prediction.tracks for one in there] == [one.prediction.tracks for one in here]
    assert "log of the other Python: " in capsys.readouterr().err
    with pytest.raises(SystemExit, match="there is no adapter 'stil', did you mean still"):
        SamaBench.create_from_arg_string(f"adapter=stil,python={sys.executable}", {"device": "cpu"})


def ask(adapter, documents):
    """What the model that is the adapter says to documents of our tasks, in order."""
    model = SamaBench.around(adapter)
    model.task_dict = {
        f"sama_bench_{task}": {"test": [doc for doc in documents if doc["task"] == task]} for task in "gc"
    }
    requests = []
    for doc in documents:
        place = model.task_dict[f"sama_bench_{doc['task']}"]["test"].index(doc)
        requests.append(SimpleNamespace(args=(doc["question"], {}, None, place, f"sama_bench_{doc['task']}", "test")))
    answers = model.generate_until(requests)
    return [read(text, question_of(doc).video) for text, doc in zip(answers, documents, strict=True)]


@pytest.fixture
def documents():
    """Of both our tasks, in no order: videos are not together, and one question is asked twice."""
    found = [*list(rows("sama_bench_g"))[:30:5], *list(rows("sama_bench_c"))[:12:4]]
    return [*found[::-1], found[0]]


def test_the_oracle_gives_the_truth_of_each_of_our_documents_in_their_order(documents):
    for doc, answered in zip(documents, ask(make_adapter("oracle", {}), documents), strict=True):
        truth = truth_of(doc)
        assert answered.prediction.error is None
        assert answered.prediction.text == truth.text
        assert len(answered.prediction.tracks) == len(truth.tracks)


def test_an_adapter_that_fails_with_a_video_answers_the_others(documents):
    lost = documents[0]["video"]

    class Fails(Still):
        def open(self, video):
            if video.id == lost:
                raise OSError("cannot be opened")
            super().open(video)

    for doc, answered in zip(documents, ask(Fails(), documents), strict=True):
        assert (answered.prediction.error is not None) == (doc["video"] == lost)


def test_an_adapter_without_regions_is_asked_no_question_that_has_one(documents):
    class Blind(Still):
        can = Abilities(regions=False)

    for doc, answered in zip(documents, ask(Blind(), documents), strict=True):
        regions = bool(question_of(doc).regions)
        assert (answered.prediction.error is not None) == regions
        assert not answered.can.regions
