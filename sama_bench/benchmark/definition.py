"""What a benchmark's package registers under the entry-point group `sama_bench.benchmarks`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sama_bench.benchmark.reader import Reader
from sama_bench.task import Task
from sama_bench.types import TaskName


def _never(_folder: Path) -> bool:
    return False


@dataclass(frozen=True)
class ServerForm:
    """What a server takes for a task: a ZIP of `VIDEO/EXPRESSION/FRAME.png` below the folder `top`, '' for its top.

    Pictures are of mode L, 0 and 255, of the frames' size, one for each frame. `videos` is how many the whole split
    has.
    """

    task: TaskName
    top: str
    videos: int


@dataclass(frozen=True)
class Whole:
    """How large a whole split is: its videos (or images), and its questions; of these its editions may differ.

    `doubt` says, where its authors do not state the numbers, where they are from.
    """

    videos: int
    questions: tuple[int, ...] = ()
    doubt: str = ""


@dataclass(frozen=True, eq=False)
class BenchmarkDefinition:
    """A benchmark: `name` is what people type, `title` what they read, `expects` what lies in its folder.

    `read` opens a folder; it raises UserError where that is none of this kind. `recognise` says, at a glance, whether a
    folder is of this kind, so that its path alone suffices. A benchmark that brings its data gives their folder by
    `embedded`, and needs no path. `server` is what the one takes that scores a task of it, where there is one. `whole`
    says how large the splits are that people report, `released` has the SHA-256 of files, by their path below the
    folder, as their authors give them: `bench check` compares.
    """

    name: str
    title: str
    tasks: tuple[Task, ...]
    read: Callable[[Path], Reader]
    expects: str
    recognise: Callable[[Path], bool] = _never
    embedded: Callable[[], Path] | None = None
    server: ServerForm | None = None
    whole: Mapping[TaskName, Whole] = field(default_factory=dict)
    released: Mapping[str, str] = field(default_factory=dict)

    @property
    def task_keys(self) -> tuple[TaskName, ...]:
        """The keys of its tasks, in their order."""
        return tuple(task.key for task in self.tasks)
