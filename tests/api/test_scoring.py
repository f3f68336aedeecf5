import json

import numpy as np
import pytest

import sama_bench as sb
from sama_bench.api.in_memory import PredictionsInMemory
from sama_bench.benchmark.installed import task_keys
from sama_bench.metrics import rle
from sama_bench.run.answer_sources import PredictionFile

SHAPE = (2, 12, 16)


def answer(track, **more):
    return {"text": "<p> Box </p> [SEG] is there.", "tracks": [track], **more}


@pytest.fixture
def given(tree, track):
    """Answers to all questions but one, as a dictionary of dictionaries."""
    return {
        **{f"g:q{n}": answer(track(4)) for n in range(2)},
        **{f"c:d{n}": {"text": f"A box {n}.", "seconds": 2.5} for n in range(3)},
        "g:q2": {"error": "no \ud800 memory"},
    }


def same(one, other, bench):
    """Whether two sources of answers give the same."""
    videos = [video.id for video in bench.videos]
    return [{key: vars(value) for key, value in one.predictions(video).items()} for video in videos] == [
        {key: vars(value) for key, value in other.predictions(video).items()} for video in videos
    ]


def test_every_form_of_the_same_answers_is_kept_as_a_file_of_them_is(tree, given, tmp_path):
    bench = sb.load_benchmark(tree)
    named = [{"task": key[0], "question_id": key[2:], **value} for key, value in given.items()]
    (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, named)))
    file = PredictionFile(tmp_path / "answers.jsonl", bench)
    arrays = {key: dict(value) for key, value in given.items()}
    for value in arrays.values():
        if "tracks" in value:
            value["tracks"] = [rle.decode_track(track, SHAPE[1:]) for track in value["tracks"]]
    objects = {sb.Key(*key.split(":")): sb.Prediction(**{"text": "", **value}) for key, value in given.items()}
    forms = [given, named, iter(named), arrays, objects, objects.items(), list(given.items())]
    for form in forms:
        assert same(PredictionsInMemory(form, bench), file, bench)
    counts = {key: {**value, "tracks": [track.astype(np.uint8) for track in value.get("tracks", [])]}
              for key, value in arrays.items() if "error" not in value}  # fmt: skip
    part = PredictionsInMemory(counts, bench)
    video = bench.where["g", "q0"]
    assert part.predictions(video)["g", "q0"].tracks == file.predictions(video)["g", "q0"].tracks


def test_what_any_answer_cannot_the_model_cannot(tree, given):
    made = PredictionsInMemory({**given, "c:d0": {"text": "A.", "cannot": ["masks"]}}, sb.load_benchmark(tree))
    assert (made.can.masks, made.can.text) == (False, True)


def test_all_answers_that_are_not_right_are_told_with_their_place(tree, track):
    bench = sb.load_benchmark(tree)
    wrong = [
        {"task": "g", "question_id": "q0", "text": "[SEG]", "tracks": [np.zeros((3, 12, 16), bool)]},
        {"task": "g", "question_id": "q1", "text": "[SEG]", "tracks": [np.full(SHAPE, 2)]},
        {"task": "g", "question_id": "q2", "text": "[SEG]", "tracks": [[None]]},
        {"task": "c", "question_id": "q0", "text": "A."},
        {"task": "x", "question_id": "q0", "text": "A."},
        {"task": "c", "text": "A."},
        {"task": "c", "question_id": "d0"},
        {"task": "c", "question_id": "d0", "text": "A.", "error": "no"},
        {"task": "c", "question_id": "d0", "text": "A.", "seconds": "2"},
        {"task": "c", "question_id": "d0", "text": 5},
        {"task": "c", "question_id": "d0", "text": "A.", "cannot": "masks"},
        {"task": "c", "question_id": "d0", "text": "A.", "video": "v7"},
        ("c:d1", "A."),
        (sb.Key("c", "d1"), "Twice."),
        ("d1", "A."),
        ("c:d2", 7),
        ("c:d2", sb.Prediction("A.", 5)),
    ]
    with pytest.raises(sb.UserError) as caught:
        sb.score(bench, wrong)
    assert list(caught.value.problems) == [
        "predictions[0]: question g:q0: tracks[0]: shape (3, 12, 16), expected (frames, height, width) = (2, 12, 16)",
        "predictions[1]: question g:q1: tracks[0]: values from 2 to 2, expected bool, or 0 and 1",
        "predictions[2]: question g:q2: tracks[0]: track has 1 entries, expected one for each of 2 frames",
        'predictions[3]: question c:q0: is not a question of the benchmark town (there is one of that id in task "g")',
        f"predictions[4]: task is 'x', expected {' or '.join(task_keys())}",
        "predictions[5]: has no 'question_id'",
        "predictions[6]: question c:d0: has no text",
        "predictions[7]: question c:d0: has an error, so it is to be a string, without text and tracks",
        "predictions[8]: question c:d0: seconds is '2', expected a number",
        "predictions[9]: question c:d0: text is int, expected str",
        "predictions[10]: question c:d0: cannot is 'masks', expected a list of regions, masks, text",
        "predictions[11]: question c:d0: says video 'v7', the question belongs to 'mevis/val_u/JPEGImages/v0'",
        "predictions[13]: question c:d1: is answered twice",
        "predictions[14]: 'd1' is no key, expected TASK:ID, as 'g:17'",
        "predictions[15]: question c:d2: is int, expected a Prediction, a dictionary with text and tracks, or a text",
        "predictions[16]: question c:d2: tracks is int, expected a sequence with one track per [SEG]",
    ]


