import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.run.manifest import Session
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import Store
from sama_bench.types import Box, Key, Usage

MASK = {"size": [12, 16], "counts": "0Y1g0"}
SESSION = Session("2026-01-01T00:00:00+00:00", {"numpy": "2"}, "abc")


def answer(text="a\x00 ünïcode\n", tracks=([MASK, None],), **more):
    return StoredPrediction(text, [list(track) for track in tracks], **more)


def told(call, *args, **kwargs):
    with pytest.raises(UserError) as caught:
        call(*args, **kwargs)
    (line,) = caught.value.lines()
    return line


def test_what_was_put_comes_back_as_it_was(tmp_path, manifest):
    kept = [
        (Key("g", "2"), answer(seconds=0.25)),
        (Key("c", "2"), answer("", (), error="E: x", traceback="Traceback")),
    ]
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("v", kept)
    with Store.open(tmp_path / "run") as store:
        found = store.predictions("v")
        assert [(key, vars(one)) for key, one in found.items()] == [(key, vars(one)) for key, one in kept]
        assert store.predictions("w") == {}
        assert store.all_keys() == {Key("g", "2"), Key("c", "2")}
        assert store.errors() == {Key("c", "2"): "E: x"}
        assert store.settings == manifest().settings


def test_boxes_and_what_the_model_said_itself_come_back(tmp_path, manifest):
    boxes = [[Box(0, 0.5, 1.0, 1 / 3, 7.0)], []]
    kept = answer(boxes=boxes, raw='{"bbox_2d": [1]}\x00', unread="half of it", usage=Usage(900, None, 2))
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("v", [(Key("g", "1"), kept), (Key("g", "2"), answer(boxes=[]))])
    with Store.open(tmp_path / "run") as store:
        one, other = store.predictions("v").values()
        assert vars(one) == vars(kept)
        assert one.boxes[0][0].x1 == 1 / 3
        assert (other.boxes, other.raw, other.unread, other.usage) == ([], None, None, None)


# What version 0.1 made, to the letter: runs of it are read, and gone on with.
SCHEMA_1 = """
CREATE TABLE prediction (
    task TEXT NOT NULL, id TEXT NOT NULL, video TEXT NOT NULL,
    text TEXT NOT NULL, tracks BLOB NOT NULL, seconds REAL, error TEXT, traceback TEXT,
    PRIMARY KEY (task, id)
);
CREATE INDEX prediction_of_video ON prediction (video);
CREATE TABLE statistic (task TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (task, id));
PRAGMA user_version = 1;
"""


