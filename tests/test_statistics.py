"""The statistics of one question as a run keeps them: what was damaged on the way is told, and where."""

import json
import math
from dataclasses import replace

import pytest

from sama_bench.errors import UserError
from sama_bench.metrics.bleu import BleuStatistics
from sama_bench.metrics.java import TextFault
from sama_bench.statistics import Facts, Grounding, Pair, QuestionStatistics, TextStatistics
from sama_bench.types import Key

TRUE, PREDICTED = ["a man", "a ball"], ["a man"]
GROUNDING = Grounding(2, 1, [[0.5, 0.25]], [0, 1, 1], TRUE, PREDICTED, TRUE, PREDICTED, [Pair(0, 0, 0.5, 0.25)])
TEXT = TextStatistics("a man", "a man runs", BleuStatistics(2, 3, (2, 1, 0, 0), (2, 1, 0, 0)), 0.8, "1.0 2.0")
FACTS = Facts("mevis/1", "mevis", 8, 2, 0.125, "always")
WHOLE = QuestionStatistics(Key("g", "1"), "answered", GROUNDING, TEXT, FACTS, measures={"clicks": 2.0})


def kept(statistics):
    return QuestionStatistics.from_text(json.dumps(statistics.to_json()))


@pytest.mark.parametrize(
    "statistics",
    [
        WHOLE,
        replace(WHOLE, grounding=None, text=TextFault("took longer than 60 seconds in Java"), facts=None, measures={}),
        replace(WHOLE, state="missing", text=None, facts=replace(FACTS, share=None, visibility=None)),
        replace(WHOLE, grounding=Grounding(0, 0, [], [], [], [], [], [], []), unread=True),
    ],
)
def test_what_is_kept_is_read_as_it_was(statistics):
    assert kept(statistics) == statistics


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"true": 3}, "its IoUs are not 1 rows of 3 at grounding.ious"),
        ({"predicted": -1}, "its IoUs are not -1 rows of 2 at grounding.ious"),
        ({"predicted_groundings": []}, "not each track has its phrase at grounding"),
        ({"true_groundings": ["a man"]}, "not each track has its phrase at grounding"),
        ({"repeats": [0, 2]}, "a track that is not listed at grounding.repeats"),
        ({"pairs": [Pair(0, 2, 0.5, 0.5)]}, "a track that is not listed at grounding.pairs"),
        ({"pairs": [Pair(0, 0, 0.5, 0.5), Pair(0, 1, 0.5, 0.5)]}, "a track that is paired twice at grounding.pairs"),
        ({"pairs": [Pair(0, 0, 1.5, 0.5)]}, "a value that is not within 0 and 1 at grounding"),
        ({"ious": [[0.5, -0.25]]}, "a value that is not within 0 and 1 at grounding"),
    ],
)
def test_a_grounding_that_cannot_be_is_told_with_its_place(part, told):
    with pytest.raises(UserError) as refusal:
        kept(replace(WHOLE, grounding=replace(GROUNDING, **part)))
    assert refusal.value.problems == (told,)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"text": replace(TEXT, rouge_l=1.25)}, "1.25 is not within 0 and 1 at text.rouge_l"),
        ({"text": replace(TEXT, bleu=BleuStatistics(2, -3))}, "a count below 0 at text.bleu"),
        ({"facts": replace(FACTS, frames=-1)}, "a count below 0 at facts"),
        ({"facts": replace(FACTS, share=-0.5)}, "-0.5 is not within 0 and 1 at facts.share"),
    ],
)
def test_texts_and_facts_that_cannot_be_are_told_with_their_place(part, told):
    with pytest.raises(UserError) as refusal:
        kept(replace(WHOLE, **part))
    assert refusal.value.problems == (told,)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(UserError) as refusal:
        kept(replace(WHOLE, text=replace(TEXT, rouge_l=-1.0), facts=replace(FACTS, objects=-1)))
    assert len(refusal.value.problems) == 2


def test_a_measure_has_a_number():
    text = json.dumps(WHOLE.to_json()).replace("2.0}", "1e999}")
    assert math.isinf(json.loads(text)["measures"]["clicks"])
    with pytest.raises(UserError, match="clicks"):
        QuestionStatistics.from_text(text)
