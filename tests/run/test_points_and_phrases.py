"""Points, absences and phrases of answers, as a grounder takes them."""

from pathlib import Path

import numpy as np
import pytest

from sama_bench.adapter import Abilities, Adapter
from sama_bench.adapters.grounders.box import BoxGrounder
from sama_bench.errors import UserError
from sama_bench.grounder import Grounder
from sama_bench.metrics import rle
from sama_bench.run.absences import absent_frames, without_absences
from sama_bench.run.boxes import usable_boxes
from sama_bench.run.grounded_adapter import grounded
from sama_bench.run.registry import ground
from sama_bench.types import Absence, Box, Key, Point, Prediction, Question, Video

VIDEO = Video("v", "mevis", (10, 20), tuple(Path(str(n)) for n in range(6)))
QUESTION = Question(Key("g", "1"), VIDEO, "What?")


class Pixels(Grounder):
    """A pixel where a point is on every frame; all of the frame for a phrase."""

    takes = frozenset({"points", "phrases"})

    def tracks(self, video, objects):
        masks = []
        for (_, x, y), *_ in objects:
            mask = np.zeros((len(video), *video.size), bool)
            mask[:, int(y), int(x)] = True
            masks.append(mask)
        return masks

    def phrase_tracks(self, video, phrases):
        self.phrases = phrases
        return [np.ones((len(video), *video.size), bool) for _ in phrases]


class Says(Adapter):
    can = Abilities(boxes=True)
    gives = frozenset({"points"})

    def __init__(self, answer):
        self.said = answer

    def predict(self, _):
        return self.said


def said(answer, grounder=None):
    return grounded(Says(answer), grounder or Pixels(), "pixels").predict(QUESTION)


def test_points_become_tracks_and_end_where_the_object_is_absent():
    cues = [[Point(0, 3, 4), Absence(4)], [Absence(0)], []]
    answer = said(Prediction("[SEG] [SEG] [SEG]", boxes=cues))
    seen, never, unmarked = answer.tracks
    assert [bool(frame.any()) for frame in seen] == [True, True, True, False, False, False]
    assert never == unmarked == [None] * 6
    assert answer.boxes == cues


def test_objects_of_one_phrase_are_united():
    answer = said(
        Prediction("[SEG] [SEG]", boxes=[[Point(0, 1, 1)], [Point(0, 2, 2)], [Point(0, 3, 3)]], groups=[2, 1])
    )
    both, alone = answer.tracks
    assert list(rle.areas(both)) == [2] * 6
    assert alone[0].sum() == 1


def test_phrases_go_to_a_grounder_that_takes_them():
    grounder = Pixels()
    answer = said(Prediction("<p>A Kite</p> [SEG] and [SEG]"), grounder)
    assert grounder.phrases == ["a kite"]
    assert answer.tracks[0].all()
    assert answer.tracks[1] == [None] * 6


def test_what_a_grounder_cannot_take_is_refused_before_any_question():
    with pytest.raises(UserError, match="answers hold points, and the grounder box takes boxes; expected grounder="):
        ground(Says(Prediction("")), BoxGrounder(), "box")


def test_an_answer_that_holds_something_else_than_was_declared_is_its_error():
    answer = said(Prediction("[SEG]", boxes=[[Box(0, 1, 1, 2, 2)]]))
    assert answer.error == "grounder pixels: TypeError: the answer has boxes, and the grounder takes phrases and points"


@pytest.mark.parametrize("cue", [(0, -1, 5), (0, 21, 5), (9, 1, 1), (0, float("nan"), 1), (6,), (0, 1), "ab"])
def test_unusable_points_are_left_out(cue):
    assert usable_boxes([[cue]], 1, VIDEO).objects == [[]]


def test_of_two_cues_as_near_the_earlier_one_decides():
    assert absent_frames([Point(0, 1, 1), Absence(4)], 6) == [3, 4, 5]
    assert absent_frames([Absence(0), Point(4, 1, 1)], 6) == [0, 1, 2]
    assert absent_frames([Point(0, 1, 1)], 6) == []
    track = [rle.encode(np.ones((2, 2), bool))] * 6
    assert without_absences(track, [Point(0, 1, 1), Absence(4)])[2:4] == [track[0], None]