@pytest.fixture
def old_run(tmp_path, manifest):
    """A run as version 0.1 left it: schema 1, and a manifest that says nothing of the adapter."""
    folder = tmp_path / "run"
    Store.create(folder, manifest()).close()
    content = json.loads((folder / "manifest.json").read_text())
    del content["can"], content["asking"]
    (folder / "manifest.json").write_text(json.dumps(content))
    (folder / "run.sqlite").unlink()
    values = ("g", "1", "v", "old", zlib.compress(json.dumps([[MASK, None]]).encode()), 0.5, None, None)
    with closing(sqlite3.connect(folder / "run.sqlite", isolation_level=None)) as database:
        database.executescript(SCHEMA_1)
        database.execute("INSERT INTO prediction VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    return folder


def test_a_run_of_schema_1_is_read_and_left_as_it_is(old_run):
    before = (old_run / "run.sqlite").read_bytes()
    with Store.open(old_run) as store:
        (kept,) = store.predictions("v").values()
        assert vars(kept) == vars(answer("old", seconds=0.5))
        assert store.asking == {}
        assert store.can == Abilities()
    assert (old_run / "run.sqlite").read_bytes() == before


def test_a_run_of_schema_1_is_gone_on_with(old_run, manifest):
    new = answer("new", boxes=[[Box(0, 0, 0, 1, 1)]], raw="r", unread="u")
    with Store.create(old_run, manifest()) as store:
        store.begin(SESSION, Abilities(masks=False), {"prompt": "p"})
        store.put("w", [(Key("g", "2"), new)])
        assert [one.text for video in store.videos() for one in store.predictions(video).values()] == ["old", "new"]
    with Store.open(old_run) as store:
        assert vars(store.predictions("w")[Key("g", "2")]) == vars(new)
        assert (store.asking, store.can.masks) == ({"prompt": "p"}, False)
    with closing(sqlite3.connect(old_run / "run.sqlite")) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (3,)


# What came after it, to the letter.
SCHEMA_2 = """
CREATE TABLE prediction (
    task TEXT NOT NULL, id TEXT NOT NULL, video TEXT NOT NULL,
    text TEXT NOT NULL, tracks BLOB NOT NULL, seconds REAL, error TEXT, traceback TEXT,
    boxes TEXT, raw TEXT, unread TEXT,
    PRIMARY KEY (task, id)
);
CREATE INDEX prediction_of_video ON prediction (video);
CREATE TABLE statistic (task TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (task, id));
CREATE TABLE judge (key TEXT PRIMARY KEY, used INTEGER NOT NULL, json TEXT NOT NULL);
CREATE TABLE verdict (
    judge TEXT NOT NULL, task TEXT NOT NULL, id TEXT NOT NULL, sample INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (judge, task, id, sample)
) WITHOUT ROWID;
CREATE TRIGGER verdict_of_answer AFTER UPDATE ON prediction BEGIN
    DELETE FROM verdict WHERE task = old.task AND id = old.id;
END;
PRAGMA user_version = 2;
"""


def test_a_run_of_schema_2_is_read_as_it_is_and_gone_on_with(tmp_path, manifest):
    Store.create(tmp_path / "run", manifest()).close()
    database_file = tmp_path / "run" / "run.sqlite"
    database_file.unlink()
    values = ("g", "1", "v", "old", zlib.compress(b"[]"), 0.5, None, None, None, "r", None)
    with closing(sqlite3.connect(database_file, isolation_level=None)) as database:
        database.executescript(SCHEMA_2)
        database.execute(f"INSERT INTO prediction VALUES ({', '.join('?' * len(values))})", values)
        database.execute("INSERT INTO judge VALUES ('j', 1, '{}')")
    before = database_file.read_bytes()
    with Store.open(tmp_path / "run") as store:
        (kept,) = store.predictions("v").values()
        assert (kept.text, kept.raw, kept.usage) == ("old", "r", None)
        assert store.judges() == {"j": {}}
    assert database_file.read_bytes() == before
    new = answer("new", usage=Usage(7, 3, 0))
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("w", [(Key("g", "2"), new)])
    with Store.open(tmp_path / "run") as store:
        assert vars(store.predictions("w")[Key("g", "2")]) == vars(new)
        assert store.predictions("v")[Key("g", "1")].text == "old"


@pytest.mark.parametrize("usage", ['{"prompt_tokens": -1}', '{"tokens": 1}', '{"prompt_tokens": 1.5}', "[]", "{"])
def test_a_usage_that_is_none_is_damage(tmp_path, manifest, usage):
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("v", [(Key("g", "1"), answer())])
    with closing(sqlite3.connect(tmp_path / "run" / "run.sqlite", isolation_level=None)) as database:
        database.execute("UPDATE prediction SET usage = ?", (usage,))
    with Store.open(tmp_path / "run") as store:
        assert "the answer to question g:1" in told(store.predictions, "v")


def test_a_model_that_is_asked_in_another_way_is_refused_and_both_are_named(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as store:
        store.begin(SESSION, Abilities(), {"prompt": "a@1", "grounder": "box"})
    with Store.create(tmp_path / "run", manifest()) as store:
        assert told(store.begin, SESSION, Abilities(), {"prompt": "b@2"}) == (
            f"{tmp_path / 'run'} was asked with prompt=a@1, grounder=box; now it would be with prompt=b@2: "
            "the answers would not belong together; give --out another folder"
        )
        store.begin(SESSION, Abilities(), {"grounder": "box", "prompt": "a@1"})
    with Store.open(tmp_path / "run") as store:
        assert len(store.manifest.sessions) == 2


def test_an_answer_asked_again_keeps_its_place(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("w", [(Key("g", "9"), answer("old", error="E")), (Key("g", "1"), answer())])
        store.put("a", [(Key("g", "3"), answer())])
        store.put("w", [(Key("g", "9"), answer("new"))])
        assert store.videos() == ["w", "a"]
        assert [(key.id, one.text[:3]) for key, one in store.predictions("w").items()] == [
            ("9", "new"),
            ("1", "a\x00 "),
        ]
        assert store.errors() == {}


def test_a_video_is_put_whole_or_not_at_all(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("v", [(Key("g", "1"), answer())])
        with pytest.raises(UnicodeEncodeError):
            store.put("w", [(Key("g", "2"), answer()), (Key("g", "3"), answer("\ud800"))])
        assert store.all_keys() == {Key("g", "1")}
        store.put("w", [(Key("g", "2"), answer())])
        assert store.videos() == ["v", "w"]


def test_the_manifest_is_readable_and_notes_every_start(tmp_path, manifest):
    for _ in range(2):
        with Store.create(tmp_path / "run", manifest()) as store:
            store.begin(SESSION, Abilities(), {})
    content = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert content["settings"]["model_args"] == {"width": "3"}
    assert content["benchmark"]["path"] == "/data/grey"
    assert [one["versions"] for one in content["sessions"]] == [{"numpy": "2"}] * 2
    with Store.open(tmp_path / "run") as store:
        assert store.manifest.sessions == (SESSION, SESSION)


def test_other_settings_are_refused_and_all_differences_named(tmp_path, manifest):
    Store.create(tmp_path / "run", manifest(limit=10)).close()
    before = (tmp_path / "run" / "manifest.json").read_bytes()
    other = manifest(limit=20, videos="a*", model_args={}, fingerprint="0" * 64, task_digests={"g": "9" * 64})
    line = told(Store.create, tmp_path / "run", other)
    assert line == (
        f"{tmp_path / 'run'} was made with model args width=3, benchmark fingerprint ffffffffffff, limit=10, "
        "videos=None, task definitions c=22222222 g=11111111; now asked model args none, benchmark fingerprint "
        "000000000000, limit=20, videos=a*, task definitions g=99999999; give --out another folder"
    )
    assert (tmp_path / "run" / "manifest.json").read_bytes() == before


def test_free_arguments_decide_nothing_also_where_they_were_noted(tmp_path, manifest):
    run = tmp_path / "run"
    Store.create(run, manifest(model_args={"width": "3", "batch": "8"})).close()
    for asked in ({"width": "3"}, {"width": "3", "batch": "2"}):
        Store.create(run, manifest(model_args=asked), {"batch", "cache"}).close()
    line = told(Store.create, run, manifest(model_args={"width": "4"}), {"batch"})
    assert line == f"{run} was made with model args width=3; now asked model args width=4; give --out another folder"
    assert "model args batch=8 width=3; now asked model args width=3" in told(
        Store.create, run, manifest(model_args={"width": "3"})
    )


def test_what_is_not_a_run_is_refused_and_left_alone(tmp_path, manifest):
    (tmp_path / "thesis.txt").write_text("precious")
    assert "is not a run" in told(Store.open, tmp_path)
    assert "is not a run" in told(Store.create, tmp_path, manifest())
    assert "is a file" in told(Store.create, tmp_path / "thesis.txt", manifest())
    assert "is not a run" in told(Store.open, tmp_path / "absent")
    assert "cannot be made" in told(Store.create, tmp_path / "thesis.txt" / "below", manifest())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "damaged: it is not JSON"),
        ("[" * 100_000, "damaged: it is nested deeper"),
        ("[]", "is not the manifest of a run"),
        ('{"format": "sama-bench run", "version": 2}', "newer sama-bench"),
        ('{"format": "sama-bench run", "version": "x"}', "no version"),
        ('{"format": "sama-bench run", "version": 1, "settings": {}}', "damaged"),
    ],
)
def test_a_manifest_that_is_not_right_is_told(tmp_path, manifest, content, words):
    Store.create(tmp_path / "run", manifest()).close()
    (tmp_path / "run" / "manifest.json").write_text(content)
    with pytest.raises(UserError) as refusal:
        Store.open(tmp_path / "run")
    assert all(words in line for line in refusal.value.lines())


@pytest.mark.parametrize("wrong", [None, 5, [1], True])
@pytest.mark.parametrize(("part", "name"), [("settings", "model_args"), (None, "asked"), ("benchmark", "path")])
def test_a_manifest_with_a_value_of_another_kind_is_told(tmp_path, manifest, part, name, wrong):
    Store.create(tmp_path / "run", manifest()).close()
    content = json.loads((tmp_path / "run" / "manifest.json").read_text())
    (content[part] if part else content)[name] = wrong
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(content))
    assert f"damaged: {wrong} is not " in told(Store.open, tmp_path / "run")


