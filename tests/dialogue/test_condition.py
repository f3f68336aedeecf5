import pytest

from sama_bench.adapter import Abilities
from sama_bench.dialogue import ALONE, Condition
from sama_bench.errors import UserError

CONDITIONS = [
    ({}, "none", "none"),
    ({"history": "own"}, "own window=3", "own"),
    ({"history": "true", "window": "all"}, "true window=all", "true-windowall"),
    (
        {"history": "own", "window": 1, "seed": 7, "masks_back": True},
        "own window=1 seed=7 masks",
        "own-window1-seed7-masks",
    ),
    ({"history": "own", "window": "2", "seed": -1}, "own window=2 seed=-1", "own-window2-seed-1"),
]


@pytest.mark.parametrize(("options", "label", "folder"), CONDITIONS)
def test_a_condition_has_a_label_that_can_be_read_again(options, label, folder):
    condition = Condition.of(**options)
    assert (condition.label, condition.folder) == (label, folder)
    assert Condition.read(label) == condition


def test_nothing_said_is_every_question_alone():
    assert Condition.of() == Condition.read(None) == ALONE
    assert ALONE.alone
    assert not Condition.of("true").alone


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"history": "mine"}, "--history mine: expected none, true or own"),
        ({"history": "own", "window": "0"}, "--window 0: expected a whole number from 1 on, or all"),
        ({"history": "own", "window": "-3"}, "--window -3: expected"),
        ({"history": "own", "window": "³"}, "--window ³: expected"),
        ({"window": 2, "seed": 0, "masks_back": True}, "--window, --history-seed, --masks-back: goes with --history"),
    ],
)
def test_what_makes_no_condition_is_told(options, problem):
    with pytest.raises(UserError, match=problem):
        Condition.of(**options)


@pytest.mark.parametrize(
    "label", ["", "own", "own window=x", "true window=3 seed=", "own window=3 more", "none window=3"]
)
def test_other_words_are_no_label(label):
    if label == "":
        assert Condition.read(label) == ALONE
        return
    with pytest.raises(UserError, match="is no history of a dialogue"):
        Condition.read(label)


def test_a_model_that_cannot_is_told_what_it_can():
    Condition.of("own").check(Abilities(history="text"), "m")
    ALONE.check(Abilities(), "m")
    with pytest.raises(UserError, match="--history own: m takes no earlier turns; it can do --history none alone"):
        Condition.of("own").check(Abilities(), "m")
    with pytest.raises(UserError, match="--masks-back: m takes no masks of earlier turns, only regions; leave it out"):
        Condition.of("own", masks_back=True).check(Abilities(history="regions"), "m")


def test_older_plug_ins_say_true_and_false():
    assert Abilities(history=True).history == "text"
    assert Abilities(history=False) == Abilities()
    assert Abilities(history="regions").to_json()["history"] == "regions"
    assert Abilities().to_json()["history"] is False
    assert [Abilities(history="regions").takes(part) for part in ("none", "text", "regions", "masks")] == [
        True, True, True, False,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="history is 'some', expected one of none, text, regions, masks"):
        Abilities(history="some")
