"""A run on disk: manifest, predictions, verdicts, statistics and scores in one folder."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.files.atomic import write_text
from sama_bench.files.json_shapes import short
from sama_bench.run import rows
from sama_bench.run.folders import RUNS
from sama_bench.run.guarded_database import Connection, check_journal, check_members, check_schema, unpacked
from sama_bench.run.lock import Lock, is_held
from sama_bench.run.manifest import Manifest, RunSettings, Session, check_none, check_version
from sama_bench.run.predictions import KeptTrack, StoredPrediction
from sama_bench.suggestions import nearest
from sama_bench.types import Key, TaskName

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.verdicts.judge_result import Judged

Taken = TypeVar("Taken")
MANIFEST, DATABASE, SCORES, LOCK = "manifest.json", "run.sqlite", "scores.json", "run.lock"
WORKER_LOG = "worker.log"  # what a model that runs in another process printed; the second worker's is worker-2.log
WORKER_LOGS = "worker-[0-9]*.log"
PROGRESS = "progress.json"
BATCHES = "batches.json"
MEMBERS = (
    MANIFEST,
    DATABASE,
    *(f"{DATABASE}-{end}" for end in ("journal", "wal", "shm")),
    SCORES,
    LOCK,
    WORKER_LOG,
    BATCHES,
    PROGRESS,
)
UNFINISHED = (f".{MANIFEST}.", f".{SCORES}.", f".{PROGRESS}.")
SCHEMA = 3
TABLES = """
CREATE TABLE prediction (
    task TEXT NOT NULL, id TEXT NOT NULL, video TEXT NOT NULL,
    text TEXT NOT NULL, tracks BLOB NOT NULL, seconds REAL, error TEXT, traceback TEXT,
    boxes TEXT, raw TEXT, unread TEXT, usage TEXT,
    PRIMARY KEY (task, id)
);
CREATE INDEX prediction_of_video ON prediction (video);
CREATE TABLE statistic (task TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (task, id));
"""
# A verdict is on one answer: it goes where that is replaced. `used` orders judges by when they were asked last.
VERDICTS = """
CREATE TABLE judge (key TEXT PRIMARY KEY, used INTEGER NOT NULL, json TEXT NOT NULL);
CREATE TABLE verdict (
    judge TEXT NOT NULL, task TEXT NOT NULL, id TEXT NOT NULL, sample INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (judge, task, id, sample)
) WITHOUT ROWID;
"""
TRIGGER = """CREATE TRIGGER verdict_of_answer AFTER UPDATE ON prediction BEGIN
    DELETE FROM verdict WHERE task = old.task AND id = old.id;
