"""A stand-in for VideoGLaMM's repository looks at all that it is given, in an interpreter of its own."""

import json
import shutil
import sys

import numpy as np
import pytest

from sama_bench.adapters.models.videoglamm import CLIP, REPOSITORY, VideoGLaMM, _towers, tracks
from sama_bench.adapters.shared.stand_in_modules import standing_in
from sama_bench.adapters.shared.vision_tower import processor_problems
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.types import Video


@pytest.fixture
def asked(there, checkout, weights, numbered):
    def run(marks="outline", **about):
        given = {"checkpoint": weights(), "repo": checkout("VideoGLaMM"), "device": "cpu", "marks": marks}
        adapter = there("videoglamm", **given)
        assert (adapter.asking, adapter.can.regions) == ({"marks": marks}, marks != "none")
        question = numbered(**about)
        adapter.open(question.video)
        told = adapter.predict(question)
        adapter.close()
        return told

    return run


def test_the_answer_is_what_comes_after_the_prompt_and_its_masks_are_of_every_frame(asked):
    told = asked(frames=20, text="What is it?")
    seen = np.linspace(0, 19, 16, dtype=int).tolist()
    assert told.text == f"<p> a thing </p> [SEG] marked [] of {seen}"
    (track,) = told.tracks
    assert [0 if one is None else rle.area(one) for one in track] == [60 * 80 if at == 1 else 0 for at in range(20)]


def test_a_region_is_marked_where_it_is_seen_first_and_sam2_sees_no_mark(asked):
    told = asked(frames=40, begins=(13,))
    marked, _, seen = told.text.partition("marked ")[2].partition(" of ")
    (place,) = eval(marked)
    assert eval(seen)[place] == 13
    (track,) = told.tracks
    assert [at for at, one in enumerate(track) if one is not None and rle.area(one)] == [1]


@pytest.mark.parametrize("frames", [1, 5])
def test_short_videos_have_a_mask_for_each_frame(asked, frames):
    (track,) = asked(frames=frames, begins=(0,)).tracks
    assert len(track) == frames


def test_masks_for_segments_of_the_question_are_left_out(asked):
    (track,) = asked(text="You said [SEG]. Why?").tracks
    assert [at for at, one in enumerate(track) if one is not None and rle.area(one)] == [1]


def test_without_marks_it_takes_no_regions(asked):
    with pytest.raises(Exception, match="marks=none"):
        asked("none", begins=(0,))


def test_frames_without_a_mask_are_empty_and_objects_in_order():
    video = Video("v", "mevis", (2, 3), tuple("abcd"))
    mask = np.ones((2, 3))
    one, two = tracks({1: {0: mask, 1: -mask}, 3: {1: mask}}, video)
    assert one.any(axis=(1, 2)).tolist() == [False, True, False, False]
    assert two.any(axis=(1, 2)).tolist() == [False, False, False, True]
    assert tracks({}, video) == []
    with pytest.raises(ValueError, match="frames 4 to 4 of 4"):
        tracks({4: {0: mask}}, video)
    with pytest.raises(ValueError, match="broadcast"):
        tracks({0: {0: np.ones((5, 5))}}, video)


def test_everything_that_is_missing_is_told_at_once(tmp_path):
    pytest.importorskip("torch")
    with pytest.raises(UserError) as raised:
        VideoGLaMM("some/where", dtype="int4")
    told = "\n".join(raised.value.problems)
    assert "git clone https://github.com/mbzuai-oryx/VideoGLaMM VideoGLaMM" in told
    assert "cannot be had from the hub" in told
    assert "dtype=int4" in told


def refused(checkpoint, repo, **more):
    pytest.importorskip("torch")
    with pytest.raises(UserError) as raised:
        VideoGLaMM(str(checkpoint), repo=repo, **more)
    assert not any("\n" in one for one in raised.value.problems)
    return "\n".join(raised.value.problems)


