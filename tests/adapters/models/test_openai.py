import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing

import numpy as np
import pytest

from sama_bench.adapters.models.openai import OpenAI, data_url
from sama_bench.errors import UserError
from sama_bench.llm_client import BudgetSpent
from sama_bench.run.registry import make_adapter
from sama_bench.types import Key, PlainQuestion, Question, Usage

NUMBER = re.compile(r"number (\d+)")
FINE = '{"answer": "A cat sits.", "objects": [{"phrase": "A cat", "bbox_2d": [100, 200, 500, 600]}]}'
TEXTS = {
    "fine": FINE,
    "empty": "",
    "prose": "There is a cat.",
    "half": FINE[:70],
    "megabyte": "cat " * 300_000,
    "outside": FINE.replace("[100, 200, 500, 600]", "[1100, 1200, 1500, 1600]"),
    "negative": FINE.replace("[100, 200, 500, 600]", "[-100, -200, 500, 600]"),
    "nan": FINE.replace("[100, 200, 500, 600]", "[NaN, 200, 500, 600]"),
    "swapped": FINE.replace("[100, 200, 500, 600]", "[500, 600, 100, 200]"),
    "many": json.dumps({"answer": "cats", "objects": [{"phrase": "cat", "bbox_2d": [1, 2, 300, 400]}] * 1000}),
}


@pytest.fixture(scope="module")
def zoo(desk):
    """A server that answers question N as `moods(N)` says, by turns; it counts what it answers."""

    class Zoo(desk.Desk):
        def __init__(self, moods=lambda _: ["fine"], **more):
            super().__init__(**more)
            self.moods, self.asked, self.bodies = moods, Counter(), []

        def answer(self, request):
            number = int(NUMBER.search(json.dumps(request))[1])
            moods = self.moods(number)
            mood = moods[min(self.asked[number], len(moods) - 1)]
            self.asked[number] += 1
            self.bodies.append(request)
            if mood in TEXTS:
                return desk.Answer(desk.said(TEXTS[mood]))
            return {
                "slow": desk.Answer(desk.said(FINE), seconds=0.1),
                "slower": desk.Answer(desk.said(FINE), seconds=0.3),
                "late": desk.Answer(desk.said(FINE), seconds=3.0),
                "refusal": desk.Answer(desk.said(None, refusal="I cannot look at cats.")),
                "429": desk.Answer(desk.trouble("slow down"), 429),
                "429 wait": desk.Answer(desk.trouble("slow down"), 429, {"Retry-After": "0.2"}),
                "500": desk.Answer(desk.trouble("oops"), 500),
                "503": desk.Answer(desk.trouble("busy"), 503, {"Retry-After": "0"}),
                "cut": desk.Answer(desk.said(FINE), cut=150),
                "hung up": desk.Answer(b"", cut=0),
                "half a body": desk.Answer(desk.said(FINE)[:90]),
                "400": desk.Answer(desk.trouble("these images are too large"), 400),
                "401": desk.Answer(desk.trouble("Incorrect API key provided: sk-aaaa"), 401),
                "no temperature": desk.Answer(desk.trouble("Unsupported parameter: temperature"), 400),
            }[mood]

    return Zoo


@pytest.fixture
def questions(video):
    """Makes questions about one small video."""
    clip = video(list(np.random.default_rng(1).integers(0, 256, (3, 30, 40, 3), np.uint8)))
    ask = "Response with interleaved segmentation masks."
    return lambda count, task="g": [
        Question(Key(task, str(n)), clip, f"What is number {n}? {ask}", expects="text" if task == "c" else "phrases")
        for n in range(count)
    ]


@pytest.fixture
def adapter(tmp_path):
    """Makes an adapter for a server."""

    def make(url, **more):
        return OpenAI("m", base_url=url, **{"cache": tmp_path / "cache.sqlite", "timeout": 1.0, **more})

    return make


MOODS = [*TEXTS, "refusal", "429", "429 wait", "500", "503", "cut", "hung up", "half a body", "late", "400"]


