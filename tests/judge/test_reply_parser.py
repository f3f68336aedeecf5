import json
import time

import pytest

from sama_bench.judge.reply_parser import READ, Unreadable, read
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
    began = time.process_time()  # of this process alone, whatever else the machine does
    with pytest.raises(Unreadable):
        read(reply, CLAIR, CANDIDATE)
    assert time.process_time() - began < 5


def test_what_lies_beyond_the_read_part_of_a_reply_counts_for_nothing():
    with pytest.raises(Unreadable):
        read(" " * READ + '{"score": 85}', CLAIR, CANDIDATE)


@pytest.mark.parametrize(
    "reply",
    [
        "Score: 8/10", "Score: 8 out of 10", "Score: 8 (out of 10)", "Score: 8 of 10", "Score: 8 of ten",
        "Score: 8 points out of 10", "Score: 8 on a scale of 10", "Score: 8 on a scale of 1-10",
        "Score: 4 stars out of 5", "Score: 4 stars", "On a scale of 1 to 10: Score: 8", "Score (0-10): 8",
        "On a ten-point scale, the score is 8.", "Score: 8 (max 10)", "Score: 8 (max ten)", "Score: 8 von 10",
        "Score: 72,5", "Score: 1,000", "Score: 8.5e1", "Score: 0x50", "Score: 8½", "Score: ½", "Score: 8 1/2",
        "Score: 7-8", "Score: 7–8", "Score: 7 to 8", "Score: 7 or 8", "Score: ~80", "Score: 85+", "Score: 85 ± 5",
        "Score: 85th percentile", "Score: 8.5.1", "Score: 85 => 0.85", "Score: 8⁄10", "Score: 8K", "Score: 1.0",
        "I give a score of 8 because it is 8 out of 10", '{"score": 8, "out_of": 10}', '{"score": 8, "max": 10}',
        '{"score": 8, "maxScore": "10"}', '{"score": 8, "scale": "0-10"}', '{"score": 8, "scale": [0, 10]}',
        '{"score": 8, "scale": {"min": 0, "max": 10}}', '{"score": {"value": 8, "max": 10}}',
        '{"score": {"value": 8, "score": 80}}', '{"max": 10, "verdict": {"score": 8}}', '{"score": 8, "von": 10}',
        '{"score": 8, "out_of": 10, "reason": "it was cu', '{"score": "8 of 10"}', '{"score": "8 points out of ten"}',
        '{"score": "72,5"}', '{"score": "8.5e1"}', '{"score": "7-8"}', '{"score": "85' + " " * 40 + '/1000"}',
        '{"score": [85]}', '{"score": 1.0}', '{"a": {"score": 85}, "b": {"score": 15}}', '{"score": 85} Score: 15',
        'On a scale of 1 to 10: {"score": 8}', '[{"score": 85}, {"score": 15}]',
    ],
)  # fmt: skip
def test_a_number_that_may_be_another_or_of_another_scale_is_no_score(reply):
    with pytest.raises(Unreadable):
        read(reply, CLAIR, CANDIDATE)


@pytest.mark.parametrize(
    "reply",
    [
        "Score (0-100): 85", "Score (out of 100): 85", "Score: 85 on a scale of 0 to 100.", "Score: 85 percent",
        "Score: 85 points.", "Score: 85 points out of 100", "Score: 85 of one hundred", "**Score:** **85**/100",
        "Final Score: 85/100 (good)", "Score: 85 - they agree", "Score: 85, one dog differs", "Score: ８５",
        "I give a score of 85 because 3 of 4 things agree.", "| Score: 85 | good |", '{"score": 8.5e1}',
        '{"score": 85, "max": 100}', '{"score": 85, "scale": "0-100"}', '{"score": {"value": 85, "max": 100}}',
        '{"score": "85 points"}', '{"score": "85 (of 100)"}', '{"score": 85, "confidence": 0.9}',
        '{"score": 85} So the score is 85.', "{'score': 85, 'reason': 'alike'}",
    ],
)  # fmt: skip
def test_a_number_that_says_the_templates_own_scale_is_read(reply):
    assert read(reply, CLAIR, CANDIDATE).score == 0.85


