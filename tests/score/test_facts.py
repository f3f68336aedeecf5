from types import SimpleNamespace

import numpy as np
import pytest

from sama_bench.metrics import rle
from sama_bench.score.facts import facts_of
from sama_bench.types import Key, Truth

SIZE = (10, 20)


def track(*pixels):
    """A track whose masks have so many pixels, frame by frame."""
    masks = np.zeros((len(pixels), SIZE[0] * SIZE[1]), bool)
    for mask, count in zip(masks, pixels, strict=True):
        mask[:count] = True
    return rle.encode_track(masks.reshape(-1, *SIZE))


@pytest.fixture
def facts():
    video = SimpleNamespace(id="v", source="mevis", size=SIZE, frames=(None,) * 3)

    def of(*tracks, task="g"):
        places = {"tracks": tracks} if task == "g" else {"referents": tracks}
        return facts_of(Truth(Key(task, "1"), "v", "", **places), video)

    return of


def test_a_question_that_grounds_nothing(facts):
    found = facts()
    assert (found.video, found.source, found.frames) == ("v", "mevis", 3)
    assert (found.objects, found.share, found.visibility) == (0, None, None)


def test_the_share_is_that_of_the_frames_in_which_an_object_is_seen(facts):
    assert facts(track(20, 0, 60)).share == pytest.approx(0.2)
    assert facts(track(20, 0, 60), track(100, 100, 100)).share == pytest.approx(0.35)
    assert facts(track(0, 0, 0), track(100, 100, 100)).share == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ([(5, 5, 5), (1, 1, 1)], "always"),
        ([(5, 5, 5), (1, 1, 0)], "partly"),
        ([(0, 5, 0)], "partly"),
        ([(5, 0, 5), (1, 1, 1)], "returns"),
        ([(0, 0, 0)], None),
        ([(0, 0, 0), (1, 1, 1)], "always"),
    ],
)
def test_visibility(facts, tracks, expected):
    assert facts(*(track(*one) for one in tracks)).visibility == expected


def test_empty_lists_are_no_objects_and_a_description_is_of_its_referent(facts):
    assert facts(track(1, 1, 1), None).objects == 1
    found = facts(track(20, 20, 20), task="c")
    assert (found.objects, found.share) == (1, pytest.approx(0.1))


def test_areas_of_a_track_are_those_of_its_masks():
    assert rle.areas(track(0, 7, 200)) == [0, 7, 200]
    assert rle.areas([]) == []