def test_whatever_the_server_does_every_question_is_answered_or_has_its_error(desk, zoo, questions, adapter):
    server = zoo(lambda number: [MOODS[number], "fine"])
    with desk.beside(server) as url:
        found = list(adapter(url).predict_all(questions(len(MOODS))))
        again = list(adapter(url).predict_all(questions(len(MOODS))))
    told = dict(zip(MOODS, found, strict=True))
    assert told["400"].error == "no answer after 1 tries: HTTP 400: these images are too large"
    assert [mood for mood, one in told.items() if one.error] == ["400"]
    assert {mood for mood, one in told.items() if one.unread} == {
        "empty", "prose", "half", "megabyte", "outside", "nan", "refusal", "many",
    }  # fmt: skip
    for mood in ("fine", "swapped", "429", "429 wait", "500", "503", "cut", "hung up", "half a body", "late"):
        assert told[mood].text == "<p>A cat</p> [SEG] sits."
        assert told[mood].boxes[0][0] == pytest.approx((0, 4.0, 6.0, 20.0, 18.0))
    assert told["negative"].boxes[0][0] == pytest.approx((0, 0.0, 0.0, 20.0, 18.0))
    assert [one.text for one in again[:-1]] == [
        one.text for one in found[:-1]
    ]  # the last one failed, and is asked again
    once = {number: count for number, count in server.asked.items() if MOODS[number] in {*TEXTS, "refusal"}}
    assert set(once.values()) == {1}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"prompt_tokens": 900, "completion_tokens": 3}, Usage(900, None, 0)),
        ({"prompt_tokens": 900, "prompt_tokens_details": {"cached_tokens": 640}}, Usage(900, 640, 0)),
        ({"prompt_tokens": 900, "prompt_tokens_details": {"cached_tokens": 0}}, Usage(900, 0, 0)),
        ({"prompt_tokens": 900, "prompt_tokens_details": {"cached_tokens": "many"}}, Usage(900, None, 0)),
        ({"prompt_tokens": 900, "prompt_tokens_details": None}, Usage(900, None, 0)),
        (None, None),
    ],
)
def test_a_prompts_tokens_are_kept_also_with_an_answer_from_the_cache(desk, zoo, questions, adapter, told, kept):
    class Counts(zoo):
        def answer(self, request):
            super().answer(request)
            return desk.Answer(json.dumps({**json.loads(desk.said(FINE)), "usage": told}).encode())

    with desk.beside(Counts()) as url:
        asking = adapter(url)
        found = [next(iter(one.predict_all(questions(1)))).usage for one in (asking, adapter(url))]
    assert found == [kept, kept]
    told_of_cache = [line for line in asking.notes() if "had been kept by the server" in line]
    assert bool(told_of_cache) == bool(kept and kept.cached_tokens)


def test_none_is_asked_twice_and_429_lowers_how_many_are_under_way(desk, zoo, questions, adapter):
    server = zoo(lambda _: ["slower"], at_once=2)
    with desk.beside(server) as url:
        asking = adapter(url, concurrency=32, timeout=60.0)  # a busy machine is no reason to ask again
        found = list(asking.predict_all(questions(16)))
    assert all(one.error is None for one in found)
    assert set(server.asked.values()) == {1}
    assert asking.notes()[0].startswith("16 requests answered, 0 answers from the cache, 0 failed")
    assert "HTTP 429" in asking.notes()[1]


def test_frames_go_as_pictures_with_the_words_behind_them(desk, zoo, questions, adapter):
    server = zoo()
    with desk.beside(server) as url:
        next(adapter(url, frames=2).predict_all(questions(1)))
    (message,) = server.bodies[0]["messages"]
    assert [part["type"] for part in message["content"]] == ["text", "image_url", "text", "image_url", "text"]
    assert message["content"][1]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert (server.bodies[0]["temperature"], server.bodies[0]["max_tokens"]) == (0, 1024)


def test_equal_frames_give_equal_bytes():
    frame = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    assert data_url(frame) == data_url(frame.copy())


def test_a_parameter_that_the_server_does_not_take_is_sent_no_more_and_told(desk, zoo, questions, adapter):
    server = zoo(lambda number: ["no temperature", "fine"] if number == 0 else ["fine"])
    with desk.beside(server) as url:
        asking = adapter(url, concurrency=1)
        found = list(asking.predict_all(questions(3)))
    assert all(one.error is None for one in found)
    assert ["temperature" in body for body in server.bodies] == [True, False, False, False]
    assert "not sent, as the server does not take it: temperature" in asking.notes()


def test_a_wrong_key_ends_the_run_in_a_line(desk, zoo, questions, adapter):
    with (
        desk.beside(zoo(lambda _: ["401"])) as url,
        pytest.raises(UserError, match="does not accept the key") as refusal,
    ):
        list(adapter(url).predict_all(questions(5)))
    assert len(refusal.value.problems) == 1


