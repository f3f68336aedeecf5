"""Stand-ins for both generations of VideoRefer look at all that they are given."""

import json
import sys
from pathlib import Path

import pytest

from sama_bench.adapters.models.videorefer import VideoRefer, v1, v2
from sama_bench.adapters.shared import flash_attention
from sama_bench.errors import UserError
from sama_bench.run.registry import make_adapter

TYPES = {1: "videorefer_qwen2", 2: "videollama3_qwen2"}
SUFFIX = " Response with interleaved segmentation masks."


@pytest.fixture
def here(monkeypatch):
    """Makes the adapter in this process, as if its vision encoder's attention ran on a CPU; the checkout is let go."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(flash_attention, "problems", lambda *_: [])
    yield VideoRefer
    for name in [one for one in sys.modules if one.partition(".")[0] == "videorefer_videollama3"]:
        del sys.modules[name]


@pytest.fixture
def asked(there, here, checkout, weights, numbered, in_a_dialogue):
    """The answers to a question; the first generation is in an interpreter of its own."""

    def run(generation, times=1, args=None, turns=(), last=None, **about):
        given = {"checkpoint": weights(model_type=TYPES[generation]), "repo": checkout("VideoRefer"), "device": "cpu"}
        adapter = there("videorefer", **given) if generation == 1 else here(**given, **(args or {}))
        assert (adapter.can.masks, adapter.asking["generation"]) == (False, str(generation))
        assert adapter.can.history == ("regions" if generation == 1 else "none")
        question = in_a_dialogue(numbered(**about), turns, last)
        adapter.open(question.video)
        told = [adapter.predict(question).text for _ in range(times)]
        adapter.close()
        return told if times > 1 else told[0]

    return run


def test_the_first_is_given_regions_on_the_frames_that_show_them_first(asked):
    told = asked(1, frames=20, begins=(0, 7, 7), text=f"What are <mask>, <mask> and <mask>?{SUFFIX}")
    assert told == (
        "What are [<region>], [<region>] and [<region>]? | sees [1, 4, 6, 8, 11, 13, 15, 18] | "
        "100 on [0]; 110 on [7]; 120 on [7]"
    )


def test_the_first_is_told_earlier_turns_as_messages_with_their_regions(asked):
    turns = [(f"What is <mask>?{SUFFIX}", [0], "<p>A cat</p> [SEG] runs."), ("And <mask>?", [1], "It sits.")]
    told = asked(1, frames=20, begins=(0, 7, 7), text="Is <mask> near <mask>?", turns=turns, last=[2, 0])
    assert told == (
        "What is [<region>]? / A cat runs. / And [<region>]? / It sits. / Is [<region>] near [<region>]? | "
        "sees [1, 4, 6, 8, 11, 13, 15, 18] | 100 on [0]; 110 on [7]; 120 on [7]; 100 on [0]"
    )


def test_the_second_is_given_regions_on_the_frames_that_show_them_first(asked):
    told = asked(2, frames=8, begins=(5, 0), text=f"Are <mask> and <mask> one?{SUFFIX}")
    assert told.startswith("<video>\nAre <region> and <region> one? | sees [(1, 0.33), (4, 1.33), (7, 2.33)] | ")
    assert "| 100 on 5; 110 on 0 |" in told


@pytest.mark.parametrize("generation", [1, 2])
def test_a_question_without_regions_is_asked(asked, generation):
    assert "What is there? | sees" in asked(generation, frames=3, text="What is there?")


@pytest.mark.parametrize("generation", [1, 2])
def test_a_region_that_is_never_seen_is_told_so(asked, generation):
    told = asked(generation, frames=3, begins=(9, 1), task="c", text="<mask> or <mask>?")
    assert "an object that is not visible or " in told
    assert "110 on" in told


def test_what_the_second_draws_by_chance_is_the_same_each_time(asked):
    told = asked(2, times=3, begins=(0,))
    assert len(set(told)) == 1


@pytest.mark.parametrize("length", [1, 2, 3, 8, 9, 100])
def test_frames_are_of_the_video(length):
    assert len(v1.places(length)) == 8
    assert 0 <= min(v1.places(length)) <= max(v1.places(length)) < length
    assert v2.places(length, 1.0) == list(range(min(length, 3) // 2, length, 3))
    for rate in (1.6, 2.0, 3.0, 4.0, 30.0):
        assert v2.places(length, rate) == list(range(length))


def test_slower_rates_leave_frames_out():
    assert v2.places(10, 0.5) == [3, 9]
    assert v2.places(10, 1.5) == [1, 3, 5, 7, 9]
    assert v2.places(2, 0.1) == [1]


@pytest.mark.parametrize("rate", [1.0, 4.0])
def test_very_long_videos_are_thinned_by_the_second(rate):
    assert len(v2.places(5000, rate)) == 768
    assert v2.places(5000, rate)[-1] == 4999
    assert len(v2.places(769, 4.0)) == 768


def test_a_description_sees_four_frames_a_second_and_a_question_one_unless_told(asked, here, checkout, weights):
    every = [(at, round(at / 3, 2)) for at in range(5)]
    assert f"| sees {every} |" in asked(2, frames=5, begins=(0,), task="c", text="<mask>?")
    assert "| sees [(1, 0.33), (4, 1.33)] |" in asked(2, frames=5, begins=(0,), text="<mask>?")
    for fps, text in ((None, "4 in c, 1 in g"), (2.0, "2"), (0.5, "0.5")):
        adapter = here(weights(model_type=TYPES[2]), repo=checkout("VideoRefer"), device="cpu", fps=fps)
        assert adapter.asking["fps"] == text
    assert "| sees [(2, 0.67)] |" in asked(2, args={"fps": 0.5}, frames=5, begins=(0,), task="c", text="<mask>?")


@pytest.mark.parametrize("fps", ["0", "-1", "fast", "nan", "2e9"])
def test_a_rate_that_is_none_is_refused(fps):
    with pytest.raises(UserError, match=rf"fps={fps.replace('e9', 'e.09')}: expected a number"):
        make_adapter("videorefer", {"checkpoint": "nowhere", "fps": fps, "generation": "2"})


def test_the_first_takes_no_rate():
    with pytest.raises(UserError, match="fps=4: generation 1 sees 8 frames"):
        VideoRefer("nowhere", fps=4.0, generation="1")


def test_what_the_seconds_vision_encoder_needs_is_told_before_anything_is_loaded(weights, checkout):
    pytest.importorskip("torch")
    with pytest.raises(UserError) as raised:
        VideoRefer(weights(model_type=TYPES[2]), repo=checkout("VideoRefer"), device="cpu", dtype="float32")
    told = "\n".join(raised.value.problems)
    assert "pip install flash-attn --no-build-isolation" in told
    assert "device=cpu: the vision encoder of VideoRefer-VideoLLaMA3 runs on CUDA alone" in told
    assert "dtype=float32: the vision encoder of VideoRefer-VideoLLaMA3 runs in bfloat16 or float16 alone" in told
    assert not any("\n" in one for one in raised.value.problems)


def test_without_cuda_auto_is_refused_too(weights, checkout, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr("sama_bench.adapters.shared.preflight.has", lambda _: False)
    with pytest.raises(UserError, match="device=auto: PyTorch finds no CUDA here"):
        VideoRefer(weights(model_type=TYPES[2]), repo=checkout("VideoRefer"))


def test_a_gpu_with_flash_attention_has_no_problem(monkeypatch):
    monkeypatch.setattr("sama_bench.adapter.Need.met", property(lambda need: True))
    monkeypatch.setattr("sama_bench.adapters.shared.preflight.has", lambda _: True)
    for device in ("auto", "cuda", "cuda:1"):
        for dtype in ("auto", "bfloat16", "float16"):
            assert flash_attention.problems(device, dtype, "it") == []


@pytest.fixture
def naming(tmp_path):
    """A checkpoint whose config names a vision tower."""

    def make(generation, key, tower):
        config = {"model_type": TYPES[generation], key: str(tower)}
        (tmp_path / "config.json").write_text(json.dumps(config))
        (tmp_path / "model.safetensors").write_bytes(b"")
        return str(tmp_path)

    return make


def refused(checkpoint, checkout):
    with pytest.raises(UserError) as raised:
        VideoRefer(checkpoint, repo=checkout("VideoRefer"), device="tpu")
    return "\n".join(raised.value.problems)


@pytest.mark.parametrize(
    ("generation", "key"), [(1, "mm_vision_tower"), (2, "mm_vision_encoder"), (2, "vision_encoder")]
)
def test_a_vision_tower_that_is_nowhere_is_told_before_loading(naming, checkout, monkeypatch, generation, key):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(
        "sama_bench.adapters.shared.checkpoint.reach_hub", lambda: (_ for _ in ()).throw(OSError("no way"))
    )
    told = refused(naming(generation, key, "google/siglip-of-no-one"), checkout)
    assert f"vision tower google/siglip-of-no-one ({key} of config.json): is not on this machine" in told
    assert f"name its folder as {key}" in told
    assert "there is no such folder" in refused(naming(generation, key, "/there/is/no/siglip"), checkout)


def test_a_vision_tower_lacks_files_or_is_of_no_known_kind(naming, checkout, tmp_path):
    tower = tmp_path / "siglip"
    tower.mkdir()
    told = refused(naming(1, "mm_vision_tower", tower), checkout)
    assert "has no config.json and no preprocessor_config.json and no weights (*.safetensors, *.bin)" in told
    for name in ("config.json", "preprocessor_config.json", "pytorch_model.bin"):
        (tower / name).write_text("{}")
    assert "vision tower" not in refused(naming(1, "mm_vision_tower", tower), checkout)
    assert "expected a name with clip or siglip in it" in refused(naming(1, "mm_vision_tower", "some/dino"), checkout)


def test_a_checkpoint_that_does_not_tell_its_generation_is_refused(weights, checkout):
    with pytest.raises(UserError, match="generation=1"):
        VideoRefer(weights(model_type="llama"), repo=checkout("VideoRefer"))


def test_the_name_tells_the_generation_of_a_checkpoint_on_the_hub(monkeypatch):
    monkeypatch.setattr("sama_bench.adapter.Need.met", property(lambda need: False))
    for name, module in (("VideoRefer-VideoLLaMA3-7B", "videorefer_videollama3"), ("VideoRefer-7B", "videorefer")):
        with pytest.raises(UserError) as raised:
            VideoRefer(f"DAMO-NLP-SG/{name}", repo=Path("/nowhere"))
        assert any(f"has no module {module}" in one for one in raised.value.problems)


def test_another_dtype_is_refused_by_the_first(weights, checkout):
    pytest.importorskip("torch")
    with pytest.raises(UserError, match="float16 only"):
        VideoRefer(weights(model_type="videorefer_qwen2"), repo=checkout("VideoRefer"), dtype="float32")


def test_a_missing_checkout_is_told_with_the_line_that_gets_it(weights):
    with pytest.raises(UserError, match=r"git clone https://github\.com/DAMO-NLP-SG/VideoRefer VideoRefer"):
        VideoRefer(weights(model_type="videorefer_qwen2"))
