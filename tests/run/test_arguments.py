from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sama_bench.run.arguments import arguments, portable, type_of_others

if TYPE_CHECKING:
    from nowhere import Unknown


class Typed:
    """A class.

    Args:
        checkpoint: The weights,
            in a folder.
        batch (int): How many together.

    Raises:
        ValueError: never.
    """

    def __init__(
        self, checkpoint: Path, depth="3", *, batch: int = 8, odd: Unknown = "x", rate: float | None = None,
        trust_remote_code: bool = False, **others: int,
    ): ...  # fmt: skip


class Inherits(Typed):
    """Says more of one argument.

    Args:
        depth: How deep.
    """


@dataclass
class Data:
    size: int = 3


def told(made):
    return [(one.name, one.type.name, one.required, one.shown_default, one.about) for one in arguments(made)]


def test_an_argument_has_name_type_default_and_meaning_and_odd_annotations_harm_no_other():
    assert told(Typed) == [
        ("checkpoint", "Path", True, "", "The weights, in a folder."),
        ("depth", "str", False, "3", ""),
        ("batch", "int", False, "8", "How many together."),
        ("odd", "str", False, "x", ""),
        ("rate", "float | none", False, "", ""),
    ]
    assert [str(one) for one in arguments(Typed)] == ["checkpoint", "depth=3", "batch=8", "odd=x", "rate="]


def test_a_class_inherits_what_is_said_of_its_arguments():
    about = {one.name: one.about for one in arguments(Inherits)}
    assert (about["depth"], about["batch"]) == ("How deep.", "How many together.")


def test_a_dataclass_is_as_any_other_and_a_class_without_a_constructor_takes_nothing():
    assert told(Data) == [("size", "int", False, "3", "")]
    assert arguments(type("Bare", (), {})) == []


def test_arguments_that_are_not_named_have_the_type_of_the_rest():
    others = type_of_others(Typed)
    assert others is not None
    assert others.read("3") == 3
    assert type_of_others(Data) is None


@pytest.mark.parametrize("value", ["a", 3, 0.5, True, None, ["a"]])
def test_what_json_holds_travels_as_it_is(value):
    assert portable({"x": value}) == {"x": value}
    assert portable({"x": Path("a/b")}) == {"x": "a/b"}
