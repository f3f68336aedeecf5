"""Answers with time stamps: points as Molmo2 and lmms-eval's rvos tasks write them, boxes as Qwen3-VL does."""

import pytest

from sama_bench.prompting.conventions import CONVENTIONS
from sama_bench.prompting.phrase_answers import read_phrases
from sama_bench.prompting.stamped_points import read_points
from sama_bench.prompting.timed_boxes import read_boxes
from sama_bench.prompting.timed_cues import CUT, NOTHING, Shown, reading
from sama_bench.prompting.timed_objects import unthought
from sama_bench.types import Absence, Box, Point

SECONDS, NUMBERS = Shown((0, 5, 10), 0, 0, (100, 200)), Shown((0, 5, 10), 1, 0, (100, 200))


def cues(answer, read=read_points, shown=SECONDS, track=False, boxes="xyxy-1000", sent=(100, 200)):
    return reading(read(answer), shown, CONVENTIONS[boxes], sent, track=track)


def at(*points):
    return [Point(frame, x, y) for frame, x, y in points]


@pytest.mark.parametrize(
    "answer",
    [
        '<tracks coords="0.0 1 100 200 2 300 400\t1.0 1 110 210\t2.0 1 120 220 2 320 420">kites</tracks>',
        '<tracks coords="0.0 1 0100 0200 2 0300 0400;1.0 1 0110 0210;2.0 1 0120 0220 2 0320 0420">kites</tracks>',
        '<tracks coords="0.0 0 100,200 1 300,400; 1.0 0 110,210; 2.0 0 120,220 1 320,420">kites</tracks>',
        '<tracks coords="0: 0 100 200 1 300 400\n1: 0 110 210\n2: 0 120 220 1 320 420">kites</tracks>',
        "<TRACKS coords='0.0 1 100.0 200.0 2 300 400; 1 1 110 210; 2 1 120 220 2 320 420'>kites</TRACKS>",
        '<track coords = "0.0 1 100 200 2 300 400, 1.0 1 110 210, 2.0 1 120 220 2 320 420">kites</track>',
    ],
)
def test_tracks_are_read_however_they_are_parted_and_numbered(answer):
    read = cues(answer)
    assert read.text == "<p>kites</p> [SEG]"
    assert read.cues[0] == at((0, 20, 20), (5, 22, 21), (10, 24, 22))
    assert read.cues[1] == [*at((0, 60, 40), (10, 64, 42)), Absence(5)]
    assert (read.groups, read.unread) == ([2], None)


def test_as_pictures_the_first_number_is_the_picture():
    answer = '<tracks coords="1 1 100 200;3 1 120 220">kite</tracks>'
    assert cues(answer, shown=NUMBERS).cues == [at((0, 20, 20), (10, 24, 22))]


@pytest.mark.parametrize("end", ["", "; ", "; 2.0", "; 2.0 1", "; 2.0 1 12", "; 2.0 1 120 2", "; 2.0 1 120 22"])
def test_an_answer_that_is_cut_off_is_read_as_far_as_it_goes_and_ends_no_track(end):
    read = cues(f'<tracks coords="0.0 1 100 200 2 300 400; 1.0 1 110 210{end}')
    assert read.cues[0][:1] == at((0, 20, 20))
    assert not [cue for some in read.cues for cue in some if isinstance(cue, Absence) and cue.frame > 5]
    assert read.unread == CUT


def test_who_is_asked_once_a_frame_and_stops_naming_an_object_says_it_is_gone():
    assert cues('<tracks coords="0.0 1 100 200">x</tracks>').cues == [[*at((0, 20, 20)), Absence(5), Absence(10)]]


def test_who_answers_every_other_frame_says_nothing_of_the_others():
    assert cues('<tracks coords="0.0 1 100 200;2.0 1 100 200">x</tracks>').cues == [at((0, 20, 20), (10, 20, 20))]


def test_points_of_one_picture_are_marks_and_not_the_ends_of_tracks():
    answer = 'Two: <points coords="1 1 100 200">a kite</points> and <points coords="1 1 900 900">a dog</points>.'
    read = cues(answer, shown=NUMBERS)
    assert read.text == "Two: <p>a kite</p> [SEG] and <p>a dog</p> [SEG]."
    assert read.cues == [at((0, 20, 20)), at((0, 180, 90))]
    assert cues('<points coords="500 500">kite</points>').cues == [at((0, 100, 50))]


def test_all_objects_of_a_referring_question_are_one():
    read = cues('<points coords="0 1 100 200">a</points><points coords="0 1 900 900">b</points>', track=True)
    assert (read.text, read.groups) == ("<p>a</p> [SEG]", [2])


@pytest.mark.parametrize("answer", ["There are none.", "There is no kite in the video."])
def test_none_is_an_answer(answer):
    assert cues(answer)[1:] == ([], [], None)


@pytest.mark.parametrize("answer", ["", "A kite.", "<tracks coords=", '<tracks coords="">x</tracks>', '{"point_2d": ['])
def test_what_holds_no_point_is_unread(answer):
    assert NOTHING in cues(answer).unread


