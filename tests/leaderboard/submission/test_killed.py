"""`add` and `build` killed at any file event, a full disk, two that add at once, and links in a leaderboard."""

import json
import os
import shutil
import tempfile
from itertools import count

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.page import plots
from sama_bench.leaderboard.submission import add as adding
from sama_bench.leaderboard.submission.add import add
from sama_bench.leaderboard.submission.build import build
from sama_bench.leaderboard.submission.check import checked
from sama_bench.leaderboard.submission.entry import SubmissionEntry, read_all
from sama_bench.leaderboard.submission.settings import read
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]
BLOCK = Block({"METEOR": 0.5}, {"v": {"METEOR": 0.5}}, 1)
SIGNATURE = {"task": "c", "protocol": "strict", "questions": 1, "videos": 1, "version": "now"}


def unscored(key, submission, choices, progress=None):
    """Scoring that takes no time: what is kept, and where, is not of the numbers."""
    return SubmissionEntry(
        key, submission.identity, submission.card, Scores({"strict": {"c": SIGNATURE}}, {"strict": {"c": BLOCK}})
    )


@pytest.fixture
def ready(packed, empty, tmp_path, monkeypatch):
    """The submission is checked and scored once: each trial keeps it."""
    monkeypatch.setattr(adding, "scored", unscored)
    monkeypatch.setattr(plots, "write", lambda *_: [])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return tmp_path


@pytest.fixture
def quick(ready, packed, empty, monkeypatch):
    """An `add` that opens its benchmark once for all trials."""
    with checked(packed, "demo", read(empty)) as submission:
        benchmark = submission.benchmark
    monkeypatch.setattr("sama_bench.benchmark.open_benchmark", lambda *_, **__: benchmark)
    return ready


def files(folder):
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_a_killed_add_leaves_what_was_there_or_the_entry(killing, quick, packed, empty):
    numbers = count()

    def call(folder):
        add(packed, "demo", folder, replace=True)

    def make():
        return shutil.copytree(empty, quick / f"trial-{next(numbers)}")

    call(wanted := make())

    def check(folder, *, killed):
        if killed:
            for entry in read_all(folder):
                assert (folder / "submissions" / entry.packed).read_bytes() == packed.read_bytes()
            return
        assert files(folder) == files(wanted)
        assert not list((quick / "temporary").iterdir())

    assert killing.kill_at_every_event(make, call, check) > 10


@pytest.mark.parametrize("over", [True, False])
def test_a_killed_build_leaves_a_whole_site(killing, ready, packed, empty, over):
    board = shutil.copytree(empty, ready / "board")
    add(packed, "demo", board)
    build(board, ready / "old")
    (path,) = (board / "entries").iterdir()
    path.write_text(path.read_text().replace("Still, made odd", "Another name"))
    build(board, ready / "new")
    before, after, numbers = files(ready / "old") if over else {}, files(ready / "new"), count()

    def make():
        folder = ready / f"trial-{next(numbers)}"
        return shutil.copytree(ready / "old", folder) if over else folder

    def check(folder, *, killed):
        there = files(folder)
        if not killed:
            assert there == after
            return
        page = {name: content for name, content in there.items() if name.startswith("page/")}
        assert page in [{name: one[name] for name in one if name.startswith("page/")} for one in (before, after)]
        assert over <= ("index.html" in there)

    assert killing.kill_at_every_event(make, lambda folder: build(board, folder), check) > 20


def test_where_the_disk_is_full_add_changes_nothing(killing, quick, packed, empty):
    resource = pytest.importorskip("resource")
    board = shutil.copytree(empty, quick / "board")

    def limited(largest):
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        with pytest.raises((UserError, OSError)):
            add(packed, "demo", board)

    for largest in (10, 1000, packed.stat().st_size - 1):
        assert killing.in_child(limited, largest) == 0
        assert files(board) == files(empty)


def test_of_two_that_add_one_name_at_once_one_wins(killing, quick, forged, empty, monkeypatch):
    board = shutil.copytree(empty, quick / "board")
    others = []
    for number in range(2):
        path = forged(lambda card, number=number: card | {"link": f"https://example.org/{number}"})
        others.append(path.rename(quick / f"{number}.zip"))

    def scored_late(key, submission, choices, progress=None):
        add(others[1], "demo", board)  # the other one comes first to its end
        return unscored(key, submission, choices)

    def first(key, *rest):
        monkeypatch.setattr(adding, "scored", unscored)
        return scored_late(key, *rest)

    monkeypatch.setattr(adding, "scored", first)
    with pytest.raises(UserError, match="there is another entry still-made-odd"):
        add(others[0], "demo", board)
    (entry,) = read_all(board)
    assert entry.card.link == "https://example.org/1"
    assert (board / "submissions" / entry.packed).read_bytes() == others[1].read_bytes()


@pytest.mark.parametrize("place", ["entries/still-made-odd.json", "submissions/{}"])
def test_a_link_in_a_leaderboard_is_not_written_through(quick, packed, empty, place):
    board = shutil.copytree(empty, quick / "board")
    victim = quick / "victim"
    add(packed, "demo", other := shutil.copytree(empty, quick / "other"))
    victim.write_bytes((other / "entries" / "still-made-odd.json").read_bytes())
    (kept,) = (other / "submissions").iterdir()
    link = board / place.format(kept.name)
    link.parent.mkdir()
    link.symlink_to(victim)
    before = victim.read_bytes()
    with pytest.raises(UserError, match="is a link, expected a plain file"):
        add(packed, "demo", board, replace=True)
    assert victim.read_bytes() == before
    assert json.loads(before)
