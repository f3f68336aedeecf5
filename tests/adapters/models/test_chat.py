"""Real classes of transformers, tiny and with random weights: templates, processors, generation are really run."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from sama_bench.errors import UserError
from sama_bench.types import Box, PlainQuestion, Turn

pytest.importorskip("torchvision")
torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")

from sama_bench.adapters.models.chat import Chat  # noqa: E402


@pytest.fixture(params=["qwen25", "qwen3", "internvl", "molmo2"])
def folder(request):
    return request.getfixturevalue(request.param)


class Says(transformers.LogitsProcessor):
    """Makes a model say these words: the same for each question of a batch."""

    def __init__(self, tokens, end):
        self.tokens, self.end, self.begin = tokens, end, None

    def __call__(self, input_ids, scores):
        self.begin = input_ids.shape[1] if self.begin is None else self.begin
        said = input_ids.shape[1] - self.begin
        forced = torch.full_like(scores, -torch.inf)
        forced[:, self.tokens[said] if said < len(self.tokens) else self.end] = 0
        return forced


def _made_to_say(chat, words):
    model, tokenizer = chat._model._model, chat._model._processor.tokenizer
    tokens = tokenizer(words, add_special_tokens=False)["input_ids"]
    generate = type(model).generate

    def forced(**inputs):
        return generate(model, **inputs, logits_processor=[Says(tokens, tokenizer.eos_token_id)])

    model.generate = forced


@pytest.mark.parametrize("form", ["images", "video"])
def test_a_batch_of_three_says_what_the_three_say_alone(folder, form, questions):
    chat = Chat(str(folder), batch=3, max_new_tokens=10, input=form)
    chat._model._model.generation_config.suppress_tokens = [0, 2]  # no end: to say nothing is to say the same
    asked = questions()
    together = list(chat.predict_all(asked))
    assert [one.error for one in together] == [None] * 3
    assert [one.raw for one in together] == [chat.predict(one).raw for one in asked]
    assert len({one.raw for one in together}) == 3
    alone = [chat.predict(one).usage for one in asked]
    assert [one.usage for one in together] == alone
    assert all(one.prompt_tokens > 20 and (one.cached_tokens, one.turns_cut) == (None, 0) for one in alone)
    assert all(one.raw for one in together)


@pytest.mark.parametrize("source", ["true", "own"])
def test_earlier_turns_stand_in_the_prompt_in_order_and_pictures_once(folder, questions, source):
    chat = Chat(str(folder), max_new_tokens=4)
    (question,) = questions(1)
    masks = "<mask> " * len(question.regions)
    turns = tuple(
        Turn(f"What is {name}? {masks}", f"<p>A {name}</p> [SEG] runs.", question.regions, None, source)
        for name in ("left", "right")
    )
    told = chat._prompting.prompt(replace(question, history=turns))
    inputs = chat._model._inputs([told])
    text = chat._model._processor.tokenizer.decode(inputs["input_ids"][0])
    places = [text.index(one) for one in ("What is left?", "A left runs.", "What is right?", "A right runs.")]
    assert places == sorted(places)
    assert text.rindex(told.text.splitlines()[-1]) > places[-1]
    alone = chat._model._inputs([chat._prompting.prompt(question)])
    assert inputs["pixel_values"].shape == alone["pixel_values"].shape
    answer = chat.predict(replace(question, history=turns))
    assert answer.error is None
    assert answer.usage.prompt_tokens == inputs["input_ids"].shape[1] > alone["input_ids"].shape[1]


def test_garbage_is_an_answer_without_groundings_and_is_counted_as_unread(qwen25, questions):
    (answer,) = Chat(str(qwen25), max_new_tokens=6).predict_all(questions(2))
    assert answer.error is None
    assert not answer.boxes
    assert answer.unread


def test_the_family_comes_from_the_config_whatever_the_folder_is_called(qwen25, qwen3, internvl, tmp_path):
    named = tmp_path / "model"
    named.symlink_to(qwen25)
    asked = [Chat(str(one)).asking for one in (named, qwen3, internvl)]
    assert [one["boxes"] for one in asked] == ["pixels", "xyxy-1000", "xyxy-1000"]
    assert [one["prompt"].partition("@")[0] for one in asked] == ["json", "json", "ref-box"]
    assert {one["input"] for one in asked} == {"images"}


@pytest.mark.parametrize(("length", "form"), [(5, "images"), (5, "video"), (1, "video")])
def test_pixels_of_the_resized_input_become_pixels_of_the_video(qwen25, form, length, questions):
    chat = Chat(str(qwen25), input=form, max_new_tokens=80)
    (question,) = questions(length)
    prompt = chat._prompting.prompt(question)
    (sent, *_), (first, *_) = chat._model.answer([prompt])[0].sent, prompt.frames
    height, width = sent
    assert sent != first.shape[:2]  # the processor did resize
    corners = f"[{round(width * 0.25)}, {round(height * 0.5)}, {round(width * 0.75)}, {height}]"
    _made_to_say(
        chat, '{"answer": "The red kite climbs.", "objects": [{"phrase": "red kite", "bbox_2d": ' + corners + "}]}"
    )
    (answer,) = chat.predict_all([question])
    assert answer.text.replace("<p> ", "<p>").replace(" </p>", "</p>") == "The <p>red kite</p> [SEG] climbs."
    (((frame, *found),),) = answer.boxes
    assert frame == prompt.asked
    assert found == pytest.approx([50, 60, 150, 120], abs=1.5)
    assert answer.unread is None
    assert chat.notes() == []


def test_boxes_that_are_marked_by_special_tokens_survive_the_decoding(internvl, questions):
    chat = Chat(str(internvl), max_new_tokens=80, batch=2)
    _made_to_say(chat, "<ref>The red kite</ref><box>[[250, 500, 750, 1000]]</box> climbs.")
    answers = list(chat.predict_all(questions(3, 2)))
    assert [one.boxes for one in answers] == [[[Box(0, 50.0, 60.0, 150.0, 120.0)]]] * 2
    assert "[SEG]" in answers[0].text


def test_each_frame_is_a_picture_of_its_own_in_order_and_internvl_cuts_none_into_tiles(internvl, qwen25, questions):
    chat = Chat(str(internvl), frames=4)
    prompt = chat._prompting.prompt(questions(4)[0])
    grey = prompt._replace(frames=tuple(np.full((40, 90, 3), 60 * n, np.uint8) for n in range(4)))
    pixels = chat._model._inputs([grey])["pixel_values"]
    assert pixels.shape == (4, 3, 56, 56)
    assert pixels.mean(dim=(1, 2, 3)).tolist() == sorted(pixels.mean(dim=(1, 2, 3)).tolist())
    grey = grey._replace(label=Chat(str(qwen25))._prompting.label)
    inputs = Chat(str(qwen25), frames=4)._model._inputs([grey, grey])
    assert len(inputs["image_grid_thw"]) == 8
    words = Chat(str(qwen25))._model._processor.tokenizer.decode(inputs["input_ids"][0])
    assert [words.count(f"Picture {n}: <|vision_start|>") for n in (1, 2, 3, 4, 5)] == [1, 1, 1, 1, 0]


def test_internvls_pictures_are_numbered_as_its_processor_numbers_the_frames_of_a_video(internvl, questions):
    said = []
    for form in ("images", "video"):
        chat = Chat(str(internvl), frames=4, input=form)
        prompt = chat._prompting.prompt(questions(4)[0])
        said.append(chat._model._processor.tokenizer.decode(chat._model._inputs([prompt])["input_ids"][0]))
    assert said[0] == said[1]
    assert "</img>\nFrame4: <img>" in said[0]


def test_how_pictures_are_numbered_is_in_the_signature_where_it_is_the_familys_own(qwen3, internvl):
    asked = [Chat(str(one)).asking for one in (qwen3, internvl)]
    assert [one["labels"] for one in asked] == ["Picture 1:", "Frame1:"]
    assert "labels" not in Chat(str(internvl), input="video").asking


def test_a_video_keeps_all_its_frames(qwen3, questions):
    chat = Chat(str(qwen3), frames=7, input="video")
    inputs = chat._model._inputs([chat._prompting.prompt(questions(9)[0])])
    assert inputs["video_grid_thw"][:, 0].tolist() == [4]  # seven frames in pairs


def test_a_template_that_refuses_a_system_message_has_its_words_before_the_users(qwen25, tmp_path):
    from sama_bench.adapters.models.chat.model import ChatModel
    from sama_bench.prompting import Prompt

    processor = transformers.AutoProcessor.from_pretrained(qwen25)
    refuses = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    processor.chat_template = refuses + processor.chat_template
    model = transformers.AutoModelForImageTextToText.from_pretrained(qwen25)
    prompt = Prompt((np.zeros((56, 56, 3), np.uint8),), (0,), "What is it?", "Be brief.", 0)
    inputs = ChatModel(model, processor, "images", 4)._inputs([prompt])
    assert "Be brief.\n\nWhat is it?" in processor.tokenizer.decode(inputs["input_ids"][0])


def test_answers_that_are_cut_are_told_at_the_end(qwen25, questions):
    chat = Chat(str(qwen25), max_new_tokens=3)
    _made_to_say(chat, "The red kite climbs.")
    list(chat.predict_all(questions(2, 2)))
    assert chat.notes() == ["2 answers were cut at max_new_tokens=3"]


def test_a_batch_without_room_is_halved_and_the_next_ones_are_smaller(qwen25, questions, monkeypatch):
    chat, sizes = Chat(str(qwen25), batch=4, max_new_tokens=4), []
    answer = type(chat._model).answer

    def short(self, prompts):
        sizes.append(len(prompts))
        if len(prompts) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return answer(self, prompts)

    monkeypatch.setattr(type(chat._model), "answer", short)
    assert [one.error for one in chat.predict_all(questions(2, 2, 2, 2))] == [None] * 4
    assert sizes == [4, 2, 1, 1, 2, 1, 1]
    assert chat.at_once == 1


def test_a_question_that_fails_has_its_error_and_the_others_of_its_batch_their_answers(qwen25, questions, monkeypatch):
    chat = Chat(str(qwen25), batch=3, max_new_tokens=4)
    asked = questions(2, 2, 2)
    prompt = type(chat._prompting).prompt

    def broken(self, question):
        if question is asked[1]:
            raise ValueError("no such thing")
        return prompt(self, question)

    monkeypatch.setattr(type(chat._prompting), "prompt", broken)
    answers = list(chat.predict_all(asked))
    assert [one.error for one in answers] == [None, "ValueError: no such thing", None]
    assert "broken" in answers[1].traceback
    assert chat.at_once == 3


def test_the_batch_may_change_within_a_run_and_what_decides_answers_may_not():
    assert Chat.free == {"batch"}


def test_without_marks_regions_cannot_be_asked_about(qwen25):
    assert Chat(str(qwen25)).can.regions
    assert not Chat(str(qwen25), referents="none").can.regions


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(UserError) as raised:
        Chat(str(tmp_path), batch=0, dtype="int8", device="tpu", max_new_tokens=-1, prompt="jsn")
    named = [problem.partition(":")[0].partition("=")[0].split()[0] for problem in raised.value.problems]
    assert named == ["checkpoint", "dtype", "device", "batch", "max_new_tokens", "there"]


def test_a_processor_without_a_chat_template_is_refused(qwen25, tmp_path):
    processor = transformers.AutoProcessor.from_pretrained(qwen25)
    model = transformers.AutoModelForImageTextToText.from_pretrained(qwen25)
    model.save_pretrained(tmp_path)
    processor.chat_template = processor.tokenizer.chat_template = None
    processor.save_pretrained(tmp_path)
    with pytest.raises(UserError, match="has no chat template"):
        Chat(str(tmp_path))


def test_a_run_by_command_with_sam2_stores_garbage_as_unread_and_scores_it(qwen25, tiny_sam2, tmp_path):
    from sama_bench.cli.main import cli

    given = {"checkpoint": qwen25, "max_new_tokens": 4, "grounder": "sam2", "grounder_checkpoint": tiny_sam2}
    args = [part for key, value in given.items() for part in ("--model-arg", f"{key}={value}")]
    out = tmp_path / "run"
    done = CliRunner().invoke(cli, ["run", "--model", "chat", *args, "--limit", "3", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "of 3 answers 3 could not be read" in done.output
    assert "grounder=sam2" in (out / "scores.json").read_text(encoding="utf-8")
    assert "answers were cut at max_new_tokens=4" in done.output


@pytest.mark.parametrize(
    ("shown", "form"),
    [("nothing", "images"), ("nothing", "video"), ("images", "images"), ("images", "video"), ("a video", "images")],
)
def test_a_question_in_words_is_answered_as_transformers_own_way_does(folder, shown, form):
    noise = np.random.default_rng(3)
    sizes = {"nothing": [], "images": [(56, 84), (112, 56)], "a video": [(56, 84)] * 4}[shown]
    frames = tuple(noise.integers(0, 256, (*size, 3), np.uint8) for size in sizes)
    chat = Chat(str(folder), input=form)

    said = chat.answer(PlainQuestion("<image>\nWhat is it?", frames, shown == "a video", 6))

    processor = transformers.AutoProcessor.from_pretrained(folder)
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder)
    label = {"Inte": "Frame{}: ", "Molm": ""}.get(folder.name[:4], "Picture {}: ")
    numbered = shown == "a video" and label
    labels = [[{"type": "text", "text": label.format(n + 1)}] if numbered else [] for n in range(len(frames))]
    content = [part for label in labels for part in (*label, {"type": "image"})]
    asked = [{"role": "user", "content": [*content, {"type": "text", "text": "What is it?"}]}]
    text = processor.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)
    given = {"images": [Image.fromarray(frame) for frame in frames]} if frames else {}
    if shown == "a video" and hasattr(processor.image_processor, "crop_to_patches"):
        given["images_kwargs"] = {"crop_to_patches": False}
    inputs = processor(text=[text], return_tensors="pt", **given)
    with torch.inference_mode():
        ids = model.generate(**inputs, max_new_tokens=6, do_sample=False)
    assert said == processor.tokenizer.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True).strip()


def test_an_image_is_cut_into_tiles_where_the_family_does_and_a_frame_of_a_video_is_not(internvl, monkeypatch):
    chat, seen = Chat(str(internvl), frames=3, max_new_tokens=1), []
    generate = chat._model._model.generate
    monkeypatch.setattr(chat._model._model, "generate", lambda **more: (seen.append(more), generate(**more))[1])
    wide = np.zeros((56, 112, 3), np.uint8)
    chat.answer(PlainQuestion("What is it?", (wide,)))
    chat.answer(PlainQuestion("What is it?", (wide,) * 9, True))
    image, film = seen
    assert len(image["pixel_values"]) > 1
    assert len(film["pixel_values"]) == 3


def test_a_video_is_shown_as_a_video_where_that_is_the_input(qwen3, monkeypatch):
    chat, seen = Chat(str(qwen3), frames=4, input="video"), []
    generate = chat._model._model.generate
    monkeypatch.setattr(chat._model._model, "generate", lambda **more: (seen.append(more), generate(**more))[1])
    said = chat.answer(PlainQuestion("What happens?", (np.zeros((56, 56, 3), np.uint8),) * 9, True, 3))
    assert seen[0]["video_grid_thw"][:, 0].tolist() == [2]
    assert seen[0]["max_new_tokens"] == 3
    assert isinstance(said, str)
