import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.errors import UserError
from sama_bench.files.json_files import DEPTH, ContentError, parse_json, read_json
from sama_bench.files.yaml_files import parse_yaml, read_yaml

WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_json_can_say_comes_back(value):
    assert parse_json(json.dumps(value)) == value
    assert parse_json(b"\xef\xbb\xbf" + json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not JSON"),
        (b"\xff", "is not UTF-8 (byte 1)"),
        (b"{]", "is not JSON"),
        (b"[NaN]", "NaN is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"[1e400]", "not finite"),
        (b"[1" + b"0" * 400 + b"]", "bits"),
        (b"[1" + b"0" * 5000 + b"]", "is not JSON"),
        (b"[9223372036854775808]", "64 bits"),
        (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), "nested deeper"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":' * 100_000, "nested deeper"),
        (b'{"a": 1, "a": 2}', "holds 'a' twice"),
        (b'["\\ud835"]', "half a character"),
        (b'{"\\ud835": 1}', "half a character"),
    ],
)
def test_json_that_is_refused(content, reason):
    with pytest.raises(ContentError) as problem:
        parse_json(content)
    assert reason in str(problem.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: [1", "is not YAML"),
        (b"a: \xff", "is not UTF-8 (byte 4)"),
        (b"a: 2024-13-45", "is not YAML"),
        (b"a: .nan", "not finite"),
        (b"a: -.inf", "not finite"),
        (b"a: 1" + b"0" * 400, "bits"),
        (b"a: 1" + b"0" * 5000, "is not YAML"),
        (b"[" * 3000, "nested deeper"),
        (b"a: &a [*a]", "nested deeper"),
        (b"a: 1\na: 2", "stands twice"),
        (b"[a]: 1", "is not YAML"),
        (b"{[a]: 1}", "is not YAML"),
        (b"{{a: 1}: 1}", "is not YAML"),
        (b"a: !!python/object/apply:os.system [ls]", "is not YAML"),
        (b"a: 1\n---\nb: 2", "is not YAML"),
        (b'a: "\\ud835"', "half a character"),
        (b"a: \x00", "is not YAML"),
        (
            b"a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + b"".join(b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 10)) for n in range(98, 106)),
            "more than",
        ),
    ],
)
def test_yaml_that_is_refused(content, reason):
    with pytest.raises(ContentError) as problem:
        parse_yaml(content)
    assert reason in str(problem.value)
    assert "\n" not in str(problem.value)


def test_yaml_is_read_as_it_stands():
    assert parse_yaml(b"\xef\xbb\xbfa: {b: [1, 2.5, c]}\nd: 2024-12-24x") == {
        "a": {"b": [1, 2.5, "c"]},
        "d": "2024-12-24x",
    }
    assert parse_yaml(b"") is None


@pytest.mark.parametrize("read", [read_json, read_yaml])
def test_a_file_that_cannot_be_read_is_named(read, tmp_path):
    damaged, large = tmp_path / "damaged", tmp_path / "large"
    damaged.write_bytes(b"{[")
    large.write_bytes(b"[]".ljust((1 << 20) + 1))
    for path, largest, reason in [
        (tmp_path / "absent", 10, "No such file"),
        (tmp_path, 10, "directory"),
        (tmp_path / ("n" * 300), 10, "too long"),
        (tmp_path / "null\0", 10, "null"),
        (damaged, 10, "is not"),
        (large, 1 << 20, "is larger than 1 MB"),
    ]:
        with pytest.raises(UserError) as problem:
            read(path, largest)
        assert str(path) in str(problem.value)
        assert reason in str(problem.value)


@pytest.mark.parametrize("read", [read_json, read_yaml])
def test_a_pipe_is_refused_and_not_waited_for(read, tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="pipe"):
        read(tmp_path / "pipe")


def test_what_a_user_is_told_is_short_and_printable():
    long = f"run: is {'a' * 100_000}\x1b[31m\ud800\n; make it again with: sama-bench score run"
    (line,) = UserError(long).lines()
    assert len(line) < 1100
    assert line.startswith("run: is aaa")
    assert line.endswith("<U+001B>[31m<U+D800> ; make it again with: sama-bench score run")
    assert line.isprintable()
    assert UserError("größer als\t1 MB").lines() == ["größer als 1 MB"]


def test_yaml_within_many_brackets_is_refused_at_once():
    with pytest.raises(ContentError, match="nested deeper than 64"):
        parse_yaml(b"a: " + b"[" * 1_000_000)
    with pytest.raises(ContentError):
        parse_yaml(b"a: !!timestamp x")
    with pytest.raises(ContentError):
        parse_yaml(b"a: !!bool x")
