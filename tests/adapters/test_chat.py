"""Real classes of transformers, tiny and with random weights: templates, processors, generation are really run."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from sama_bench.errors import UserError
from sama_bench.types import Box

pytest.importorskip("torchvision")
torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")

from sama_bench.adapters.chat import Chat  # noqa: E402

QWEN = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
INTERN = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<img>",
    "</img>",
    "<IMG_CONTEXT>",
    "<video>",
    "<box>",
    "</box>",
)


def _template(image, video):
    return (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}"
        "{% if c['type'] == 'image' %}" + image + "{% elif c['type'] == 'video' %}" + video + "{% else %}"
        "{{ c['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


def _tokenizer(special, **names):
    """A byte-level BPE, trained on the spot, with the special tokens of a family."""
    import tokenizers

    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    letters = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=letters, special_tokens=list(special), show_progress=False
    )
    bpe.train_from_iterator(['{"bbox_2d": [10, 20, 30, 40], "label": "the red kite"}'], trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=special[2],
        pad_token=special[0],
        additional_special_tokens=list(special[1:]),
        **names,
    )


def _saved(folder, model, processor):
    own, words = model.generation_config, processor.tokenizer
    own.eos_token_id, own.pad_token_id = words.eos_token_id, words.pad_token_id
    own.do_sample, own.temperature = True, 0.1  # as the released ones have it
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _text_config(words, **more):
    return {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 2, "vocab_size": len(words), "max_position_embeddings": 4096,
        "initializer_range": 1.0, "bos_token_id": None, "eos_token_id": words.eos_token_id, **more,
    }  # fmt: skip


def _qwen(folder, name, side, text, vision):
    """A Qwen-VL with its processor, whose patches are `side` wide, saved into `folder`."""
    words = _tokenizer(QWEN)
    rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0}
    small = {"depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 32}
    token = words.convert_tokens_to_ids
    torch.manual_seed(0)
    torch.set_num_threads(1)  # so small a model gains nothing by more, and loses much on a busy machine
    config = getattr(transformers, f"{name}Config")(
        text_config=_text_config(words, rope_parameters=rope, **text),
        vision_config={**small, "patch_size": side, "initializer_range": 0.3, **vision},
        image_token_id=token("<|image_pad|>"), video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"), vision_end_token_id=token("<|vision_end|>"),
    )  # fmt: skip
    size = {"shortest_edge": (2 * side) ** 2, "longest_edge": 16 * (2 * side) ** 2}
    videos = "Qwen2VLVideoProcessor" if name == "Qwen2_5_VL" else "Qwen3VLVideoProcessor"
    processor = getattr(transformers, f"{name}Processor")(
        transformers.Qwen2VLImageProcessor(size=size, patch_size=side),
        words,
        getattr(transformers, videos)(size=size, patch_size=side),
        chat_template=_template(*(f"<|vision_start|><|{kind}_pad|><|vision_end|>" for kind in ("image", "video"))),
    )
    return _saved(folder, getattr(transformers, f"{name}ForConditionalGeneration")(config), processor)


@pytest.fixture(scope="session")
def qwen25(tmp_path_factory):
    vision = {"fullatt_block_indexes": [1], "window_size": 56}
    return _qwen(tmp_path_factory.mktemp("qwen2.5-vl"), "Qwen2_5_VL", 14, {}, vision)


@pytest.fixture(scope="session")
def qwen3(tmp_path_factory):
    vision = {"deepstack_visual_indexes": [0], "num_position_embeddings": 64}
    return _qwen(tmp_path_factory.mktemp("qwen3-vl"), "Qwen3VL", 16, {"head_dim": 16}, vision)


@pytest.fixture(scope="session")
def internvl(tmp_path_factory):
    names = {"start": "<img>", "end": "</img>", "context": "<IMG_CONTEXT>"}
    special = {f"{name}_image_token": token for name, token in names.items()} | {"video_token": "<video>"}
    words = _tokenizer(INTERN, extra_special_tokens=special)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = transformers.InternVLConfig(
        vision_config={
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
            "image_size": [56, 56], "patch_size": [14, 14], "initializer_range": 0.3,
        },
        text_config={"model_type": "qwen2", **_text_config(words)},
        image_token_id=words.convert_tokens_to_ids("<IMG_CONTEXT>"),
    )  # fmt: skip
    size = {"height": 56, "width": 56}
    processor = transformers.InternVLProcessor(
        transformers.GotOcr2ImageProcessor(size=size), words, transformers.InternVLVideoProcessor(size=size),
        image_seq_length=4, chat_template=_template("<IMG_CONTEXT>\n", "<video>\n"),
    )  # fmt: skip
    model = transformers.InternVLForConditionalGeneration(config)
    return _saved(tmp_path_factory.mktemp("InternVL3-hf"), model, processor)


@pytest.fixture(params=["qwen25", "qwen3", "internvl"])
def folder(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def questions(ask, scene, video):
    """Three questions of different length about videos of different length."""

    def make(*lengths):
        made = []
        for number, length in enumerate(lengths or (3, 12, 1)):
            frames, masks = scene(frames=length)
            question = ask(video(frames, f"v{number}"), masks, number=str(number))
            text = f"What is <mask> {'really ' * number}doing? Please respond with interleaved segmentation masks."
            made.append(replace(question, text=text))
        return made

    return make


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
    chat = Chat(str(folder), batch="3", max_new_tokens="10", input=form)
    chat._model._model.generation_config.suppress_tokens = [0, 2]  # no end: to say nothing is to say the same
    asked = questions()
    together = list(chat.predict_all(asked))
    assert [one.error for one in together] == [None] * 3
    assert [one.raw for one in together] == [chat.predict(one).raw for one in asked]
    assert len({one.raw for one in together}) == 3
    assert all(one.raw for one in together)


def test_garbage_is_an_answer_without_groundings_and_is_counted_as_unread(qwen25, questions):
    (answer,) = Chat(str(qwen25), max_new_tokens="6").predict_all(questions(2))
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
    chat = Chat(str(qwen25), input=form, max_new_tokens="80")
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
    chat = Chat(str(internvl), max_new_tokens="80", batch="2")
    _made_to_say(chat, "<ref>The red kite</ref><box>[[250, 500, 750, 1000]]</box> climbs.")
    answers = list(chat.predict_all(questions(3, 2)))
    assert [one.boxes for one in answers] == [[[Box(0, 50.0, 60.0, 150.0, 120.0)]]] * 2
    assert "[SEG]" in answers[0].text


def test_each_frame_is_a_picture_of_its_own_in_order_and_internvl_cuts_none_into_tiles(internvl, qwen25, questions):
    chat = Chat(str(internvl), frames="4")
    prompt = chat._prompting.prompt(questions(4)[0])
    grey = prompt._replace(frames=tuple(np.full((40, 90, 3), 60 * n, np.uint8) for n in range(4)))
    pixels = chat._model._inputs([grey])["pixel_values"]
    assert pixels.shape == (4, 3, 56, 56)
    assert pixels.mean(dim=(1, 2, 3)).tolist() == sorted(pixels.mean(dim=(1, 2, 3)).tolist())
    inputs = Chat(str(qwen25), frames="4")._model._inputs([grey, grey])
    assert len(inputs["image_grid_thw"]) == 8
    words = Chat(str(qwen25))._model._processor.tokenizer.decode(inputs["input_ids"][0])
    assert [words.count(f"Frame {n}: <|vision_start|>") for n in (1, 2, 3, 4, 5)] == [1, 1, 1, 1, 0]


def test_a_video_keeps_all_its_frames(qwen3, questions):
    chat = Chat(str(qwen3), frames="7", input="video")
    inputs = chat._model._inputs([chat._prompting.prompt(questions(9)[0])])
    assert inputs["video_grid_thw"][:, 0].tolist() == [4]  # seven frames in pairs


def test_a_template_that_refuses_a_system_message_has_its_words_before_the_users(qwen25, tmp_path):
    from sama_bench.adapters.chat.model import ChatModel
    from sama_bench.prompting import Prompt

    processor = transformers.AutoProcessor.from_pretrained(qwen25)
    refuses = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    processor.chat_template = refuses + processor.chat_template
    model = transformers.AutoModelForImageTextToText.from_pretrained(qwen25)
    prompt = Prompt((np.zeros((56, 56, 3), np.uint8),), (0,), "What is it?", "Be brief.", 0)
    inputs = ChatModel(model, processor, "images", 4)._inputs([prompt])
    assert "Be brief.\n\nWhat is it?" in processor.tokenizer.decode(inputs["input_ids"][0])


def test_answers_that_are_cut_are_told_at_the_end(qwen25, questions):
    chat = Chat(str(qwen25), max_new_tokens="3")
    _made_to_say(chat, "The red kite climbs.")
    list(chat.predict_all(questions(2, 2)))
    assert chat.notes() == ["2 answers were cut at max_new_tokens=3"]


def test_a_batch_without_room_is_halved_and_the_next_ones_are_smaller(qwen25, questions, monkeypatch):
    chat, sizes = Chat(str(qwen25), batch="4", max_new_tokens="4"), []
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
    chat = Chat(str(qwen25), batch="3", max_new_tokens="4")
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
        Chat(str(tmp_path), batch="0", dtype="int8", device="tpu", input="film", max_new_tokens="many", prompt="jsn")
    named = [problem.partition(":")[0].partition("=")[0].split()[0] for problem in raised.value.problems]
    assert named == ["checkpoint", "dtype", "device", "batch", "max_new_tokens", "input", "there"]


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
    assert "grounder=sam2" in done.output
    assert "answers were cut at max_new_tokens=4" in done.output