@pytest.mark.parametrize(
    ("predictions", "told"),
    [
        ({}, "there is no prediction"),
        ([sb.Prediction("A.")], r"predictions\[0\]: this Prediction says no question: give pairs"),
        ([7], r"predictions\[0\]: is int, expected a dictionary"),
        (7, "predictions are int"),
        (".", r"\.: is a folder, expected a file of JSON lines; a run: load_run"),
        ("absent.jsonl", "absent.jsonl: cannot be read"),
    ],
)
def test_what_are_no_predictions_is_told(tree, predictions, told):
    with pytest.raises(sb.UserError, match=told):
        sb.score(tree, predictions)


def test_scores_of_arrays_of_rle_and_of_a_file_are_the_same_to_the_last_byte(tree, given, tmp_path):
    bench = sb.load_benchmark(tree)
    arrays = {key: dict(value) for key, value in given.items()}
    for value in arrays.values():
        if "tracks" in value:
            value["tracks"] = np.stack([rle.decode_track(track, SHAPE[1:]) for track in value["tracks"]])
    named = [{"task": key[0], "question_id": key[2:], **value} for key, value in given.items()]
    (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, named)))
    scores = sb.score(bench, arrays, phrases="words", breakdowns=True)
    assert scores.dumps() == sb.score(tree, tmp_path / "answers.jsonl", phrases="words", breakdowns=True).dumps()
    assert scores.dumps() == sb.score(tree, named, phrases="words", breakdowns=True, processes=2).dumps()
    assert scores.table().loc[("g", "strict", "J&F"), ["questions", "errors"]].tolist() == [3, 1]
    assert "mevis" in scores.breakdowns().index.get_level_values("part")
    assert list(scores.questions()["state"]) == ["answered", "answered", "error", "answered", "answered", "answered"]
    scores.save(tmp_path / "scores.json")
    assert (tmp_path / "scores.json").read_bytes() == scores.dumps()
    with pytest.raises(sb.UserError, match=r"cannot be written"):
        scores.save(tmp_path / "nowhere" / "scores.json")


def test_what_would_count_for_nothing_is_told(tree, track):
    answers = [
        {"task": "g", "question_id": "q0", "text": "[SEG]", "masks": [track(4)]},
        {"task": "g", "question_id": "q1", "text": "[SEG]"},
        ("g:q2", "<p> It </p> [SEG]"),
    ]
    with pytest.raises(sb.UserError) as caught:
        sb.score(tree, answers)
    assert [problem.partition(";")[0] for problem in caught.value.problems] == [
        'predictions[0]: question g:q0: has "masks" (tracks?)',
        'predictions[1]: question g:q1: has [SEG] in its text and no "tracks"',
        'predictions[2]: question g:q2: has [SEG] in its text and no "tracks"',
    ]
