"""Runs that somebody forged: each is refused in one line, at once, and no other file is touched."""

import json
import os
import sqlite3
import time
import zlib
from contextlib import closing

import pytest

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.run.guarded_database import SUPER_JOURNAL
from sama_bench.run.manifest import Manifest, RunSettings, Session
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import MEMBERS, Store
from sama_bench.types import Key

ENDLESS = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT"
MASK = {"size": [2, 2], "counts": "04"}


@pytest.fixture
def asked():
    return Manifest(RunSettings("m", {}, "f" * 64, ("g",), None, None, {}), "bench", "bench")


@pytest.fixture
def run(tmp_path, asked):
    with Store.create(tmp_path / "run", asked) as store:
        store.begin(Session("2026-01-01T00:00:00+00:00", {}, None), Abilities(), {})
        store.put("v", [(Key("g", str(n)), StoredPrediction("a", [[MASK]])) for n in range(50)])
        store.put_scores({})
    return tmp_path / "run"


def told(call, *args, **options):
    with pytest.raises(UserError) as problem:
        call(*args, **options)
    return "\n".join(problem.value.lines())


def alter(run, script):
    with closing(sqlite3.connect(run / "run.sqlite", isolation_level=None)) as database:
        database.executescript(script)


def read_all(run):
    with Store.open(run) as store:
        return store.all_keys(), store.predictions("v"), store.videos(), store.errors()


@pytest.mark.parametrize("name", MEMBERS)
def test_a_link_in_place_of_a_file_is_refused_and_what_it_names_stays(run, asked, tmp_path, name):
    for there, victim in enumerate((tmp_path / "victim", tmp_path / "nowhere")):
        if not there:
            victim.write_text("mine")
        (run / name).unlink(missing_ok=True)
        (run / name).symlink_to(victim)
        for call in (lambda: Store.open(run), lambda: Store.open(run, write=True), lambda: Store.create(run, asked)):
            assert f"{run / name}: is a link, expected a plain file" in told(call)
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
@pytest.mark.parametrize("name", MEMBERS)
def test_a_pipe_or_a_folder_in_place_of_a_file_is_refused_at_once(run, name):
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)
    assert f"{run / name}: is a pipe or a device" in told(Store.open, run, write=True)
    (run / name).unlink()
    (run / name).mkdir()
    assert f"{run / name}: is a folder" in told(Store.open, run)


def test_a_lock_that_is_another_name_of_a_file_is_not_written_to(run, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (run / "run.lock").unlink()
    (run / "run.lock").hardlink_to(victim)
    assert "run.lock: cannot be written (it is a link to another file" in told(Store.open, run, write=True)
    assert victim.read_text() == "mine"


FORGED = [
    f"""ALTER TABLE prediction RENAME TO old; CREATE VIEW prediction AS {ENDLESS} 'g' task, n id, 'v' video, '' text,
    x'' tracks, 0.0 seconds, NULL error, NULL traceback, NULL boxes, NULL raw, NULL unread FROM t""",
    f"DROP TABLE statistic; CREATE VIEW statistic AS {ENDLESS} 'g' task, n id, '{{}}' json FROM t",
    f"""CREATE TRIGGER slow AFTER INSERT ON prediction BEGIN
    DELETE FROM statistic WHERE id IN ({ENDLESS} n FROM t); END""",
    """DROP TRIGGER verdict_of_answer; CREATE TRIGGER verdict_of_answer AFTER UPDATE ON prediction BEGIN
    UPDATE prediction SET text = 'forged'; END""",
    "CREATE INDEX slow ON prediction (hex(zeroblob(100)))",
    "DROP TABLE judge; CREATE TABLE judge (key TEXT, used INTEGER, json TEXT AS (hex(zeroblob(100))))",
    "CREATE VIRTUAL TABLE words USING fts5(text)",
]


@pytest.mark.parametrize("script", FORGED)
def test_a_view_a_trigger_or_a_table_that_is_not_ours_is_refused(run, script):
    alter(run, script)
    began = time.process_time()
    for write in (False, True):
        assert "that no sama-bench made" in told(Store.open, run, write=write)
    assert time.process_time() - began < 1


def test_a_run_that_somebody_analyzed_is_read(run):
    alter(run, "ANALYZE")
    assert len(read_all(run)[0]) == 50


def test_a_table_whose_pages_are_read_again_and_again_comes_to_an_end(run):
    _make_endless(run / "run.sqlite")
    began = time.process_time()
    assert "run.sqlite: " in told(read_all, run)
    assert time.process_time() - began < 20


def _make_endless(path, depth=12, children=300):
    """Put pages above the table's first one, each of which names the next as all its children: 300 ** 12 times it."""
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    with closing(sqlite3.connect(path)) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'prediction'").fetchone()
    first = len(content) // size + 1  # the number of the first new page
    lowest = bytes(content[(root - 1) * size : root * size])
    for number in range(first, first + depth):
        content += _inner(number + 1, children, size)
    content += lowest
    content[(root - 1) * size : root * size] = _inner(first, children, size)
    content[28:32] = (len(content) // size).to_bytes(4, "big")
    path.write_bytes(content)


def _inner(child, children, size):
    """An inner page of a table, all of whose children are the page `child`."""
    cells = b"".join(child.to_bytes(4, "big") + bytes([number % 128]) for number in range(children))
    places = b"".join((size - len(cells) + 5 * number).to_bytes(2, "big") for number in range(children))
    head = bytes([5, 0, 0]) + children.to_bytes(2, "big") + (size - len(cells)).to_bytes(2, "big") + bytes(1)
    page = head + child.to_bytes(4, "big") + places
    return page + bytes(size - len(page) - len(cells)) + cells


def test_tracks_that_unpack_without_bound_are_refused(run):
    packing = zlib.compressobj()
    bomb = b"".join(packing.compress(b"[]," * 1_000_000) for _ in range(25)) + packing.flush()
    with closing(sqlite3.connect(run / "run.sqlite", isolation_level=None)) as database:
        database.execute("UPDATE prediction SET tracks = ? WHERE id = '7'", (bomb,))
    assert "more than 67,108,864 bytes from" in told(read_all, run)


def test_tracks_that_end_too_early_are_damage(run):
    with closing(sqlite3.connect(run / "run.sqlite", isolation_level=None)) as database:
        whole = zlib.compress(json.dumps([[MASK]]).encode())
        database.execute("UPDATE prediction SET tracks = ? WHERE id = '7'", (whole[:-4],))
    assert "damaged" in told(read_all, run)


def test_a_journal_that_names_another_file_is_not_obeyed(run, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    name = str(victim).encode()
    tail = name + len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + SUPER_JOURNAL
    (run / "run.sqlite-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(504) + tail)
    assert "names another file that would be removed" in told(Store.open, run)
    assert victim.read_text() == "mine"