END"""
VERDICTS += f"{TRIGGER};\n"
# What SQLite says where not the file's content is at fault.
OF_THE_DISK = ("disk", "readonly", "unable to open", "locked", "access permission", "full", "authoriz", "too big")
# What each schema has beside the one before; a run gets it when it is written to, and is read without it.
ADDED: Mapping[int, tuple[str, ...]] = {2: ("boxes", "raw", "unread"), 3: ("usage",)}


def _columns_added(schema: int) -> str:
    return "".join(f"ALTER TABLE prediction ADD COLUMN {name} TEXT; " for name in ADDED[schema])


UPGRADES = {1: _columns_added(2) + VERDICTS, 2: _columns_added(3)}
# All that a database of ours may hold: made as one of the schemas, and upgraded from there.
SECOND = TABLES.replace(", usage TEXT", "")
FIRST = SECOND.replace("    boxes TEXT, raw TEXT, unread TEXT,\n", "")
FORMS = (
    TABLES + VERDICTS,
    *(SECOND + VERDICTS + upgrade for upgrade in ("", UPGRADES[2])),
    *(FIRST + upgrade for upgrade in ("", UPGRADES[1], UPGRADES[1] + UPGRADES[2])),
)
COLUMNS = ("text", "tracks", "seconds", "error", "traceback", *chain(*ADDED.values()))
# The number of a row is the question's place in the benchmark (`Store.arrange`), as answers come in any order.
PUT = f"""
INSERT INTO prediction (rowid, task, id, video, {", ".join(COLUMNS)}) VALUES (?, ?, ?, ?{", ?" * len(COLUMNS)})
ON CONFLICT (task, id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in ("video", *COLUMNS))}
"""  # noqa: S608 - all names are our own
PUT_JUDGE = """
INSERT INTO judge SELECT ?, 1 + coalesce(max(used), 0), ? FROM judge WHERE true
ON CONFLICT (key) DO UPDATE SET used = excluded.used, json = excluded.json
"""
PUT_VERDICT = "INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?, ?)"
PUT_STATISTIC = "INSERT INTO statistic VALUES (?, ?, ?) ON CONFLICT (task, id) DO UPDATE SET json = excluded.json"


class Store:
    """A run folder, open. Use it as a context manager, or `close` it.

    `Store.create` makes a run or goes on with one, `Store.open` reads one. Every `put` is one transaction: killed at
    any moment, the folder holds what was put before. Methods raise UserError where the disk is full or the
    database is damaged.
    """

    def __init__(self, path: Path, manifest: Manifest, lock: Lock | None) -> None:
        self.path = path
        self.manifest = manifest
        self._lock = lock
        self._database = _open_database(path / DATABASE, write=lock is not None)
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        later = {*chain(*(names for schema, names in ADDED.items() if schema > version))}
        self._columns = [f"NULL AS {name}" if name in later else name for name in COLUMNS]
        self._has_verdicts = version > 1
        self._places: Mapping[Key, int] = {}

    @classmethod
    def create(
        cls,
        path: Path,
        manifest: Manifest,
        free: Collection[str] = (),
        covers: Callable[[RunSettings], bool] = lambda _: False,
    ) -> Store:
        """Open the run at `path` for writing, made anew, with `manifest`, where nothing is.

        Model arguments that are `free` may be other ones than before, and more may be selected: `covers` is whether
        all that was selected by settings is selected now, too. The manifest then says what is asked now, and scores
        of less are gone. Raises UserError where `path` holds something else, a run with other settings (all differences
        are named), or a run that another process is writing to.
        """
        known = find(path)
        if known is not None and not _is_grown(known, manifest, free, covers):
            check_same(path, known, manifest.settings, free)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise UserError(f"{path}: this folder cannot be made ({problem.strerror or problem})") from problem
        lock = Lock(path / LOCK, str(path))
        try:
            return cls._begun(path, manifest, lock, free, covers)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _begun(
        cls, path: Path, manifest: Manifest, lock: Lock, free: Collection[str], covers: Callable[[RunSettings], bool]
    ) -> Store:
        known = find(path)  # again, as another process may have made it before we held the lock
        grown = known is not None and _is_grown(known, manifest, free, covers)
        if known is not None and not grown:
            check_same(path, known, manifest.settings, free)
        for part in _unfinished(path):
            part.unlink(missing_ok=True)
        if known is None:
            _write(path, manifest)
        elif grown:
            (path / SCORES).unlink(missing_ok=True)
            known = replace(known, settings=manifest.settings, counts=manifest.counts, asked=manifest.asked)
            _write(path, known)
        return cls(path, known or manifest, lock)

    @classmethod
    def open(cls, path: Path, *, write: bool = False) -> Store:
        """Open a run that exists, by default for reading only (a read-only folder will do).

        Raises UserError where `path` is not a run, of a newer version, or, to write, where another process does.
        """
        manifest = find(path)
        if manifest is None:
            raise UserError(
                f"{path}: is not a run (no {MANIFEST}){nearest(str(path), _runs_beside(path))}; "
                f"make one with: sama-bench run --out {path}"
            )
        if not write and not (path / DATABASE).exists():
            raise UserError(f"{path}: holds no predictions ({DATABASE} is missing); start the run again")
        lock = Lock(path / LOCK, str(path)) if write else None
        try:
            return cls(path, manifest, lock)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def begin(self, session: Session, can: Abilities, asking: Mapping[str, str]) -> None:
        """Note in the manifest that a model that `can` do so much is asked from now on, `asking` being how.

        Raises UserError, both ways named, where it was asked in another way before.
        """
        before = self.manifest.asking
        if before is not None and dict(before) != dict(asking):
            raise UserError(
                f"{self.path} was asked with {_choices_text(before)}; now it would be with {_choices_text(asking)}: "
                "the answers would not belong together; give --out another folder"
            )
        self.manifest = replace(self.manifest, can=can, asking=asking).started(session)
        _write(self.path, self.manifest)

    def rename(self, name: str) -> None:
        """Note what the run is called in tables; nothing else changes. It has to be open for writing."""
        if self.manifest.sessions and self.manifest.name != name:
            self.manifest = self.manifest.named(name)
            _write(self.path, self.manifest)

    @property
    def asking(self) -> Mapping[str, str]:
        """How the model was asked, as far as that is a choice; {} where it is none, or unknown."""
        return self.manifest.asking or {}

    @property
    def can(self) -> Abilities:
        """What the model can do; everything where that is unknown, as in runs of older versions."""
        return self.manifest.can or Abilities()

    @property
    def settings(self) -> RunSettings:
        """What decided the predictions of this run."""
        return self.manifest.settings

    def open_benchmark(self, root: str | Path | None = None, *, whole: bool = False) -> Benchmark:
        """Open the questions that this run was asked, where it found them or at `root`; of a shard also the `whole`.

        Raises UserError where they cannot be read, or are no longer the same.
        """
        from sama_bench.benchmark import open_benchmark
        from sama_bench.benchmark.address import of_same_kind
        from sama_bench.benchmark.shards import Shard

        settings = self.settings
        where = self.manifest.bench if root is None else of_same_kind(self.manifest.bench, root)
        tasks = cast("list[TaskName]", list(settings.tasks))
        shard = None if whole or settings.shard is None else Shard.parse(settings.shard)
        benchmark = open_benchmark(where, tasks=tasks, videos=settings.videos, limit=settings.limit, shard=shard)
        if benchmark.fingerprint != settings.fingerprint:
            raise UserError(
                f"{where}: is not the benchmark that {self.path} was made with (fingerprint "
                f"{benchmark.fingerprint[:12]}, expected {settings.fingerprint[:12]}); run again with another --out"
            )
        return benchmark

    def arrange(self, places: Mapping[Key, int]) -> None:
        """Keep the answers in this order from now on, those that there are, too: `Benchmark.positions`.

        Until then, and for questions that have no place, an answer comes behind those that were put before.
        """
        self._places = places
        rows_of = [(number, self._key(*key)) for number, *key in self._rows("SELECT rowid, task, id FROM prediction")]
        end = max([len(places), *(number for number, _ in rows_of)])
        moved = []
        for number, key in rows_of:
            place = places.get(key)
            if place is None and number <= len(places):
                end = place = end + 1
            if place not in {None, number}:
                moved.append((place, number))
        if moved:
            self._move(moved)

    def _move(self, moved: Sequence[tuple[int | None, int]]) -> None:
        """Give rows other numbers, each as (new, old); the verdicts on them stay, as the answers are the same."""
        with self._transaction():
            self._database.execute("DROP TRIGGER verdict_of_answer")
            self._database.executemany("UPDATE prediction SET rowid = -? WHERE rowid = ?", moved)
            self._database.execute("UPDATE prediction SET rowid = -rowid WHERE rowid < 0")
            self._database.execute(TRIGGER)

    def put(self, video_id: str, answers: Iterable[tuple[Key, StoredPrediction]]) -> None:
        """Keep answers to questions of one video, all or none of them."""
        self.put_all((video_id, key, answer) for key, answer in answers)

    def put_all(self, answers: Iterable[tuple[str, Key, StoredPrediction]]) -> None:
        """Keep answers, each with the id of its video, all or none of them."""
        values = [(self._places.get(key), *key, video, *_row(answer)) for video, key, answer in answers]
        with self._transaction():
            self._database.executemany(PUT, values)

    def drop(self, keys: Iterable[Key]) -> None:
        """Forget the answers to questions, and what was found out and said about these, all or nothing."""
        values = [tuple(key) for key in keys]
        tables = ("prediction", "statistic", *(("verdict",) if self._has_verdicts else ()))
        with self._transaction():
            for table in tables:
                self._database.executemany(f"DELETE FROM {table} WHERE task = ? AND id = ?", values)  # noqa: S608 - ours

    def predictions(self, video_id: str) -> dict[Key, StoredPrediction]:
        """All answers to questions of one video, in the order of the benchmark; empty where there are none."""
        return dict(self._answers("WHERE video = ?", video_id))

    def all_keys(self) -> set[Key]:
        """The questions that have an answer or an error."""
        return {self._key(*row) for row in self._rows("SELECT task, id FROM prediction")}

    def videos(self) -> list[str]:
        """The videos that have an answer, in the order of the benchmark."""
        rows_of_videos = self._rows("SELECT video FROM prediction GROUP BY video ORDER BY min(rowid)")
        return [self._taken(rows.text, video) for (video,) in rows_of_videos]

    def errors(self) -> dict[Key, str]:
        """The questions that have an error, with its reason, in the order of the benchmark."""
        error_rows = self._rows("SELECT task, id, error FROM prediction WHERE error IS NOT NULL ORDER BY rowid")
        return {self._key(task, id_): self._taken(rows.text, error) for task, id_, error in error_rows}

    def put_statistics(self, statistics: Iterable[tuple[Key, Mapping[str, Any]]]) -> None:
        """Keep what the scorer found out about single questions, all or none of them."""
        with self._transaction():
            self._database.executemany(PUT_STATISTIC, ((*key, json.dumps(values)) for key, values in statistics))

    def statistics(self) -> Iterator[tuple[Key, str]]:
        """What `put_statistics` kept, as JSON, in the order of task and id."""
        for task, id_, text in self._rows("SELECT task, id, json FROM statistic ORDER BY task, id"):
            yield self._key(task, id_), self._taken(rows.text, text)

    def put_judge(self, key: str, about: Mapping[str, Any]) -> None:
        """Note that the judge `key` is asked now, and what is to be known of it."""
        with self._transaction():
            self._database.execute(PUT_JUDGE, (key, json.dumps(about)))

    def judges(self) -> dict[str, dict[str, Any]]:
        """What `put_judge` kept by key, the one that was asked last at the end."""
        judge_rows = self._rows("SELECT key, json FROM judge ORDER BY used") if self._has_verdicts else ()
        return {self._taken(rows.text, key): self._taken(rows.mapping, text) for key, text in judge_rows}

    def put_verdicts(self, judge: str, verdicts: Iterable[tuple[Key, int, Mapping[str, Any]]]) -> None:
        """Keep a judge's verdicts on samples of questions, all or none of them."""
        with self._transaction():
            values = ((judge, *key, sample, json.dumps(verdict)) for key, sample, verdict in verdicts)
            self._database.executemany(PUT_VERDICT, values)

    def verdicts(self, judge: str) -> Iterator[tuple[Key, int, dict[str, Any]]]:
        """A judge's verdicts in the order of task, id and sample."""
        query = "SELECT task, id, sample, json FROM verdict WHERE judge = ? ORDER BY task, id, sample"
        for task, id_, sample, text in self._rows(query, judge) if self._has_verdicts else ():
            if not isinstance(sample, int):
                raise damage(self.path / DATABASE, f"{short(sample)} is no number of a sample")
            yield self._key(task, id_), sample, self._taken(rows.mapping, text)

    def drop_judge(self, key: str) -> int:
        """Forget a judge and its verdicts, all or nothing: how many there were."""
        with self._transaction():
            dropped = self._database.execute("DELETE FROM verdict WHERE judge = ?", (key,)).rowcount
            self._database.execute("DELETE FROM judge WHERE key = ?", (key,))
        return dropped

    def judged(self) -> dict[str, Judged]:
        """What the judge that was asked last said, for each column that judges fill; UserError where it is damaged.

        A judge that said nothing is none, as where its server was never reached, or all that it judged was asked anew.
        """
        return {judged.column: judged for judged in self.judged_by().values() if judged.says_anything(self._answered())}

    def judged_by(self) -> dict[str, Judged]:
        """What each judge said, by its key, the one that was asked last at the end; UserError where it is damaged."""
        from sama_bench.verdicts.judge_result import Judged, check_about

        try:
            judges = self.judges()
            for about in judges.values():
                check_about(about)
            return {key: Judged.of(about, self.verdicts(key)) for key, about in judges.items()}
        except UserError as problem:
            raise UserError(
                f"{self.path / DATABASE}: verdicts are of another form ({problem.lines(1)[0]}); judge again with: "
                f"sama-bench judge {self.path} --judge MODEL"
            ) from problem

    def _answered(self) -> int:
        """How many questions have an answer and no error."""
        return next(int(count) for (count,) in self._rows("SELECT count(*) FROM prediction WHERE error IS NULL"))

    def put_scores(self, scores: Mapping[str, Any]) -> Path:
        """Write scores.json and return where it lies; equal scores give equal bytes."""
        path = self.scores_file
        with _disk_errors(path):
            write_text(path, json.dumps(scores, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        return path

    @property
    def guarded(self) -> bool:
        """Whether other writers are kept out: some file systems have no locks that work."""
        return self._lock is None or self._lock.works

    @property
    def is_live(self) -> bool:
        """Whether another process is writing to this run now."""
        return self._lock is None and is_held(self.path / LOCK)

    @property
    def asked(self) -> int:
        """How many questions have an answer, or ended in an error."""
        return next(int(count) for (count,) in self._rows("SELECT count(*) FROM prediction"))

    def seconds(self) -> list[float]:
        """What each answer took, ascending; without those of which nobody knows."""
        duration_rows = self._rows("SELECT seconds FROM prediction WHERE seconds IS NOT NULL ORDER BY seconds")
        return [float(seconds) for (seconds,) in duration_rows if isinstance(seconds, float | int)]

    def slowest(self, count: int) -> list[tuple[str, int, float]]:
        """The videos whose answers took longest: (id, questions, seconds of all of them)."""
        query = (
            "SELECT video, count(*), sum(seconds) FROM prediction WHERE seconds IS NOT NULL "
            "GROUP BY video ORDER BY 3 DESC, video LIMIT ?"
        )
        return [(self._taken(rows.text, video), int(n), float(total)) for video, n, total in self._rows(query, count)]

    @property
    def scores_file(self) -> Path:
        """Where the scores are, once the run is scored."""
        return self.path / SCORES

    def __reduce__(self) -> tuple[Callable[[Path], Store], tuple[Path]]:
        """Another process gets the run opened anew, for reading only."""
        return Store.open, (self.path,)

    def close(self) -> None:
        """Close the database and let others write."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answers(self, where: str, *values: str) -> Iterator[tuple[Key, StoredPrediction]]:
        names = ", ".join(self._columns)
        query = f"SELECT task, id, {names} FROM prediction {where} ORDER BY rowid"  # noqa: S608 - all parts are our own
        for task, id_, *row in self._rows(query, *values):
            key = self._key(task, id_)
            yield key, self._taken(_answer, dict(zip(COLUMNS, row, strict=True)), f"the answer to question {key}: ")

    def _key(self, task: object, id_: object) -> Key:
        return self._taken(lambda pair: rows.key(*pair), (task, id_))

    def _taken(self, take: Callable[[Any], Taken], value: object, what: str = "") -> Taken:
        """What a function of `rows` makes of a value, whose ValueError is told as damage of the database."""
        try:
            return take(value)
        except (zlib.error, ValueError) as problem:
            raise damage(self.path / DATABASE, f"{what}{problem}") from problem

    def _rows(self, query: str, *values: str | int) -> Iterator[tuple[Any, ...]]:
        with _disk_errors(self.path / DATABASE):
            # `yield from` would close the cursor, perhaps after the database.
            for row in self._database.execute(query, values):  # noqa: UP028
                yield row

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _disk_errors(self.path / DATABASE):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                _roll_back(self._database)
                raise


def _runs_beside(path: Path) -> list[str]:
    """The runs in the folder where this one would be, or in ./runs, where the commands put them."""
    folders = (path.parent, RUNS)
    try:
        return sorted({str(file.parent) for folder in folders for file in folder.glob(f"*/{MANIFEST}")})
    except OSError:
        return []


def _is_grown(
    known: Manifest, manifest: Manifest, free: Collection[str], covers: Callable[[RunSettings], bool]
) -> bool:
    """Whether more is asked now than by the manifest that is known, and nothing else."""
    before, now = known.settings, manifest.settings
    return bool(before.differences(now, free)) and before.selects_otherwise(now, free) and covers(before)


def _write(path: Path, manifest: Manifest) -> None:
    with _disk_errors(path / MANIFEST):
        write_text(path / MANIFEST, manifest.to_text())


def _choices_text(asking: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in asking.items()) or "nothing to choose"


def find(path: Path) -> Manifest | None:
    """The manifest of the run at `path`; None where nothing is there yet, or only what a killed start left.

    Raises UserError where `path` is a file, or a folder that holds something else.
    """
    if not path.exists():
        return None
    if not path.is_dir():
        raise UserError(f"{path}: is a file, expected the folder of a run")
    check_members(path, [*MEMBERS, *(log.name for log in path.glob(WORKER_LOGS))])
    names = {child.name for child in path.iterdir()}  # looked at once: another process may be making the run right now
    if MANIFEST in names:
        return Manifest.read(path / MANIFEST)
    if any(name not in {LOCK, WORKER_LOG} and not name.startswith(UNFINISHED) for name in names):
        raise UserError(f"{path}: is not a run (no {MANIFEST}) and not empty; give another folder")
    return None


def _unfinished(path: Path) -> list[Path]:
    """What killed processes left of files that `atomic` was writing."""
    return [child for child in path.iterdir() if child.name.startswith(UNFINISHED)]


def check_same(path: Path, manifest: Manifest, settings: RunSettings, free: Collection[str]) -> None:
    """Raise UserError where the run at `path` was made with other settings than are asked now."""
    differences = manifest.settings.differences(settings, free)
    if differences and (name := manifest.settings.called_now):
        old = manifest.settings.model
        raise UserError(
            f"{path} was made by the model that is called {name} now, when that was called {old}; it can be scored and "
            f"reported as it is, but not gone on with: give --out another folder, and --model {name} for the same model"
        )
    check_none(f"{path} was made", differences)


def _open_database(path: Path, *, write: bool) -> sqlite3.Connection:
    # Also for reading the mode is "rw": SQLite then rolls back what a killed writer left half-done, and falls back
    # to reading only where the file or its folder is read-only.
    with _disk_errors(path):
        mode = "rwc" if write else "rw"
        check_journal(path)
        database = Connection(path, mode)
        try:
            _prepare(database, path, write=write)
        except BaseException:
            database.close()
            raise
    return database


def _prepare(database: sqlite3.Connection, path: Path, *, write: bool) -> None:
    database.execute("PRAGMA synchronous = FULL")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    empty = database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    if version == 0 and empty and write:
        database.executescript(f"BEGIN IMMEDIATE; {TABLES}{VERDICTS} PRAGMA user_version = {SCHEMA}; COMMIT;")
    elif version == 0 and empty:
        raise UserError(f"{path}: holds no predictions yet; start the run again")
    else:
        check_version(path, version, SCHEMA)
        check_schema(database, path, FORMS)
    if 0 < version < SCHEMA and write:
        upgrade = "".join(UPGRADES[schema] for schema in range(version, SCHEMA))
        database.executescript(f"BEGIN IMMEDIATE; {upgrade} PRAGMA user_version = {SCHEMA}; COMMIT;")
    if not write:
        database.execute("PRAGMA query_only = ON")


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError, OSError) as problem:
        if not _is_of_the_disk(problem):
            raise damage(path, problem) from problem
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise UserError(
            f"{path}: cannot be read or written ({why}): is the disk full, or the folder read-only? "
            "What was stored before is kept; mend it and give the same command again"
        ) from problem


def _is_of_the_disk(problem: Exception) -> bool:
    """Whether it is the disk, its rights or another process that stand in the way, and not what the file holds."""
    if isinstance(problem, sqlite3.OperationalError):
        return any(word in str(problem) for word in OF_THE_DISK)
    return isinstance(problem, OSError)


def damage(path: Path, problem: object) -> UserError:
    """What is said of a database that holds something else than it should."""
    return UserError(
        f"{path}: this database is damaged ({problem}); restore it from a copy, or make the run again with: "
        "sama-bench run --out FOLDER (another one)"
    )


def _roll_back(database: sqlite3.Connection) -> None:
    try:
        if database.in_transaction:
            database.execute("ROLLBACK")
    except sqlite3.Error:
        pass  # SQLite undoes it when the file is opened next; what went wrong first is what the user is told


def _row(answer: StoredPrediction) -> tuple[object, ...]:
    """The values of `COLUMNS`."""
    boxes = None if answer.boxes is None else json.dumps(answer.boxes, separators=(",", ":"))
    usage = None if answer.usage is None else json.dumps(asdict(answer.usage), separators=(",", ":"))
    values = {**vars(answer), "tracks": _packed(answer.tracks), "boxes": boxes, "usage": usage}
    return tuple(values[name] for name in COLUMNS)


def _answer(row: Mapping[str, Any]) -> StoredPrediction:
    rows.check_types(row)
    tracks = rows.tracks(unpacked(row["tracks"]))
    boxes, usage = rows.boxes(row["boxes"]), rows.usage(row["usage"])
    return StoredPrediction(**{**row, "tracks": tracks, "boxes": boxes, "usage": usage})


def _packed(tracks: list[KeptTrack]) -> bytes:
    return zlib.compress(json.dumps(tracks, separators=(",", ":")).encode("ascii"))
