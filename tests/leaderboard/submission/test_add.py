import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from sama_bench.errors import MissingExtra, UserError
from sama_bench.installation import pip_line
from sama_bench.leaderboard.submission import add as adding
from sama_bench.leaderboard.submission.add import add
from sama_bench.leaderboard.submission.entry import SubmissionEntry, find, key_of
from sama_bench.leaderboard.submission.pack import pack
from sama_bench.run.store import Store
from sama_bench.score import score, similarity_choice
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores, keep

pytestmark = pytest.mark.slow


@pytest.fixture
def unscored(monkeypatch):
    """Scoring that takes no time: what is kept, and where, is not of the numbers."""
    block = Block({"METEOR": 0.5}, {"v": {"METEOR": 0.5}}, 1)
    scores = Scores({"strict": {"c": {"task": "c", "version": "now"}}}, {"strict": {"c": block}})

    def made(key, submission, choices, progress=None):
        return SubmissionEntry(key, submission.identity, submission.card, scores)

    monkeypatch.setattr(adding, "scored", made)


@pytest.fixture(scope="module")
def rescored(run, bench, tmp_path_factory):
    """The run's own scores, made as `sama-bench score RUN` makes them."""
    copy = shutil.copytree(run, tmp_path_factory.mktemp("scored") / "run")
    with Store.open(copy, write=True) as store:
        keep(score(bench, store, phrases="words"), store)
    return json.loads((copy / "scores.json").read_text(encoding="utf-8"))


def test_the_scores_are_those_of_the_run_to_the_last_digit(board, rescored):
    entry = json.loads((board / "entries" / "still-made-odd.json").read_text(encoding="utf-8"))
    assert entry["protocols"] == rescored["protocols"]
    assert entry["protocols"]["strict"]["g"]["errors"] > 0
    for protocol, tasks in entry["signature"].items():
        for task, made in tasks.items():
            theirs = rescored["signature"][protocol][task]
            assert made | {"asked": None} == theirs | {"asked": None}
            assert made["asked"] == "frames=8 even full,prompt=dialogue@0123abcd,template=(not published)"


def test_the_folder_holds_text_and_the_packed_file(board, packed):
    files = {str(one.relative_to(board)) for one in board.rglob("*") if one.is_file()}
    (submission,) = files - {"leaderboard.yaml", "entries/still-made-odd.json"}
    assert submission.startswith("submissions/still-made-odd-")
    assert (board / submission).read_bytes() == packed.read_bytes()
    entry = find(board, "still-made-odd")
    assert entry.packed == submission.removeprefix("submissions/")
    assert entry.dumps() == (board / "entries" / "still-made-odd.json").read_bytes()


def test_adding_it_twice_is_told_and_changes_nothing(own, packed, craft):
    before = craft.snapshot(own)
    with pytest.raises(UserError, match="was added before, as entry still-made-odd; to score it again: --replace"):
        add(packed, "demo", own)
    assert craft.snapshot(own) == before


def test_another_one_of_that_name_takes_its_place_only_when_asked(own, run, tmp_path, unscored):
    other = pack(run, tmp_path / "other.zip", "still! MADE odd").path
    with pytest.raises(UserError, match=r"there is another entry still-made-odd \(Still, made odd\)"):
        add(other, "demo", own)
    made = add(other, "demo", own, replace=True)
    assert made.path == own / "entries" / "still-made-odd.json"
    assert find(own, "still-made-odd").card.name == "still! MADE odd"
    assert [one.name for one in (own / "submissions").iterdir()] == [made.entry.packed]


def test_the_packed_file_in_the_leaderboard_can_be_added_again(own, unscored):
    (kept,) = (own / "submissions").iterdir()
    add(kept, "demo", own, replace=True)
    assert find(own, "still-made-odd").scores.signature == {"strict": {"c": {"task": "c", "version": "now"}}}
    assert [one.name for one in (own / "submissions").iterdir()] == [kept.name]


def test_a_task_alone_can_be_handed_in(empty, forged, tmp_path, unscored):
    folder = shutil.copytree(empty, tmp_path / "board")

    def only_c(lines):
        return [line for line in lines if b'"task": "c"' in line]

    path = forged(lambda card: card | {"tasks": {"c": card["tasks"]["c"]}}, only_c)
    assert add(path, "demo", folder).path.exists()


def test_a_folder_that_is_no_leaderboard_is_told_and_not_made(packed, tmp_path):
    with pytest.raises(UserError, match=r"leaderboard\.yaml: is not there, so .* is no leaderboard; write it with"):
        add(packed, "demo", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_another_benchmark_than_the_leaderboard_s_is_told(packed, empty, tmp_path):
    folder = shutil.copytree(empty, tmp_path / "board")
    (folder / "leaderboard.yaml").write_text(f"benchmark: {'ab' * 32}\nphrases: words\n")
    with pytest.raises(UserError, match="answers another benchmark"):
        add(packed, "demo", folder)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("- 1", "expected benchmark and phrases"),
        ("a: b: c", "is not YAML"),
        ("!!python/object:os.x {}", "is not YAML"),
        ("benchmark: x\nphrases: words", "benchmark is 'x', expected the 64 digits"),
        (f"benchmark: '{'0' * 64}'\nphrases: 5\nmore: 1", "phrases is 5"),
        (f"benchmark: '{'0' * 64}'\nphrases: nobody", "nobody"),
    ],
)
def test_settings_that_are_none_are_told(packed, tmp_path, content, told):
    (tmp_path / "leaderboard.yaml").write_text(content)
    with pytest.raises(UserError) as caught:
        add(packed, "demo", tmp_path)
    assert any(told in line for line in caught.value.problems)