def test_a_budget_stops_before_it_is_exceeded_and_what_was_answered_is_kept(desk, zoo, questions, adapter, tmp_path):
    prices = tmp_path / "prices.yaml"
    prices.write_text("models: {m: {in: 100, out: 100}}\n")  # $0.042 an answer, at most $0.57 set aside for each
    server = zoo()
    with desk.beside(server) as url:
        asking = adapter(url, prices=prices, budget=1.0, concurrency=1)
        found = []
        with pytest.raises(BudgetSpent, match="as --budget"):
            found.extend(asking.predict_all(questions(40)))
        spent = server.asked.total() * 0.042
        assert 0.3 < spent < 1
        list(adapter(url, prices=prices, budget=10.0, concurrency=1).predict_all(questions(20)))
    assert set(server.asked.values()) == {1}
    assert asking.notes()[0].endswith(f"${spent:.4f}")


def test_a_budget_for_a_model_without_a_price_is_refused(desk, zoo, questions, adapter):
    with desk.beside(zoo()) as url, pytest.raises(UserError, match="no known price"):
        list(adapter(url, budget=1.0).predict_all(questions(1)))


def test_the_key_is_sent_and_nowhere_else(desk, zoo, questions, adapter, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("MY_KEY", "sk-secret-1234567890")
    with desk.beside(zoo(lambda number: [["fine", "500", "400"][number % 3], "fine"])) as url:
        asking = adapter(url, key_env="MY_KEY")
        found = list(asking.predict_all(questions(6)))
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    shown = "".join(capfd.readouterr()) + repr(found) + repr(vars(asking)["asking"]) + "\n".join(asking.notes())
    assert b"secret" not in written
    assert "secret" not in shown


@pytest.mark.parametrize("url", ["http://me:secret@host/v1", "https://host/v1?key=secret", "http://host/v1#secret"])
def test_an_address_that_holds_a_secret_is_refused_without_repeating_it(url):
    with pytest.raises(UserError, match="keys belong into the environment") as refusal:
        OpenAI("m", base_url=url)
    assert "secret" not in str(refusal.value)


def test_arguments_as_earlier_runs_noted_them_come_to_the_same():
    noted = {
        "model": "m", "base_url": "http://127.0.0.1:9/v1", "prompt": "", "frames": "4", "size": "full",
        "boxes": "pixels", "referents": "none", "max_tokens": "9", "temperature": "0", "seed": "0", "concurrency": "2",
        "timeout": "3", "cache": "off", "prices": "", "budget": "",
    }  # fmt: skip
    adapter = make_adapter("openai", noted).adapter
    asking = {name: value for name, value in adapter.asking.items() if name != "prompt"}
    assert asking == {"frames": "4 uniform full", "referents": "none", "boxes": "pixels"}
    assert json.dumps(adapter._parameters) == '{"max_tokens": 9, "temperature": 0.0, "seed": 0}'


def test_all_wrong_arguments_are_told_at_once(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError) as refusal:
        make_adapter("openai", {"model": "m", "base_url": "", "frames": "0", "max_tokens": "0"})
    told = "\n".join(refusal.value.problems)
    assert all(word in told for word in ("frames=0", "1 to 512", "max_tokens=0"))
    assert "export OPENAI_API_KEY" in told


ASK = """
import sys
import numpy as np
from pathlib import Path
from sama_bench.adapters.models.openai import OpenAI
from sama_bench.types import Key, Question, Video
folder, url = Path(sys.argv[1]), sys.argv[2]
clip = Video("v", "mevis", (30, 40), tuple(sorted(folder.glob("v_*.png"))))
ask = "Response with interleaved segmentation masks."
questions = [Question(Key("g", str(n)), clip, f"What is number {n}? {ask}") for n in range(60)]
adapter = OpenAI("m", base_url=url, cache=folder / "killed.sqlite", concurrency=8)
print("begun", flush=True)
print(sum(one.error is None for one in adapter.predict_all(questions)))
"""


@pytest.mark.slow
def test_killed_and_started_again_it_asks_nothing_that_was_answered(desk, zoo, questions, tmp_path):
    questions(1)  # writes the frames
    server, random = zoo(lambda _: ["slow"]), np.random.default_rng(5)
    with desk.beside(server) as url:
        for _ in range(4):
            process, begun = _started(tmp_path, url), server.asked.total()
            while server.asked.total() == begun:
                time.sleep(0.01)
            time.sleep(random.uniform(0.1, 0.5))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            known = _kept(tmp_path / "killed.sqlite")
            before = server.asked.total()
        process = _started(tmp_path, url)
        assert process.communicate()[0].split() == ["60"]
    assert 0 < known < 60
    assert server.asked.total() - before == 60 - known


def _started(folder, url):
    command = [sys.executable, "-c", ASK, str(folder), url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    return process


def _kept(path):
    with closing(sqlite3.connect(path)) as database, database:
        return database.execute("SELECT count(*) FROM reply").fetchone()[0]


def test_the_requests_end_when_who_asked_goes_away(desk, zoo, questions, adapter):
    with desk.beside(zoo(lambda _: ["slow"])) as url:
        answers = adapter(url, concurrency=2).predict_all(questions(100))
        next(answers)
        answers.close()
        assert "requests" not in {thread.name for thread in threading.enumerate()}


def test_a_question_in_words_is_sent_with_its_pictures_and_its_length(desk, zoo, adapter):
    frames = tuple(np.full((10, 12, 3), n, np.uint8) for n in range(2))
    server = zoo(lambda n: [["refusal"], ["prose"], ["400"]][n])
    with desk.beside(server) as url:
        asked = adapter(url)
        said = asked.answer(PlainQuestion("<image>\nnumber 1?", frames, False, 9))
        with pytest.raises(RuntimeError, match="no answer after"):
            asked.answer(PlainQuestion("number 2?"))
        with pytest.raises(RuntimeError, match="refused to answer: I cannot look"):
            asked.answer(PlainQuestion("number 0?"))
    assert said == "There is a cat."
    (message,) = server.bodies[0]["messages"]
    assert [part["type"] for part in message["content"]] == ["image_url", "image_url", "text"]
    assert message["content"][1]["image_url"]["url"] == data_url(frames[1])
    assert message["content"][2]["text"] == "number 1?"
    assert server.bodies[0]["max_tokens"] == 9


def test_of_a_video_as_many_frames_are_sent_as_for_ours_by_number(desk, zoo, adapter):
    frames = tuple(np.full((10, 12, 3), 25 * n, np.uint8) for n in range(9))
    server = zoo(lambda _: ["prose"])
    with desk.beside(server) as url:
        adapter(url, frames=3).answer(PlainQuestion("number 1?", frames, True))
    (message,) = server.bodies[0]["messages"]
    assert [part.get("text") for part in message["content"][::2]] == ["Frame 1:", "Frame 2:", "Frame 3:", "number 1?"]
    sent = [part["image_url"]["url"] for part in message["content"] if part["type"] == "image_url"]
    assert sent == [data_url(frames[place]) for place in (0, 4, 8)]


@pytest.mark.parametrize(
    ("model", "labels"),
    [("Qwen/Qwen3-VL-8B-Instruct", "Picture 1: "), ("OpenGVLab/InternVL3-8B", "Frame1: "), ("gpt-4o", "Frame 1:")],
)
def test_frames_are_numbered_as_the_family_does_and_the_signature_says_so(desk, zoo, tmp_path, model, labels):
    server = zoo(lambda _: ["prose"])
    with desk.beside(server) as url:
        asked = OpenAI(model, base_url=url, cache="off", timeout=1.0)
        asked.answer(PlainQuestion("number 1?", (np.zeros((10, 12, 3), np.uint8),) * 2, True))
    assert server.bodies[0]["messages"][0]["content"][0]["text"] == labels
    assert asked.asking.get("labels") == (None if model == "gpt-4o" else labels.strip())


def test_frames_go_as_a_video_where_the_server_takes_one(desk, zoo, questions, adapter, tmp_path):
    import base64

    import cv2

    with desk.beside(server := zoo()) as url:
        asked = adapter(url, media="video")
        list(asked.predict_all(questions(1)))
    (part, words) = server.bodies[0]["messages"][0]["content"]
    assert (part["type"], words["type"]) == ("video_url", "text")
    assert asked.asking["media"] == "video"
    film = tmp_path / "film.mp4"
    film.write_bytes(base64.b64decode(part["video_url"]["url"].removeprefix("data:video/mp4;base64,")))
    reader = cv2.VideoCapture(str(film))
    assert (reader.get(cv2.CAP_PROP_FRAME_COUNT), reader.get(cv2.CAP_PROP_FPS)) == (3, 1)


def test_molmo2_is_asked_for_points_and_refused_with_boxes_alone(tmp_path):
    args = {"model": "allenai/Molmo2-8B", "base_url": "http://127.0.0.1:9", "cache": str(tmp_path / "cache.sqlite")}
    with pytest.raises(UserError, match="the answers hold points, and the grounder box takes boxes"):
        make_adapter("openai", args)
    assert OpenAI(**args).wording == "molmo2"