def test_a_rubric_of_another_scale_is_not_read_and_a_total_beside_it_is_no_matter():
    whole = json.dumps({**parts(), "total": 13})
    assert read(whole, DIALOGUE, CANDIDATE).score == read(json.dumps(parts()), DIALOGUE, CANDIDATE).score
    for wrong in ({**parts(), "scale": "0-10"}, {**parts(), "grounding": {"evidence": "", "score": 4, "max": 10}}):
        with pytest.raises(Unreadable, match="another scale"):
            read(json.dumps(wrong), DIALOGUE, CANDIDATE)
    with pytest.raises(Unreadable, match="another scale"):
        read("Correctness: 4/5\nGrounding: 4/10\nCompleteness: 3\nHallucination: 1", DIALOGUE, CANDIDATE)
    with pytest.raises(Unreadable, match="below 1"):
        read(json.dumps(parts(0.8, 0.9, 1, 0)), DIALOGUE, CANDIDATE)


def test_a_number_on_which_a_cut_reply_ends_may_lack_digits():
    assert read("Score: 8", CLAIR, CANDIDATE).score == 0.08
    with pytest.raises(Unreadable, match="states no score"):
        read("Score: 8", CLAIR, CANDIDATE, cut=True)
    with pytest.raises(Unreadable, match="states no score"):
        read("x" * (READ - 9) + "\nScore: 85", CLAIR, CANDIDATE)


DRAFT, FINAL = '{"score": 90, "reason": "draft"}', '{"score": 10, "reason": "final"}'


@pytest.mark.parametrize(
    "reply",
    [
        f"<think>{DRAFT}</think>{FINAL}", f"<thinking>{DRAFT} but</thinking>\n{FINAL}", f"{DRAFT}</think>{FINAL}",
        f"<reasoning>Score: 90</reasoning>{FINAL}", f"[THINK]{DRAFT}[/THINK]{FINAL}", f"<THINK>{DRAFT}</THINK>{FINAL}",
        f"<think>a<think>b</think>{DRAFT}</think>{FINAL}", f"<think>a</think>{FINAL}<think>{DRAFT}</think>",
        f"<seed:think>{DRAFT}</seed:think>{FINAL}", f"◁think▷{DRAFT}◁/think▷{FINAL}",
        f"<|begin_of_thought|>{DRAFT}<|end_of_thought|>{FINAL}", f"<|START_THINKING|>{DRAFT}<|END_THINKING|>{FINAL}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{FINAL}<|return|>",
        f"analysisI think {DRAFT}assistantfinal{FINAL}", f"<think>{'long ' * 9000}{DRAFT}</think>{FINAL}",
    ],
)  # fmt: skip
def test_a_draft_in_a_thought_is_no_verdict(reply):
    assert read(reply, CLAIR, CANDIDATE).score == 0.1


@pytest.mark.parametrize(
    "reply",
    [
        f"<think>{DRAFT}. But no", "<think>Score: 90. But no, it has to be", f"<think>a</think><think>{DRAFT}",
        f"<think>a<think>b</think>{DRAFT}", f"<thinking>{DRAFT}", f"[THINK]{DRAFT}", f"{FINAL}</think>",
        f"<|channel|>analysis<|message|>{DRAFT}", f"analysisWe see {DRAFT}", f"<think>{FINAL}<think>",
    ],
)  # fmt: skip
def test_a_thought_that_does_not_end_has_no_verdict(reply):
    with pytest.raises(Unreadable, match=r"inside of a thought|empty"):
        read(reply, CLAIR, CANDIDATE)


def test_a_tag_that_the_verdict_quotes_is_no_thought():
    assert read('{"score": 85, "reason": "it says <think> and </think>"}', CLAIR, CANDIDATE).score == 0.85


@pytest.mark.parametrize(
    "reply", ["<think>" * 200_000, "</think>" * 200_000, "<think>{</think>" * 60_000, "[think]{" * 99_999]
)
def test_hostile_thoughts_take_no_time(reply, bounded_work):
    with bounded_work(), pytest.raises(Unreadable):
        read(reply, CLAIR, CANDIDATE)
