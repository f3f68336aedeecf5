import json
import shutil

import numpy as np
import pytest

from sama_bench.adapters.models.sa2va import Sa2VA
from sama_bench.errors import UserError
from sama_bench.run.predictions import validate
from sama_bench.run.registry import make_adapter
from sama_bench.types import PlainQuestion

MODELS = ["sa2va", "sa2va-i"]


@pytest.fixture(scope="module", params=MODELS)
def adapter(tiny, request):
    return Sa2VA(str(tiny / request.param), device="cpu")


@pytest.fixture
def ask(cases, films):
    """Makes a question about a film of so many frames."""

    def make(text, *regions, frames=7, number="1"):
        return cases.sama.asked(cases.sama.Case("x", "", frames, text, regions), films(frames), number)

    return make


@pytest.fixture
def seen(monkeypatch):
    """Notes the pictures that the vision tower is shown, as (H, W, 3) arrays, in the order in which it is."""
    from sama_bench.adapters.models.sa2va import video

    pictures, cells_of = [], video.cells_of

    def noted(parts, new):
        pictures.extend(np.array(one) for one in new)
        return cells_of(parts, new)

    monkeypatch.setattr(video, "cells_of", noted)
    return pictures


def _red(picture):
    return bool((picture == (255, 0, 0)).all(-1).any())


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_a_phrase_has_its_mask_in_the_videos_size(adapter, ask, cases, frames):
    asked = [ask(cases.sama.TWO, cases.sama.LEFT, cases.sama.RIGHT, frames=frames), ask(cases.sama.NONE, frames=frames)]
    for found in [validate(one, asked[0].video) for one in adapter.predict_all(asked)]:
        assert (found.text, found.error) == ("<p>it</p> [SEG]", None)
        assert [len(track) for track in found.tracks] == [frames]


def test_the_settings_name_what_decides_the_answer(tiny):
    common = {"marks": "outline", "batch": "8", "objects": "8", "attention": "sdpa", "dtype": "float32"}
    plain, corrected = (Sa2VA(str(tiny / name), device="cpu") for name in MODELS)
    assert plain.asking == {**common, "inference": "sa2va"}
    assert corrected.asking == {**common, "inference": "sa2va-i", "frames": "5"}
    assert (plain.wording, corrected.wording) == ("sa2va", "sa2va-i")


@pytest.mark.parametrize(
    ("model", "place"), [("sa2va", 6), ("sa2va-i", 6), ("sa2va-i", 9), ("sa2va", 2), ("sa2va-i", 11)]
)
def test_a_region_is_seen_on_its_frame_wherever_the_model_looks(tiny, ask, cases, seen, model, place):
    region = (8, 8, 16, place, 99)
    (found,) = Sa2VA(str(tiny / model), device="cpu").predict_all([ask(cases.sama.ONE, region, frames=12)])
    assert found.error is None
    assert [_red(one) for one in seen].count(True) == 1
    assert len(seen) == 5


def test_frames_without_marks_are_looked_at_once_a_video(tiny, ask, cases, seen):
    model = Sa2VA(str(tiny / "sa2va-i"), device="cpu", batch=1)
    questions = [ask(cases.sama.NONE, number=str(number)) for number in range(2)]
    questions += [ask(cases.sama.ONE, cases.sama.LEFT, number=str(number)) for number in range(2, 4)]
    assert not any(found.error for found in model.predict_all(questions))
    assert [_red(one) for one in seen] == [False] * 5 + [True] * 2


def test_questions_together_are_answered_as_each_alone(adapter, ask, cases):
    asked = [
        ask(cases.sama.TWO, cases.sama.LEFT, cases.sama.RIGHT), ask(cases.sama.NONE, number="2"),
        ask(cases.sama.ONE, cases.sama.RIGHT, number="3"),
    ]  # fmt: skip
    together = list(adapter.predict_all(asked))
    alone = [next(iter(adapter.predict_all([question]))) for question in asked]
    assert [one.text for one in together] == [one.text for one in alone]
    assert [one.tracks for one in together] == [one.tracks for one in alone]


