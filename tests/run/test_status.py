"""What is seen of a run from outside, and what a log off a terminal says."""

import json
import os

import pytest

from sama_bench.errors import UserError
from sama_bench.run import bar as bars
from sama_bench.run import live as lives
from sama_bench.run.bar import Bar, time_told
from sama_bench.run.dispatch import Slot
from sama_bench.run.live import Live, read_live
from sama_bench.run.lock import Lock, is_held
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.progress import Silence
from sama_bench.run.status import status_of
from sama_bench.run.store import Store
from sama_bench.types import Key


def put(store, count, seconds=1.0):
    for n in range(count):
        error = "RuntimeError: x" if n == 1 else None
        store.put(f"v{n % 2}", [(Key("g", str(n)), StoredPrediction("", [], seconds + n, error))])


def test_the_status_of_a_run_that_was_stopped_and_of_one_that_is_done(tmp_path, manifest):
    path = tmp_path / "run"
    with Store.create(path, manifest()) as store:
        put(store, 3)
        shown = status_of(path)
        assert (shown.state, shown.answered, shown.questions, shown.errors) == ("asking", 3, 9, 1)
    shown = status_of(path)
    assert (shown.state, shown.rate, shown.workers) == ("stopped", None, [])
    assert [(one.video, one.questions, one.seconds) for one in shown.slowest] == [("v0", 2, 4.0), ("v1", 1, 2.0)]
    assert (shown.seconds.mean, shown.seconds.median, shown.seconds.most) == (2.0, 2.0, 3.0)
    assert shown.line() == (f"{path}: stopped, 3/9 questions, 1 error, 2 s a question (median; 95 % below 3 s)")
    with Store.create(path, manifest()) as store:
        put(store, 9)
    assert status_of(path).state == "done"


def test_a_run_without_answers_has_a_status(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()):
        shown = status_of(tmp_path / "run")
    assert (shown.answered, shown.seconds, list(shown.slowest)) == (0, None, [])
    with pytest.raises(UserError, match="is not a run"):
        status_of(tmp_path)


def test_progress_is_kept_for_others(tmp_path, monkeypatch):
    monkeypatch.setattr(lives, "SECONDS_BETWEEN", 0)
    slot = Slot("1", "cuda:0", since=0.0, busy=3.0, questions=2, videos=1)
    with Live(tmp_path / "progress.json", Silence(), [slot]) as live:
        live.begin(4, 12, 1, 3)
        live.question_done()
        live.question_done("RuntimeError: x")
        live.video_done()
        seen = read_live(tmp_path / "progress.json")
        assert (seen.state, seen.done, seen.before, seen.errors, seen.pid) == ("asking", 5, 3, 1, os.getpid())
        assert seen.rate > 0
        assert seen.seconds_left > 0
        assert (seen.workers[0].name, seen.workers[0].device, seen.workers[0].questions) == ("1", "cuda:0", 2)
    assert read_live(tmp_path / "progress.json").state == "done"
    with pytest.raises(RuntimeError), Live(tmp_path / "progress.json", Silence()):
        raise RuntimeError
    assert read_live(tmp_path / "progress.json").state == "stopped"
    assert read_live(tmp_path / "none.json") is None
    (tmp_path / "progress.json").write_text(json.dumps({"state": 3}))
    with pytest.raises(UserError):
        read_live(tmp_path / "progress.json")


def test_off_a_terminal_a_line_a_minute_says_how_far_it_is(capsys, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(bars, "monotonic", lambda: clock[0])
    with Bar("motion") as bar:
        bar.begin(4, 100, 0, 10)
        for n in range(50):
            clock[0] += 3
            bar.question_done("RuntimeError: x" if n == 7 else None)
        bar.video_done()
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[2] for line in lines] == [
        "motion: 30/100 questions, 0/4 videos, 3.0 s/question, 3 min 30 s left, 1 error",
        "motion: 50/100 questions, 0/4 videos, 3.0 s/question, 2 min 30 s left, 1 error",
    ]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (3700, "1 h 1 min"), (100_000, "1 d 3 h"), (3600, "1 h 0 min")],
)
def test_times_are_told_in_two_units(seconds, told):
    assert time_told(seconds) == told


def test_a_lock_is_seen_without_being_in_the_way(tmp_path):
    path = tmp_path / "run.lock"
    assert not is_held(path)
    lock = Lock(path, "run")
    assert lock.works
    assert is_held(path)
    lock.release()
    assert not is_held(path)


def test_locks_that_keep_nobody_out_are_noticed(tmp_path, manifest, monkeypatch):
    from sama_bench.run import lock as locks

    monkeypatch.setattr(locks, "lock", lambda file, **_: True)  # as a mount without locks does
    with Store.create(tmp_path / "run", manifest()) as store:
        assert not store.guarded

    def none(file, **_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(locks, "lock", none)
    with Store.create(tmp_path / "other", manifest()) as store:
        assert not store.guarded
    monkeypatch.undo()
    with Store.create(tmp_path / "guarded", manifest()) as store:
        assert store.guarded
