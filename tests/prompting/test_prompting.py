import json
import os
from pathlib import Path

import numpy as np
import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.errors import UserError
from sama_bench.prompting import Prompting
from sama_bench.prompting.conventions import CONVENTIONS, Corners
from sama_bench.prompting.families import FAMILIES
from sama_bench.types import Key

GOLDEN = Path(__file__).parent / "golden"
RENEW = "SAMA_BENCH_RENEW_GOLDEN" in os.environ
BOX = (60, 30, 90, 60)
ASKED = {
    **{family: (None, family, {}) for family in FAMILIES},
    "paper-gemini": ("paper-gemini", "gemini", {}),
    "boxes-by-second": ("qwen3-vl", "qwen3-vl", {}),
    "phrases": ("phrases", "gpt", {}),
    "coordinates": (None, "qwen3-vl", {"referents": "coordinates"}),
    "number": (None, "gpt", {"referents": "number"}),
}


def _row(values):
    return " ".join(map(str, values))


@pytest.fixture(scope="module")
def demo():
    """Questions of the demo: about two regions (one of which comes later), about none, and a description."""
    benchmark = open_benchmark("demo", videos="harbour")
    video = benchmark.entries[0].video.id
    found = {question.key: question for question in benchmark.questions(video)}
    return [found[Key("g", "demo-g-0-5")], found[Key("g", "demo-g-0-6")], found[Key("c", "demo-c-0-1")]]


@pytest.mark.parametrize("name", ASKED)
def test_prompts_are_as_they_were(name, demo):
    """A change of words or frames changes results: it must be meant. To renew: SAMA_BENCH_RENEW_GOLDEN=1 pytest."""
    prompt, family, options = ASKED[name]
    prompting = Prompting.load(prompt, family, **options)
    asked = [prompting.prompt(question) for question in demo]
    assert all(not one.past for one in asked)
    shown = {
        "asking": dict(prompting.asking),
        "prompts": [
            {
                **{name: value for name, value in one._asdict().items() if name != "past"},
                "frames": _row({frame.shape for frame in one.frames}),
                "indices": _row(one.indices),
            }
            for one in asked
        ],
    }
    path = GOLDEN / f"{name}.json"
    if RENEW:
        path.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n")
    assert shown == json.loads(path.read_text())


def test_a_prompt_is_the_same_each_time(demo):
    prompting = Prompting.load(None, "general")
    one, other = prompting.prompt(demo[0]), prompting.prompt(demo[0])
    assert one[1:] == other[1:]
    assert all((a == b).all() for a, b in zip(one.frames, other.frames, strict=True))


@pytest.mark.parametrize("referents", ["box", "outline", "number", "coordinates"])
@pytest.mark.parametrize("task", ["g", "c"])
def test_later_frames_of_a_region_are_not_looked_at(referents, task, ask):
    prompting = Prompting.load(None, "general", referents=referents)
    whole = prompting.prompt(ask({3: BOX, 4: BOX, 7: (0, 0, 50, 50)}, task=task))
    cut = prompting.prompt(ask({3: BOX}, task=task))
    assert whole[1:] == cut[1:]
    assert all((a == b).all() for a, b in zip(whole.frames, cut.frames, strict=True))


def test_boxes_are_asked_on_the_frame_on_which_the_last_referent_comes_into_sight(ask):
    prompt = Prompting.load(None, "general", frames="3").prompt(ask({0: BOX}, {7: BOX}, {}, text="<mask><mask><mask>"))
    assert prompt.asked == 7
    assert {0, 7} <= set(prompt.indices)
    assert len(prompt.frames) == len(prompt.indices) == 3
    assert Prompting.load(None, "general").prompt(ask()).asked == 0


def test_only_a_frame_that_carries_a_mark_differs_from_the_video(ask):
    question = ask({2: BOX})
    prompt = Prompting.load(None, "general", size="full").prompt(question)
    changed = [
        index
        for index, frame in zip(prompt.indices, prompt.frames, strict=True)
        if (frame != question.video.frame(index)).any()
    ]
    assert changed == [2]


def test_coordinates_leave_the_frames_alone_and_name_frame_and_box(ask):
    question = ask({2: (40, 45, 80, 90)}, text="What is <mask>?")
    prompt = Prompting.load(None, "general", referents="coordinates", frames="12", size="full").prompt(question)
    assert "the object at [250, 500, 500, 1000] in frame 3" in prompt.text
    assert all((one == question.video.frame(n)).all() for n, one in enumerate(prompt.frames))


