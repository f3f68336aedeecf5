"""Damaged manifests, scores, databases, baselines and general scores: a line of what is wrong, or all is as before."""

import io
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from sama_bench.api.gates import decided
from sama_bench.gate.gate_input import baseline_text, load
from sama_bench.gate.rules import Policy, usual
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.data_export import as_csv, as_json
from sama_bench.leaderboard.general import general_boards
from sama_bench.leaderboard.latex import latex
from sama_bench.leaderboard.load import load_all
from sama_bench.leaderboard.markdown import markdown
from sama_bench.leaderboard.page.index import details, index
from sama_bench.leaderboard.page.question_data import read
from sama_bench.leaderboard.page.tables import parts, sheets, table
from sama_bench.leaderboard.submission.pack import pack
from sama_bench.leaderboard.terminal import show
from sama_bench.run.prediction_line import line
from sama_bench.run.store import Store
from sama_bench.score.comparison import compare
from sama_bench.score.comparison_inputs import load_side
from sama_bench.score.comparison_table import print_comparison

DATA = Path(__file__).parent / "data"
ABOUT = {"column": "Judge", "model": "m", "template": "t@1", "temperature": 0.0, "seed": 1, "samples": 2}
VERDICT = {"score": 0.5, "reason": "it says so", "model": "m", "tries": 1, "parts": {"detail": 3}}
GENERAL = {
    "format": "sama-bench general",
    "version": 1,
    "settings": {"model": "still", "model_args": {"a": "b"}, "limit": 8, "lmms_eval": "0.7.3"},
    "tasks": {
        "mme": {
            "values": [
                {"metric": "score", "label": "MME", "value": 1.5, "scale": "points", "higher_is_better": True},
                {"metric": "acc", "label": "acc", "value": 0.5, "scale": "fraction", "higher_is_better": True},
            ],
            "questions": 8, "of": 2374, "version": "1", "definition": "ab12", "prompt": "default", "caveat": "",
            "lacking": {"gpt": "no key"}, "errors": 1, "first_error": "no memory", "seconds": 1.5,
        },
        "mmbench": {"reason": "no network", "tries": 2},
    },
    "sessions": [{"started": "2026-01-01T00:00:00+00:00", "versions": {"python": "3.11"}, "commit": None}],
}  # fmt: skip


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """A scored and judged run, which nothing changes."""
    folder = tmp_path_factory.mktemp("fuzz") / "kept"
    shutil.copytree(DATA, folder)
    with Store.open(folder, write=True) as store:
        keys = sorted(store.all_keys())
        store.put_judge("one", ABOUT)
        quoted = {**VERDICT, "evidence": [["detail", "a boat", True]], "raw": "{}"}
        store.put_verdicts("one", [(key, n, quoted if n else VERDICT) for key in keys[:4] for n in range(2)])
    (folder / "general.json").write_text(json.dumps(GENERAL), encoding="utf-8")
    return folder


@pytest.fixture
def run(kept, tmp_path):
    """A copy of the run that may be damaged."""
    return shutil.copytree(kept, tmp_path / "run")


def _tables(found):
    every = sheets(found)
    return [table(sheet, every) for sheet in every]


def report(folder):
    """What `report` makes of runs, but for the frames of the page."""
    scored, general = load_all([folder])
    found = [*boards(scored), *general_boards(general)]
    for write in (markdown, latex, as_csv, as_json):
        write(found)
    show(found, Console(file=io.StringIO(), width=120))
    json.dumps([_tables(found), parts(scored)], allow_nan=False)
    return scored


def questions(folder):
    """What the page says of the questions of a run."""
    scored, _ = load_all([folder])
    json.dumps(_tables(boards(scored)), allow_nan=False)
    runs = [read(run) for run in scored]
    keys = list(runs[0].questions)
    json.dumps([index(runs, keys, {}, keys), details(runs, keys)], allow_nan=False)


def opened(folder):
    """Everything that a run holds, as `export`, `judge` and `show` read it."""
    with Store.open(folder) as store:
        for video in store.videos():
            for key, answer in store.predictions(video).items():
                json.loads(line(key, video, answer, store.can))
        store.errors(), store.all_keys(), store.asking, store.can
        for one in store.judged().values():
            json.dumps(one.to_json(), allow_nan=False)
            one.summary(sorted(one.verdicts))
            one.own_error({"v": sorted(one.verdicts)})


