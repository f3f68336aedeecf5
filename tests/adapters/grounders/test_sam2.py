import numpy as np
import pytest

from sama_bench.metrics import rle
from sama_bench.types import Box

pytest.importorskip("torchvision")
pytest.importorskip("transformers")

from sama_bench.adapters.grounders.sam2 import Sam2Grounder


@pytest.fixture(scope="module")
def grounder(tiny_sam2):
    return Sam2Grounder(str(tiny_sam2))


@pytest.fixture
def clip(video):
    rng = np.random.default_rng(0)
    return video([rng.integers(0, 256, (48, 80, 3), dtype=np.uint8) for _ in range(5)])


def test_objects_with_and_without_boxes_keep_their_order(clip, grounder):
    one, two = Box(2, 10, 10, 30, 30), Box(0, 40, 20, 60, 40)
    grounder.open(clip)
    first, none, second = grounder.tracks(clip, [[one], [], [two]])
    assert none == [None] * 5
    assert first == grounder.tracks(clip, [[one]])[0]
    assert second == grounder.tracks(clip, [[two]])[0]
    assert len(rle.check_track(first, 5, (48, 80))) == 5
    grounder.close()


def test_a_question_without_any_box_costs_nothing(clip, grounder):
    grounder.open(clip)
    assert grounder.tracks(clip, [[], []]) == [[None] * 5] * 2
    assert grounder._session._session.cache._kept == {}
    grounder.close()


def test_nothing_of_a_video_is_left_when_it_is_closed(clip, grounder):
    grounder.open(clip)
    grounder.tracks(clip, [[Box(0, 1, 1, 20, 20)]])
    grounder.close()
    assert grounder._session is None


def test_the_signature_names_the_weights_and_the_dtype(grounder, tiny_sam2):
    name, digest = grounder.asking["checkpoint"].split("@")
    assert name == tiny_sam2.name
    assert len(digest) == 8
    assert grounder.asking["dtype"] == "float32"
