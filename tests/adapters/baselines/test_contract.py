"""What holds for every built-in adapter."""

import gc
import weakref

import numpy as np
import pytest

from sama_bench.adapters.baselines.motion import Motion
from sama_bench.adapters.baselines.oracle import Oracle
from sama_bench.adapters.baselines.still import Still
from sama_bench.metrics import rle

BUILT_IN = [Motion, Oracle, Still]
WEIGHTLESS = [Motion, Still]


@pytest.fixture
def answer():
    """Asks a fresh adapter questions about one video, as the runner does."""

    def ask_all(kind, *questions, reveal=None):
        adapter = kind()
        if kind.can.truth:
            adapter.reveal = reveal
        adapter.open(questions[0].video)
        try:
            return [adapter.predict(question) for question in questions]
        finally:
            adapter.close()

    return ask_all


@pytest.mark.parametrize("kind", BUILT_IN)
def test_one_track_for_each_seg_and_one_valid_mask_for_each_frame(kind, answer, ask, scene, truth, video):
    frames, masks = scene()
    clip = video(frames)
    other = np.roll(masks, 60, axis=2)
    questions = [ask(clip, masks), ask(clip, masks, other, masks, number="2")]
    given = {questions[0].key: (masks,), questions[1].key: (masks, other, masks)}
    predictions = answer(kind, *questions, reveal=lambda question: truth(question, *given[question.key]))
    for prediction in predictions:
        assert prediction.text.count("[SEG]") == prediction.text.count("<p>") or kind is Oracle
        for track in prediction.tracks:
            rle.check_track(list(track), len(clip), clip.size)
    assert [len(prediction.tracks) for prediction in predictions] == [1, 3]


@pytest.mark.parametrize("kind", WEIGHTLESS)
def test_seg_count_is_the_number_of_regions(kind, answer, ask, scene, video):
    frames, masks = scene(frames=3)
    clip = video(frames)
    for count in range(4):
        (prediction,) = answer(kind, ask(clip, *[masks] * count))
        assert prediction.text.count("[SEG]") == len(prediction.tracks) == count
        assert prediction.text.endswith(".")


@pytest.mark.parametrize("kind", WEIGHTLESS)
def test_a_description_has_no_marks(kind, answer, ask, scene, video):
    frames, masks = scene(frames=3)
    (prediction,) = answer(kind, ask(video(frames), masks, task="c"))
    assert prediction.text
    assert not any(mark in prediction.text for mark in ("[SEG]", "<p>", "</p>"))


@pytest.mark.parametrize("kind", WEIGHTLESS)
def test_asked_again_gives_the_same_whatever_was_asked_before(kind, answer, ask, scene, video):
    frames, masks = scene(frames=5)
    clip = video(frames)
    first, second = ask(clip, masks), ask(clip, np.roll(masks, 60, axis=2), task="c")
    forwards, backwards = answer(kind, first, second), answer(kind, second, first)[::-1]
    for one, other in zip(forwards, backwards, strict=True):
        assert one.text == other.text
        assert [list(track) for track in one.tracks] == [list(track) for track in other.tracks]


@pytest.mark.parametrize("kind", WEIGHTLESS)
@pytest.mark.parametrize("task", ["g", "c"])
def test_later_frames_of_a_region_are_not_looked_at(kind, task, answer, ask, scene, video):
    frames, masks = scene(frames=5)
    clip = video(frames)
    masks[0] = False
    only_first = masks.copy()
    only_first[2:] = False
    (whole,), (cut,) = answer(kind, ask(clip, masks, task=task)), answer(kind, ask(clip, only_first, task=task))
    assert whole.text == cut.text
    assert [list(track) for track in whole.tracks] == [list(track) for track in cut.tracks]


@pytest.mark.parametrize("kind", WEIGHTLESS)
@pytest.mark.parametrize("task", ["g", "c"])
@pytest.mark.parametrize("size", [(1, 1), (40, 1), (1, 700), (33, 57)])
@pytest.mark.parametrize("length", [1, 3])
def test_odd_sizes_single_frames_and_regions_never_visible(kind, task, size, length, answer, ask, video):
    rng = np.random.default_rng(1)
    clip = video(list(rng.integers(0, 256, (length, *size, 3), np.uint8)))
    everywhere, nowhere = np.ones((length, *size), bool), np.zeros((length, *size), bool)
    visible, hidden = answer(kind, ask(clip, everywhere, task=task), ask(clip, nowhere, task=task, number="2"))
    assert visible.text
    assert hidden.text
    for track in visible.tracks:
        assert len(track) == length
        assert rle.area(track[0]) == size[0] * size[1]
    assert all(list(track) == [None] * length for track in hidden.tracks)


def test_nothing_of_a_video_is_kept_after_close(ask, scene, video):
    frames, masks = scene(frames=3)
    clip = video(frames)
    adapter = Motion()
    adapter.open(clip)
    adapter.predict(ask(clip, masks))
    adapter.close()
    gone = weakref.ref(clip)
    del clip
    gc.collect()
    assert gone() is None


def test_the_oracle_says_that_it_sees_the_truth_and_gives_it(answer, ask, scene, truth, video):
    frames, masks = scene(frames=3)
    question = ask(video(frames), masks)
    expected = truth(question, masks)
    (prediction,) = answer(Oracle, question, reveal=lambda asked: expected)
    assert Oracle.can.truth
    assert "truth" in Oracle.summary
    assert (prediction.text, prediction.tracks) == (expected.text, expected.strict_tracks)


def test_the_oracle_without_truth_is_an_error(ask, scene, video):
    frames, masks = scene(frames=1)
    with pytest.raises(RuntimeError, match="reveal"):
        Oracle().predict(ask(video(frames), masks))