def test_objects_of_sa2va_i_together_are_followed_as_each_alone(tiny, load, films, torch):
    from sama_bench.adapters.models.sa2va.video import OpenVideo
    from sama_bench.adapters.shared.shown_frames import ShownFrames

    parts = load(tiny / "sa2va-i")
    vectors = torch.randn(3, 128, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        opened = OpenVideo(parts, films(9), ShownFrames(3, spread=True))
        together = [one for _, one in _corrected(parts, opened, vectors)]
        alone = [[one for _, one in _corrected(parts, opened, vectors[[place]])] for place in range(3)]
    for place in range(3):
        for one, other in zip(together, alone[place], strict=True):
            assert torch.allclose(one[place], other[0], atol=1e-3)
    assert opened.features.counts["encoded"] == 9


def _corrected(parts, opened, vectors):
    return parts.tracker.corrected_logits(vectors, opened.features, 9, 3, opened.video.size)


def test_an_object_that_seems_absent_where_it_is_followed_has_no_mask_there_in_sa2va_i(tiny, load, films, torch):
    from sama_bench.adapters.models.sa2va.video import OpenVideo
    from sama_bench.adapters.shared.shown_frames import ShownFrames

    parts = load(tiny / "sa2va-i")
    parts.model.sam2.mask_decoder.pred_obj_score_head.proj_out.bias -= 1000
    vectors = torch.randn(1, 128, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        opened = OpenVideo(parts, films(9), ShownFrames(3, spread=True))
        logits = [one for _, one in _corrected(parts, opened, vectors)]
    absent = [bool((one == -1024).all()) for one in logits]
    assert absent == [place not in {0, 4, 8} for place in range(9)]  # on those it was found by the other decoder


def test_sa2va_is_asked_of_a_checkpoint_of_sa2va_i_too(tiny, load):
    from sama_bench.adapters.models.sa2va.corrected_tracking import CorrectedTracker

    as_sa2va, as_it_is = (load(tiny / "sa2va-i", inference=inference) for inference in ("sa2va", "auto"))
    weights = as_it_is.model.finder.mask_tokens.weight
    assert as_sa2va.model.sam2.mask_decoder.mask_tokens.weight.equal(weights)
    assert not as_it_is.model.sam2.mask_decoder.mask_tokens.weight.equal(weights)
    assert isinstance(as_it_is.tracker, CorrectedTracker)
    assert not isinstance(as_sa2va.tracker, CorrectedTracker)
    with pytest.raises(UserError, match=r"no sam_mask_decoder_modified.*kumuji/Sa2VA-i-4B"):
        load(tiny / "sa2va", inference="sa2va-i")


def test_an_image_and_words_are_answered_no_longer_than_is_asked_for(adapter):
    picture = np.zeros((30, 90, 3), np.uint8)
    assert adapter.answer(PlainQuestion("What\nis it?", (picture,), max_new_tokens=2)) == "<p>i"
    assert adapter.answer(PlainQuestion("Who?")) == "<p>it</p> [SEG]"
    assert adapter.answer(PlainQuestion("Who?", (picture,) * 9, video=True)) == "<p>it</p> [SEG]"
    sizes = PlainQuestion("Which?", (picture, picture[1:]))
    if adapter.wording == "sa2va":
        assert adapter.answer(sizes) == "<p>it</p> [SEG]"
    else:
        with pytest.raises(ValueError, match="several sizes"):
            adapter.answer(sizes)
    with pytest.raises(ValueError, match="6 images"):
        adapter.answer(PlainQuestion("Which?", (picture,) * 6))


def test_without_marks_it_takes_no_regions(tiny, ask, cases):
    model = Sa2VA(str(tiny / "sa2va"), device="cpu", marks="none")
    assert not model.can.regions
    marked, plain = model.predict_all([ask(cases.sama.ONE, cases.sama.LEFT), ask(cases.sama.NONE)])
    assert "marks=none" in marked.error
    assert plain.error is None


def test_out_of_memory_halves_the_batch_and_goes_on(tiny, ask, cases, monkeypatch):
    model = Sa2VA(str(tiny / "sa2va-i"), device="cpu", batch=4)
    language = type(model._parts.language)
    answer = language.answer

    def short(self, prefix, prompts, longest):
        if len(prompts) > 1:
            raise MemoryError
        return answer(self, prefix, prompts, longest)

    monkeypatch.setattr(language, "answer", short)
    found = list(model.predict_all([ask(cases.sama.NONE, number=str(number)) for number in range(4)]))
    assert not any(one.error for one in found)
    assert any("batch=4 went down to 1" in line for line in model.notes())


def test_six_regions_on_six_frames_are_more_than_can_be_shown_and_that_is_told(tiny, ask, cases):
    text = " ".join(["<mask>"] * 6)
    regions = [(8, 8, 16, place, 99) for place in range(6)]
    model = Sa2VA(str(tiny / "sa2va"), device="cpu")
    (found,) = model.predict_all([ask(text, *regions, frames=12)])
    assert found.error is None
    assert [line.split()[0] for line in model.notes()] == ["1"]


def test_half_precision_runs_on_the_cpu_too(tiny, ask, cases):
    for name in MODELS:
        model = Sa2VA(str(tiny / name), device="cpu", dtype="bfloat16")
        (found,) = model.predict_all([ask(cases.sama.ONE, cases.sama.LEFT)])
        assert found.error is None
        assert len(found.tracks) == 1


@pytest.fixture
def changed(tiny, tmp_path):
    """A copy of the tiny checkpoint with another config.json, or a further key."""

    def make(name="sa2va", key="", **config):
        from safetensors.numpy import load_file, save_file

        folder = shutil.copytree(tiny / name, tmp_path / "copy")
        content = json.loads((folder / "config.json").read_text("utf-8"))
        for part, value in config.items():
            content[part] = {**content.get(part, {}), **value} if isinstance(value, dict) else value
        (folder / "config.json").write_text(json.dumps(content), "utf-8")
        if key:
            held = load_file(folder / "model.safetensors")
            save_file({**held, key: np.zeros(2, np.float32)}, folder / "model.safetensors")
        return str(folder)

    return make


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"llm_config": {"architectures": ["GemmaForCausalLM"]}}, "architectures is GemmaForCausalLM, expected"),
        ({"architectures": ["Sa2VAChatModelQwen"]}, "a variant on Qwen-VL; --model sa2va-released"),
        ({"vision_config": {"norm_type": "rms_norm"}}, "vision_config.norm_type is rms_norm, expected layer_norm"),
        ({"template": "vicuna"}, "template is vicuna"),
        ({"model_type": "llava"}, "as Sa2VA's checkpoints have it"),
    ],
)
def test_a_config_that_is_not_sa2vas_is_refused_by_name(changed, config, words):
    with pytest.raises(UserError) as refusal:
        make_adapter("sa2va", {"checkpoint": changed(**config), "device": "cpu"})
    assert any(words in one for one in refusal.value.problems)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("Qformer_final_proj.bias", "keys that Sa2VA does not have: Qformer_final_proj.bias"),
        ("spatial_Qformer.bert.embeddings.LayerNorm.bias", "these are SAMA's, which --model sama runs"),
        ("language_model.lora_A", "LoRA weights have to be merged first"),
    ],
)
def test_other_keys_are_named(changed, key, words):
    with pytest.raises(UserError) as refusal:
        make_adapter("sa2va", {"checkpoint": changed(key=key), "device": "cpu"})
    assert any(words in one for one in refusal.value.problems)


def test_all_that_is_wrong_with_arguments_is_told_at_once():
    pytest.importorskip("torch")  # without it nobody knows of devices
    with pytest.raises(UserError) as refusal:
        make_adapter("sa2va", {"checkpoint": "nowhere", "device": "tpu", "batch": "0", "frames": "0", "objects": "0"})
    text = "\n".join(refusal.value.problems)
    assert all(word in text for word in ("checkpoint nowhere", "device=tpu", "batch=0", "frames=0", "objects=0"))


def test_a_number_of_frames_is_for_sa2va_i_alone(tiny):
    with pytest.raises(UserError, match="frames=12: Sa2VA looks at the first 5"):
        Sa2VA(str(tiny / "sa2va"), device="cpu", frames=12)
    assert Sa2VA(str(tiny / "sa2va-i"), device="cpu", frames=12).asking["frames"] == "12"


def test_an_old_transformers_is_told_with_both_ways_out(monkeypatch):
    monkeypatch.setattr("sama_bench.adapters.models.sama.preparing.version", lambda _: "4.57.1")
    with pytest.raises(UserError) as refusal:
        Sa2VA("nowhere")
    (told,) = [one for one in refusal.value.problems if "4.57.1" in one]
    assert "--model sa2va-released" in told
