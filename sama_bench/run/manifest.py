"""The readable head of a run: what was asked, of what, with which versions."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sama_bench
from sama_bench.adapter import HISTORY_ABILITIES, Abilities
from sama_bench.dialogue.condition import Condition
from sama_bench.errors import UserError
from sama_bench.files.json_files import read_json
from sama_bench.files.json_shapes import at, beyond, damaged, shaped_value, short

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

FORMAT = "sama-bench run"
VERSION = 1
AGAIN = "make it again with: sama-bench run --out FOLDER (another one), or restore it from a copy"
MOST_QUESTIONS = 10**9
KNOWN = tuple(field.name for field in fields(Abilities))
RENAMED = {"sama": ("repo", "sama-released")}
"""Names of adapters that another one has now: the argument that tells the old one, and what that is called now."""
LIBRARIES = ("openai", "torch", "torchvision", "transformers")


@dataclass(frozen=True)
class RunSettings:
    """What decides the predictions: a run goes on only where all of it is the same.

    `fingerprint` is the benchmark's, `task_digests` the sha256 of each task's definition, by task,
    `shard` the part of the selection, such as "2/8", None where it is all of it. `history` says which earlier turns are
    shown before a question (`Condition.label`), None where every question is asked alone.
    """

    model: str
    model_args: Mapping[str, str]
    fingerprint: str
    tasks: Sequence[str]
    limit: int | None
    videos: str | None
    task_digests: Mapping[str, str]
    shard: str | None = None
    history: str | None = None

    def differences(self, other: RunSettings, free: Collection[str] = ()) -> list[tuple[str, str]]:
        """(what this says, what `other` says) for each setting that is not the same, in the order above.

        Model arguments that are `free` decide nothing; older runs may have noted them, where a grounder was asked.
        """
        mine, theirs = (settings.without(free).to_json() for settings in (self, other))
        names = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
        return [(_shown(name, mine.get(name)), _shown(name, theirs.get(name))) for name in names]

    def selects_otherwise(self, other: RunSettings, free: Collection[str] = ()) -> bool:
        """Whether `other` differs from this in what is selected, and in nothing else.

        Shards of another selection hold other videos: there nothing may differ.
        """
        both = self.task_digests.keys() & other.task_digests.keys()
        if self.shard or other.shard or any(self.task_digests[task] != other.task_digests[task] for task in both):
            return False
        return not self.unselected().differences(other.unselected(), free)

    def unselected(self) -> RunSettings:
        """The settings but for what is selected."""
        return replace(self, tasks=(), limit=None, videos=None, task_digests={}, shard=None)

    def without(self, free: Collection[str]) -> RunSettings:
        """The settings but for these model arguments."""
        return replace(self, model_args={name: text for name, text in self.model_args.items() if name not in free})

    @property
    def called_now(self) -> str:
        """What the model's adapter is called today, where its name is another one's now; '' otherwise."""
        argument, name = RENAMED.get(self.model, ("", ""))
        return name if argument in self.model_args else ""

    def to_json(self) -> dict[str, object]:
        """The settings with JSON's own types."""
        content = asdict(self)
        if self.shard is None:  # older versions, which know no shards, can go on with an undivided run
            del content["shard"]
        if self.history is None:  # as above
            del content["history"]
        return {
            **content,
            "model_args": dict(sorted(self.model_args.items())),
            "tasks": list(self.tasks),
            "task_digests": dict(sorted(self.task_digests.items())),
        }


LONGEST_NAME = 60


def check_name(name: str | None) -> None:
    """Raise UserError where a run cannot be called so in a table: nothing to see, or too long."""
    if name is not None and not (name.strip() and len(name) <= LONGEST_NAME):
        raise UserError(f"--name {short(name)}: expected 1 to {LONGEST_NAME} characters")


def only_history_differs(settings: RunSettings, others: RunSettings) -> bool:
    """Whether two runs put the same questions to the same model, under two histories."""
    differences = settings.differences(others)
    return bool(differences) and all(map(is_history, differences))


