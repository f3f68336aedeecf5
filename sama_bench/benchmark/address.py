"""How one says which benchmark is meant: its name, its folder, or both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmark.installed import USUAL, benchmark_named, installed
from sama_bench.errors import UserError
from sama_bench.suggestions import nearest


@dataclass(frozen=True)
class Address:
    """A benchmark and the folder of its data; as a text it leads there from any working directory."""

    definition: BenchmarkDefinition
    folder: Path

    @property
    def name(self) -> str:
        """What people call what lies there: SAMA-Bench's folders have names of their own."""
        return self.folder.resolve().name if self.definition.name == USUAL else self.definition.name

    def __str__(self) -> str:
        if self.definition.embedded is not None:
            return self.definition.name
        folder = str(self.folder.resolve())
        return folder if self.definition.name == USUAL else f"{self.definition.name}:{folder}"


def resolve(address: str | Path) -> Address:
    """What an address means: the name of a benchmark that brings its data, `NAME:FOLDER`, or a folder.

    A folder alone is the benchmark's that recognises it, else SAMA-Bench's. Raises UserError where a named benchmark is
    not installed, or needs a folder and has none.
    """
    text = str(address)
    name, colon, folder = text.partition(":")
    known = installed()
    if isinstance(address, str) and not colon and name in known.benchmarks:
        definition = known.benchmarks[name]
        if definition.embedded is not None:
            return Address(definition, definition.embedded())
        if not Path(name).exists():
            raise UserError(f"{name}: needs the folder of its data, as {name}:FOLDER; expected {definition.expects}")
    if colon and (name in known.benchmarks or name in known.broken):
        return Address(benchmark_named(name), Path(folder))
    if colon and len(name) > 1 and "/" not in name and not Path(text).exists() and Path(folder).is_dir():
        benchmark_named(name)  # a name that is not installed: says so
    if not colon and "/" not in text and not Path(text).exists() and (hint := nearest(text, known.benchmarks)):
        raise UserError(f"{text}: no such path, and no benchmark of this name{hint}")
    return Address(_recognised(Path(address)), Path(address))


def _recognised(folder: Path) -> BenchmarkDefinition:
    benchmarks = installed().benchmarks
    return next((definition for definition in benchmarks.values() if definition.recognise(folder)), benchmarks[USUAL])


def of_same_kind(address: str, folder: str | Path) -> str | Path:
    """The address of `folder`, which alone may not say what it is, for the benchmark that `address` names."""
    name, colon, _ = address.partition(":")
    if not colon or name not in installed().benchmarks or ":" in str(folder):
        return folder
    return f"{name}:{folder}"
