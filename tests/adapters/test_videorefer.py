"""Stand-ins for both generations of VideoRefer look at all that they are given, in an interpreter of their own."""

import pytest

from sama_bench.adapters.videorefer import VideoRefer, first, second
from sama_bench.errors import UserError

TYPES = {1: "videorefer_qwen2", 2: "videollama3_qwen2"}
SUFFIX = " Response with interleaved segmentation masks."


@pytest.fixture
def asked(there, checkout, weights, numbered):
    def run(generation, times=1, **about):
        given = {"checkpoint": weights(model_type=TYPES[generation]), "repo": checkout("VideoRefer"), "device": "cpu"}
        adapter = there("videorefer", **given)
        assert (adapter.can.masks, adapter.asking["generation"]) == (False, str(generation))
        question = numbered(**about)
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
    assert len(first.places(length)) == 8
    assert 0 <= min(first.places(length)) <= max(first.places(length)) < length
    assert second.places(length) == list(range(min(length, 3) // 2, length, 3))


def test_very_long_videos_are_thinned_by_the_second():
    assert len(second.places(5000)) == 768
    assert second.places(5000)[-1] == 4999


def test_a_checkpoint_that_does_not_tell_its_generation_is_refused(weights, checkout):
    with pytest.raises(UserError, match="generation=1"):
        VideoRefer(weights(model_type="llama"), repo=checkout("VideoRefer"))


def test_the_name_tells_the_generation_of_a_checkpoint_on_the_hub(monkeypatch):
    monkeypatch.setattr("sama_bench.adapters.base.Need.met", property(lambda need: False))
    for name, module in (("VideoRefer-VideoLLaMA3-7B", "videorefer_videollama3"), ("VideoRefer-7B", "videorefer")):
        with pytest.raises(UserError) as raised:
            VideoRefer(f"DAMO-NLP-SG/{name}", repo="/nowhere")
        assert any(f"has no module {module}" in one for one in raised.value.problems)


def test_another_dtype_is_refused_by_the_first(weights, checkout):
    pytest.importorskip("torch")
    with pytest.raises(UserError, match="float16 only"):
        VideoRefer(weights(model_type="videorefer_qwen2"), repo=checkout("VideoRefer"), dtype="float32")


def test_a_missing_checkout_is_told_with_the_line_that_gets_it(weights):
    with pytest.raises(UserError, match=r"git clone https://github\.com/DAMO-NLP-SG/VideoRefer VideoRefer"):
        VideoRefer(weights(model_type="videorefer_qwen2"))
