"""Lines that no run would give, in files that are else right."""

import json

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission import check, settings, submitted_predictions
from sama_bench.leaderboard.submission.add import add


@pytest.fixture
def refused(empty, forged, craft):
    """Tries to add a file with other lines: what is said of them; the leaderboard must not have changed."""

    def told(change):
        path = forged(lines=change)
        before = craft.snapshot(empty)
        with pytest.raises(UserError) as caught:
            add(path, "demo", empty)
        assert craft.snapshot(empty) == before
        assert all(line.isprintable() and len(line) < 600 for line in caught.value.problems)
        return [line.removeprefix(f"{path}: predictions.jsonl") for line in caught.value.problems]

    return told


def found(lines, fits):
    """The first line, and its number, whose content fits."""
    for number, line in enumerate(lines, 1):
        if fits(json.loads(line)):
            return number, json.loads(line)
    raise AssertionError("there is no such line")


def grounded(content):
    return any(mask is not None for track in content.get("tracks", ()) for mask in track)


@pytest.fixture
def changed(refused):
    """Changes the content of a line that has masks (or that `fits`), and gives what is said of it."""

    def told(change, fits=grounded):
        seen = {}

        def lines(old):
            number, content = found(old, fits)
            new = change(content)
            seen["number"], seen["id"] = number, content["question_id"]
            return [
                *old[: number - 1],
                new if isinstance(new, bytes) else json.dumps(new).encode() + b"\n",
                *old[number:],
            ]

        said = refused(lines)
        assert all(line.startswith(f":{seen['number']}: ") for line in said)
        return [line.removeprefix(f":{seen['number']}: ").replace(seen["id"], "ID") for line in said]

    return told


def mask(**fields):
    """A change of the first mask."""

    def change(content):
        track = next(track for track in content["tracks"] if any(track))
        place = next(n for n, one in enumerate(track) if one is not None)
        track[place] = track[place] | fields
        return content

    return change


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"size": [1, 1]}, "mask is 1x1 (height x width), expected "),
        ({"size": [10**9, 10**9]}, "mask is 1000000000x1000000000"),
        ({"size": "240"}, "size of a mask must be [height, width]"),
        ({"counts": "0" * 10_000_000}, "has more than"),
        ({"counts": "0" * 2_000_000}, "counts of a mask have 2000000 characters, too many for"),
        ({"counts": [10**12, 1]}, "counts of a mask must be whole numbers from 0 to its"),
        ({"counts": "oooooooooo0"}, "counts of a mask hold a number of more than 6 digits"),
        ({"counts": "oooooo"}, "counts of a mask are cut off in the middle of a number"),
        ({"counts": "10"}, "counts of a mask sum to"),
        ({"counts": "\u00e9"}, "counts of a mask hold characters that are not ASCII"),
        ({"counts": None}, "counts of a mask must be a compressed string or a list"),
    ],
)
def test_a_mask_that_is_none_is_refused(changed, monkeypatch, fields, told):
    monkeypatch.setattr(submitted_predictions, "LINE", 4 << 20)
    assert told in changed(mask(**fields))[0]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"tracks": [[None]]}, "tracks[0]: track has 1 entries, expected one for each of"),
        ({"tracks": {"0": 1}}, '"tracks" is {"0": 1}, expected a list'),
        ({"tracks": [[]] * 1001}, '"tracks" has a length of 1,001, expected at most 1,000'),
        ({"text": 5}, '"text" is 5, expected a string'),
        ({"text": "x" * 100_001}, '"text" has a length of 100,001, expected at most 100,000'),
        ({"text": None}, '"text" is null'),
        ({"error": "also"}, 'has "error", so it is to be a string, without "text" and "tracks"'),
        ({"unread": 1}, '"unread" is 1, expected a string'),
        ({"seconds": 1.5}, "has seconds, expected null"),
        ({"raw": "x" * 10}, "knows no raw"),
        ({"\x1b[31m": 1}, "knows no <U+001B>[31m"),
        ({"video": "mevis/other"}, "says video 'mevis/other', the question belongs to"),
        ({"task": "x"}, '"task" is "x", expected "g" or "c"'),
        ({"task": ["g"]}, '"task" is ["g"], expected'),
        ({"question_id": None}, '"question_id" is null'),
        ({"question_id": 1.5}, '"question_id" is 1.5'),
        ({"question_id": {"a": []}}, '"question_id" is {"a": []}'),
        ({"question_id": "no such"}, "question g:no such: is not a question of the benchmark demo"),
        ({"question_id": 10**4000}, "question g:1000"),
        ({"question_id": "\x1b[31m\ud800"}, "question g:<U+001B>[31m<U+D800>: is not a question"),
    ],
)
def test_a_field_of_another_kind_is_refused(changed, fields, told):
    assert any(told in line for line in changed(lambda content: content | fields, lambda one: one["task"] == "g"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"\xff\n", "is not UTF-8 (byte 1 of the line)"),
        (b"\x80\x04\x95cos\n", "is not UTF-8"),
        (b"[" * 100_000 + b"\n", "is nested too deep"),
        (b'{"task": "g", "question_id": NaN}\n', "NaN is not a JSON number"),
        (b'{"task": "g", "question_id": ' + b"1" * 5000 + b"}\n", "is not JSON"),
        (b"[]\n", "is not a JSON object"),
        (b"{}\n", 'has no "task"'),
        (b'{"task": "g"\n', "is not JSON"),
    ],
)
def test_a_line_that_is_no_answer_is_refused(changed, line, told):
    (said,) = changed(lambda content: line)
    assert told in said