def test_a_similarity_that_is_not_at_hand_stops_it_for_all_entries_need_the_same(packed, empty, tmp_path, monkeypatch):
    def missing(name, model=None):
        raise MissingExtra(f"phrase similarity {name}", ["torch"], f"sama-bench[{name}]")

    monkeypatch.setattr(similarity_choice, "find_similarity", missing)
    folder = shutil.copytree(empty, tmp_path / "board")
    settings = folder / "leaderboard.yaml"
    settings.write_text(settings.read_text().replace("words", "default"))
    with pytest.raises(UserError) as caught:
        add(packed, "demo", folder)
    assert [problem.partition(": ")[2] for problem in caught.value.problems] == [
        pip_line("sama-bench[bert]"), pip_line("sama-bench[minilm]")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Qwen2.5-VL (7B)", "qwen2-5-vl-7b"), ("../../etc/passwd", "etc-passwd"), ("..", "entry-0123456789ab"),
        ("模型", "entry-0123456789ab"), ("Größe", "groe"), ("CON", "entry-0123456789ab"), ("-x-", "x"),
        ("a" * 99, "a" * 60), (".git", "git"), ("$(rm -rf)`", "rm-rf"),
    ],
)  # fmt: skip
def test_an_entry_s_files_have_a_harmless_name(name, key):
    assert key_of(name, "0123456789abcdef") == key


# Where an `add` may be killed: at a call of one of these, the number of times that it was called before.
MOMENTS = [
    ("sama_bench.leaderboard.submission.add.checked", 0),
    ("sama_bench.leaderboard.submission.add.scored", 0),
    ("sama_bench.leaderboard.submission.add.keep", 0),
    ("pathlib.Path.replace", 0),
    ("sama_bench.leaderboard.submission.entry.write_bytes", 0),
    ("pathlib.Path.replace", 1),
    ("sama_bench.leaderboard.submission.entry._sweep", 0),
]
KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from sama_bench.leaderboard.submission import add as adding
from sama_bench.leaderboard.submission.entry import SubmissionEntry, find
place, calls, packed, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])
scores = find(folder, "still-made-odd").scores
adding.scored = lambda key, one, *_: SubmissionEntry(key, one.identity, one.card, scores)
module, _, name = place.rpartition(".")
owner = Path if module == "pathlib.Path" else importlib.import_module(module)
real = getattr(owner, name)
def dying(*given):
    global calls
    if not calls:
        os.kill(os.getpid(), signal.SIGKILL)
    calls -= 1
    return real(*given)
setattr(owner, name, dying)
adding.add(packed, "demo", folder, replace=True)
"""


@pytest.mark.parametrize(("place", "calls"), MOMENTS)
def test_a_killed_add_leaves_the_old_entry_or_the_new_one(own, run, tmp_path, place, calls):
    other = pack(run, tmp_path / "other.zip", "still made odd, again").path
    same = pack(run, tmp_path / "same.zip", "Still: made odd").path
    for path in (other, same):  # one that is new, one that takes the place of what is there
        command = [sys.executable, "-c", KILLED, place, str(calls), str(path), str(own)]
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=120)
        assert done.returncode == -signal.SIGKILL, done.stderr
        _check_whole(own)


def _check_whole(folder):
    """Each entry that is there can be read, and has its packed file."""
    names = {
        "still-made-odd": {"Still, made odd", "Still: made odd"},
        "still-made-odd-again": {"still made odd, again"},
    }
    for path in (folder / "entries").glob("[!.]*"):
        entry = find(folder, path.stem)
        assert entry.card.name in names[path.stem]
        assert (folder / "submissions" / entry.packed).exists()
    assert find(folder, "still-made-odd")


def test_what_a_killed_add_left_goes_with_the_next(own, packed, unscored):
    for name in ("submissions/.still-made-odd-0123456789ab.zip.x1", "submissions/still-made-odd-0123456789ab.zip",
                 "entries/.still-made-odd.json.x1"):  # fmt: skip
        (own / name).write_text("part")
    kept = {own / "entries" / ".mine", own / "submissions" / "still-made-odd-too-0123456789ab.zip"}
    for one in kept:
        one.write_text("of others")
    made = add(packed, "demo", own, replace=True)
    left = {one for one in own.rglob("*") if one.is_file()}
    assert left == {own / "leaderboard.yaml", made.path, own / "submissions" / made.entry.packed} | kept