def test_a_newer_database_is_refused(tmp_path, manifest):
    Store.create(tmp_path / "run", manifest()).close()
    database = sqlite3.connect(tmp_path / "run" / "run.sqlite")
    database.execute("PRAGMA user_version = 7")
    database.close()
    assert "newer sama-bench (version 7" in told(Store.open, tmp_path / "run")
    assert "newer sama-bench (version 7" in told(Store.create, tmp_path / "run", manifest())


def test_a_damaged_database_is_told(tmp_path, manifest):
    Store.create(tmp_path / "run", manifest()).close()
    (tmp_path / "run" / "run.sqlite").write_bytes(b"rubbish " * 1000)
    assert "run.sqlite: this database is damaged" in told(Store.open, tmp_path / "run")
    (tmp_path / "run" / "run.sqlite").unlink()
    assert "holds no predictions" in told(Store.open, tmp_path / "run")


def test_damaged_tracks_are_told(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("v", [(Key("g", "1"), answer())])
    database = sqlite3.connect(tmp_path / "run" / "run.sqlite", isolation_level=None)
    database.execute("UPDATE prediction SET tracks = x'00'")
    database.close()
    with Store.open(tmp_path / "run") as store:
        assert "this database is damaged (the answer to question g:1: " in told(store.predictions, "v")


@pytest.mark.parametrize("left", [["run.lock"], ["run.lock", ".manifest.json.abc123"], ["manifest.json", "run.lock"]])
def test_what_a_start_that_was_killed_left_is_taken_over(tmp_path, manifest, left):
    Store.create(tmp_path / "made", manifest()).close()
    run = tmp_path / "run"
    run.mkdir()
    for name in left:
        source = tmp_path / "made" / name
        (run / name).write_bytes(source.read_bytes() if source.exists() else b"half")
    with Store.create(run, manifest()) as store:
        store.put("v", [(Key("g", "1"), answer())])
    assert sorted(path.name for path in run.iterdir()) == ["manifest.json", "run.lock", "run.sqlite"]


def test_a_reader_sees_nothing_of_a_half_written_database(tmp_path, manifest):
    Store.create(tmp_path / "run", manifest()).close()
    (tmp_path / "run" / "run.sqlite").write_bytes(b"")
    assert "holds no predictions yet" in told(Store.open, tmp_path / "run")


def test_two_writers_cannot_be(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()):
        expected = f"another process is writing to this run (pid {os.getpid()})"
        assert expected in told(Store.create, tmp_path / "run", manifest())
        assert expected in told(Store.open, tmp_path / "run", write=True)
        Store.open(tmp_path / "run").close()
    Store.open(tmp_path / "run", write=True).close()


def test_of_many_starts_at_once_one_makes_the_run(tmp_path, manifest):
    together = Barrier(8, timeout=60)  # an error of another kind in one of them breaks it

    def start(_):
        together.wait()
        try:
            with Store.create(tmp_path / "run", manifest()) as store:
                store.begin(SESSION, Abilities(), {})
                together.wait()
        except UserError as problem:
            together.wait()
            return problem.lines()[0]
        return "made"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(start, range(8)))
    assert outcomes.pop() == "made"
    assert all("another process is writing" in one for one in outcomes)
    with Store.open(tmp_path / "run") as store:
        assert len(store.manifest.sessions) == 1