def test_without_referents_only_questions_without_regions_can_be_asked(ask):
    prompting = Prompting.load(None, "general", referents="none")
    assert not prompting.takes_regions
    assert prompting.prompt(ask(text="What is there?")).text
    with pytest.raises(ValueError, match="regions"):
        prompting.prompt(ask({0: BOX}))


def test_the_request_for_masks_is_replaced_by_one_for_boxes(ask):
    asks = "What is it? Response with interleaved segmentation masks."
    grounded, plain = (Prompting.load(None, "gpt").prompt(ask(text=text)).text for text in (asks, "What is it?"))
    assert "segmentation" not in grounded
    assert "bbox_2d" in grounded
    assert "bbox_2d" not in plain


@pytest.mark.parametrize("size", [(90, 160), (333, 517), (40, 900)])
def test_pixels_are_asked_on_frames_that_the_processor_leaves_as_they_are(size, ask):
    prompt = Prompting.load(None, "qwen2.5-vl").prompt(ask({0: (3, 3, 30, 30)}, size=size))
    assert all(side % 28 == 0 for frame in prompt.frames for side in frame.shape[:2])


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_box_in_an_answer_comes_back_in_pixels_of_the_video(convention, ask):
    question = ask({4: BOX}, text="<mask> Response with interleaved segmentation masks.")
    prompting = Prompting.load(None, "general", boxes=convention)
    prompt = prompting.prompt(question)
    seen = (224, 448)  # what the model's processor made of each frame
    box = Corners(60 / 160, 30 / 90, 90 / 160, 60 / 90)
    said = json.dumps({"answer": "It.", "objects": [{"phrase": "It", "box": CONVENTIONS[convention].write(box, seen)}]})
    answer = prompting.read(said, prompt, question, [seen] * len(prompt.frames))
    assert (answer.text, answer.raw, answer.unread) == ("<p>It</p> [SEG].", said, None)
    ((found,),) = answer.boxes
    assert found.frame == 4
    assert np.abs(np.subtract(found[1:], BOX)).max() <= 1


def test_what_cannot_be_read_is_an_answer_without_groundings_and_said_so(ask):
    prompting = Prompting.load(None, "general")
    for text, unread in (("It. Response with interleaved segmentation masks.", True), ("What is it?", False)):
        question = ask(text=text)
        answer = prompting.read("It is [SEG] a dog.", prompting.prompt(question), question)
        assert (answer.text, answer.boxes, bool(answer.unread)) == ("It is a dog.", [], unread)


def test_a_description_has_no_boxes(ask):
    question = ask({0: BOX}, task="c")
    prompting = Prompting.load(None, "general")
    answer = prompting.read("A <p>dog</p> [SEG] [1, 2, 3, 4] runs.", prompting.prompt(question), question)
    assert (answer.text, answer.boxes, answer.unread) == ("A dog runs.", None, None)


@pytest.mark.parametrize("task", ["g", "c"])
def test_an_empty_answer_is_unread(task, ask):
    question = ask({0: BOX}, task=task)
    prompting = Prompting.load(None, "general")
    assert prompting.read(" \n", prompting.prompt(question), question).unread == "the answer is empty"


def test_paper_gemini_draws_on_the_first_frame_whatever_is_there(ask):
    """Ten pixels in the middle stand for a referent that is not on the first frame, as in the released script."""
    question = ask({5: BOX}, {0: BOX}, text="<mask> or <mask>? Response with interleaved segmentation masks.")
    prompt = Prompting.load("paper-gemini", "gemini").prompt(question)
    assert (prompt.asked, prompt.indices) == (0, (0, 2, 5, 8, 11))
    assert {frame.shape for frame in prompt.frames} == {(384, 384, 3)}
    assert prompt.text.endswith("Question: the object within red box or the object within blue box?")
    middle = prompt.frames[0][int(41.5 / 90 * 384), int(80.5 / 160 * 384)]
    assert middle[0] > 200
    assert middle[2] < 80


def test_all_options_that_are_wrong_are_told_at_once():
    with pytest.raises(UserError) as caught:
        Prompting.load(None, "general", frames="0", size="4", referents="circle", boxes="inches")
    assert [one.split(": ")[1].split("=")[0] for one in caught.value.problems] == [
        "frames",
        "size",
        "referents",
        "boxes",
    ]
    with pytest.raises(UserError, match="takes no 'colour'"):
        Prompting.load(None, "general", colour="red")
