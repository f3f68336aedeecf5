"""Runs of parts of a selection put together: the run that one would be which was asked all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from sama_bench.benchmark import Benchmark
from sama_bench.errors import UserError, each
from sama_bench.run.manifest import Manifest
from sama_bench.run.store import Store, find
from sama_bench.types import Key

SHOWN = 3


@dataclass(frozen=True)
class Merged:
    """What came of it: how many answers there are, and the questions without one, by video."""

    answers: int
    missing: dict[str, list[Key]]

    def gaps(self) -> list[str]:
        """A line for each video with questions that no run was asked."""
        return [f"{video}: not asked: {_some(keys)}" for video, keys in self.missing.items()]


def merge(paths: Sequence[Path], out: Path, bench: str | Path | None = None) -> Merged:
    """Put the answers and verdicts of runs into a new one at `out`, in the order of the benchmark.

    `bench` is where the benchmark is, by default where the first run found it. Raises UserError, all of a kind at once,
    where one is no run, is still being written, differs from the first in more than its shard, has an answer that
    another has, too, or where `out` is there already; nothing is then made. Gaps are no error: the run can be gone on
    with.
    """
    if find(out) is not None:
        raise UserError(f"{out}: is a run already; give --out a new folder")
    with ExitStack() as opened:
        stores = each(lambda path: opened.enter_context(Store.open(path)), list(dict.fromkeys(paths)))
        if problems := [*_live(stores), *_unlike(stores)]:
            raise UserError(problems)
        if overlaps := list(_overlaps(stores)):
            raise UserError(overlaps)
        manifest, benchmark = _undivided(stores, bench)
        with Store.create(out, manifest) as store:
            store.arrange(benchmark.positions)
            for shard_store in stores:
                _copy(shard_store, store)
            return _result(store, benchmark)


def _live(stores: Sequence[Store]) -> Iterator[str]:
    yield from (f"{store.path}: is still being written; merge it when it is done" for store in stores if store.is_live)


def _unlike(stores: Sequence[Store]) -> Iterator[str]:
    """Where a run differs from the first in more than its shard."""
    first = stores[0]
    for other in stores[1:]:
        both = [replace(store.settings, shard=None) for store in (first, other)]
        differences = both[0].differences(both[1])
        counts = [str(store.settings.shard).rpartition("/")[2] for store in (first, other)]
        if counts[0] != counts[1]:
            differences.append((f"shards of {counts[0]}", f"shards of {counts[1]}"))
        if first.asking != other.asking or first.can != other.can:
            differences.append((f"asked with {dict(first.asking)}", f"asked with {dict(other.asking)}"))
        if differences:
            ours, theirs = (", ".join(side) for side in zip(*differences, strict=True))
            yield f"{other.path} is unlike {first.path}: {theirs}; expected {ours}"


def _overlaps(stores: Sequence[Store]) -> Iterator[str]:
    """Where two runs have an answer to one question: nobody can say which of them counts."""
    holder: dict[Key, Path] = {}
    for store in stores:
        twice: dict[Path, list[Key]] = defaultdict(list)
        for key in sorted(store.all_keys()):
            if key in holder:
                twice[holder[key]].append(key)
            holder.setdefault(key, store.path)
        for path, keys in twice.items():
            yield f"{store.path} and {path} both answer {_some(keys)}; leave one of them out"


def _undivided(stores: Sequence[Store], bench: str | Path | None) -> tuple[Manifest, Benchmark]:
    """The manifest of the whole run, with the sessions of all, and its benchmark."""
    first = stores[0].manifest
    settings = replace(first.settings, shard=None)
    benchmark = stores[0].open_benchmark(bench, whole=True)
    sessions = sorted(
        (session for store in stores for session in store.manifest.sessions), key=lambda session: session.started
    )
    counts = {task: benchmark.counts(task)[0] for task in settings.tasks}
    run_options = {name: value for name, value in first.asked.items() if name != "shard"}
    return replace(first, settings=settings, counts=counts, asked=run_options, sessions=sessions), benchmark


def _copy(source: Store, store: Store) -> None:
    for video in source.videos():
        store.put(video, source.predictions(video).items())
    for judge, about in source.judges().items():
        store.put_judge(judge, about)
        store.put_verdicts(judge, source.verdicts(judge))


def _result(store: Store, benchmark: Benchmark) -> Merged:
    answered = store.all_keys()
    left = {entry.video.id: [key for key in entry.keys if key not in answered] for entry in benchmark.entries}
    missing = {video: keys for video, keys in left.items() if keys}
    return Merged(len(answered), missing)


def _some(keys: Sequence[Key]) -> str:
    named = ", ".join(map(str, keys[:SHOWN]))
    return f"{named} and {len(keys) - SHOWN} more" if len(keys) > SHOWN else named
