import json
import os

import numpy as np
import pytest

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.metrics.rle import encode
from sama_bench.run.abilities import without
from sama_bench.run.answer_sources import FIELDS, PredictionFile
from sama_bench.run.prediction_line import line as line_of
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Box, Key

SIZE = (12, 16)
MASK = encode(np.arange(12 * 16).reshape(SIZE) % 7 > 3)


def line(task="g", question_id="0", text="a", **more):
    return json.dumps({"task": task, "question_id": question_id, "text": text, **more})


@pytest.fixture
def read(tmp_path, bench):
    """Reads a file with the given lines (or bytes) against the grey benchmark."""
    benchmark = bench()
    path = tmp_path / "predictions.jsonl"

    def read(*lines):
        content = [one if isinstance(one, bytes) else one.encode() for one in lines]
        path.write_bytes(b"\n".join(content))
        return PredictionFile(path, benchmark)

    read.path = path
    return read


@pytest.fixture
def told(read):
    """The lines that a bad file is told with, without the path."""

    def told(*lines):
        with pytest.raises(UserError) as caught:
            read(*lines)
        return [one.removeprefix(str(read.path)) for one in caught.value.lines()]

    return told


def test_predictions_are_read_by_video_whatever_their_order(read):
    answers = read(
        line(question_id=5, text="late", tracks=[[MASK, None, MASK], [None] * 3], seconds=2),
        "",
        line(question_id="0", text="ünï \ud83d", tracks=None, video="v0"),
        "   ",
        line("c", "c2", "third"),
    )
    (first,) = answers.predictions("v0").values()
    assert (first.text, first.tracks, first.seconds) == ("ünï \ufffd", [], None)
    assert answers.predictions("v1") == {}
    last = answers.predictions("v2")
    assert list(last) == [Key("g", "5"), Key("c", "c2")]
    assert last[Key("g", "5")].tracks == [[MASK, None, MASK], [None] * 3]
    assert last[Key("g", "5")].seconds == 2


def test_uncompressed_masks_become_compressed(read):
    track = [{"size": [12, 16], "counts": [100, 20, 72]}, None, {"size": [12, 16], "counts": [192]}]
    (answer,) = read(line(tracks=[track])).predictions("v0").values()
    assert isinstance(answer.tracks[0][0]["counts"], str)
    assert answer.tracks[0][1:] == [None, None]


def test_a_line_with_an_error_is_an_answer_that_failed(read):
    answers = read(json.dumps({"task": "g", "question_id": "0", "error": "E", "text": None, "tracks": []}))
    (answer,) = answers.predictions("v0").values()
    assert (answer.text, answer.error, answer.tracks) == ("", "E", [])
    (answer,) = read(line(error=None)).predictions("v0").values()
    assert answer.error is None


def test_what_any_line_says_the_model_cannot_do_it_cannot(read):
    assert read(line(), line("c", "c0", cannot=["masks"])).can == Abilities(masks=False)
    assert read(line(cannot=[])).can == Abilities()


GROUNDED = "<p> it </p> [SEG]"


@pytest.mark.parametrize("text", [GROUNDED, "<g_s> it <g_e> <seg>"])
def test_a_seg_without_tracks_is_told_unless_the_model_gives_no_masks(told, read, text):
    trackless = {"task": "g", "question_id": "0", "text": text}
    expected = 'has [SEG] in its text and no "tracks"; expected a list with one track per [SEG], [] where there is none'
    told_lines = told(json.dumps(trackless), line("c", "c0"), json.dumps({**trackless, "question_id": 1}), line(id=3))
    assert told_lines[0].startswith(':4: question g:0: has "id" (question_id?)')
    assert [one.partition(", or")[0] for one in told_lines[1:]] == [
        f":1: question g:0: {expected}", f":3: question g:1: {expected}",
    ]  # fmt: skip
    for said in ({"tracks": []}, {"tracks": None}, {"cannot": ["masks"]}):
        (answer,) = read(json.dumps(trackless | said)).predictions("v0").values()
        assert (answer.text, answer.tracks) == (text, [])
    assert not read(json.dumps(trackless), line("c", "c0", cannot=["masks"])).can.masks
    assert read(line("c", "c0", text=text)).can.masks
    assert read(json.dumps({"task": "g", "question_id": "0", "error": "no [SEG]"})).can.masks