def test_what_lies_outside_of_picture_or_video_is_counted():
    read = cues('<tracks coords="0.0 1 100 200;1.0 1 1100 200;9.0 1 100 200">x</tracks>')
    assert read.cues[0][:1] == at((0, 20, 20))
    assert read.unread.startswith("2 of 3 boxes or points are not usable")


def test_the_older_form_counts_to_a_hundred():
    read = cues("time 0.0\n{0: [50, 50], 1: [10.5, 20]}\ntime 1.0\n{0: [60, 60]}")
    assert read.cues[0] == [*at((0, 100, 50), (5, 120, 60)), Absence(10)]


@pytest.mark.parametrize(
    "answer",
    [
        '{"point_2d": [500, 500], "label": "kite"}',
        '```json\n[\n\t{"point_2d": [500, 500], "label": "kite"}\n]\n```',
        '[{"point_2d": [500, 500], "label": "kite"',
        "[{'point_2d': [500, 500], 'label': 'kite'},]",
        '[{"point_2d": [0.5, 0.5], "label": "kite"}]',
    ],
)
def test_points_in_json(answer):
    read = cues(answer)
    assert read.text == "<p>kite</p> [SEG]"
    assert read.cues == [at((0, 100, 50))]


def test_points_in_pixels_are_of_the_picture_as_it_was_sent():
    assert cues('{"point_2d": [14, 28]}', boxes="pixels", sent=(56, 28)).cues == [at((0, 100, 50))]


KITE = [Box(0, 0, 0, 100, 50), Absence(5), Box(10, 0, 0, 100, 50)]


BOX = '"bbox_2d": [0, 0, 500, 500], "label": "kite"'
THINKING = "<think>[1] no</think>[{'time': 0, 'bbox': [500, 500, 0, 0], 'label': 'kite'}, {'time': 2, %s},]"


@pytest.mark.parametrize(
    "answer",
    [
        f'[{{"time": 0.0, {BOX}}}, {{"time": 2.0, {BOX}}}]',
        f'```json\n[{{"time": "0.0 seconds", {BOX}}},\n{{"time": "<2.0 seconds>", {BOX}}}]\n```',
        f'[{{"timestamp": "00:00", {BOX}}}, {{"timestamp": "00:02", {BOX}',
        THINKING % BOX.replace('"', "'"),
    ],
)
def test_boxes_with_times(answer):
    read = cues(unthought(answer), read_boxes)
    assert read.text == "<p>kite</p> [SEG]"
    # answered on every other frame: nothing is said of the one between
    assert sorted(read.cues[0]) == [cue for cue in KITE if isinstance(cue, Box)]


def test_a_frame_that_is_skipped_has_no_such_object_and_two_boxes_of_a_time_are_two():
    answer = (
        '[{"time": 0, "bbox_2d": [0, 0, 500, 500]}, {"time": 1, "objects": [{"bbox_2d": [0, 0, 500, 500]}, '
        '{"bbox_2d": [0, 500, 500, 1000]}]}]'
    )
    read = cues(answer, read_boxes)
    assert read.cues[0] == [Box(0, 0, 0, 100, 50), Box(5, 0, 0, 100, 50), Absence(10)]
    assert read.cues[1] == [Box(5, 0, 50, 100, 100), Absence(0), Absence(10)]


def test_an_empty_list_says_that_nothing_is_there_and_words_alone_do_not():
    assert cues("```json\n[]\n```", read_boxes).unread is None
    assert cues("I see a kite.", read_boxes).unread == NOTHING


def test_thoughts_are_left_out_and_thoughts_without_end_leave_nothing():
    assert unthought("<think>x</think> yes") == " yes"
    assert unthought("x</think>yes") == "yes"
    assert unthought("<think>and so") == ""
    assert unthought("yes") == "yes"


@pytest.mark.parametrize(
    "answer",
    ["[" * 200_000, "<points " * 50_000, '{"a":' * 50_000, "1 " * 300_000, '<tracks coords="' + "1 " * 300_000],
)
def test_hostile_answers_take_linear_time(answer):
    cues(answer)
    cues(answer, read_boxes)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ('{"answer": "The red kite flies.", "phrases": ["red kite"]}', "The <p>red kite</p> [SEG] flies."),
        ('```json\n{"answer": "A dog.", "phrases": [{"phrase": "A dog"}]}\n```', "<p>A dog</p> [SEG]."),
        ("The <p>red kite</p> flies.", "The <p>red kite</p> [SEG] flies."),
        ('{"answer": "Nothing.", "phrases": []}', "Nothing."),
    ],
)
def test_phrases(answer, text):
    assert read_phrases(answer, track=False) == (text, None)


def test_the_phrase_of_a_referring_answer():
    assert read_phrases('{"phrases": ["red kite", "dog"]}', track=True).text == "<p>red kite</p> [SEG]"
    assert read_phrases("red kite", track=True).text == "<p>red kite</p> [SEG]"
    assert read_phrases('{"phrases": []}', track=True) == ("", None)
    assert read_phrases("Well.", track=False).unread is not None