def test_deepspeed_is_needed_in_float16_alone(checkout, weights, monkeypatch):
    repo, model = checkout("VideoGLaMM"), weights()
    assert "pip install deepspeed==0.14.0" in refused(model, repo, device="cuda:99", dtype="float16")
    for dtype in ("bfloat16", "float32"):
        assert "deepspeed" not in refused(model, repo, device="cuda:99", dtype=dtype)
    assert "deepspeed" in refused(model, repo, device="cuda:99")  # float16 is the usual on CUDA
    monkeypatch.setattr("sama_bench.adapters.shared.preflight.has", lambda _: False)
    assert "deepspeed" not in refused("nowhere", repo)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_off_cuda_is_refused(checkout, weights, dtype):
    told = refused(weights(), checkout("VideoGLaMM"), device="cpu", dtype=dtype)
    assert f"dtype={dtype}: its SAM 2 mixes types" in told


def test_vision_towers_are_looked_for_from_the_folder_of_the_code(checkout, tmp_path):
    named = {"mm_vision_tower": "weights/InternVideo2.pt", "image_mm_vision_tower": "/there/is/no/clip"}
    (tmp_path / "config.json").write_text(json.dumps(named))
    told = refused(tmp_path, checkout("VideoGLaMM"), device="cpu")
    assert f"there is no such file below {REPOSITORY.folder(checkout('VideoGLaMM'))}" in told
    assert "vision tower /there/is/no/clip (image_mm_vision_tower of config.json): there is no such folder" in told


def test_an_incomplete_folder_and_the_image_processor_are_told_together(checkout, tmp_path, monkeypatch):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("sama_bench.adapters.shared.checkpoint.reach_hub", raising)
    model, repo = tmp_path / "model", tmp_path / "VideoGLaMM"
    model.mkdir()
    (model / "config.json").write_text('{"mm_vision_tower": "InternVideo2.pt"}')
    shutil.copytree(checkout("VideoGLaMM"), repo, ignore=shutil.ignore_patterns("openai"))
    told = refused(model, repo, device="cpu")
    assert f"image processor {CLIP}: is not on this machine" in told
    assert f"put preprocessor_config.json of that repository into {REPOSITORY.folder(repo) / CLIP}" in told
    assert "vision tower InternVideo2.pt (mm_vision_tower of config.json): there is no such file" in told
    assert "has no weights (*.safetensors, *.bin) and no tokenizer (tokenizer.json" in told


def raising():
    raise OSError("no way")


def test_a_folder_beside_the_code_stands_for_the_hubs_image_processor(tmp_path):
    folder = tmp_path / CLIP
    folder.mkdir(parents=True)
    (told,) = processor_problems(CLIP, tmp_path)
    assert "has no preprocessor_config.json; its code takes it by this name" in told
    (folder / "preprocessor_config.json").write_text("{}")
    assert processor_problems(CLIP, tmp_path) == []


def test_the_towers_of_a_config_are_looked_for_below_the_code(checkout, tmp_path):
    repo = checkout("VideoGLaMM")
    assert _towers(repo, {}) == []
    (told,) = _towers(repo, {"mm_vision_tower": "weights/other.pt"})
    assert "expected a path with InternVideo2 in it" in told
    (told,) = _towers(repo, {"mm_vision_tower": "weights/InternVideo2.pt"})
    assert f"there is no such file below {repo / 'VideoGLaMM'}" in told
    there = tmp_path / "InternVideo2.pt"
    there.touch()
    assert _towers(repo, {"mm_vision_tower": str(there)}) == []  # a whole path is one wherever the code runs


def test_what_is_never_called_may_be_absent_and_is_not_said_to_be_there():
    names = ("no_such_attention.interface", "no_such_attention.padding")
    with standing_in(names):
        from no_such_attention.interface import attend

        with pytest.raises(ImportError):
            import no_such_attention.others  # noqa: F401
        with pytest.raises(RuntimeError, match=r"no_such_attention\.interface\.attend was called"):
            attend(1, key=2)
    assert not [one for one in sys.modules if one.startswith("no_such_attention")]
    with standing_in(("json.decoder",)):
        assert sys.modules["json"] is json
