"""What is shipped says of every argument what it is, and what it is for."""

import inspect
from importlib.metadata import entry_points
from typing import get_args

import pytest

from sama_bench.adapters.shared.prompting_options import Boxes, Referents
from sama_bench.prompting.conventions import CONVENTIONS
from sama_bench.prompting.template import REFERENTS
from sama_bench.run.arguments import annotated_types, arguments

SHIPPED = sorted(
    (entry.name, entry.value)
    for group in ("sama_bench.adapters", "sama_bench.grounders")
    for entry in entry_points(group=group)
    if entry.value.startswith("sama_bench.")
)


def shipped(value):
    module, _, name = value.partition(":")
    return getattr(__import__(module, fromlist=[name]), name)


def test_all_of_them_are_looked_at():
    assert {"chat", "openai", "sama", "motion", "videorefer", "sam2", "flow"} <= {name for name, _ in SHIPPED}


@pytest.mark.parametrize(("name", "value"), SHIPPED)
def test_each_constructor_is_annotated_and_explains_its_arguments(name, value):
    made = shipped(value)
    takes = set(inspect.signature(made).parameters)
    assert takes <= set(annotated_types(made))
    assert [one.name for one in arguments(made) if not one.about] == []


def test_words_that_prompting_knows_are_those_of_the_annotations():
    assert set(get_args(Referents)) == set(REFERENTS)
    assert set(get_args(Boxes)) == set(CONVENTIONS)
