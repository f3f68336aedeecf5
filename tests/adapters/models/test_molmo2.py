"""Molmo2 as transformers has it, tiny and with random weights: what times it is told, and whose frames they are."""

import re
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from sama_bench.types import Absence, Point, Turn

pytest.importorskip("torchvision")
torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")

from sama_bench.adapters.models.chat import Chat  # noqa: E402

NAMES = {"images": r"Image (\d+)", "video": r"(\d+\.\d) <frame_start>"}


@pytest.fixture(params=["images", "video"])
def form(request):
    return request.param


@pytest.fixture
def track(questions):
    """Asks for one expression in videos of these lengths."""
    return lambda *lengths: [
        replace(question, text="the red kite", regions=(), expects="track") for question in questions(*lengths)
    ]


def _inputs(chat, *questions):
    return chat._model._inputs([chat._prompting.prompt(question) for question in questions])


def _told(chat, *questions):
    """The prompts in words, special tokens and all, without what fills a batch up."""
    inputs = _inputs(chat, *questions)
    decode = chat._model._processor.tokenizer.decode
    return [decode(ids[mask.bool()]) for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True)]


def _says(chat, *answers):
    """Makes the model say these words, one after the other."""
    tokenizer, left = chat._model._processor.tokenizer, list(answers)

    def generate(input_ids, **_):
        ids = [tokenizer(left.pop(0), add_special_tokens=False)["input_ids"] for _ in input_ids]
        longest = max(map(len, ids)) + 1
        said = [[*row, *[tokenizer.eos_token_id] * (longest - len(row))] for row in ids]
        return torch.cat([input_ids, torch.tensor(said)], 1)

    chat._model._model.generate = generate


def test_it_is_asked_as_its_family_whatever_its_folder_is_called(molmo2, tmp_path):
    named = tmp_path / "model"
    named.symlink_to(molmo2)
    chat = Chat(str(named), input="video")
    assert chat.asking["prompt"].startswith("molmo2@")
    assert (chat.gives, chat.wording) == ({"points"}, "molmo2")


@pytest.mark.parametrize("length", [1, 2, 9, 40])
def test_the_number_before_a_frame_is_read_as_that_frame(molmo2, form, track, length):
    chat = Chat(str(molmo2), input=form)
    (question,) = track(length)
    prompt = chat._prompting.prompt(question)
    (told,) = _told(chat, question)
    stamps = re.findall(NAMES[form], told)
    if (form, length) == ("images", 1):  # a picture alone has no number
        stamps = ["1"]
    assert len(stamps) == len(prompt.frames) == min(length, 32)
    assert len(set(stamps)) == len(stamps)
    for stamp, frame in zip(stamps, prompt.indices, strict=True):
        _says(chat, f'<tracks coords="{stamp} 1 500 250">kite</tracks>')
        (answer,) = chat.predict_all([question])
        (cues,) = answer.boxes
        assert [cue for cue in cues if isinstance(cue, Point)] == [Point(frame, 100.0, 30.0)]
        assert answer.unread is None


def test_frames_of_a_video_come_in_order_one_second_each_and_none_is_left_out(molmo2, track):
    chat = Chat(str(molmo2), input="video", frames=12)
    (question,) = track(12)
    prompt = chat._prompting.prompt(question)
    grey = prompt._replace(frames=tuple(np.full((40, 90, 3), 20 * n, np.uint8) for n in range(12)))
    inputs = chat._model._inputs([grey])
    assert inputs["video_grids"].tolist() == [[12, 2, 2]]
    means = inputs["pixel_values_videos"].mean(dim=(1, 2))
    assert means.tolist() == sorted(means.tolist())
    assert means.unique().numel() == 12
    assert -1 <= means.min() < 0 < means.max() <= 1  # brought to the scale of pictures, as the class itself does not


def test_each_prompt_of_a_batch_has_the_times_of_its_own_video(molmo2, track):
    chat = Chat(str(molmo2), input="video")
    asked = track(3, 12, 1)
    together = _told(chat, *asked)
    assert together == [_told(chat, question)[0] for question in asked]
    assert [len(re.findall(NAMES["video"], told)) for told in together] == [3, 12, 1]


def test_a_track_is_its_points_and_what_it_leaves_out_is_absent(molmo2, form, track):
    chat = Chat(str(molmo2), input=form, batch=2)
    first = 1 if form == "images" else 0
    coords = f"{first} 1 500 250 2 100 050;{first + 1} 2 200 050"
    _says(chat, f'<tracks coords="{coords}">kites</tracks>', "There are none.")
    told, none = chat.predict_all(track(3, 3))
    assert told.boxes == [
        [Point(0, 100.0, 30.0), Absence(1), Absence(2)],
        [Point(0, 20.0, 6.0), Point(1, 40.0, 6.0), Absence(2)],
    ]
    assert (told.groups, none.boxes, none.unread) == ([2], [], None)


@pytest.mark.parametrize(("form", "named"), [("images", "in image 1"), ("video", "at 0.0 seconds")])
def test_a_marked_frame_is_called_as_the_processor_calls_it(molmo2, questions, form, named):
    question = replace(
        questions(3)[0], text="Which is faster, <mask> or not? Please respond with interleaved segmentation masks."
    )
    assert named in _told(Chat(str(molmo2), input=form), question)[0]


def test_earlier_turns_stand_behind_the_video_which_is_there_once(molmo2, questions):
    chat = Chat(str(molmo2), input="video", max_new_tokens=3)
    (question,) = questions(3)
    turns = (Turn("What is there?", "<p>A kite</p> [SEG] runs.", (), None, "own"),)
    (told,) = _told(chat, replace(question, history=turns))
    assert re.findall(NAMES["video"], told) == ["0.0", "1.0", "2.0"]
    places = [told.index(part) for part in ("<frame_end>", "What is there?", "A kite runs.", "the object outlined")]
    assert places == sorted(places)
    assert [told.count(f"<|im_start|>{role}") for role in ("user", "assistant")] == [2, 2]
    assert chat.predict(replace(question, history=turns)).error is None


def test_tracks_go_through_sam2_by_command_and_are_scored(molmo2, tiny_sam2, tmp_path, monkeypatch):
    from sama_bench.adapters.models.chat.model import ChatModel
    from sama_bench.cli.main import cli
    from sama_bench.run.store import Store

    said = ChatModel._generated

    def tracks(self, inputs, length):
        ids = self._processor.tokenizer('<tracks coords="0.0 1 500 500">it</tracks>', add_special_tokens=False)
        return [ids["input_ids"] for _ in said(self, inputs, 2)]  # it is run all the same

    monkeypatch.setattr(ChatModel, "_generated", tracks)
    given = {"checkpoint": molmo2, "input": "video", "grounder": "sam2", "grounder_checkpoint": tiny_sam2}
    args = [part for key, value in given.items() for part in ("--model-arg", f"{key}={value}")]
    out = tmp_path / "run"
    done = CliRunner().invoke(cli, ["run", "--model", "chat", *args, "--limit", "2", "--out", str(out)])
    assert done.exit_code == 0, done.output
    with Store.open(out) as store:
        stored = [one for video in store.videos() for one in store.predictions(video).values()]
    tracks = [track for one in stored for track in one.tracks or ()]
    assert tracks
    assert any(mask is not None for track in tracks for mask in track)
