"""Models that are scripted, whose numbers are known without computing."""

import numpy as np
import pytest

from sama_bench.dialogue import Condition
from sama_bench.metrics.rle import encode
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score.dialogue import Number, RoundsOfRun, of_pair, of_run, over_videos
from sama_bench.score.dialogue_rounds import RunRounds, sightings_of
from sama_bench.score.grounding import grounding_of, state_of
from sama_bench.statistics import QuestionStatistics
from sama_bench.types import Key, Truth

SIZE, FRAMES = (8, 16), 2
# Of each dialogue the object that a round is about; the last one is about the other, the one before about none.
ABOUT = ("a", "a", "a", "a", "", "b")


def track(column):
    mask = np.zeros(SIZE, bool)
    mask[:, column : column + 4] = True
    return [encode(mask)] * FRAMES


TRACKS = {"a": track(0), "b": track(8)}


def truth_of(video, number):
    thing = ABOUT[number]
    tracks = (TRACKS[thing],) if thing else ()
    return Truth(Key("g", f"{video}-{number}"), video, "<p>it</p> [SEG]", tracks, things=(thing,) if thing else ())


def pointing(thing, words):
    return StoredPrediction(f"<p>{words}</p> [SEG].", [TRACKS[thing]])


def run_of(model, history="own window=3", videos=("v0", "v1")):
    """A run of a model: `model(video, number)` gives what it answers to a round, numbered from 0."""
    rounds, sightings, condition = [], {}, Condition.read(history)
    for video in videos:
        truths = {one.key: one for one in (truth_of(video, number) for number in range(len(ABOUT)))}
        answers = {key: model(video, number) for number, key in enumerate(truths)}
        known = {
            key: QuestionStatistics(key, state_of(answers[key]), grounding_of(truth, answers[key], SIZE), None)
            for key, truth in truths.items()
        }
        rounds += RunRounds(condition, known).rounds(list(truths), video, set(truths), answers)
        sightings[video] = list(sightings_of(list(truths), truths, answers, known))
    return RoundsOfRun(history, history, rounds, sightings)


def perfect(video, number):
    words = (
        "a first thing here",
        "one more is there",
        "third of them all",
        "some other words now",
        "",
        "last of all things",
    )
    return pointing(ABOUT[number], words[number]) if ABOUT[number] else StoredPrediction(f"{video}: nothing")


def copying(video, number):
    return perfect(video, 0)


def swapping(video, number):
    """From the third round on each of two objects is taken for the other."""
    other = {"a": "b", "b": "a"}
    if number < 2 or not ABOUT[number]:
        return perfect(video, number)
    return pointing(other[ABOUT[number]], f"some words of round {number}")


def silent_after_two(video, number):
    if number < 2:
        return perfect(video, number)
    return StoredPrediction("") if number % 2 else StoredPrediction("", error="ValueError: no")


def share(number):
    return None if number is None else number.value


def shares(by_turn):
    return {turn: number.value for turn, number in by_turn.items()}


def test_a_perfect_model():
    numbers = of_run(run_of(perfect))
    assert numbers.things == {"in all rounds": 2, "in some": 0, "in none": 0}
    assert [share(one) for one in (numbers.agreement, numbers.accuracy, numbers.switches)] == [1, 1, 0]
    assert numbers.agreement.count == 2 * 6
    assert shares(numbers.false_groundings) == {"5+": 0}
    assert set(shares(numbers.silent).values()) == {0}
    assert (share(numbers.repeated), numbers.incomplete) == (0, 0)


def test_a_model_that_copies_its_first_answer():
    numbers = of_run(run_of(copying))
    assert numbers.things == {"in all rounds": 2, "in some": 0, "in none": 0}
    assert (share(numbers.agreement), share(numbers.repeated)) == (1, 1)
    assert shares(numbers.false_groundings) == {"5+": 1}


def test_a_model_that_swaps_two_objects():
    numbers = of_run(run_of(swapping))
    assert numbers.things == {"in all rounds": 0, "in some": 2, "in none": 0}
    assert share(numbers.agreement) == 1
    assert share(numbers.accuracy) == 0.5
    assert share(numbers.switches) == pytest.approx(4 / 6)


def test_a_model_that_falls_silent():
    numbers = of_run(run_of(silent_after_two))
    assert shares(numbers.silent) == {"1": 0, "2": 0, "3": 1, "4": 1, "5+": 1}
    # the window of rounds 4, 5 and 6 holds one that has no answer
    assert numbers.incomplete == 2 * 3
    assert numbers.things["in some"] == 2
    assert numbers.agreement.count == 2


def test_what_a_perfect_memory_changes_is_nothing():
    pair = of_pair(run_of(perfect), run_of(perfect, "none"))
    assert (pair.first_rounds, pair.first_equal) == (2, 2)
    effect = pair.metrics["miou"]
    assert effect.later == Number(0, (0, 0), 2, 2 * 4)  # of five later rounds one has no track
    assert shares(effect.by_turn) == {"1": 0, "2": 0, "3": 0, "4": 0, "5+": 0}
    assert effect.slope.value == 0
    assert effect.after_wrong is effect.after_right is None


def test_what_a_swap_costs_by_turn():
    effect = of_pair(run_of(swapping), run_of(perfect, "none")).metrics["miou"]
    assert shares(effect.by_turn) == {"1": 0, "2": 0, "3": -1, "4": -1, "5+": -1}
    assert effect.later.value == -0.75
    assert effect.slope.value == pytest.approx(np.polyfit([1, 2, 3, 4, 6], [0, 0, -1, -1, -1], 1)[0])
    assert effect.slope.interval == pytest.approx((effect.slope.value,) * 2)


def test_what_own_errors_cost_after_right_and_wrong_rounds():
    pair = of_pair(run_of(swapping), run_of(perfect, "true window=3"), split=True)
    effect = pair.metrics["miou"]
    # rounds 2 and 3 come after right ones, 4 after a wrong one; the one before the last has no track
    assert (effect.after_right.value, effect.after_wrong.value) == (-0.5, -1)


def test_other_first_rounds_are_seen():
    other = of_pair(run_of(lambda *_: pointing("a", "another word")), run_of(perfect, "none"))
    assert (other.first_rounds, other.first_equal) == (2, 0)


def test_a_video_counts_once_however_many_rounds_it_has():
    number = over_videos({"v": [1.0], "w": [0.0, 0.0, 0.0], "x": []})
    assert (number.value, number.videos, number.count) == (0.5, 2, 4)
    assert over_videos({}) is over_videos({"v": []}) is None
    assert over_videos({"v": [0.3]}).interval is None


def test_a_run_as_json_values():
    content = of_run(run_of(perfect)).to_json()
    assert content["agreement"] == {"value": 1.0, "interval": (1.0, 1.0), "videos": 2, "count": 12}