def test_all_that_an_export_holds_is_known(read):
    kept = StoredPrediction("a", [], 1.5, boxes=[[Box(0, 1, 2, 3, 4)]], raw="said", unread="half")
    failed = StoredPrediction("", error="E", raw="said")
    cannot = without(["masks", "regions"])
    lines = [line_of(Key("g", "0"), "v0", kept, cannot), line_of(Key("c", "c0"), "v0", failed)]
    assert len(read(*lines).predictions("v0")) == 2


def test_answers_to_questions_that_are_not_selected_are_counted_and_left_aside(tmp_path, bench):
    benchmark, path = bench(), tmp_path / "both.jsonl"
    benchmark.has = {Key("c", "c7"), Key("g", "7"), *benchmark.where}.__contains__
    grounded = json.dumps({"task": "g", "question_id": "7", "text": GROUNDED})
    path.write_text("\n".join([line("c", "c7", tracks=[[None]]), line(), grounded]))
    answers = PredictionFile(path, benchmark)
    assert (answers.aside, list(answers.predictions("v0"))) == (2, [Key("g", "0")])
    path.write_text(line("c", "c7"))
    with pytest.raises(UserError, match="none of its 1 lines answers a question that is asked for; they are of task C"):
        PredictionFile(path, benchmark)
    path.write_text("\n".join([line("c", "c7"), line("c", "c7"), line(question_id="7", masks=[])]))
    with pytest.raises(UserError) as caught:
        PredictionFile(path, benchmark)
    assert [one.partition(": ")[2] for one in caught.value.problems] == [
        "question c:c7: is answered twice, here and in line 1",
        f'question g:7: has "masks" (tracks?); known are {", ".join(FIELDS)}',
    ]


def test_windows_files_are_read(read):
    answers = read(b"\xef\xbb\xbf" + line().encode() + b"\r", line("c", "c0").encode() + b"\r", b"")
    assert len(answers.predictions("v0")) == 2


