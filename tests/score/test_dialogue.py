"""Models that are scripted, whose numbers are known without computing."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from sama_bench.dialogue import Condition
from sama_bench.metrics import boundary_f, jaccard
from sama_bench.metrics.rle import encode
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score.dialogue import Number, RoundsOfRun, of_pair, of_run, over_videos
from sama_bench.score.dialogue_rounds import RunRounds, sightings_of
from sama_bench.score.grounding import grounding_of, state_of
from sama_bench.statistics import QuestionStatistics
from sama_bench.types import Key, Truth, Usage
from sama_bench.verdicts.judge_result import Judged
from sama_bench.verdicts.verdict import Verdict

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


NOTHING = MappingProxyType({})
NAMES = ("agreement", "agreement_jf", "accuracy", "accuracy_jf", "switches")


def pointing(thing, words):
    return StoredPrediction(f"<p>{words}</p> [SEG].", [TRACKS[thing]])


def run_of(model, history="own window=3", videos=("v0", "v1"), cannot=NOTHING, **more):
    """A run of a model: `model(video, number)` gives what it answers to a round, numbered from 0."""
    rounds, sightings, condition = [], {}, Condition.read(history)
    for video in videos:
        truths = {one.key: one for one in (truth_of(video, number) for number in range(len(ABOUT)))}
        answers = {key: model(video, number) for number, key in enumerate(truths)}
        known = {
            key: QuestionStatistics(key, state_of(answers[key]), grounding_of(truth, answers[key], SIZE), None)
            for key, truth in truths.items()
        }
        run = RunRounds(condition, known, cannot=cannot, **more)
        rounds += run.rounds(list(truths), video, set(truths), answers)
        sightings[video] = list(sightings_of(list(truths), truths, answers, known))
    return RoundsOfRun(history, history, rounds, sightings, cannot=cannot, grounds="miou" not in cannot)


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
    assert [share(getattr(numbers, name)) for name in NAMES] == [1, 1, 1, 1, 0]
    assert numbers.agreement.count == numbers.agreement_jf.count == 2 * 6
    assert (numbers.agreement_jf.interval, numbers.agreement_jf.videos) == ((1, 1), 2)
    assert numbers.usage == {}
    assert shares(numbers.false_groundings) == {"5+": 0}
    assert set(shares(numbers.silent).values()) == {0}
    assert (share(numbers.repeated), numbers.incomplete) == (0, 0)


def test_a_model_that_copies_its_first_answer():
    numbers = of_run(run_of(copying))
    assert numbers.things == {"in all rounds": 2, "in some": 0, "in none": 0}
    assert [share(getattr(numbers, name)) for name in (*NAMES, "repeated")] == [1, 1, 1, 1, 0, 1]
    assert shares(numbers.false_groundings) == {"5+": 1}


def test_a_model_that_swaps_two_objects():
    numbers = of_run(run_of(swapping))
    assert numbers.things == {"in all rounds": 0, "in some": 2, "in none": 0}
    assert (share(numbers.agreement), share(numbers.agreement_jf)) == (1, 1)
    # of rounds 1 to 4 two have the object; a track beside it overlaps it nowhere, so that the assignment gives it none
    assert (share(numbers.accuracy), share(numbers.accuracy_jf)) == (0.5, 0.5)
    assert share(numbers.switches) == pytest.approx(4 / 6)


def test_a_model_that_falls_silent():
    numbers = of_run(run_of(silent_after_two))
    assert shares(numbers.silent) == {"1": 0, "2": 0, "3": 1, "4": 1, "5+": 1}
    # the window of rounds 4, 5 and 6 holds one that has no answer
    assert numbers.incomplete == 2 * 3
    assert numbers.things["in some"] == 2
    assert numbers.agreement.count == numbers.agreement_jf.count == 2
    assert (share(numbers.accuracy), share(numbers.accuracy_jf), share(numbers.switches)) == (0.5, 0.5, 0)
    assert (share(numbers.repeated), numbers.repeated.count) == (0, 2)


def shifted(video, number):
    """Every second time a track of the same size that covers three quarters of the object."""
    return StoredPrediction("<p>it</p> [SEG]", [track(number % 2) if ABOUT[number] == "a" else TRACKS["b"]])


def test_the_agreement_of_tracks_that_differ_is_their_own_and_no_mean_of_accuracies():
    numbers = of_run(run_of(shifted))
    pairs = [jf(track(0), track(1)), 1.0]
    # of the six pairs of four rounds four are of one of each kind
    assert share(numbers.agreement) == pytest.approx((4 * 3 / 5 + 2) / 6)
    assert share(numbers.agreement_jf) == pytest.approx((4 * pairs[0] + 2 * pairs[1]) / 6)
    assert share(numbers.accuracy) == pytest.approx((1 + 3 / 5) / 2)
    assert share(numbers.accuracy_jf) == pytest.approx((1 + pairs[0]) / 2)
    assert pairs[0] != pytest.approx(3 / 5)


def jf(one, other):
    return float((jaccard(one, other, SIZE).mean() + boundary_f(one, other, SIZE).mean()) / 2)


def test_what_prompts_took_by_turn_is_the_mean_over_videos_of_those_that_told():
    def counting(video, number):
        if video == "v1" and number == 1:
            return perfect(video, number)  # does not tell
        cached = None if number == 0 else 50 * number
        return replace(perfect(video, number), usage=Usage(100 * (number + 1) + (video == "v1"), cached, number // 4))

    usage = of_run(run_of(counting)).usage
    assert shares(usage["prompt_tokens"]) == {"1": 100.5, "2": 200, "3": 300.5, "4": 400.5, "5+": 550.5}
    assert shares(usage["cached_tokens"]) == {"2": 50, "3": 100, "4": 150, "5+": 225}
    assert shares(usage["turns_cut"]) == {"1": 0, "2": 0, "3": 0, "4": 0, "5+": 1}
    assert usage["prompt_tokens"]["1"].interval == (100, 101)
    assert (usage["prompt_tokens"]["2"].videos, usage["prompt_tokens"]["2"].interval) == (1, None)


def test_the_numbers_of_all_turns_have_their_differences_by_video():
    swapped, silent = run_of(swapping), run_of(silent_after_two)
    pair = of_pair(swapped, run_of(perfect, "none")).overall
    assert shares(pair) == {
        "found": -1, "agreement": 0, "agreement_jf": 0, "accuracy": -0.5, "accuracy_jf": -0.5,
        "switches": pytest.approx(4 / 6), "false_groundings": 0, "silent": 0, "repeated": pair["repeated"].value,
    }  # fmt: skip
    assert {number.videos for number in pair.values()} == {2}
    assert of_pair(silent, run_of(perfect, "none")).overall["silent"].value == pytest.approx(4 / 6)
    assert of_pair(run_of(copying), run_of(perfect, "none")).overall["false_groundings"].value == 1


def test_what_judges_and_caption_metrics_say_is_compared_by_turn():
    def verdicts(scores):
        about = {"column": "Judge", "samples": 1, "model": "m", "template": "t", "temperature": 0, "seed": 0}
        keys = [truth_of(video, number).key for video in ("v0", "v1") for number in range(len(ABOUT))]
        told = {key: [Verdict(scores[int(key.id[-1])], "")] for key in keys}
        return {"Judge": Judged(about, told)}

    texts = {truth_of(video, number).key: {"METEOR": number / 10} for video in ("v0", "v1") for number in range(6)}
    own = run_of(silent_after_two, judges=verdicts([1, 0.5, 0.5, 0.5, 0.5, None]), texts=texts)
    none = run_of(perfect, "none", judges=verdicts([1] * 6), texts={key: {"METEOR": 0.5} for key in texts})
    metrics = of_pair(own, none).metrics
    # an error counts 0 for a judge of the strict protocol, an empty answer what was said of it, and None is no value
    assert shares(metrics["Judge"].by_turn) == {"1": 0, "2": -0.5, "3": -1, "4": -0.5, "5+": -1}
    assert metrics["Judge"].by_turn["5+"].count == 2
    assert shares(metrics["METEOR"].by_turn) == pytest.approx({"1": -0.5, "2": -0.4, "3": -0.3, "4": -0.2, "5+": -0.05})
    assert metrics["METEOR"].slope.value == pytest.approx(0.1)
    other = replace(none, judges={"Judge": "another"})
    left_out = of_pair(replace(own, judges={"Judge": "one"}), other)
    assert "Judge" not in left_out.metrics
    assert left_out.not_compared == ["Judge: one judged own window=3, another none"]


def test_what_a_model_cannot_do_has_no_number():
    cannot = dict.fromkeys(("miou", "J&F", "f1_iou"), "gives no masks")
    told = run_of(lambda *_: StoredPrediction("some words about it"), cannot=cannot)
    numbers = of_run(told)
    assert [getattr(numbers, name) for name in NAMES] == [None] * 5
    assert (numbers.things, numbers.false_groundings, numbers.cannot) == ({}, {}, cannot)
    pair = of_pair(told, told)
    assert pair.metrics == {}
    assert pair.overall.keys() == {"silent", "repeated"}


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
