"""A checkpoint with remote code of our own that looks at all that it is given, loaded by the real AutoModel."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sama_bench.adapters.models.sa2va_released import Sa2VA
from sama_bench.errors import UserError
from sama_bench.run.registry import make_adapter
from sama_bench.types import Key, PlainQuestion, Question

CODE = Path(__file__).parent / "remote" / "sa2va"
VARIANTS = {"chat": "modeling_sa2va_chat.Sa2VAChatModel", "qwen": "modeling_sa2va_qwen.Sa2VAChatModelQwen"}
ALL = {**VARIANTS, "i": "modeling_sa2va_i.Sa2VAChatModelI"}
ENDS = {"eos_token": "<|im_end|>", "unk_token": "<unk>", "pad_token": "<pad>"}


@pytest.fixture(scope="session")
def modules(tmp_path_factory):
    """Where transformers puts the code that it runs; it cannot be moved any more once something was loaded."""
    return str(tmp_path_factory.mktemp("modules"))


@pytest.fixture
def checkpoint(tmp_path, monkeypatch, modules):
    """Makes the folder of a checkpoint: code, config, weights, tokenizer."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    safetensors, tokenizers = pytest.importorskip("safetensors.torch"), pytest.importorskip("tokenizers")
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", modules)
    for name in [one for one in sys.modules if one.partition(".")[0] == "transformers_modules"]:
        monkeypatch.delitem(sys.modules, name)

    def make(variant="chat"):
        folder = shutil.copytree(
            CODE,
            tmp_path / f"sa2va_{variant[0]}{len(list(tmp_path.iterdir()))}",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        code = {"AutoConfig": "configuration_sa2va_chat.Sa2VAChatConfig", "AutoModel": ALL[variant]}
        (folder / "config.json").write_text(json.dumps({"model_type": "sa2va_chat", "auto_map": code}))
        safetensors.save_file(
            {"linear.weight": torch.eye(2), "linear.bias": torch.zeros(2)},
            folder / "model.safetensors",
            {"format": "pt"},
        )
        words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
        words = transformers.PreTrainedTokenizerFast(tokenizer_object=words, **ENDS)
        words.add_tokens(["[SEG]", "<p>", "</p>", "<|end|>"], special_tokens=True)
        words.save_pretrained(folder)
        if variant == "qwen":
            code = {"AutoProcessor": "processing_sa2va.Sa2VAProcessor"}
            (folder / "processor_config.json").write_text(
                json.dumps({"processor_class": "Sa2VAProcessor", "auto_map": code})
            )
        return str(folder)

    return make


@pytest.fixture
def asked(checkpoint, scene, video, ask):
    """Asks an adapter one question about a scene; gives the prediction and the model."""

    def run(*answers, variant="chat", frames=8, begins=(0,), text=None, frames_arg=None, **args):
        if frames_arg is not None:
            args["frames"] = str(frames_arg)
        pictures, masks = scene(frames)
        tracks = [np.where(np.arange(frames)[:, None, None] >= begin, masks, False) for begin in begins]
        question = ask(video(pictures), *tracks)
        question = replace(question, text=question.text if text is None else text)
        adapter = make_adapter(
            "sa2va-released", {"checkpoint": checkpoint(variant), "device": "cpu", **args}, trust=True
        )
        adapter._model.answers = list(answers)
        adapter.open(question.video)
        predictions = [adapter.predict(question) for _ in answers]
        adapter.close()
        return predictions, adapter

    return run


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_question_is_asked_and_each_segment_has_its_track(asked, variant):
    (told,), adapter = asked("<p> The disk </p> [SEG] and <p> it </p> [SEG].<|im_end|>", variant=variant)
    assert told.text == "<p> The disk </p> [SEG] and <p> it </p> [SEG]."
    assert [track.shape for track in told.tracks] == [(8, 120, 200)] * 2
    assert all(track.dtype == np.bool_ for track in told.tracks)
    (call,) = adapter._model.calls
    assert call["text"] == "<image>\nthe object outlined in red"
    assert call["frames"] == 8


def _red(picture):
    return bool(((picture[..., 0] == 255) & (picture[..., 1:] == 0).all(-1)).any())


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("marks", ["outline", "box", "number"])
def test_a_region_is_marked_where_it_is_seen_first_and_the_segmenter_sees_no_mark(asked, variant, marks):
    (told,), adapter = asked("[SEG]", variant=variant, begins=(2,), marks=marks)
    assert [_red(one) for one in adapter._model.calls[0]["seen"]] == [False, False, True, False, False]
    assert not told.tracks[0].any()  # the stand-in's masks are what SAM 2 sees in pure red
    assert adapter.asking == {"marks": marks, "segmenter": "unmarked"}


def test_a_region_that_comes_later_is_shown_as_the_last_of_the_five(asked):
    _, adapter = asked("[SEG]", begins=(0, 7))
    (call,) = adapter._model.calls
    assert call["text"] == "<image>\nthe object outlined in red and the object outlined in blue"
    assert [bool((one == (0, 0, 255)).all(-1).any()) for one in call["seen"]] == [False] * 4 + [True]
    assert call["frames"] == 8


def test_a_segmenter_that_cannot_be_told_apart_sees_the_marks_and_no_frame_out_of_order(asked, checkpoint, monkeypatch):
    monkeypatch.setattr("sama_bench.adapters.shared.segmenter_frames.PLACE", "not_there")
    (told,), adapter = asked("[SEG]", begins=(2, 7))
    (call,) = adapter._model.calls
    assert call["text"] == "<image>\nthe object outlined in red and an object that is not visible"
    assert told.tracks[0].any(axis=(1, 2)).tolist() == [False, False, True, *[False] * 5]
    assert adapter.asking["segmenter"] == "as marked"


@pytest.mark.parametrize("variant", ["chat", "i"])
@pytest.mark.parametrize("frames", [1, 3, 5])
def test_short_videos_are_shown_whole(asked, frames, variant):
    (told,), adapter = asked("[SEG]", frames=frames, variant=variant)
    assert len(adapter._model.calls[0]["seen"]) == frames
    assert told.tracks[0].shape[0] == frames


def test_frames_are_prepared_and_encoded_for_the_segmenter_once_for_all_questions(asked):
    told, adapter = asked("[SEG]", "no", "[SEG][SEG]")
    assert [len(one.tracks) for one in told] == [1, 0, 2]
    assert adapter._model.extra_image_processor._original.asked == 8
    assert adapter._model.grounding_encoder.sam2_model.encoded == 8


def test_another_video_is_encoded_anew(asked, video):
    (before,), adapter = asked("[SEG]", begins=(), text="Where?")
    red = np.zeros((120, 200, 3), np.uint8)
    red[..., 0] = 255
    question = Question(Key("g", "2"), video([red] * 3, "red"), "Where?")
    adapter._model.answers = ["[SEG]"]
    adapter.open(question.video)
    assert adapter.predict(question).tracks[0].all()
    assert not before.tracks[0].any()
    assert adapter._model.grounding_encoder.sam2_model.encoded == 8 + 3


def test_masks_for_segments_of_the_prompt_are_left_out(asked):
    (told,), _ = asked("it is [SEG]", variant="qwen", begins=(), text="Earlier: [SEG]. And now?")
    assert len(told.tracks) == 1
    assert not told.tracks[0].any()  # that of the prompt is the other way round


def test_another_number_of_masks_is_an_error(asked, monkeypatch):
    from sama_bench.adapters.shared.answer_masks import of_answer

    with pytest.raises(ValueError, match=r"1 masks for 2 \[SEG\]"):
        of_answer("[SEG] [SEG]", [0], 0)
    with pytest.raises(ValueError, match="and 1 of its question"):
        of_answer("[SEG] [SEG]", [0, 1], 1)
    assert of_answer("[SEG]", [0, 1], 1) == [1]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("variant", ALL)
def test_the_dtype_reaches_all_of_the_model(asked, variant, dtype):
    _, adapter = asked("yes", variant=variant, dtype=dtype)
    assert str(adapter._model.torch_dtype) == f"torch.{dtype}"


def test_without_marks_it_takes_no_regions(asked, checkpoint, video, ask, scene):
    (told,), adapter = asked("a disk", begins=(), marks="none", text="What is there?")
    assert (told.text, adapter.can.regions, adapter.asking["marks"]) == ("a disk", False, "none")
    pictures, masks = scene(3)
    with pytest.raises(ValueError, match="marks=none"):
        adapter.predict(ask(video(pictures), masks))


def test_special_tokens_go_but_those_of_the_grounding_stay(asked):
    (told,), _ = asked("<p>a</p> [SEG]<|end|><|im_end|><pad>")
    assert told.text == "<p>a</p> [SEG]"


def test_nothing_of_a_video_is_left_after_close(asked):
    _, adapter = asked("[SEG]")
    assert not adapter._pictures
    assert not adapter._segmenter._ready
    assert not adapter._segmenter._features


def test_its_code_does_not_run_unasked(checkpoint):
    with pytest.raises(UserError) as raised:
        make_adapter("sa2va-released", {"checkpoint": checkpoint(), "device": "tpu"})
    told = "\n".join(raised.value.problems)
    assert "--trust-remote-code" in told
    assert "device=tpu" in told


def test_words_that_an_argument_does_not_take_are_told_at_once():
    with pytest.raises(UserError) as raised:
        make_adapter("sa2va-released", {"checkpoint": "x", "marks": "outlin", "dtype": "int4"})
    assert list(raised.value.problems) == [
        "--model-arg marks=outlin: expected outline, box, number or none, did you mean outline?",
        "--model-arg dtype=int4: expected auto, float32, bfloat16 or float16",
    ]


def test_what_its_code_imports_and_is_not_there_is_told_at_once(checkpoint):
    folder = Path(checkpoint())
    (folder / "modeling_sa2va_chat.py").write_text("import no_such_one\nfrom .other import x\nimport torch\n")
    (folder / "other.py").write_text(
        "from no_such_two.deep import y\ntry:\n    import flash_maybe\nexcept E:\n    pass\n"
    )
    with pytest.raises(UserError) as raised:
        make_adapter("sa2va-released", {"checkpoint": str(folder), "device": "cpu"}, trust=True)
    (told,) = raised.value.problems
    assert "no_such_one, no_such_two: pip install" in told


def test_code_that_fails_is_one_line(checkpoint):
    folder = Path(checkpoint())
    (folder / "modeling_sa2va_chat.py").write_text("raise RuntimeError('first\\nsecond')\n")
    with pytest.raises(UserError, match=r"does not load \(RuntimeError: first\)"):
        make_adapter("sa2va-released", {"checkpoint": str(folder), "device": "cpu"}, trust=True)


def test_a_checkpoint_that_lacks_weights_is_refused(checkpoint):
    torch, safetensors = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch")
    folder = Path(checkpoint())
    safetensors.save_file({"linear.weight": torch.eye(2)}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(UserError, match=r"no weights for 1 of 2 parts of \w+, such as linear\.bias; expected"):
        make_adapter("sa2va-released", {"checkpoint": str(folder), "device": "cpu"}, trust=True)


def test_all_that_is_missing_is_told_without_pytorch(monkeypatch, tmp_path):
    monkeypatch.setattr("sama_bench.adapter.Need.met", property(lambda need: False))
    with pytest.raises(UserError) as raised:
        Sa2VA("ByteDance/Sa2VA-4B")
    told = "\n".join(raised.value.problems)
    assert "torch, transformers: pip install accelerate" in told
    assert "--trust-remote-code" in told


@pytest.fixture(params=VARIANTS)
def in_words(request, checkpoint):
    """Asks an adapter questions in words, one after the other; gives the answers and the model."""

    def run(answers, *questions):
        args = {"checkpoint": checkpoint(request.param), "device": "cpu"}
        adapter = make_adapter("sa2va-released", args, trust=True)
        adapter._model.answers = list(answers)
        assert adapter.can.plain
        return [adapter.answer(one) for one in questions], adapter._model

    return run


def _pictures(*sizes):
    return tuple(np.full((*size, 3), 40 * n, np.uint8) for n, size in enumerate(sizes))


@pytest.mark.parametrize(
    ("sizes", "film", "seen"),
    [
        ([(12, 16)], False, [0]),
        ([(12, 16), (30, 8)], False, [0, 40]),
        ([(12, 16)] * 6, True, [0, 40, 80, 120, 200]),
        ([], False, []),
    ],
)
def test_a_question_in_words_is_asked_with_what_it_shows(in_words, sizes, film, seen):
    asked = PlainQuestion("What is <image>this?", _pictures(*sizes), film)
    (said,), model = in_words(["A disk.<|im_end|>"], asked)
    (call,) = model.calls
    assert said == "A disk."
    assert call["text"] == ("<image>\n" if sizes else "") + "What is this?"
    assert [int(one[0, 0, 0]) for one in call["seen"]] == seen


def test_the_masks_of_an_answer_in_words_are_of_its_own_picture_and_not_looked_at(in_words):
    red, grey = np.zeros((12, 16, 3), np.uint8), np.full((12, 16, 3), 90, np.uint8)
    red[..., 0] = 255
    said, model = in_words(["[SEG]", "[SEG]"], PlainQuestion("Where?", (red,)), PlainQuestion("Where?", (grey,)))
    assert said == ["[SEG]", "[SEG]"]
    assert model.grounding_encoder.sam2_model.encoded == 2


def test_the_limit_of_a_question_holds_for_it_alone(in_words):
    short, long = PlainQuestion("Tell.", max_new_tokens=2), PlainQuestion("Tell.")
    assert in_words(["a b c d"] * 2, short, long)[0] == ["a b", "a b c d"]


def test_six_images_are_more_than_are_seen(in_words):
    with pytest.raises(ValueError, match="6 images, and the model sees 5"):
        in_words(["no"], PlainQuestion("Which?", _pictures(*[(8, 8)] * 6)))


def _marked(adapter, colour=(255, 0, 0)):
    return [bool((one == colour).all(-1).any()) for one in adapter._model.calls[0]["seen"]]


@pytest.mark.parametrize(
    ("frames", "count", "begin", "seen"),
    [
        (18, 5, 0, [1, 0, 0, 0, 0]),
        (18, 5, 1, [1, 0, 0, 0, 0]),  # the model looks at 0, 4, 8, 12, 17
        (18, 5, 3, [0, 1, 0, 0, 0]),
        (18, 5, 8, [0, 0, 1, 0, 0]),
        (18, 5, 17, [0, 0, 0, 0, 1]),
        (18, 12, 16, [0] * 10 + [1, 0]),  # at 0, 1, 3, …, 15, 17
        (5, 5, 3, [0, 0, 0, 1, 0]),
        (3, 5, 2, [0, 0, 1]),
        (1, 5, 0, [1]),
        (2, 1, 1, [1]),
    ],
)
def test_sa2va_i_sees_a_region_at_the_nearest_frame_that_it_samples(asked, frames, count, begin, seen):
    (told,), adapter = asked("[SEG]", variant="i", frames=frames, begins=(begin,), frames_arg=count)
    assert _marked(adapter) == [bool(one) for one in seen]
    assert adapter._model.calls[0]["text"] == "<image>\nthe object outlined in red"
    assert adapter._model.calls[0]["sample_num_frames"] == count
    assert told.tracks[0].shape[0] == frames
    assert not told.tracks[0].any()  # SAM 2 sees no mark
    assert adapter.asking == {
        "marks": "outline", "segmenter": "unmarked", "inference": "sa2va-i", "frames": str(count),
    }  # fmt: skip
    assert adapter.wording == "sa2va-i"


def test_two_regions_that_are_nearest_to_the_same_frame_are_both_seen_by_sa2va_i(asked):
    _, adapter = asked("[SEG]", variant="i", frames=18, begins=(0, 1))
    assert _marked(adapter) == [True, False, False, False, False]
    assert _marked(adapter, (0, 0, 255)) == [False, True, False, False, False]


def test_frames_are_encoded_once_for_all_questions_of_sa2va_i(asked):
    told, adapter = asked("[SEG]", "no", "[SEG][SEG]", variant="i")
    assert [len(one.tracks) for one in told] == [1, 0, 2]
    assert adapter._model.extra_image_processor._original.asked == 8
    assert adapter._model.grounding_encoder.sam2_model.encoded == 5 + 8


def test_a_segmenter_that_cannot_be_told_apart_has_sa2va_i_see_marks_where_it_looks_alone(asked, monkeypatch):
    monkeypatch.setattr("sama_bench.adapters.shared.segmenter_frames.PLACE", "not_there")
    _, adapter = asked("[SEG]", variant="i", frames=18, begins=(4, 6))
    assert adapter._model.calls[0]["text"] == "<image>\nthe object outlined in red and an object that is not visible"
    assert _marked(adapter) == [False, True, False, False, False]


def test_an_image_goes_to_sa2va_i_as_a_video_of_one_frame(checkpoint):
    adapter = make_adapter("sa2va-released", {"checkpoint": checkpoint("i"), "device": "cpu"}, trust=True)
    adapter._model.answers = ["A disk.<|im_end|>", "[SEG]", "no"]
    picture = np.zeros((12, 16, 3), np.uint8)
    said = [adapter.answer(PlainQuestion(text, (picture,))) for text in ("What?", "Where?")]
    assert said == ["A disk.", "[SEG]"]
    assert [call["frames"] for call in adapter._model.calls] == [1, 1]
    assert adapter.answer(PlainQuestion("Who?")) == "no"
    with pytest.raises(ValueError, match="several sizes"):
        adapter.answer(PlainQuestion("Which?", (picture, picture[1:])))


def test_a_number_of_frames_is_for_sa2va_i_alone(checkpoint):
    with pytest.raises(UserError, match="frames=12: the checkpoint's code looks at the first 5"):
        make_adapter("sa2va-released", {"checkpoint": checkpoint(), "device": "cpu", "frames": "12"}, trust=True)
    with pytest.raises(UserError, match="frames=0: expected a whole number"):
        make_adapter("sa2va-released", {"checkpoint": checkpoint("i"), "device": "cpu", "frames": "0"}, trust=True)


def test_all_that_a_folder_of_a_qwen_variant_lacks_is_told_at_once(tmp_path):
    pytest.importorskip("torch")
    auto_map = {
        "AutoConfig": "configuration.Config",
        "AutoModel": "modeling_sa2va_qwen.Model",
        "AutoTokenizer": "a/b--c.D",
    }
    (tmp_path / "config.json").write_text(json.dumps({"auto_map": auto_map}))
    (tmp_path / "configuration.py").write_text("import no_such_package\n")
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(UserError) as raised:
        Sa2VA(str(tmp_path), trust_remote_code=True, device="cpu")
    told = "\n".join(raised.value.problems)
    assert "the folder has no modeling_sa2va_qwen.py, which its config.json names" in told
    assert "imported by the checkpoint's code: no_such_package" in told
    assert "no processor (preprocessor_config.json" in told
    assert "no tokenizer (" in told
