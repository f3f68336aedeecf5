from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sama_bench.score import paper, strict
from sama_bench.score.phrases import exact, words

PHRASES = ["the dog", "the cat", "a red car", ""]


@st.composite
def spans(draw, most=4):
    """Phrases with bands of columns, of a frame that is 16 columns wide (the last one stays free)."""
    bands = draw(st.lists(st.tuples(st.integers(0, 14), st.integers(1, 6)), max_size=most))
    return [(draw(st.sampled_from(PHRASES)), (left, min(left + width, 15))) for left, width in bands]


@pytest.fixture(scope="module")
def of(grounded, band):
    """The metrics of a video, and its groundings, from lists of (phrase, (left, right)) for true and predicted."""

    def made(spans):
        return [(phrase, band(*columns)) for phrase, columns in spans]

    def metrics(*questions, similarity=words):
        groundings = [grounded(made(true), made(predicted)) for true, predicted in questions]
        return strict.grounding_metrics(groundings, similarity), groundings

    return metrics


@given(data=st.data())
def test_everything_lies_in_0_to_1(of, data):
    questions = data.draw(st.lists(st.tuples(spans(), spans()), min_size=1, max_size=3))
    found, _ = of(*questions)
    assert all(0 <= value <= 1 for value in found.values())
    assert ("false_groundings" in found) == any(not true for true, _ in questions)


@given(data=st.data())
def test_the_truth_scores_1(of, data):
    true = data.draw(spans().filter(bool))
    found, _ = of((true, true), ([], []))
    assert found.pop("false_groundings") == 0.0
    assert len(found) == 10
    assert all(value == 1.0 for value in found.values())


@given(data=st.data())
def test_the_order_of_tracks_does_not_matter(of, data):
    true, predicted = data.draw(spans()), data.draw(spans())
    before, _ = of((true, predicted))
    after, _ = of((data.draw(st.permutations(true)), data.draw(st.permutations(predicted))))
    same = {name for name in before if name not in {"J", "F", "J&F"}}  # equal sums of IoU may be paired in two ways
    assert {name: after[name] for name in same} == pytest.approx({name: before[name] for name in same})


@given(data=st.data())
def test_a_track_that_hits_nothing_never_helps(of, data):
    true, predicted = data.draw(spans()), data.draw(spans())
    before, _ = of((true, predicted))
    after, _ = of((true, [*predicted, (data.draw(st.sampled_from(PHRASES)), (15, 16))]))
    for name in before.keys() - {"false_groundings"}:
        assert after[name] <= before[name] + 1e-12
    assert after.get("false_groundings", 0) >= before.get("false_groundings", 0)


@given(data=st.data())
def test_a_track_that_is_lost_from_a_perfect_answer_costs(of, data):
    true = data.draw(spans().filter(bool))
    found, _ = of((true, true[1:]))
    for name in ("miou", "J", "F", "J&F", "recall", "f1", "recall_iou", "f1_iou"):
        assert found[name] < 1


@settings(max_examples=50)
@given(data=st.data())
def test_the_assignments_are_the_best_of_all(of, data):
    true, predicted = data.draw(spans().filter(bool)), data.draw(spans().filter(bool))
    found, [one] = of((true, predicted))
    ious, width = one.matrix, max(one.true, one.predicted)
    padded = [[ious[p, t] if p < one.predicted and t < one.true else 0.0 for t in range(width)] for p in range(width)]
    choices = [[padded[p][t] for p, t in enumerate(order)] for order in permutations(range(width))]
    assert found["miou"] == pytest.approx(max(map(sum, choices)) / width)
    assert found["recall_iou"] * one.true == pytest.approx(max(sum(v >= 0.5 for v in choice) for choice in choices))
    released = sum(float(ious[pair]) for pair in paper.greedy(ious)) / width
    assert found["miou"] >= released - 1e-12


@given(data=st.data())
def test_phrases_can_only_take_matches_away(of, data):
    question = data.draw(spans()), data.draw(spans())
    found, _ = of(question)
    for name in ("recall", "precision", "f1"):
        assert found.get(name, 0) <= found.get(f"{name}_iou", 0)


def test_missed_objects_and_extra_predictions_cost(of):
    a, b, c = ("a", (0, 4)), ("b", (5, 9)), ("c", (10, 14))
    assert of(([a, b, c], [b]))[0]["miou"] == pytest.approx(1 / 3)
    extra = of(([a], [a, b]))[0]
    assert (extra["miou"], extra["recall"], extra["precision"]) == (0.5, 1.0, 0.5)
    assert extra["f1"] == pytest.approx(2 / 3)


def test_a_match_needs_mask_and_phrase_and_the_search_does_not_end_at_a_miss(of):
    true = [("a dog", (0, 4)), ("a cat", (5, 10))]
    found, _ = of((true, [("a bus", (0, 4)), ("a cat", (5, 9))]), similarity=exact)
    assert (found["recall"], found["recall_iou"]) == (0.5, 1.0)


def test_a_track_without_phrase_is_like_no_named_one(of):
    always = lambda true, predicted: words(true, predicted) * 0 + 1  # noqa: E731
    assert of(([("a dog", (0, 4))], [("", (0, 4))]), similarity=always)[0]["recall"] == 0.0
    assert of(([("", (0, 4))], [("", (0, 4))]), similarity=exact)[0]["recall"] == 1.0


def test_questions_that_ground_nothing_count_as_false_groundings_and_in_precision_only(of):
    a = ("a", (0, 4))
    found, groundings = of(([a], [a]), ([], [a, a]), ([], []))
    assert (found["miou"], found["recall"], found["false_groundings"]) == (1.0, 1.0, 0.5)
    assert found["precision"] == pytest.approx(1 / 3)
    assert strict.count_nothing(groundings) == strict.Nothing(2, 1)


def test_what_is_undefined_is_absent(of):
    assert of(([], []))[0] == {"false_groundings": 0.0}
    assert "precision" not in of(([("a", (0, 4))], []))[0]
    assert set(of(([], [("a", (0, 4))]))[0]) == {"precision", "f1", "precision_iou", "f1_iou", "false_groundings"}


def test_an_empty_group_of_the_data_is_no_track(grounded, band):
    a = band(0, 4)
    one = grounded([("a", a)], [("a", a)])
    with_empty = grounded([("a", a), ("", None)], [("a", a)])
    assert strict.question_miou(with_empty) == strict.question_miou(one) == 1.0


def test_unanswered_questions_count_as_empty(grounded, band, question):
    a = ("a", band(0, 4))
    questions = [question(grounded([a], [a])), question(grounded([a], []), "missing")]
    found = strict.grounding_metrics(strict.groundings(questions), words)
    assert (found["miou"], found["recall"], found["precision"]) == (0.5, 0.5, 1.0)


def test_j_and_f_are_those_of_the_assigned_pairs(grounded, band):
    one = grounded([("a", band(0, 4)), ("b", band(8, 12))], [("b", band(8, 10))])
    found = strict.grounding_metrics([one], words)
    [pair] = one.pairs
    assert (pair.predicted, pair.true, pair.j) == (0, 1, 0.5)
    assert found["J"] == pair.j / 2
    assert found["F"] == pair.f / 2
    assert found["J&F"] == (found["J"] + found["F"]) / 2
