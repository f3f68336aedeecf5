"""Answers that were made elsewhere, as a run: all that works on runs works on it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from sama_bench.api.benchmarks import BenchmarkLike, opened
from sama_bench.api.manifests import folder_parts, new_manifest, selection_of
from sama_bench.api.runs import Run
from sama_bench.benchmark import Benchmark
from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.files.temporary import scratch
from sama_bench.run.answer_files import Elsewhere, open_answers
from sama_bench.run.bar import bar
from sama_bench.run.folders import usual_folder
from sama_bench.run.manifest import Manifest, Session
from sama_bench.run.store import Store

IMPORTED = "imported"
AT_ONCE = 1 << 20
SHORT = 8
_log = logging.getLogger("sama_bench")


def import_answers(  # noqa: PLR0913 - all but the first three by name
    answers: str | Path,
    bench: BenchmarkLike = "demo",
    out: str | Path | None = None,
    *,
    name: str,
    model_args: Mapping[str, str] | None = None,
    tasks: str | Sequence[str] | None = None,
    videos: str | None = None,
    limit: int | None = None,
    tell: Callable[[str], object] = _log.info,
) -> Run:
    """Make a run of answers that were made elsewhere, in the folder `out`; it is not scored yet.

    Args:
        answers: What `score` takes: a file of JSON lines, masks as a folder, ZIP archive or JSON file.
        bench: The benchmark whose questions are answered.
        out: A new folder, by default `runs/NAME-BENCH[-TASK]`. It is there whole or not at all; one that this very
            call made before is given as it is.
        name: Who answered.
        model_args: What else is to be known of who answered, such as the checkpoint.
        tasks: Only these tasks; also `videos` and `limit`, as in `load_benchmark`. Selected questions without an answer
            are missing.
        tell: Is given a line where answers are left aside.

    The manifest says that the run is imported, and from which file; its numbers' signatures say `imported=` with a
    digest of that file among how the model was asked. Raises UserError with all answers that are not right, and where
    `out` is there already.

    Examples:
        >>> import sama_bench as sb
        >>> from sama_bench.api.imports import import_answers
        >>> with open("said.jsonl", "w") as file:
        ...     _ = file.write('{"task": "c", "question_id": "demo-c-0-0", "text": "A ball that rolls."}')
        >>> run = import_answers("said.jsonl", "demo", "runs/said", name="A student", tasks="c")
        >>> run.asked
        1
    """
    path = Path(answers)
    benchmark = opened(bench, tasks, videos, limit)
    selection_of(benchmark)  # told before the answers are read
    place = Path(out) if out is not None else usual_folder(folder_parts(name, benchmark))
    digest = _digest(path)
    known_args = dict(model_args or {})
    about = {"model": name, IMPORTED: {"from": path.name, "sha256": digest}, "model_args": known_args}
    manifest = new_manifest(benchmark, name, known_args, about)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        if not _is_of(place, manifest):
            raise UserError(f"{place}: is there already, and holds something else; give --out a new folder")
        tell(f"{place}: holds these answers already")
        return Run(place)
    source = open_answers(path, benchmark)
    for line in getattr(source, "told", ()):
        tell(line)
    _fill(place, manifest, source, benchmark, {IMPORTED: digest[:SHORT]})
    return Run(place)


def _fill(place: Path, manifest: Manifest, source: Elsewhere, benchmark: Benchmark, asking: Mapping[str, str]) -> None:
    """Write the run beside its place, and put it there when it is whole."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with scratch(place) as folder:
            with Store.create(folder / "run", manifest) as store, bar("importing") as progress:
                store.begin(Session.now(), source.can, asking)
                store.arrange(benchmark.positions)
                progress.begin(len(benchmark.entries), sum(manifest.counts.values()), 0, 0)
                for entry in benchmark.entries:
                    store.put(entry.video.id, source.predictions(entry.video.id).items())
                    for _ in entry.keys:
                        progress.question_done()
                    progress.video_done()
            if place.exists():
                place.rmdir()
            (folder / "run").rename(place)
    except OSError as problem:
        raise UserError(f"{place}: cannot be written ({problem.strerror or problem})") from problem


def _is_of(place: Path, manifest: Manifest) -> bool:
    """Whether the folder is the run that an import of the same answers, selected in the same way, made before."""
    try:
        with Store.open(place) as store:
            before = store.manifest
    except UserError:  # no run, or a damaged one
        return False
    mark = before.asked.get(IMPORTED)
    same_answers = isinstance(mark, dict) and mark.get("sha256") == manifest.asked[IMPORTED]["sha256"]
    return same_answers and not before.settings.differences(manifest.settings)


def _digest(path: Path) -> str:
    """The SHA-256 of a file, or of the names and contents of a folder's files."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            if file != path:
                digest.update(f"{file.relative_to(path).as_posix()}\0".encode(errors="surrogateescape"))
            for part in _parts(file):
                digest.update(part)
    return digest.hexdigest()


def _parts(file: Path) -> Iterator[bytes]:
    try:
        with open_regular(file) as content:
            while part := content.read(AT_ONCE):
                yield part
    except OSError as problem:
        raise UserError(f"{file}: cannot be read ({problem.strerror or problem})") from problem
