"""Manifests that nobody's `pack` wrote, in files that are else right."""

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission.add import add


@pytest.fixture
def refused(empty, forged, craft):
    """Tries to add a file with another manifest: the lines that say why not; the leaderboard must not have changed."""

    def told(change):
        path = forged(manifest=change)
        before = craft.snapshot(empty)
        with pytest.raises(UserError) as caught:
            add(path, "demo", empty)
        assert craft.snapshot(empty) == before
        assert all(line.isprintable() and len(line) < 600 for line in caught.value.problems)
        return [line.removeprefix(f"{path}: manifest.json: ") for line in caught.value.problems]

    return told


def setting(**fields):
    return lambda card: card | fields


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe{}", "is not UTF-8 (byte 1)"),
        (b"", "is not JSON"),
        (b"[" * 60_000, "is nested deeper than 64"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1, "a": 2}', "holds 'a' twice"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "is not JSON"),
        (b"[]", "is not the manifest of a submission"),
        (b'{"format": "sama-bench run", "version": 1}', "is not the manifest of a submission"),
        (b"\x80\x04\x95", "is not UTF-8"),
        (b'{"name": "\\ud800"}', "half a character"),
        (b'{"version": 1' + b"0" * 4000 + b"}", "bits, expected at most 63"),
    ],
)
def test_what_is_no_manifest_is_refused(refused, content, told):
    (line,) = refused(lambda card: content)
    assert line.startswith(told) or told in line


@pytest.mark.parametrize("version", [2, 2**63 - 1])
def test_a_form_of_the_future_asks_for_a_newer_version(refused, version):
    (line,) = refused(setting(version=version, more="than we know"))
    assert line.startswith("was packed by a newer sama-bench (version ")
    assert line.endswith("this one knows 1): install a newer one")


@pytest.mark.parametrize("version", [True, "1", 0, -1, 1.0, None])
def test_no_version_is_guessed(refused, version):
    (line,) = refused(setting(version=version))
    assert line.endswith("expected 1")


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a\nb", "\x1b[31mred", "\u202eflipped", "a\u200bb", "a" * 101, 5, None, ["a"]]
)
def test_a_name_that_does_not_show_as_it_is_is_refused(refused, name):
    (line,) = refused(setting(name=name))
    assert line.startswith("name is ")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//example.org", "https://", "https://a b", 'https://a"onclick=x',
             "https://example.org/\u202e", "https://example.org/" + "a" * 200, None, 1],
)  # fmt: skip
def test_a_link_that_is_no_address_is_refused(refused, link):
    (line,) = refused(setting(link=link))
    assert line.startswith("link is ")


def test_all_problems_are_told_at_once(refused):
    def change(card):
        del card["can"]
        wrong = {
            "tasks": {"x": "0" * 64},
            "model_args": {"a": 1},
            "asking": [],
            "sees_truth": "no",
            "benchmark": "G" * 64,
        }
        return card | wrong | {"versions": {"a\n": "1"}, "payload": "x" * 5000}

    found = refused(change)
    assert [line.split()[0] for line in found] == [
        "can", "knows", "benchmark", "tasks", "model_args", "asking", "sees_truth", "versions"
    ]  # fmt: skip
    assert found[0] == "can is missing"
    assert found[1].startswith("knows no 'payload'; expected name, link,")


@pytest.mark.parametrize(
    "fields",
    [{"can": {"regions": True, "masks": True}}, {"can": {"regions": 1, "masks": True, "text": True}}, {"tasks": {}},
     {"tasks": {"g": "0"}}, {"asking": {str(n): "x" for n in range(101)}}, {"asking": {"a": "\x1b"}}],
)  # fmt: skip
def test_a_field_of_another_kind_is_refused(refused, fields):
    (line,) = refused(setting(**fields))
    assert line.split()[0] in fields


def test_answers_to_another_benchmark_are_refused(refused, bench):
    (line,) = refused(setting(benchmark="ab" * 32))
    assert line == (
        f"answers another benchmark (fingerprint abababababab), the leaderboard is of {bench.fingerprint[:12]}"
    )


def test_questions_that_were_worded_otherwise_are_refused(refused):
    def change(card):
        return card | {"tasks": dict.fromkeys(card["tasks"], "0" * 64)}

    found = refused(change)
    assert [line.split(" (")[0] for line in found] == [
        f"task {task} was asked by another definition" for task in ("c", "g")
    ]