DEEP = '{"task": "g", "question_id": "0", "text": ' + "[" * 100_000


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"task": "\xff"}', ":1: is not UTF-8 (byte 11 of the line)"),
        ("{'task': 1}", ":1: is not JSON (Expecting property name"),
        (line()[:-2], ":1: is not JSON ("),
        (line(seconds=float("nan")), ":1: is not JSON (NaN is not a JSON number)"),
        (DEEP, ":1: is nested too deep"),
        ("[]", ":1: is not a JSON object"),
        ('{"question_id": 1}', ':1: has no "task"'),
        ('{"task": "g"}', ':1: has no "question_id"'),
        (line("G"), ':1: "task" is "G", expected "g" or "c"'),
        (line(["g"]), ':1: "task" is ["g"], expected'),
        (line(question_id=1.0), ':1: "question_id" is 1.0, expected a string or a whole number'),
        (line(question_id=True), ':1: "question_id" is true, expected'),
        (line(question_id="77"), ":1: question g:77: is not a question of the benchmark grey"),
        (
            line("c", "0"),
            ':1: question c:0: is not a question of the benchmark grey (there is one of that id in task "g")',
        ),
        (line(question_id=900), ":1: question g:900: is not asked, the benchmark leaves it out: 2 [SEG] for 1 list"),
        (line(text=None), ':1: question g:0: "text" is null, expected a string'),
        ('{"task": "g", "question_id": "0"}', ':1: question g:0: has no "text"'),
        (line(error="E"), ':1: question g:0: has "error", so it is to be a string'),
        (line(text=None, error=3), ':1: question g:0: has "error", so it is to be a string'),
        (line(masks=[]), ':1: question g:0: has "masks" (tracks?); known are task, question_id, video, text, tracks, '),
        (line(Tracks=[], foo=1), ':1: question g:0: has "Tracks" (tracks?), "foo"; known are task, '),
        (line(text=None, error="E", masks=[]), ':1: question g:0: has "masks" (tracks?); known'),
        (line()[:-1] + ', "text": "a"}', ':1: question g:0: has "text" twice; a key stands once in an object'),
        (line()[:-1] + ', "task": "c"}', ":1: question c:0: is not a question of the benchmark grey"),
        (
            line(tracks=[[None, None, MASK]])[:-4] + ', "size": [1, 1]}]]}',
            ':1: question g:0: has "size" twice in tracks[0][2]; a key',
        ),
        (
            line()[:-1] + ', "tracks": [{"a": 1, "a": 2}], "tracks": []}',
            ':1: question g:0: has "tracks" twice; a key stands once',
        ),
        (line(video="v1"), ":1: question g:0: says video 'v1', the question belongs to 'v0'"),
        (line(seconds="2"), ':1: question g:0: "seconds" is "2", expected a number'),
        (
            line(cannot=["dance"]),
            ':1: question g:0: "cannot" is ["dance"], expected a list of "regions", "masks", "text"',
        ),
        (line(cannot="masks"), ':1: question g:0: "cannot" is "masks", expected a list'),
        (line(tracks={}), ':1: question g:0: "tracks" is {}, expected a list with one track per [SEG]'),
        (
            line(tracks=[[None] * 3, [None] * 4]),
            ":1: question g:0: tracks[1]: track has 4 entries, expected one for each of 3",
        ),
        (line(tracks=[[None] * 2]), ":1: question g:0: tracks[0]: track has 2 entries"),
        (line(tracks=[MASK]), ":1: question g:0: tracks[0]: a track is a list"),
        (
            line(tracks=[[None, MASK, {**MASK, "size": [16, 12]}]]),
            ":1: question g:0: tracks[0]: frame 2: mask is 16x12",
        ),
        (
            line(tracks=[[None, None, {**MASK, "counts": MASK["counts"][:-2]}]]),
            ":1: question g:0: tracks[0]: frame 2: ",
        ),
        (
            line(tracks=[[None, {"size": [12, 16], "counts": [100]}, None]]),
            "tracks[0]: frame 1: counts of a mask sum to 100",
        ),
        (
            line(tracks=[[None, {"size": [12, 16], "counts": ""}, None]]),
            "tracks[0]: frame 1: counts of a mask are empty",
        ),
        (
            line(tracks=[[{"size": [10**9, 10**9], "counts": "1"}, None, None]]),
            ":1: question g:0: tracks[0]: frame 0: ",
        ),
    ],
)
def test_a_line_that_is_not_right_is_told_with_its_place_and_question(told, bad, reason):
    lines = told(bad, line("c", "c0"))
    assert len(lines) == 1
    assert reason in lines[0]


def test_all_bad_lines_are_told_at_once(told, read):
    assert told(line(question_id="8"), line(), line(text=1), line("c", "c9"), line()) == [
        ":1: question g:8: is not a question of the benchmark grey",
        ':3: question g:0: "text" is 1, expected a string',
        ":4: question c:c9: is not a question of the benchmark grey",
        ":5: question g:0: is answered twice, here and in line 2",
    ]
    many = told(*["{}"] * 3000)
    assert len(many) == 21
    with pytest.raises(UserError) as caught:
        read(*["{}"] * 3000)
    assert len(caught.value.problems) == 1001
    assert caught.value.problems[-1].endswith(": 2000 more lines are not right")


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(told, content):
    (only,) = told(content)
    assert only.startswith(": is empty, expected")


def test_a_file_that_is_not_there_is_told(tmp_path, bench):
    for path in (tmp_path / "absent.jsonl", tmp_path):
        with pytest.raises(UserError, match="cannot be read"):
            PredictionFile(path, bench(0))


def test_a_pipe_is_told_not_waited_for(tmp_path, bench):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="it is a pipe or a device, expected a file"):
        PredictionFile(tmp_path / "pipe", bench(0))


def test_a_file_that_changes_while_it_is_read_is_told(read):
    answers = read(line(), line("c", "c1"))
    read.path.write_text(line(question_id="1") + "\n" + line("c", "c1"))
    with pytest.raises(UserError, match="was changed while it was read"):
        answers.predictions("v0")
    read.path.unlink()
    with pytest.raises(UserError, match="was changed while it was read"):
        answers.predictions("v0")
