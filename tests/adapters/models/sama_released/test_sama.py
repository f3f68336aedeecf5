import random
from collections import Counter

import numpy as np
import pytest

from sama_bench.adapters.models.sama_released import Sama
from sama_bench.adapters.models.sama_released.loading import load
from sama_bench.adapters.shared.preflight import Ready
from sama_bench.errors import UserError
from sama_bench.run.predictions import validate

SUFFIX = " Response with interleaved segmentation masks."


@pytest.fixture
def there():
    """Makes a region (frames, 30, 40) that is visible on some frames."""

    def make(frames=12, visible=slice(None), left=5):
        found = np.zeros((frames, 30, 40), bool)
        found[visible, 4:20, left : left + 12] = True
        return found

    return make


def answers(adapter, *questions):
    adapter.open(questions[0].video)
    try:
        return [adapter.predict(question) for question in questions]
    finally:
        adapter.close()


@pytest.mark.parametrize("frames", [1, 2, 4, 5, 7, 8, 12, 100])
def test_the_models_code_gets_what_it_expects_whatever_the_videos_length(sama, question, there, frames):
    one, two = there(frames), there(frames, left=20)
    asked = [
        question(f"say 1 of <mask> and <mask>.{SUFFIX}", one, two, frames=frames),
        question("Is there anything else?", frames=frames, number="2"),
        question("Please describe the region <mask> in the video in detail.", one, frames=frames, task="c"),
    ]
    grounded, plain, described = answers(sama(), *asked)
    (track,) = grounded.tracks
    assert (track.shape, track.dtype) == ((frames, 30, 40), np.bool_)
    assert grounded.text == "<p>thing 0</p> [SEG]<|im_end|>"
    assert (len(plain.tracks), len(described.tracks)) == (0, 0)
    assert described.text.startswith("seen ")


def test_each_seg_has_its_mask_in_order(sama, question, there):
    (found,) = answers(sama(), question(f"say 4 of <mask>.{SUFFIX}", there()))
    assert len(found.tracks) == found.text.count("[SEG]") == 4
    assert validate(found, question("x").video).error is None


def test_ten_questions_with_25_segs_take_a_fifth_of_the_passes_and_give_the_same(sama, question, there):
    counts = [3, 4, 3, 4, 4, 3, 4, 0, 0, 0]
    asked = [question(f"say {n} of <mask>.{SUFFIX}", there(), number=str(i)) for i, n in enumerate(counts)]
    found, passes = {}, {}
    for reuse in (True, False):
        adapter = sama(reuse=reuse)
        passes[reuse] = _counted(adapter)
        found[reuse] = answers(adapter, *asked)
    for one, other in zip(found[True], found[False], strict=True):
        assert one.text == other.text
        assert all(np.array_equal(a, b) for a, b in zip(one.tracks, other.tracks, strict=True))
    assert passes[True] == {"vit": 1, "sam2": 12, "spatial": 1}
    assert passes[False] == {"vit": 10, "sam2": 25 * (12 + 5), "spatial": 10}


def _counted(adapter):
    model, counts = adapter._loaded.model, Counter()
    parts = {
        "vit": model.vision_model,
        "sam2": model.grounding_encoder.sam2_model.image_encoder,
        "spatial": model.spatial_Qformer.bert.mix,
    }
    for name, part in parts.items():
        part.register_forward_hook(lambda *_, name=name: counts.update([name]))
    return counts


def test_features_that_find_no_room_are_computed_again_with_the_same_answers(sama, question, there, monkeypatch):
    asked = [question(f"say {n} of <mask>.{SUFFIX}", there(), number=str(n)) for n in (1, 2)]
    kept = answers(sama(), *asked)
    monkeypatch.setattr("sama_bench.adapters.shared.feature_cache.ROOM", 4_000)
    adapter = sama()
    counts = _counted(adapter)
    found = answers(adapter, *asked)
    assert 12 < counts["sam2"] < 3 * 17
    assert all(np.array_equal(a.tracks[-1], b.tracks[-1]) for a, b in zip(kept, found, strict=True))


def test_the_model_is_as_it_was_after_close(sama, question, there):
    adapter = sama()
    model = adapter._loaded.model
    parts = [model, model.spatial_Qformer.bert, model.grounding_encoder, model.grounding_encoder.sam2_model]
    before = [dict(vars(part)) for part in parts]
    answers(adapter, question(f"say 2 of <mask>.{SUFFIX}", there()))
    assert [dict(vars(part)) for part in parts] == before


