"""DAM: which frames it is shown with which masks, by a stand-in for its code and by a server as its own."""

import base64
import io
import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from sama_bench.adapter import Abilities
from sama_bench.adapters.models.dam import Dam
from sama_bench.adapters.models.dam.shown import chosen
from sama_bench.adapters.shared.first_visible import Seen
from sama_bench.errors import UserError
from sama_bench.run.store import Store
from sama_bench.types import Region

PICTURE = re.compile(r"^data:image/(png|jpe?g);base64,(.*)$")


def _mask(size=1):
    mask = np.zeros((8, 8), bool)
    mask[:size, 0] = True
    return mask


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (range(2, 30), [2, 5, 9, 13, 17, 21, 25, 29]),
        (range(2, 10), [2, 3, 4, 5, 6, 7, 8, 9]),
        ([2, 5, 9], [2, 2, 2, 2, 5, 5, 5, 9]),
        ([2], [2] * 8),
    ],
)
def test_eight_frames_are_spread_over_those_on_which_the_object_was_found(found, shown):
    followed = [(frame, _mask() if frame in found else _mask(0)) for frame in range(2, 30)]
    assert [frame for frame, _ in chosen(Seen(2, _mask(3)), followed)] == shown


def test_on_its_own_frame_a_region_has_its_own_mask_whatever_the_tracker_says():
    for said in (_mask(0), _mask(1)):
        places = chosen(Seen(2, _mask(3)), [(2, said), (3, _mask(2))])
        assert {frame: mask.sum() for frame, mask in places} == {2: 3, 3: 2}


class Handler(BaseHTTPRequestHandler):
    """What dam_server.py of NVlabs/describe-anything does with a request, and how it answers."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            status, answer = 200, self._answer(body)
        except Exception as problem:
            status, answer = 500, {"error": str(problem)}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, body):
        assert self.path == "/chat/completions"
        assert body["model"] == "describe_anything_model"
        words, shown = "", []
        for message in body["messages"]:
            for part in message["content"]:
                if part["type"] == "text":
                    words += part["text"]
                else:
                    picture = Image.open(io.BytesIO(base64.b64decode(PICTURE.match(part["image_url"]["url"])[2])))
                    assert picture.mode == "RGBA"
                    pixels = np.asarray(picture)
                    shown.append(f"{pixels[0, 0, 0]}:{(pixels[..., 3] > 0).sum()}")
        words = words.strip().removeprefix("Video:").strip()
        assert words.startswith("Given the video in the form of a sequence of frames above, describe the object")
        assert len(shown) == 8, f"Only 1 image and video (with 8 frames) are supported, but {len(shown)} are provided"
        if self.server.broken:
            raise RuntimeError("CUDA out of memory")
        message = {"role": "assistant", "content": f" {' '.join(shown)} "}
        return {
            "id": "0", "object": "chat.completion", "created": 0.5, "model": body["model"],
            "choices": [{"message": message}],
        }  # fmt: skip

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = HTTPServer(("127.0.0.1", 0), Handler)
    made.broken = False
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def address(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def released(checkout, tmp_path, monkeypatch):
    """DAM by a stand-in for its code: this interpreter's transformers may be newer than the real code's."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from sama_bench.adapters.models.dam import released as code

    monkeypatch.setattr(code, "_too_new", list)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for part in ("", *code.PARTS):
        (tmp_path / "DAM" / part).mkdir(exist_ok=True)
        for name in ("config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"):
            (tmp_path / "DAM" / part / name).write_text("{}")
    yield lambda **more: Dam(str(tmp_path / "DAM"), repo=checkout("describe-anything"), device="cpu", **more)
    for name in [name for name in sys.modules if name.partition(".")[0] == "dam"]:
        del sys.modules[name]


def _asked(dam, question):
    dam.open(question.video)
    answer = dam.predict(question)
    dam.close()
    return answer


def test_the_code_and_the_server_are_shown_the_same(released, address, numbered):
    question = numbered(frames=20, begins=(3,), task="c")
    answers = [_asked(dam, question).text for dam in (released(tracker="flow"), Dam(base_url=address, tracker="flow"))]
    assert answers[0] == answers[1]
    frames = [int(part.partition(":")[0]) for part in answers[0].split()]
    assert frames == [3, 5, 7, 9, 12, 14, 16, 19]
    assert answers[0].startswith("3:100 ")


def test_its_code_is_asked_greedily_and_on_the_device_that_was_named(released, numbered):
    dam = released(tracker="flow")
    _asked(dam, numbered(frames=9, begins=(0,), task="c"))
    model = dam._model._model
    assert model.made == ["DAM", "v1", "full+focal_crop", "cpu", {"": "cpu"}, "cpu"]
    assert model.asked[1:] == [0, 512]
    assert dam.asking == {"words": "DAM's own", "frames": "8", "sampling": "greedy", "tracker": "flow"}


