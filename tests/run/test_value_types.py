from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, Optional, Union

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.run.value_types import Unfit, shown, value_type

Seconds = NewType("Seconds", float)
Form = Literal["images", "video"]


class Stranger:
    pass


READ = [
    (bool, "true", True), (bool, "No", False), (bool, "1", True), (bool, False, False), (bool, 0, False),
    (int, "8", 8), (int, "-3", -3), (int, "007", 7), (int, 8, 8), (int, np.int64(8), 8),
    (float, "0.5", 0.5), (float, "1e-3", 0.001), (float, 2, 2.0), (float, "-2", -2.0),
    (str, "8", "8"), (str, "none", "none"), (str, "", ""), (str, 8, "8"), (str, 0.5, "0.5"), (str, True, "True"),
    (str, Path("a/b"), "a/b"), (Path, "a/b", Path("a/b")), (Path, Path("a"), Path("a")),
    (Form, "video", "video"), (Literal["1", "2"], 2, "2"), (Literal[1, 2], "2", 2),
    (Literal[True, "auto"], "true", True),
    (int | None, "3", 3), (int | None, "none", None), (int | None, "", None), (int | None, None, None),
    (Optional[float], "None", None), (Union[int, str], "7", 7), (Union[int, str], "x", "x"),  # noqa: UP007, UP045 - so, too
    (str | None, "none", None), (str | None, "", ""), (str | None, "x", "x"), (str | None, None, None),
    (str | int, 3, 3), (str | int, "3", 3), (float | int, 3, 3), (bool | int, True, True), (int | bool, True, True),
    (int | Literal["full"] | None, "full", "full"), (int | Literal["full"] | None, "448", 448),
    (Literal["box", "none"] | None, "none", "none"), (Literal["box", "none"] | None, None, None),
    (Literal["on", "off"] | Path, "off", "off"), (Literal["on", "off"] | Path, "x.sqlite", Path("x.sqlite")),
    (Sequence[str], "a,b", ("a", "b")), (Sequence[str], "a, b", ("a", "b")), (Sequence[str], "", ()),
    (list[int], "1,2", [1, 2]), (list[int], (1, "2"), [1, 2]), (tuple[float, ...], "1", (1.0,)), (list, "a", ["a"]),
    (Sequence[int] | None, "none", None), (Annotated[int, "pixels"], "3", 3), (Seconds, "3", 3.0),
    (Any, 3, 3), (Any, "3", "3"), (object, 3, 3), (Stranger, "3", "3"), (Stranger, 3, "3"), (dict[str, int], 3, "3"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "expected"), READ)
def test_a_value_becomes_what_the_annotation_says(kind, value, expected):
    made = value_type(kind).read(value)
    assert (made, type(made)) == (expected, type(expected))


REFUSED = [
    (bool, "maybe", "true or false (bool)"), (bool, 2, "true or false (bool)"), (bool, "", "true or false (bool)"),
    (int, "abc", "a whole number (int)"), (int, "1.0", "a whole number (int)"), (int, 1.0, "a whole number (int)"),
    (int, True, "a whole number (int)"), (int, "1_000", "a whole number (int)"), (int, "٣", "a whole number (int)"),
    (int, "", "a whole number (int)"), (int, None, "a whole number (int)"), (int, "9" * 5000, "a whole number (int)"),
    (float, "fast", "a number (float)"), (float, "nan", "a number (float)"), (float, True, "a number (float)"),
    (float, [1], "a number (float)"), (str, None, "a text (str)"), (str, ["a"], "a text (str)"),
    (Path, "", "a path (Path)"), (Path, 3, "a path (Path)"),
    (Form, "film", "images or video"), (Form, "vidoe", "images or video, did you mean video?"),
    (int | None, "abc", "a whole number (int)"), (int | float | None, "x", "a whole number (int) or a number (float)"),
    (int | Literal["full"] | None, "ful", "a whole number (int) or full, did you mean full?"),
    (list[int], "1,x", "values with commas between them, each a whole number (int)"),
    (Sequence[str], 3, "values with commas between them, each a text (str)"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "expected"), REFUSED)
def test_another_value_is_refused_with_what_was_expected(kind, value, expected):
    with pytest.raises(Unfit) as refusal:
        value_type(kind).read(value)
    assert str(refusal.value) == expected


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (int, "int"), (int | None, "int | none"), (Form, "images | video"), (Form | None, "images | video | none"),
        (Literal["box", "none"] | None, "box | none"), (Sequence[int], "int,…"), (Stranger, "str"), (Any, "str"),
    ],
)  # fmt: skip
def test_types_are_listed_in_few_words(kind, name):
    assert value_type(kind).name == name


@given(st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6).map(lambda x: float(f"{x:g}"))))
def test_what_is_shown_is_read_back(value):
    assert value_type(type(value)).read(shown(value)) == value


@given(st.text(max_size=20), st.sampled_from([kind for kind, _, _ in READ]))
def test_whatever_is_written_is_read_or_refused(text, kind):
    with suppress(Unfit):
        value_type(kind).read(text)
