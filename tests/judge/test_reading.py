import json
import time

import pytest

from sama_bench.judge.reading import READ, Unreadable, read
from sama_bench.judge.template import Template

CLAIR, DIALOGUE = Template.load("clair"), Template.load("dialogue")
CANDIDATE = "<p>The red dog</p> [SEG] runs to the left, then stops."


def parts(*scores):
    stated = zip(DIALOGUE.head.scores, scores or (4, 5, 3, 1), strict=True)
    return {**{name: {"evidence": "", "score": score} for name, score in stated}, "reason": "close"}


@pytest.mark.parametrize(
    "reply",
    [
        '{"score": 85, "reason": "alike"}',
        '{"Score": "85", "Reason": "alike"}',
        '{"score": "85/100", "reason": "alike"}',
        '{"score": "85 out of 100", "reason": "alike"}',
        '{"score": "85%", "reason": "alike"}',
        '{"score": 85.0, "reason": "alike"}',
        '```json\n{"score": 85, "reason": "alike"}\n```',
        'Sure! Here it is:\n```\n{"reason": "alike", "score": 85}\n```\nAnything else?',
        'In {braces} I say {"score": 85, "reason": "alike"}',
        '{"score": 85, "reason": "alike"}{"score": 85, "reason": "alike"}',
        '{"verdict": {"score": 85, "reason": "alike"}}',
        '[{"score": 85, "reason": "alike"}]',
        '<think>{"score": 10, "reason": "no?"}</think>{"score": 85, "reason": "alike"}',
        '{"score": {"value": 85}, "reason": "alike"}',
    ],
)
def test_a_score_is_read_out_of_json_however_it_is_wrapped(reply):
    verdict = read(reply, CLAIR, CANDIDATE)
    assert (verdict.score, verdict.parts, verdict.reason) == (0.85, {"score": 85}, "alike")


@pytest.mark.parametrize(
    "reply",
    [
        "Score: 85/100",
        "**Score:** 85. They agree.",
        "I would give a score of 85 out of 100, because the colour differs.",
        "The score is 85%.",
        "Score = 85\nReason: 3 of 4 things agree",
        "score: 85. So, again, the score is 85.",
        '{"score": 85, "reason": "it was cu',
    ],
)
def test_a_score_is_read_out_of_prose_where_it_is_named(reply):
    assert read(reply, CLAIR, CANDIDATE).score == 0.85


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "empty"),
        ("I'm sorry, I cannot judge this.", "states no score"),
        ("85", "states no score"),
        ('{"score": 185, "reason": ""}', "out of range"),
        ('{"score": -5, "reason": ""}', "out of range"),
        ('{"score": "-5"}', "out of range"),
        ('{"score": NaN}', "no number"),
        ('{"score": Infinity}', "no number"),
        ('{"score": 1e999}', "out of range"),
        ('{"score": 1' + "0" * 4000 + "}", "out of range"),
        ('{"score": null}', "no number"),
        ('{"score": true}', "no number"),
        ('{"score": "high"}', "no number"),
        ('{"score": 0.85}', "below 1"),
        ('{"score": "8.5/10"}', "another scale"),
        ('{"score": 85, "score": 15}', "twice"),
        ('{"score": 85} {"score": 15}', "several verdicts"),
        ('{"score": 85} {"score": "none"}', "no number"),
        ("Score: 85. No: score: 15", "several times"),
        ("Score: 0-100", "states no score"),
        ("On a score of 0 to 100 I am lost", "states no score"),
        ("Score: 850", "out of range"),
        ("Score: 8/10", "another scale"),
        ('{"reason": "it was cut", "score": 8', "states no score"),
        ("\ud800\udfff\x00", "states no score"),
        ("null", "states no score"),
    ],
)
def test_a_reply_without_one_clear_score_in_range_has_none(reply, why):
    with pytest.raises(Unreadable, match=why):
        read(reply, CLAIR, CANDIDATE)


def test_the_scores_of_the_rubric_make_the_overall_score_by_its_formula():
    verdict = read(json.dumps(parts()), DIALOGUE, CANDIDATE)
    assert verdict.score == pytest.approx((4 + 5 + 3) / 15 * (1 - 1 / 10))
    assert read(json.dumps(parts(5, 5, 5, 0)), DIALOGUE, CANDIDATE).score == 1
    assert read(json.dumps(parts(5, 5, 5, 5)), DIALOGUE, CANDIDATE).score == 0.5
    assert read(json.dumps(parts(0, 0, 0, 0)), DIALOGUE, CANDIDATE).score == 0
    flat = {"correctness": 4, "grounding": "5/5", "completeness": "3", "hallucination": 1}
    assert read(json.dumps(flat), DIALOGUE, CANDIDATE).score == verdict.score
    prose = "Correctness: 4/5\nGrounding: 5/5\n*Completeness*: 3\nHallucination: 1"
    assert read(prose, DIALOGUE, CANDIDATE).score == verdict.score


def test_a_rubric_with_a_score_missing_is_not_filled_up():
    stated = parts()
    del stated["completeness"]
    with pytest.raises(Unreadable, match="states no completeness"):
        read(json.dumps(stated), DIALOGUE, CANDIDATE)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("runs to the left", True),
        ('"Runs  to the LEFT."', True),
        ("the red dog … stops", True),
        ("stops ... the red dog", False),
        ("runs to the right", False),
        ("...", False),
    ],
)
def test_evidence_is_marked_where_the_candidate_does_not_say_it(quote, found):
    assert read(json.dumps(parts()), DIALOGUE, CANDIDATE).evidence == ()
    stated = parts()
    stated["correctness"]["evidence"] = quote
    (evidence,) = read(json.dumps(stated), DIALOGUE, CANDIDATE).evidence
    assert (evidence.part, evidence.found) == ("correctness", found)


def test_evidence_may_be_a_list_and_is_kept_short():
    stated = parts()
    stated["grounding"]["evidence"] = ["the red dog", "x" * 9999, 3, *["runs"] * 99]
    found = read(json.dumps(stated), DIALOGUE, CANDIDATE).evidence
    assert [one.found for one in found] == [True, False, True, True]
    assert max(len(one.quote) for one in found) <= 300


@pytest.mark.parametrize(
    "reply",
    [
        "{" * 2_000_000,
        '{"a":' * 400_000,
        "[" * 1_000_000,
        "score " * 400_000,
        "score: " * 400_000,
        "score" + " " * 2_000_000 + ": 5",
        '{"score": "' + "9" * 2_000_000 + '"}',
        "score is " + "*" * 1_000_000,
        '{"score": {"score": ' * 100_000,
    ],
)
def test_hostile_replies_take_no_time(reply):
    began = time.perf_counter()
    with pytest.raises(Unreadable):
        read(reply, CLAIR, CANDIDATE)
    assert time.perf_counter() - began < 1


def test_what_lies_beyond_the_read_part_of_a_reply_counts_for_nothing():
    with pytest.raises(Unreadable):
        read(" " * READ + '{"score": 85}', CLAIR, CANDIDATE)
