import cv2
import numpy as np
import pytest

from sama_bench.adapters.baselines.motion import Motion
from sama_bench.adapters.baselines.still import Still
from sama_bench.metrics import rle, volume_iou


@pytest.fixture
def predict():
    """Asks a fresh adapter one question."""

    def answer(kind, question):
        adapter = kind()
        adapter.open(question.video)
        prediction = adapter.predict(question)
        adapter.close()
        return prediction

    return answer


@pytest.mark.parametrize("first", [0, 4, 9])
def test_follows_a_moving_object_forwards_and_backwards_where_still_loses_it(first, ask, predict, scene, video):
    frames, masks = scene()
    seen = masks.copy()
    seen[:first] = False
    question, truth = ask(video(frames), seen), rle.encode_track(masks)
    motion, still = (volume_iou(truth, predict(kind, question).tracks[0]) for kind in (Motion, Still))
    assert motion > 0.85
    assert still < 0.7


def test_a_box_is_cut_down_to_the_object_in_it(ask, predict, scene, video):
    frames, masks = scene(frames=1)
    track = predict(Motion, ask(video(frames), masks)).tracks[0]
    assert volume_iou(rle.encode_track(masks), track) > 0.95


def test_a_mask_is_taken_as_it_is(ask, scene, video):
    frames, masks = scene(frames=1)
    adapter = Motion()
    question = ask(video(frames), masks, task="c")
    adapter.open(question.video)
    assert adapter._follow(question, question.regions[0]).track == rle.encode_track(masks)


def test_a_box_without_contrast_stays_a_box(ask, predict, video):
    masks = np.zeros((1, 60, 80), bool)
    masks[0, 20:40, 30:60] = True
    track = predict(Motion, ask(video([np.full((60, 80, 3), 90, np.uint8)]), masks)).tracks[0]
    assert list(track) == rle.encode_track(masks)


@pytest.mark.parametrize(
    ("step", "says"), [((5, 0), "to the right"), ((-3, 0), "to the left"), ((0, 4), "down"), ((0, 0), "stays in place")]
)
def test_tells_colour_and_direction(step, says, ask, predict, scene, video):
    frames, masks = scene(step=step, start=(80, 40))
    text = predict(Motion, ask(video(frames), masks)).text
    assert text.startswith("<p>The red object</p> [SEG] ")
    assert says in text


def test_tells_the_edge_at_which_an_object_leaves(ask, predict, scene, video):
    frames, masks = scene(frames=16, step=(-6, 0), start=(50, 60))
    text = predict(Motion, ask(video(frames), masks, task="c")).text
    assert text.startswith("A red object on the left of the picture. It moves to the left")
    assert "leaves the picture on the left" in text


def test_equal_names_are_told_apart(ask, predict, scene, video):
    frames, masks = scene(frames=2)
    text = predict(Motion, ask(video(frames), masks, masks)).text
    assert "<p>The first red object</p>" in text
    assert "<p>The second red object</p>" in text


def test_the_number_of_threads_does_not_matter(ask, predict, scene, video):
    frames, masks = scene(frames=5, size=(240, 400), radius=40, start=(90, 100))
    question = ask(video(frames), masks)
    before, tracks = cv2.getNumThreads(), []
    try:
        for threads in (1, 2, 3):
            cv2.setNumThreads(threads)
            tracks.append(list(predict(Motion, question).tracks[0]))
    finally:
        cv2.setNumThreads(before)
    assert tracks[0] == tracks[1] == tracks[2]