def test_every_wrong_line_is_told_with_its_number(refused):
    def lines(old):
        return [b"[]\n", *old[1:4], b"{}\n", *old[5:]]

    assert refused(lines) == [":1: is not a JSON object", ':5: has no "task"']


def test_each_question_that_is_missing_is_named(refused, bench):
    gone = []

    def lines(old):
        gone.extend(json.loads(line) for line in old[::10])
        return [line for number, line in enumerate(old) if number % 10]

    said = refused(lines)
    names = {f"{one['task']}:{one['question_id']}" for one in gone}
    assert said == [f": question {key} has no line" for key in bench.where if str(key) in names]
    assert len(said) == 11


def test_no_lines_at_all_are_refused(refused):
    assert refused(lambda old: [])[0].startswith(": is empty, expected")


def test_a_question_that_is_answered_twice_is_refused(refused):
    first = {}

    def lines(old):
        first.update(json.loads(old[0]))
        return [old[0], old[0], *old[2:]]

    assert refused(lines) == [
        f":2: question {first['task']}:{first['question_id']}: is answered twice, here and in line 1"
    ]


def test_more_lines_than_questions_are_not_even_read(refused):
    assert refused(lambda old: [*old, b"{}\n"]) == [": has more than 104 lines, one for each question of the benchmark"]


def test_a_line_without_end_is_not_held_in_memory(refused, monkeypatch):
    monkeypatch.setattr(submitted_predictions, "LINE", 1 << 20)
    assert refused(lambda old: [old[0], b" " * (1 << 20), b" ", *old[1:]]) == [":2: has more than 1,048,576 bytes"]


def test_answers_to_a_task_that_the_manifest_does_not_name_are_refused(forged, empty):
    path = forged(manifest=lambda card: card | {"tasks": {"g": card["tasks"]["g"]}})
    with pytest.raises(UserError, match="has more than 65 lines"):
        add(path, "demo", empty)


def test_a_file_that_changes_while_it_is_checked_changes_nothing(packed, empty, tmp_path, craft):
    path = tmp_path / "own.zip"
    path.write_bytes(packed.read_bytes())
    with check.checked(path, "demo", settings.read(empty)) as submission:
        path.write_bytes(b"other")
        assert submission.packed.read_bytes() == packed.read_bytes()
        assert not submission.packed.is_relative_to(tmp_path)
    assert not submission.packed.exists()