def test_later_masks_of_the_region_are_not_looked_at(address, numbered):
    dam, question = Dam(base_url=address, tracker="flow"), numbered(frames=12, begins=(2,), task="c")
    (region,) = question.regions
    alone = Region([mask if frame == 2 else None for frame, mask in enumerate(region.track)], region.size)
    elsewhere = numbered(frames=12, begins=(2, 2), task="c")  # another mask after the first
    moved = Region([region.track[2] if f == 2 else m for f, m in enumerate(elsewhere.regions[1].track)], region.size)
    answers = {_asked(dam, type(question)(question.key, question.video, question.text, (one,), (), "text")).text
               for one in (region, alone, moved)}  # fmt: skip
    assert len(answers) == 1


def test_sam2_follows_the_mask_to_the_frames_after_it(tiny_sam2, address, scene, video, ask):
    frames, masks = scene(frames=10)
    masks[:2] = False
    question = ask(video(frames), masks, task="c")
    dam = Dam(base_url=address, tracker_checkpoint=str(tiny_sam2))
    assert _asked(dam, question).text == _asked(dam, question).text
    dam.open(question.video)
    followed = list(dam._follower.follow(2, masks[2]))
    assert [frame for frame, _ in followed] == list(range(2, 10))
    assert {(mask.shape, mask.dtype.name) for _, mask in followed} == {((120, 200), "bool")}
    assert dam.asking["tracker"].startswith("sam20@")
    dam.close()


def test_few_frames_are_shown_more_than_once_and_counted(address, numbered):
    dam = Dam(base_url=address, tracker="flow")
    _asked(dam, numbered(frames=3, begins=(1,), task="c"))
    assert dam.notes()[0] == "1 regions were followed over fewer than 8 frames: some are shown twice"
    assert "--temperature 0" in dam.notes()[1]


@pytest.mark.parametrize(
    ("begins", "task", "told"),
    [((), "c", "one region"), ((1, 2), "c", "one region"), ((1,), "g", "one region"), ((30,), "c", "visible on no")],
)
def test_what_it_cannot_describe_is_an_error(address, numbered, begins, task, told):
    dam, question = Dam(base_url=address, tracker="flow"), numbered(frames=5, begins=begins, task=task)
    dam.open(question.video)
    with pytest.raises(ValueError, match=told):
        dam.predict(question)


def test_a_run_by_command_asks_descriptions_alone_and_leaves_other_cells_empty(address, tmp_path):
    from sama_bench.cli.main import cli

    args = [part for text in (f"base_url={address}", "tracker=flow") for part in ("--model-arg", text)]
    out = tmp_path / "run"
    done = CliRunner().invoke(cli, ["run", "--model", "dam", *args, "--limit", "2", "--out", str(out)])
    assert done.exit_code == 0, done.output
    scores = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    with Store.open(out) as store:
        assert store.can == Abilities(masks=False, describes_only=True)
        assert {key.task for key in store.all_keys()} == {"c"}
        assert not store.errors()
    dialogues, descriptions = (scores["protocols"]["strict"][task] for task in ("g", "c"))
    assert not dialogues["mean"]
    assert set(dialogues["cannot"].values()) == {"describes one region, and answers nothing else"}
    assert "METEOR" in descriptions["mean"]
    assert "cannot" not in descriptions
    assert "the server samples as it was started" in done.output


def test_a_server_that_fails_is_the_questions_error(server, address, numbered):
    server.broken = True
    dam, question = Dam(base_url=address, tracker="flow"), numbered(frames=9, begins=(0,), task="c")
    dam._model._server.tries = 1
    dam.open(question.video)
    with pytest.raises(RuntimeError, match=r"no answer after 1 tries.*500.*--image_video_joint_checkpoint"):
        dam.predict(question)


@pytest.mark.parametrize("given", [{}, {"checkpoint": "nvidia/DAM-3B-Video", "base_url": "http://localhost:8000"}])
def test_either_a_checkpoint_or_a_server_is_asked(given):
    with pytest.raises(UserError, match="expected one of the two"):
        Dam(**given)


def test_all_that_is_missing_is_told_at_once(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "llm").mkdir()
    (tmp_path / "llm" / "config.json").write_text("{}")
    with pytest.raises(UserError) as raised:
        Dam(str(tmp_path), repo=tmp_path, tracker_checkpoint=str(tmp_path / "nothing"), device="tpu")
    told = "\n".join(raised.value.problems)
    for part in ("tracker_checkpoint", "device=tpu", "has no module dam", "vision_tower/config.json", "llm/weights (",
                 "llm/tokenizer (", "mm_projector/weights ("):  # fmt: skip
        assert part in told