def test_two_videos_after_each_other_are_not_mixed_up(sama, question, there):
    long, short = question(f"say 1 of <mask>.{SUFFIX}", there()), question(f"say 1.{SUFFIX}", frames=7)
    adapter = sama()
    (first,), (second,), (again,) = (answers(adapter, one) for one in (long, short, long))
    assert second.tracks[0].shape[0] == 7
    assert np.array_equal(first.tracks[0], again.tracks[0])


def test_prompts_are_repeatable_and_pythons_random_goes_on_undisturbed(sama, question, there):
    asked = question("Which is <mask>?", there())
    random.seed(5)
    expected = random.random()
    random.seed(5)
    adapter = sama(prompt_frames="all", seed="3")
    first, second = answers(adapter, asked, asked)
    assert first.text == second.text
    assert random.random() == expected


def test_with_all_frames_the_seed_decides_which_is_drawn(sama, question, there):
    asked = question("Which is <mask>?", there())
    texts = {answers(sama(prompt_frames="all", seed=str(seed)), asked)[0].text for seed in range(8)}
    assert len(texts) > 1
    assert sama(prompt_frames="all").asking == {"prompt_frames": "all", "max_frames": "32", "seed": "0"}


def test_later_frames_of_a_region_are_not_looked_at(sama, question, there):
    whole, cut = there(), there(visible=slice(0, 1))
    one, other = answers(sama(), question("Which is <mask>?", whole), question("Which is <mask>?", cut))
    assert one.text == other.text


def test_cuda_means_cuda_again_after_a_question(sama, question):
    torch = pytest.importorskip("torch")
    before = torch.Tensor.cuda
    answers(sama(), question("What is there?"))
    assert torch.Tensor.cuda is before


@pytest.mark.parametrize("words", ["other size", "no numbers"])
def test_masks_that_are_none_are_that_questions_error(sama, question, there, words):
    (found,) = answers(sama(), question(f"say 2 of <mask>, {words}.{SUFFIX}", there()))
    assert "unusable answer" in validate(found, question("x").video).error


def test_fewer_masks_than_segs_and_many_segs_are_kept(sama, question, there):
    fewer, many = answers(
        sama(), question(f"say 3, one fewer.{SUFFIX}", number="1"), question(f"say 500.{SUFFIX}", number="2")
    )
    assert (fewer.text.count("[SEG]"), len(fewer.tracks)) == (3, 2)
    assert len(validate(many, question("x").video).tracks) == 500


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_runs_on_the_cpu_too(sama, question, there, dtype):
    (found,) = answers(sama(dtype=dtype), question(f"say 1 of <mask>.{SUFFIX}", there()))
    assert found.tracks[0].shape == (12, 30, 40)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_rotary_frequencies_stay_float32_whatever_the_weights_are_cast_to(sama, dtype):
    torch = pytest.importorskip("torch")
    model = sama(dtype=dtype)._loaded.model
    assert model.proj.weight.dtype == getattr(torch, dtype)
    assert model.rotary_emb.inv_freq.dtype == torch.float32


def test_an_answer_that_was_given_without_the_video_is_an_error(sama, question, there, capsys):
    with pytest.raises(RuntimeError, match="saw nothing of the video"):
        answers(sama(), question(f"say 1 of <mask>, mismatch.{SUFFIX}", there()))
    assert "mismatch" not in capsys.readouterr().out


def test_regions_that_the_model_cannot_see_are_told_at_the_end(sama, question, there):
    adapter = sama()
    answers(adapter, question("Which is <mask>?", there(frames=30, visible=slice(20, 30)), frames=30))
    assert adapter.notes()[0].startswith("1 regions are on none of the frames")
    answers(seeing := sama(), question("Which is <mask>?", there()))
    assert not seeing.notes()


def test_from_the_hub_the_code_is_loaded_from_its_whole_folder(checkpoint, checkout, bert, monkeypatch):
    pytest.importorskip("huggingface_hub")
    asked = []
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name, **_: asked.append(name) or checkpoint)
    assert load(Ready("some/SAMA", {}, "cpu", "float32"), checkout, bert).device == "cpu"
    assert asked == ["some/SAMA"]


def test_remote_code_runs_only_when_it_is_allowed(checkpoint, checkout, bert):
    with pytest.raises(UserError, match="--trust-remote-code") as refusal:
        Sama(str(checkpoint), repo=checkout, bert=bert, device="cpu")
    assert "run on this machine with your rights" in str(refusal.value)
