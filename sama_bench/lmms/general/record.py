"""`general.json`: what a model reached in lmms-eval's tasks, task by task, and what failed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError, each
from sama_bench.files.atomic import write_text
from sama_bench.files.json_files import read_json
from sama_bench.files.json_shapes import at, beyond, damaged, shaped_value, short
from sama_bench.lmms.general.suites import Scale
from sama_bench.run.manifest import Session, check_version

FILE = "general.json"
FORMAT = "sama-bench general"
VERSION = 1
AGAIN = "make it again with: sama-bench general --out FOLDER (another one)"
MOST = 1e9


@dataclass(frozen=True)
class GeneralSettings:
    """The settings that decide the scores of every task: a folder goes on only where all of them are the same.

    `model` is an adapter, or `lmms:NAME`, a model of lmms-eval. `lmms_eval` is the version that is installed.
    """

    model: str
    model_args: Mapping[str, str]
    limit: int | None
    lmms_eval: str

    def differences(self, other: GeneralSettings, free: Collection[str] = ()) -> list[tuple[str, str]]:
        """(what this says, what `other` says) for each setting that is not the same; `free` model arguments aside."""
        own_values, other_values = (asdict(settings.without(free)) for settings in (self, other))
        return [
            (_text_of(name, own_values[name]), _text_of(name, other_values[name]))
            for name in own_values
            if own_values[name] != other_values[name]
        ]

    def without(self, free: Collection[str]) -> GeneralSettings:
        """The settings but for these model arguments."""
        return replace(self, model_args={name: text for name, text in self.model_args.items() if name not in free})


def _text_of(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return f"model args {' '.join(f'{key}={argument}' for key, argument in sorted(value.items())) or 'none'}"
    return f"{name}={'none' if value is None else value}"


@dataclass(frozen=True)
class Value:
    """A metric's value as lmms-eval gave it; `metric` is its name there, with the filter where that is not `none`."""

    metric: str
    label: str
    value: float
    scale: Scale
    higher_is_better: bool


@dataclass(frozen=True)
class Scored:
    """A task that was asked to the end.

    `questions` of the data set's `of` were asked. `version` is the task's in lmms-eval, `definition` a digest of what
    it asks and how answers are generated, `prompt` whose wording lmms-eval used: the name of a model, or "default".
    `lacking` says of metrics why they have no value. `errors` answers failed, the first with `first_error`: lmms-eval
    counts them as wrong.
    """

    values: tuple[Value, ...]
    questions: int
    of: int
    version: str
    definition: str
    prompt: str = "default"
    caveat: str = ""
    lacking: Mapping[str, str] = field(default_factory=dict)
    errors: int = 0
    first_error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Failed:
    """A task without a score: why, and how many times it was tried."""

    reason: str
    tries: int = 1


@dataclass(frozen=True)
class Record:
    """All of a folder's tasks by name, in the order in which they were first asked, and when that was."""

    settings: GeneralSettings
    tasks: Mapping[str, Scored | Failed] = field(default_factory=dict)
    sessions: Sequence[Session] = ()

    def is_done(self, task: str, *, retry_errors: bool = False) -> bool:
        """True if a task has its scores and need not be asked; with `retry_errors` only where no answer failed."""
        outcome = self.tasks.get(task)
        return isinstance(outcome, Scored) and not (retry_errors and outcome.errors)

    def begun(self, session: Session) -> Record:
        """The record with one more session."""
        return replace(self, sessions=(*self.sessions, session))

    def plus(self, task: str, outcome: Scored | Failed) -> Record:
        """The record with a task's outcome; one that failed before is counted on."""
        before = self.tasks.get(task)
        if isinstance(outcome, Failed) and isinstance(before, Failed):
            outcome = replace(outcome, tries=before.tries + 1)
        return replace(self, tasks={**self.tasks, task: outcome})

    def to_json(self) -> dict[str, object]:
        """The record with JSON's own types."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "settings": asdict(self.settings),
            "tasks": {name: asdict(outcome) for name, outcome in self.tasks.items()},
            "sessions": [session.to_json() for session in self.sessions],
        }

    def write(self, folder: Path) -> None:
        """Write the file, whole or not at all. Raises UserError where it cannot be written."""
        try:
            write_text(folder / FILE, json.dumps(self.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        except OSError as problem:
            raise UserError(f"{folder / FILE}: cannot be written ({problem.strerror or problem})") from problem


def read(folder: Path) -> Record | None:
    """The record in a folder, None where there is none. Raises UserError where it cannot be read or is damaged."""
    path = folder / FILE
    if not path.exists():
        return None
    content = read_json(path, again=AGAIN)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f'{path}: holds no scores of `sama-bench general` (expected "format": "{FORMAT}")')
    check_version(path, content.get("version"), VERSION)
    try:
        return _record(content)
    except UserError as problem:
        raise damaged(path, problem.problems, AGAIN) from problem


@dataclass(frozen=True)
class _File:
    settings: GeneralSettings
    sessions: Sequence[Session]
    tasks: Mapping[str, Mapping[str, Any]]


def _record(content: Mapping[str, Any]) -> Record:
    parsed = shaped_value(_File, content)
    names = list(parsed.tasks)
    outcomes = each(lambda name: _outcome(name, content["tasks"][name]), names)
    return Record(parsed.settings, dict(zip(names, outcomes, strict=True)), tuple(parsed.sessions))


def _outcome(name: str, content: Mapping[str, Any]) -> Scored | Failed:
    kind: type[Scored | Failed] = Failed if "reason" in content else Scored
    try:
        outcome = shaped_value(kind, content)
        if isinstance(outcome, Scored) and (problems := list(_impossible(outcome))):
            raise UserError(problems)
    except UserError as problem:
        raise UserError(f"{text} in task {short(name)}" for text in problem.problems) from problem
    return outcome


def _impossible(scored: Scored) -> Iterator[str]:
    yield from beyond({"questions": scored.questions, "of": scored.of, "errors": scored.errors}, 0, MOST)
    yield from beyond({value.metric: value.value for value in scored.values}, -MOST, MOST, "values")
    names = [value.metric for value in scored.values]
    yield from (f"{short(name)} stands twice{at('values')}" for name in {*names} if names.count(name) > 1)
