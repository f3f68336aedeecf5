"""Real classes of lmms-eval with tiny random weights: templates, processors and generation are really run."""

from itertools import takewhile

import pytest

pytest.importorskip("lmms_eval")
pytest.importorskip("torchvision")
torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")

from sama_bench.adapters.models.chat import Chat  # noqa: E402
from sama_bench.errors import UserError  # noqa: E402
from sama_bench.run.registry import adapter_class  # noqa: E402

LENGTH = 12
CLASSES = {"internvl_hf": "internvl", "qwen2_5_vl": "qwen25"}
AS_CHAT = {
    "internvl_hf": {"max_patches": "1"},  # else it cuts frames into tiles
    "qwen2_5_vl": {"min_pixels": "3136", "max_pixels": "12544"},  # the limits of the tiny checkpoint
}


def _lmms(name, folder, **args):
    kind, given = adapter_class(f"lmms:{name}"), {"max_new_tokens": LENGTH, "device": "cpu", **args}
    if name.startswith("qwen"):
        pytest.importorskip("decord")  # its classes import it, lmms-eval does not bring it
    return kind(pretrained=str(folder), **given)


@pytest.fixture(scope="session")
def idefics2(qwen25, tmp_path_factory):
    """A model whose class in lmms-eval is a `simple` one."""
    words = transformers.AutoTokenizer.from_pretrained(qwen25)
    size = {"shortest_edge": 28, "longest_edge": 56}
    template = (
        "{% for m in messages %}{% for c in m['content'] %}{% if c['type'] == 'image' %}<image>{% else %}"
        "{{ c['text'] }}{% endif %}{% endfor %}{% endfor %}"
    )
    images = transformers.Idefics2ImageProcessor(size=size)
    processor = transformers.Idefics2Processor(images, words, image_seq_len=3, chat_template=template)
    torch.manual_seed(0)
    small = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    ends = {"bos_token_id": None, "eos_token_id": words.eos_token_id, "pad_token_id": words.pad_token_id}
    config = transformers.Idefics2Config(
        text_config={
            "model_type": "mistral", "num_key_value_heads": 2, "head_dim": 16, "vocab_size": len(processor.tokenizer),
            "initializer_range": 1.0, **small, **ends,
        },
        vision_config={"image_size": 56, "patch_size": 14, "initializer_range": 0.3, **small},
        perceiver_config={
            "hidden_size": 32, "resampler_depth": 1, "resampler_head_dim": 8, "resampler_n_heads": 2,
            "resampler_n_latents": 3, "num_key_value_heads": 1, "initializer_range": 0.3,
        },
        image_token_id=processor.tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("idefics2")
    transformers.Idefics2ForConditionalGeneration(config).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", CLASSES)
def test_the_texts_are_those_of_chat_where_frames_are_of_the_same_size(name, questions, request):
    folder, asked = request.getfixturevalue(CLASSES[name]), questions()
    theirs = _lmms(name, folder, device_map="cpu", **AS_CHAT[name])
    ours = Chat(str(folder), dtype="bfloat16", batch=1, max_new_tokens=LENGTH)
    special = ours._model._processor.tokenizer.all_special_ids
    for model in (ours._model._model, theirs._model._model.model):
        model.generation_config.suppress_tokens = special  # lmms-eval leaves them out of a text, and chat does not
    expected, found = list(ours.predict_all(asked)), list(theirs.predict_all(asked))
    assert [one.raw.strip() for one in found] == [one.raw for one in expected]
    assert len({one.raw for one in found}) == 3
    assert all(one.raw for one in found)
    assert {key: value for key, value in theirs.asking.items() if key != "lmms_eval"} == ours.asking


def test_qwen3_vl_answers_in_thousandths_whatever_it_is_shown(qwen3, questions):
    theirs = _lmms("qwen3_vl", qwen3, device_map="cpu")
    assert theirs.asking["boxes"] == "xyxy-1000"
    answers = list(theirs.predict_all(questions()))
    assert [one.error for one in answers] == [None] * 3
    assert all(one.raw for one in answers)


def _alike(one, other):
    """How many characters two texts have in common at their beginning."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


def test_a_batch_gives_each_question_its_answer(qwen25, questions):
    asked = questions()
    theirs = _lmms("qwen2_5_vl", qwen25, device_map="cpu", batch=3, **AS_CHAT["qwen2_5_vl"])
    together = [one.raw for one in theirs.predict_all(asked)]
    alone = [theirs.predict(one).raw for one in asked]
    # Its weights are bfloat16: in a batch the last tokens may come out otherwise, by rounding.
    nearest = [max(alone, key=lambda one: _alike(one, answer)) for answer in together]
    assert nearest == alone
    assert len(set(alone)) == len(asked)


def test_pixels_are_those_of_the_frames_as_their_processor_made_them(qwen25, questions):
    theirs = _lmms("qwen2_5_vl", qwen25, device_map="cpu", batch=2)
    prompts = [theirs._prompting.prompt(one) for one in questions(3, 5)]
    (height, width) = prompts[0].frames[0].shape[:2]
    said = theirs._model.answer(prompts)
    assert {size for one in said for size in one.sent} == {(364, 588)}  # at least 256 * 28 * 28 pixels, by default
    assert (height, width) == (280, 448)
    assert [len(one.sent) for one in said] == [3, 5]
    words = '{"answer": "A kite.", "objects": [{"phrase": "A kite", "bbox_2d": [147, 182, 441, 364]}]}'
    theirs._model._model.processor.batch_decode = lambda ids, **_: [words for _ in ids]
    ((((_, *box),),),) = (one.boxes for one in theirs.predict_all(questions(3)))
    assert box == pytest.approx([50, 60, 150, 120], abs=0.01)


@pytest.mark.parametrize("length", [5, 1])
def test_a_video_of_the_frames_is_taken_whole_and_told_in_its_size(qwen25, length, questions):
    theirs = _lmms("qwen2_5_vl", qwen25, device_map="cpu", input="video", frames=4)
    prompt = theirs._prompting.prompt(questions(length)[0])
    seen = {}
    generate = theirs._model._model.model.generate
    theirs._model._model.model.generate = lambda **inputs: (seen.update(inputs), generate(**inputs))[1]
    (said,) = theirs._model.answer([prompt])
    ((pairs, rows, columns),) = seen["video_grid_thw"].tolist()
    assert pairs == {5: 2, 1: 1}[length]  # it merges frames in pairs
    assert set(said.sent) == {(14 * rows, 14 * columns)}
    assert len(said.sent) == len(prompt.frames)


def test_a_model_that_takes_images_apart_from_its_text_answers(idefics2, questions):
    theirs, asked = _lmms("idefics2", idefics2, dtype="float32", device_map="cpu"), questions()
    assert theirs.asking["lmms_eval"].endswith("idefics2 simple")
    answers = list(theirs.predict_all(asked))
    assert [one.error for one in answers] == [None] * 3
    assert len({one.raw for one in answers}) == 3
    assert theirs.notes() == []
    blank = [
        one._replace(frames=tuple(0 * frame for frame in one.frames)) for one in map(theirs._prompting.prompt, asked)
    ]
    assert [one.text for one in theirs._model.answer(blank)] != [one.raw for one in answers]  # it looks at them


def test_what_their_class_catches_is_the_questions_error(internvl, questions):
    theirs = _lmms("internvl_hf", internvl, device_map="cpu")

    def broken(**inputs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    theirs._model._model.model.generate = broken
    (answer,) = theirs.predict_all(questions(2))
    assert answer.error == "lmms-eval's model gave no answer: Error CUDA out of memory in generating"
    assert answer.text == ""


def test_a_checkpoint_that_does_not_load_is_told_in_one_line(tmp_path):
    with pytest.raises(
        UserError, match=r"^lmms:internvl_hf is not made of batch_size=1 pretrained=\S+ device=cpu: OSError: "
    ) as raised:
        _lmms("internvl_hf", tmp_path)
    assert len(raised.value.lines()) == 1