def is_history(difference: tuple[str, str]) -> bool:
    """Whether one of `RunSettings.differences` is that of the history."""
    return difference[0].startswith("history=")


def check_none(folder: str, differences: Sequence[tuple[str, str]]) -> None:
    """Raise UserError where settings differ from those asked now; `folder` begins the line: "runs/x was made"."""
    if differences:
        then, now = (", ".join(side) for side in zip(*differences, strict=True))
        raise UserError(f"{folder} with {then}; now asked {now}; give --out another folder")


def _shown(name: str, value: object) -> str:
    if name == "model_args":
        return f"model args {_pairs(value) or 'none'}"
    if name == "fingerprint":
        return f"benchmark fingerprint {str(value)[:12]}"
    if name == "tasks":
        return f"tasks={','.join(map(str, value)) if isinstance(value, list) else value}"
    if name == "task_digests":
        return f"task definitions {_pairs(value, 8)}"
    return f"{name}={'none' if name == 'history' and value is None else value}"


def _pairs(value: object, width: int | None = None) -> str:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return " ".join(f"{name}={str(value)[:width]}" for name, value in pairs)


@dataclass(frozen=True)
class Session:
    """One start of a run: when (UTC, ISO 8601), the versions of what took part, and who was asked.

    `workers` are processes beside the runner's, None where there were none, and `devices` what they were spread over.
    `name` is what the run is called in tables, None where nobody gave it a name; it decides nothing.
    """

    started: str
    versions: Mapping[str, str]
    commit: str | None = None
    workers: int | None = None
    devices: Sequence[str] | None = None
    name: str | None = None

    def to_json(self) -> dict[str, object]:
        """With JSON's own types; without a name it is what older versions wrote."""
        content = asdict(self)
        if self.name is None:
            del content["name"]
        return content

    @classmethod
    def now(cls, adapter: EntryPoint | None = None, others: Mapping[str, str] | None = None) -> Session:
        """The session that starts at this moment, with the model's adapter; `others` are versions in another Python."""
        started = datetime.now(timezone.utc).isoformat(timespec="seconds")
        elsewhere = {f"{name} (worker)": version for name, version in (others or {}).items()}
        return cls(started, {**versions(adapter), **elsewhere}, checkout_commit())


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` holds.

    `asked` is the command's options as given, `settings` what they came to. `bench` is where the benchmark
    was read from: "demo" or an absolute path; `sees_truth` is whether the model is shown true answers, be it of
    earlier rounds. `counts` are the questions of each task that are to be asked. `can` and `asking` are the adapter's,
    None where they are not known: older versions did not note them.
    """

    settings: RunSettings
    bench: str
    bench_name: str
    sees_truth: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    sessions: Sequence[Session] = ()
    can: Abilities | None = None
    asking: Mapping[str, str] | None = None

    def started(self, session: Session) -> Manifest:
        """The manifest with one more session."""
        return replace(self, sessions=(*self.sessions, session))

    @property
    def name(self) -> str:
        """The name that the run was given last, '' where it was given none."""
        return next((session.name for session in reversed(self.sessions) if session.name), "")

    def named(self, name: str) -> Manifest:
        """The manifest of a run that is called so from its last session on; there has to be one."""
        *before, last = self.sessions
        return replace(self, sessions=(*before, replace(last, name=name)))

    def to_text(self) -> str:
        """The manifest as indented JSON."""
        content = {
            "format": FORMAT,
            "version": VERSION,
            "asked": dict(self.asked),
            "settings": self.settings.to_json(),
            "sees_truth": self.sees_truth,
            "can": None if self.can is None else self.can.to_json(),
            "asking": None if self.asking is None else dict(self.asking),
            "benchmark": {"name": self.bench_name, "path": self.bench, "questions": dict(self.counts)},
            "sessions": [session.to_json() for session in self.sessions],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest file.

        Raises UserError where the file cannot be read, is not a run's manifest, or of a newer version.
        """
        content = read_json(path, again=AGAIN)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise UserError(f'{path}: is not the manifest of a run (expected "format": "{FORMAT}")')
        check_version(path, content.get("version"), VERSION)
        try:
            return _manifest(content)
        except UserError as problem:
            raise damaged(path, problem.problems, AGAIN) from problem


def check_version(path: Path, version: object, known: int) -> None:
    """Raise UserError where a file's version is not one of 1 … `known`."""
    if type(version) is int and 1 <= version <= known:
        return
    if type(version) is int and version > known:
        raise UserError(
            f"{path}: was written by a newer sama-bench (version {version} of the format, this one knows {known}): "
            "install a newer one"
        )
    raise UserError(f"{path}: has no version of its format (found {short(version)}, expected {known})")


@dataclass(frozen=True)
class _Bench:
    name: str
    path: str
    questions: Mapping[str, int]


@dataclass(frozen=True)
class _File:
    """`manifest.json` as JSON says it."""

    settings: RunSettings
    benchmark: _Bench
    sees_truth: bool
    asked: Mapping[str, Any]
    sessions: Sequence[Session]
    can: Mapping[str, bool | str] | None = None
    asking: Mapping[str, str] | None = None


def _manifest(content: Mapping[str, Any]) -> Manifest:
    file = shaped_value(_File, content)
    if problems := [*_unknown(content["settings"]), *_impossible(file)]:
        raise UserError(problems)
    can = file.can
    return Manifest(
        settings=file.settings,
        bench=file.benchmark.path,
        bench_name=file.benchmark.name,
        sees_truth=file.sees_truth,
        counts=file.benchmark.questions,
        asked=content["asked"],
        sessions=tuple(file.sessions),
        can=None if can is None else _abilities(can),
        asking=file.asking,
    )


def _abilities(can: Mapping[str, bool | str]) -> Abilities:
    known: dict[str, Any] = {name: can[name] for name in KNOWN if name in can}
    return Abilities(**known)


def _unknown(settings: Mapping[str, Any]) -> Iterator[str]:
    """Settings that are not known here: two runs could differ in them, and nobody would see it."""
    known = {field.name for field in fields(RunSettings)}
    yield from (f"{short(name)} is no setting that is known{at('settings')}" for name in settings if name not in known)


def _impossible(file: _File) -> Iterator[str]:
    settings, bench = file.settings, file.benchmark
    if not settings.tasks or len({*settings.tasks}) < len(settings.tasks):
        yield f"{short(list(settings.tasks))} is not one task or more, each once,{at('settings', 'tasks')}"
    if settings.limit is not None and settings.limit < 1:
        yield f"{settings.limit} is not 1 or more{at('settings', 'limit')}"
    try:
        Condition.read(settings.history)
    except UserError as problem:
        yield f"{problem}{at('settings', 'history')}"
    if "\0" in bench.path:
        yield f"{short(bench.path)} is not a path{at('benchmark', 'path')}"
    for name, able in (file.can or {}).items():
        if not isinstance(able, bool) and not (name == "history" and able in HISTORY_ABILITIES):
            yield f"{short(able)} is not true or false{at('can', name)}"
    yield from beyond(bench.questions, 0, MOST_QUESTIONS, "benchmark", "questions")


def versions(adapter: EntryPoint | None = None) -> dict[str, str]:
    """Versions of what decides a prediction, as far as it is loaded, and of the adapter's distribution."""
    import cv2
    import numpy as np

    libraries = [name for name in LIBRARIES if name in sys.modules]
    by_package = {
        "sama-bench": sama_bench.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": str(cv2.__version__),
        **{name: str(getattr(sys.modules[name], "__version__", "unknown")) for name in libraries},
    }
    if adapter is not None and adapter.dist is not None:
        by_package.setdefault(adapter.dist.name, adapter.dist.version)
    return by_package


def checkout_commit() -> str | None:
    """The commit of the checkout that this package runs from ("-dirty" where changed); None where it is installed."""
    root = Path(sama_bench.__file__).resolve().parent.parent
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    command = [git, "--no-optional-locks", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - fixed arguments
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
