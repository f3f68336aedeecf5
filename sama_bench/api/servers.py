"""What servers take: packed of a run or of answers made elsewhere, and checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sama_bench.benchmark import Benchmark, ServerForm, open_benchmark
from sama_bench.benchmark.address import of_same_kind, resolve
from sama_bench.benchmark.installed import installed
from sama_bench.errors import UserError
from sama_bench.files.atomic import replacing
from sama_bench.run import server_zip
from sama_bench.run.answer_files import open_answers
from sama_bench.run.answer_sources import Answers
from sama_bench.run.bar import bar
from sama_bench.run.server_zip import CheckFailed, ServerReport
from sama_bench.run.store import MANIFEST, Store
from sama_bench.suggestions import nearest


def pack_server(
    answers: str | Path,
    server: str,
    out: str | Path,
    *,
    bench: str | Path | None = None,
    task: str | None = None,
) -> ServerReport:
    """Write the ZIP that the server of a benchmark takes to `out`, and check it.

    `answers` is a run, or what `sama_bench.score` takes; `server` the benchmark's name ("mevis", "ref-youtube-vos").
    `bench` is where its data are, by default where the run found them; `task` one in place of the server's own.

    Raises UserError; with status 1 where an expression has no answer: nothing is written then.
    """
    form = form_of(server, task)
    path = Path(out)
    if path.exists() and not path.is_file():
        raise UserError(f"{path}: is no plain file; give --out the name of one")
    with (
        _open_answers(Path(answers), server, form, bench) as (source, benchmark),
        _writing(path),
        replacing(path) as file,
    ):
        with bar("packing") as progress:
            server_zip.write(file, source, benchmark, form, progress)
        file.flush()
        report = server_zip.check(file, benchmark, form)
        if report.problems:
            raise CheckFailed(report.problems)
    return report


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise UserError(f"{path}: cannot be written ({problem.strerror or problem})") from problem


def check_server(path: str | Path, bench: str | Path, *, task: str | None = None) -> ServerReport:
    """What is wrong with a ZIP for the server of a benchmark; `bench` is its folder, or `NAME:FOLDER`.

    Raises UserError where the file or the benchmark cannot be read, or there is no server.
    """
    name = resolve(bench).definition.name
    form = form_of(name, task)
    benchmark = open_benchmark(bench, tasks=[form.task])
    try:
        with Path(path).open("rb"), bar("checking") as progress:
            return server_zip.check(Path(path), benchmark, form, progress)
    except OSError as problem:
        raise UserError(f"{path}: cannot be read ({problem.strerror or problem})") from problem


def form_of(server: str, task: str | None = None) -> ServerForm:
    """The form of a benchmark's server, of another task where one is named. Raises UserError where there is none."""
    known = {
        name: definition.server for name, definition in installed().benchmarks.items() if definition.server is not None
    }
    if server not in known:
        hint = nearest(server, known)
        raise UserError(f"{server}: no server is known{hint}, expected {' or '.join(known)}; others are scored here")
    form = known[server]
    assert form is not None
    keys = installed().benchmarks[server].task_keys
    if task is not None and task not in keys:
        raise UserError(f"{server}: has no task {task}, expected {' or '.join(keys)}")
    return form if task is None else replace(form, task=task, videos=form.videos if task == form.task else 0)


@contextmanager
def _open_answers(
    answers: Path, server: str, form: ServerForm, bench: str | Path | None
) -> Iterator[tuple[Answers, Benchmark]]:
    """The answers, and the whole task's questions. Raises UserError where they are of another benchmark."""
    if not (answers / MANIFEST).is_file():
        if bench is None:
            raise UserError(f"{answers}: is no run, so --bench has to say which questions it answers")
        benchmark = open_benchmark(_of(server, bench), tasks=[form.task])
        yield open_answers(answers, benchmark), benchmark
        return
    with Store.open(answers) as store:
        where = store.manifest.bench if bench is None else of_same_kind(store.manifest.bench, bench)
        if store.settings.tasks and form.task not in store.settings.tasks:
            tasks = ", ".join(store.settings.tasks)
            raise UserError(
                f"{answers}: was asked {tasks}, the server scores {form.task}; run that task, or name --task"
            )
        benchmark = open_benchmark(_of(server, where), tasks=[form.task])
        if benchmark.fingerprint != store.settings.fingerprint:
            raise UserError(f"{where}: is not the benchmark that {answers} was made with; say where that is by --bench")
        yield store, benchmark


def _of(server: str, bench: str | Path) -> str | Path:
    """The address, which has to be of the server's benchmark."""
    name = resolve(bench).definition.name
    if name != server:
        raise UserError(f"{bench}: is of {name}, not of {server}")
    return bench
