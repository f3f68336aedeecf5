import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.metrics import rle
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score import paper
from sama_bench.score.grounding import grounding_of
from sama_bench.score.phrases import exact, words
from sama_bench.statistics import Grounding
from sama_bench.types import Key, Truth


def marked(phrases):
    return " ".join(f"<p> {phrase} </p>" for phrase in phrases)


def statistics(sample, id_="1"):
    truth = Truth(Key("g", id_), "v", marked(sample["gt_phrases"]), tuple(sample["gt"]))
    answer = StoredPrediction(marked(sample["pred_phrases"]), sample["pred"])
    return grounding_of(truth, answer, tuple(sample["size"]))


def test_golden_miou_and_recall(golden):
    for video in golden("grounding"):
        questions = [statistics(sample) for sample in video["samples"]]
        found = [paper.question_miou(question) for question in questions]
        assert found == pytest.approx([sample["miou"] for sample in video["samples"]], abs=1e-9)
        assert np.mean(found) == pytest.approx(video["miou"], abs=1e-9)
        assert paper.recall(questions, words) == pytest.approx(video["recall"], abs=1e-9)


def test_objects_that_are_missed_cost_nothing(grounded, band):
    three = [("a", band(0, 4)), ("b", band(5, 9)), ("c", band(10, 14))]
    assert paper.question_miou(grounded(three, three[1:2])) == 1.0


def test_predictions_too_many_cost_nothing(grounded, band):
    a, b = ("a", band(0, 4)), ("b", band(5, 9))
    assert paper.question_miou(grounded([a], [a, b, b])) == 1.0


def test_a_question_that_grounds_nothing_scores_0_whatever_is_predicted(grounded, band):
    assert paper.question_miou(grounded([], [])) == 0.0
    assert paper.question_miou(grounded([], [("a", band(0, 4))])) == 0.0


def test_questions_without_prediction_leave_the_recall(grounded, band):
    a = ("a", band(0, 4))
    found, unanswered = grounded([a], [a]), grounded([a], [])
    assert paper.recall([found, unanswered], words) == 1.0
    assert paper.recall([unanswered], words) == 0.0


def test_the_recall_search_ends_at_its_first_miss(grounded, band):
    a, b = band(0, 4), band(5, 10)
    better_but_misnamed = grounded([("a", a), ("b", b)], [("x", a), ("b", band(5, 9))])
    assert paper.recall([better_but_misnamed], exact) == 0.0


def test_the_matrices_are_transposed_to_each_other(grounded, band):
    a, b = band(0, 4), band(5, 9)
    # Tracks come in the other order than the true ones, phrases fit: the released code looks up (0, 1) of both, where
    # the similarity matrix holds true phrase 0 against predicted phrase 1.
    crossed = grounded([("a", a), ("b", b)], [("b", b), ("a", a)])
    assert paper.recall([crossed], exact) == 1.0
    three = [("a", a), ("b", b), ("c", band(10, 14))]
    turned = grounded(three, [three[1], three[2], three[0]])
    assert paper.recall([turned], exact) == 0.0


def test_an_empty_group_repeats_the_track_before_it(grounded, band):
    a, b = band(0, 4), band(5, 9)
    repeated = grounded([("", None), ("a", a), ("b", None), ("c", b)], [("a", a)])
    assert repeated.repeats == [0, 0, 1]
    assert (repeated.true, repeated.paper_matrix.tolist()) == (2, [[1.0, 1.0, 0.0]])


def released_miou(ious):
    """Formats.md section 4, read again: a list of rows, taken apart."""
    rows = {p: dict(enumerate(row)) for p, row in enumerate(ious)}
    taken = []
    while True:
        cells = [(-value, p, t) for p, row in rows.items() for t, value in row.items() if value > 0]
        if not cells:
            return sum(taken) / len(taken) if taken else 0.0
        value, p, t = min(cells)
        taken.append(-value)
        rows.pop(p)
        for row in rows.values():
            row.pop(t)


def released_matches(ious, similarities):
    """The same for the recall: (p, t) of the one matrix is (t, p) of the other by meaning, but not by index."""
    height = min(len(ious), len(similarities))
    width = min(len(ious[0]) if ious else 0, len(similarities[0]) if similarities else 0)
    struck_rows, struck_columns, matches = set(), set(), 0
    while True:
        left = [
            (-ious[i][j], i, j)
            for i in range(height)
            for j in range(width)
            if i not in struck_rows and j not in struck_columns
        ]
        if not left:
            return matches
        value, i, j = min(left)
        if -value < 0.5 or similarities[i][j] < 0.5:
            return matches
        matches += 1
        struck_rows.add(i)
        struck_columns.add(j)


@st.composite
def any_grounding(draw):
    predicted, listed = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    value = st.sampled_from([0.0, 0.2, 0.5, 0.6, 0.9, 1.0])
    ious = draw(st.lists(st.lists(value, min_size=listed, max_size=listed), min_size=predicted, max_size=predicted))
    repeats = sorted(
        [*range(listed), *draw(st.lists(st.sampled_from(range(listed)), max_size=2) if listed else st.just([]))]
    )
    phrase = st.lists(st.sampled_from(["dog", "cat", "the", "red"]), min_size=1, max_size=3).map(" ".join)
    phrases = [draw(st.lists(phrase, max_size=5)) for _ in range(2)]
    return Grounding(listed, predicted, ious, repeats, *phrases, [], [], [])


@given(st.lists(any_grounding(), min_size=1, max_size=4))
def test_equals_a_second_reading_of_the_released_scripts(questions):
    positives = matches = 0
    for question in questions:
        ious = [[row[t] for t in question.repeats] for row in question.ious]
        assert paper.question_miou(question) == pytest.approx(released_miou(ious), abs=1e-12)
        if question.predicted and question.predicted_phrases:
            positives += len(question.true_phrases)
            matches += released_matches(ious, words(question.true_phrases, question.predicted_phrases).tolist())
    assert paper.recall(questions, words) == pytest.approx(matches / positives if positives else 0.0, abs=1e-12)


def test_only_answered_questions_count(grounded, band, question):
    a = ("a", band(0, 4))
    answered, missing = question(grounded([a], [a])), question(grounded([a], []), "missing")
    videos = {"v": [answered, missing], "w": [missing], "x": [question(grounded([a], []), "error")]}
    found = paper.by_video(videos, words, lambda groups: [(0.0, []) for _ in groups])
    assert found["v"]["miou"] == 1.0
    assert found["w"] == found["x"] == {}


def test_tracks_of_other_sizes_are_not_compared(grounded, band):
    with pytest.raises(rle.RLEError):
        grounded([("a", band(0, 4))], [("a", band(0, 4, size=(5, 5)))])
