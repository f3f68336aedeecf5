"""Earlier turns as messages: media once, a mark for each region so far, and it never changes its number."""

from dataclasses import replace

import pytest

from sama_bench.adapters.models import openai
from sama_bench.adapters.shared import conversation
from sama_bench.prompting import Prompting
from sama_bench.types import Turn

LEFT, RIGHT = {0: (10, 10, 40, 40)}, {0: (90, 10, 130, 60)}


@pytest.fixture
def dialogue(ask):
    """A third round about the left object, after one about the left and one about the right."""
    both = ask(LEFT, RIGHT)
    left, right = both.regions
    turns = (
        Turn("What does <mask> do?", "<p> The cat </p> [SEG] runs.", (left,)),
        Turn("And <mask>?", "It sits.", (right,), None, "own"),
    )
    return replace(both, text="Is <mask> gone?", regions=(left,), history=turns)


@pytest.fixture
def prompting():
    return Prompting.load(None, "general", referents="box", frames="4", size="full")


def test_each_turn_names_its_regions_by_the_marks_of_the_whole_dialogue(dialogue, prompting):
    prompt = prompting.prompt(dialogue)
    red, other = "the object in the red box", "the object in the blue box"
    first, second = prompt.past
    assert red in first.question
    assert red in prompt.text
    assert other not in prompt.text
    assert red not in second.question
    assert (first.answer, second.answer) == ("The cat runs.", "It sits.")
    assert len(prompt.frames) == 4


def test_a_picture_grows_and_is_never_painted_anew(dialogue, prompting):
    alone = prompting.prompt(replace(dialogue, history=())).frames[0]
    whole = prompting.prompt(dialogue).frames[0]
    assert (whole[:, :60] == alone[:, :60]).all()
    assert (whole[:, 80:] != alone[:, 80:]).any()


def test_no_history_is_the_prompt_as_it_always_was(dialogue, prompting):
    assert prompting.prompt(replace(dialogue, history=())).past == ()


@pytest.mark.parametrize("form", ["images", "video"])
def test_a_chat_has_the_pictures_in_its_first_message_alone(dialogue, prompting, form):
    prompt = prompting.prompt(dialogue)
    system, *chat = conversation.messages(prompt._replace(system="Be brief."), form)
    assert system["role"] == "system"
    assert [message["role"] for message in chat] == ["user", "assistant", "user", "assistant", "user"]
    kinds = [{part["type"] for part in message["content"]} for message in chat]
    assert kinds == [{"text", form.removesuffix("s")}, *[{"text"}] * 4]
    assert chat[0]["content"][-1]["text"] == prompt.past[0].question
    assert chat[-1]["content"] == [{"type": "text", "text": prompt.text}]
    without_system = conversation.messages(prompt._replace(system="Be brief."), form, system=False)
    assert without_system[0]["content"][-1]["text"] == f"Be brief.\n\n{prompt.past[0].question}"


def test_a_server_is_sent_the_same(dialogue, prompting):
    prompt = prompting.prompt(dialogue)
    first, said, *_, last = openai.messages(prompt._replace(system=""))
    assert {part["type"] for part in first["content"]} == {"text", "image_url"}
    assert said == {"role": "assistant", "content": "The cat runs."}
    assert last == {"role": "user", "content": [openai.words(prompt.text)]}