def gated(baseline, candidate):
    policy = Policy(usual("gc"))
    decided(policy, baseline, candidate)


def compared(one, other):
    found = compare(load_side(one), load_side(other))
    print_comparison(found, Console(file=io.StringIO(), width=120))
    json.dumps(found.to_json(), allow_nan=False)


def each_mutant(path, damaged, count, seed, document=True):
    content = path.read_bytes()
    for one in damaged(content, seed, count, json.loads(content) if document else None):
        path.write_bytes(one)
        yield one


@pytest.mark.parametrize("what", ["report", "compare", "gate"])
def test_damaged_scores(run, kept, mutations, refused, many, what):
    calls = {
        "report": lambda: report(run),
        "compare": lambda: compared(kept / "scores.json", run / "scores.json"),
        "gate": lambda: gated(run / "scores.json", kept / "scores.json"),
    }
    assert not refused(calls[what])
    done = [refused(calls[what]) for _ in each_mutant(run / "scores.json", mutations.mutants, many(150), what)]
    assert sum(done) > len(done) / 3


def test_damaged_manifests(run, mutations, refused, many, tmp_path):
    def call():
        show(boards(load_all([run])[0]), Console(file=io.StringIO(), width=120))
        opened(run)
        pack(run, tmp_path / "packed.zip")
        with Store.open(run) as store:
            store.open_benchmark(tmp_path)

    assert refused(call)  # there is no benchmark, but what comes before holds
    done = [refused(call) for _ in each_mutant(run / "manifest.json", mutations.mutants, many(250), "manifest")]
    assert all(done)


def test_a_baseline_that_is_damaged(kept, mutations, refused, many, tmp_path):
    path = tmp_path / "baseline.json"
    path.write_text(baseline_text(load(kept)), encoding="utf-8")
    candidate = kept / "scores.json"
    assert not refused(gated, path, candidate)
    done = [refused(gated, path, candidate) for _ in each_mutant(path, mutations.mutants, many(150), "baseline")]
    assert sum(done) > len(done) / 3


def test_damaged_scores_of_general_benchmarks(run, mutations, refused, many):
    (run / "manifest.json").unlink()
    assert not refused(report, run)
    done = [refused(report, run) for _ in each_mutant(run / "general.json", mutations.mutants, many(400), "general")]
    assert sum(done) > len(done) / 3


def test_bytes_of_a_database(run, kept, mutations, refused, many):
    content = (kept / "run.sqlite").read_bytes()

    def call():
        opened(run)
        questions(run)

    assert not refused(call)
    for one in mutations.mutants(content, "sqlite", many(200)):
        (run / "run.sqlite").write_bytes(one)
        (run / "run.sqlite-journal").unlink(missing_ok=True)
        refused(call)


def test_rows_of_a_database(run, kept, mutations, refused, many):
    with closing(sqlite3.connect(kept / "run.sqlite")) as database, database:
        statements = list(mutations.mutated_rows(database, "rows", many(300)))

    def call():
        opened(run)
        questions(run)

    done = []
    for statement, values in statements:
        shutil.copyfile(kept / "run.sqlite", run / "run.sqlite")
        with closing(sqlite3.connect(run / "run.sqlite")) as database, database:
            try:
                database.execute(statement, values)
            except sqlite3.IntegrityError:
                continue
        database.close()
        done.append(refused(call))
    assert sum(done) > len(done) / 3


def test_tables_and_columns_that_are_gone(run, kept, refused):
    with closing(sqlite3.connect(kept / "run.sqlite")) as database, database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = [(name, row[1]) for name in tables for row in database.execute(f"PRAGMA table_info({name})")]
    statements = [f"DROP TABLE {name}" for name in tables]
    statements += [f"ALTER TABLE {name} RENAME COLUMN {column} TO other" for name, column in columns]
    statements += [f"PRAGMA user_version = {version}" for version in (0, 1, 2, 4, 2**31 - 1, -1)]
    for statement in statements:
        shutil.copyfile(kept / "run.sqlite", run / "run.sqlite")
        with closing(sqlite3.connect(run / "run.sqlite")) as database, database:
            database.execute(statement)
        database.close()
        assert refused(lambda: (opened(run), questions(run))) or statement.endswith(("= 1", "= 2")), statement