def test_a_full_disk_is_told_with_the_file_that_found_no_room(tmp_path, manifest):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        problem = told(Store.create, tmp_path / "run", manifest())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert f"{tmp_path / 'run' / 'manifest.json'}: cannot be read or written (File too large)" in problem
    Store.create(tmp_path / "run", manifest()).close()


READ_ONLY = """
import os, sys
from pathlib import Path
from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.benchmark.installed import is_task
from sama_bench.run.store import Store
Store.open(Path(sys.argv[1])).close()
is_task("g")  # what is imported late cannot be read later
if os.geteuid() == 0:
    os.setuid(65534)  # to root nothing is read-only
with Store.open(Path(sys.argv[1])) as store:
    print(len(store.predictions("v")))
try:
    Store.open(Path(sys.argv[1]), write=True)
except UserError as problem:
    print(problem.lines()[0].rpartition("run.lock: ")[2])
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs POSIX permissions")
def test_a_run_in_a_read_only_folder_can_be_read(manifest):
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        with Store.create(run, manifest()) as store:
            store.put("v", [(Key("g", "1"), answer())])
        for path in run.iterdir():
            path.chmod(0o444)
        run.chmod(0o555)
        Path(folder).chmod(0o755)
        command = [sys.executable, "-c", READ_ONLY, str(run)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        run.chmod(0o755)
    assert done.stdout.splitlines() == ["1", "cannot be written (Permission denied)"], done.stderr


def test_scores_are_the_same_bytes_for_the_same_numbers(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put_scores({"mean": 1 / 3, "who": "é"})
        first = (tmp_path / "run" / "scores.json").read_bytes()
        store.put_scores({"mean": 1 / 3, "who": "é"})
        assert (tmp_path / "run" / "scores.json").read_bytes() == first
        assert json.loads(first) == {"mean": 1 / 3, "who": "é"}
        with pytest.raises(ValueError, match="JSON"):
            store.put_scores({"mean": float("nan")})
        assert (tmp_path / "run" / "scores.json").read_bytes() == first


def test_statistics_are_kept_by_question(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put_statistics([(Key("g", "2"), {"iou": 0.1}), (Key("c", "1"), {})])
        store.put_statistics([(Key("g", "2"), {"iou": 0.2})])
        assert dict(store.statistics()) == {Key("c", "1"): "{}", Key("g", "2"): '{"iou": 0.2}'}


def test_verdicts_come_back_by_judge_and_go_with_the_answer_that_they_are_on(tmp_path, manifest):
    one, two = Key("g", "2"), Key("c", "2")
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("v", [(one, answer()), (two, answer())])
        store.put_judge("j1", {"column": "Judge", "samples": 2})
        store.put_verdicts("j1", [(one, 1, {"score": 0.5}), (one, 0, {"score": None}), (two, 0, {"score": 1})])
        store.put_judge("j2", {"column": "Judge", "samples": 1})
        store.put_judge("j1", {"column": "Judge", "samples": 1})
        assert list(store.judges()) == ["j2", "j1"]
        assert store.judges()["j1"] == {"column": "Judge", "samples": 1}
        whole = [(two, 0, {"score": 1}), (one, 0, {"score": None}), (one, 1, {"score": 0.5})]
        assert list(store.verdicts("j1")) == whole
        assert list(store.verdicts("j2")) == []
        store.put("v", [(one, answer("another"))])
        assert list(store.verdicts("j1")) == whole[:1]


def test_a_run_of_a_model_whose_name_another_has_now_opens_and_says_what_it_is_called(tmp_path, manifest):
    old = manifest(model="sama", model_args={"checkpoint": "w", "repo": "SAMA"})
    Store.create(tmp_path / "run", old).close()
    with Store.open(tmp_path / "run") as store:
        assert store.settings.called_now == "sama-released"
    for asked in (manifest(model="sama", model_args={"checkpoint": "w"}), manifest(model="sama-released")):
        line = told(Store.create, tmp_path / "run", asked)
        assert "called sama-released now" in line
        assert "--model sama-released" in line
    Store.create(tmp_path / "run", old).close()  # scored again as it is
    assert manifest(model="sama", model_args={"checkpoint": "w"}).settings.called_now == ""
