"""How a model of lmms-eval is called, asked and read, by models of its interface that have no weights."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from sama_bench.errors import MissingExtra, UserError
from sama_bench.prompting import Prompting
from sama_bench.run.registry import adapter_class, make_adapter


def test_without_lmms_eval_the_pip_line_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "lmms_eval", None)
    monkeypatch.setattr("sama_bench.adapter.find_spec", lambda module: None)
    with pytest.raises(MissingExtra, match=r"lmms:dummy needs lmms_eval .*pip install .*lmms-eval"):
        adapter_class("lmms:dummy")


@pytest.mark.parametrize("name", ["motion:fast", "chat:qwen"])
def test_nothing_stands_behind_the_name_of_an_adapter_that_is_one_model(name):
    with pytest.raises(UserError, match=f"is one model, expected nothing behind its name: --model {name[:4]}"):
        adapter_class(name)


def test_the_adapter_alone_asks_for_a_name():
    pytest.importorskip("lmms_eval")
    with pytest.raises(UserError, match="expected --model lmms:NAME; to list them: lmms-eval models"):
        make_adapter("lmms", {})


def test_an_unknown_name_tells_the_nearest_and_how_to_list_all(stand_in):
    told = r"has no model 'stand_im', did you mean .*lmms:stand_in.*; to list its \d+ names: lmms-eval models --aliases"
    with pytest.raises(UserError, match=told):
        stand_in("stand_im")


def test_a_model_without_its_package_names_it(stand_in):
    with pytest.raises(
        UserError, match="lmms:stand_in_lacking needs the module no_such_package, which is not installed"
    ):
        stand_in("stand_in_lacking")
    with pytest.raises(UserError, match=r"has no module lmms_eval\.models\.simple\.no_such_module: it cannot be used"):
        stand_in("stand_in_absent")


def test_arguments_are_read_as_lmms_eval_reads_them_and_a_comma_in_words_parts_nothing(stand_in):
    _, model = stand_in(pretrained="a/b,mood=none", fails="one, two", batch=4)
    assert (model.given["pretrained"], model.mood, model.fails) == ("a/b", "none", "one, two")
    assert model.given["batch_size"] == 4
    adapter, model = stand_in(batch=4, batch_size="1")
    assert (model.given["batch_size"], adapter.at_once) == (1, 4)


def test_wrong_arguments_are_told_in_one_line_each(stand_in):
    with pytest.raises(UserError) as raised:
        stand_in(batch=0, max_new_tokens=-1, pretrained="x,frames=3,mood=y", mood="z", prompt="jsn")
    assert len(raised.value.problems) == 5  # those two, frames behind a comma, mood twice, and the prompt
    assert {one.split(":")[0] for one in raised.value.problems} >= {"batch=0", "max_new_tokens=-1"}
    with pytest.raises(
        UserError, match=r"Unexpected kwargs: \{'depth': 3\}; it takes pretrained, mood, fails, batch_size$"
    ):
        stand_in(depth="3")


def test_a_key_is_refused_and_not_shown(stand_in):
    with pytest.raises(UserError, match="api_key: would stand in the run's manifest") as raised:
        stand_in(pretrained="x,api_key=sk-123")
    assert "sk-123" not in str(raised.value)


def test_code_of_a_checkpoint_runs_only_where_that_is_allowed(stand_in, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"auto_map": {"AutoConfig": "own.Config"}, "model_type": "own"}))
    (tmp_path / "own.py").write_text(
        "from transformers import PretrainedConfig\nclass Config(PretrainedConfig):\n    model_type = 'own'\n"
    )
    with pytest.raises(UserError, match=r"brings code of its own .*--trust-remote-code"):
        stand_in(pretrained=str(tmp_path), mood="trusting")
    _, model = stand_in(pretrained=str(tmp_path), mood="trusting", trust=True)
    assert model.given["trust_remote_code"]
    assert not stand_in()[1].given["trust_remote_code"]


def test_a_simple_model_is_given_the_words_and_every_frame_with_its_marks(stand_in, questions):
    adapter, model = stand_in(frames=4, batch=3, max_new_tokens=77)
    asked = questions()
    answers = list(adapter.predict_all(asked))
    (call,) = model.calls
    assert [one.error for one in answers] == [None] * 3
    for (words, frames, generation), question, answer in zip(call, asked, answers, strict=True):
        prompt = Prompting.load(None, "general", frames="4").prompt(question)
        assert words == prompt.text
        assert all(isinstance(frame, Image.Image) for frame in frames)
        assert all(map(np.array_equal, frames, prompt.frames))
        assert len(frames) == len(prompt.frames)
        assert generation == {"until": [], "max_new_tokens": 77, "temperature": 0, "do_sample": False}
        assert answer.raw.endswith(str(len(words)))
        assert answer.text == "It is seen."


def test_a_chat_model_is_given_each_frame_behind_its_number(stand_in, questions):
    adapter, model = stand_in("stand_in_chat", frames=2)
    adapter.predict(questions(5)[0])
    (((_, (message,), _),),) = model.calls
    assert message["role"] == "user"
    assert [part.get("text", part["type"]) for part in message["content"][:-1]] == [
        "Frame 1: ",
        "image",
        "Frame 2: ",
        "image",
    ]
    assert all(isinstance(part["url"], Image.Image) for part in message["content"] if part["type"] == "image")
    assert "What is the object outlined in red doing?" in message["content"][-1]["text"]


@pytest.mark.parametrize("name", ["stand_in", "stand_in_chat"])
def test_a_model_of_videos_is_given_the_path_of_one_with_the_same_frames(stand_in, questions, name, monkeypatch):
    import cv2

    adapter, model = stand_in(name, input="video", frames=3)
    seen = type(model).seen

    def read(self, arguments):
        words, shown, generation = seen(self, arguments)
        paths = [part["url"] for part in shown[0]["content"] if part["type"] == "video"] if "chat" in name else shown
        film = cv2.VideoCapture(*paths)
        frames = [film.read()[1][..., ::-1] for _ in range(int(film.get(cv2.CAP_PROP_FRAME_COUNT)))]
        return words, frames, generation

    monkeypatch.setattr(type(model), "seen", read)
    (question,) = questions(5)
    assert adapter.predict(question).error is None
    (((_, frames, _),),) = model.calls
    expected = Prompting.load(None, "general", frames="3").prompt(question).frames
    assert len(frames) == 3
    assert {frame.shape for frame in frames} == {(270, 448, 3)}  # of 269 x 448: a video's sides are even
    assert all(np.array_equal(frame[:269], one) for frame, one in zip(frames, expected, strict=True))
    assert adapter.asking["input"] == "video"


def test_the_signature_says_which_model_in_which_form_of_which_version(stand_in):
    from sama_bench.lmms.version import installed

    assert stand_in("standing_in")[0].asking["lmms_eval"] == f"{installed()} stand_in simple"
    chat, _ = stand_in("stand_in_chat", referents="number")
    assert chat.asking["lmms_eval"] == f"{installed()} stand_in_chat chat"
    assert chat.asking["referents"] == "number"
    assert not stand_in(referents="none")[0].can.regions


@pytest.mark.parametrize(
    ("pretrained", "boxes"), [("Qwen/Qwen2.5-VL-7B-Instruct", "pixels"), ("OpenGVLab/InternVL3-8B", "xyxy-1000")]
)
def test_the_weights_name_tells_the_family(stand_in, pretrained, boxes):
    assert stand_in(pretrained=pretrained)[0].asking["boxes"] == boxes


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ("raises", "ValueError: no such token"),
        ("memory", "MemoryError: "),
        ("gives up", "[LMMS_EVAL_REQUEST_FAILED after 3 retries] no route"),
        ("none", "lmms-eval's model gave NoneType where a text was expected"),
        ("catches", "lmms-eval's model gave no answer: Error CUDA out of memory in generating"),
    ],
)
def test_a_question_that_fails_has_its_reason_and_the_others_of_its_batch_their_answers(
    stand_in, questions, mood, error
):
    adapter, model = stand_in(mood=mood, fails="really really", batch=3)
    answers = list(adapter.predict_all(questions()))
    assert [one.error for one in answers] == [None, None, error]
    assert [one.text for one in answers] == ["It is seen.", "It is seen.", ""]
    assert len(model.calls[-1]) == 1  # alone at the last
    assert adapter.at_once == (1 if mood == "memory" else 3)


def test_an_empty_answer_without_a_failure_is_an_answer(stand_in, questions):
    adapter, _ = stand_in(mood="silent", fails="doing", batch=3)
    answers = list(adapter.predict_all(questions()))
    assert [(one.error, one.unread) for one in answers] == [(None, "the answer is empty")] * 3


def test_nothing_of_theirs_reaches_the_terminal_and_warnings_are_told_at_the_end(stand_in, questions, capfd):
    adapter, _ = stand_in(batch=3)
    list(adapter.predict_all(questions()))
    assert tuple(capfd.readouterr()) == ("", "")
    assert adapter.notes() == ["lmms-eval: this is slow"]


def test_the_bar_of_a_run_stays_where_it_was(stand_in, questions):
    from rich.console import Console

    adapter, _ = stand_in()
    terminal, there = sys.stderr, []
    with adapter._log.quiet():
        there.append(Console(stderr=True).file)
        assert sys.stderr is not terminal
    assert there == [terminal]
