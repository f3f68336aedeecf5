"""What the words of a command line may be, for completion in a shell; nothing is loaded that is not asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from glob import escape, glob
from importlib.metadata import entry_points
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from sama_bench.run.folders import RUNS

MANIFEST = "manifest.json"
NAMES_OF_RUNS = {"run", "runs", "run_a", "run_b", "a", "b", "baseline", "candidate"}
NAMES_OF_MODELS = {("models", "name"), ("check-adapter", "name")}
GATES = {"gate", "plan"}  # which name the task, too
Words = Callable[[], Iterator[str]]


def complete_words_of(command: click.Command) -> None:
    """Let the arguments and options of a command and of its subcommands complete what they stand for.

    That follows from the names of the command's parameters, so that a plug-in's command completes, too.
    """
    for parameter in command.params:
        words = _words(command, parameter)
        if words is not None and not isinstance(parameter.type, click.Choice):
            known, folders = words
            parameter.shell_complete = partial(_completed, known, folders)  # type: ignore[method-assign]
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            complete_words_of(subcommand)
        default = getattr(command, "default", None)  # of a DefaultGroup
        if isinstance(default, click.Command):
            complete_words_of(default)


def _words(command: click.Command, parameter: click.Parameter) -> tuple[Words, bool] | None:
    """The words that a parameter takes, and whether it takes any other folder; None where nobody knows."""
    name = parameter.name or ""
    is_argument = isinstance(parameter, click.Argument)
    is_model = "--model" in parameter.opts or (is_argument and (command.name, name) in NAMES_OF_MODELS)
    kinds: tuple[tuple[bool, Words, bool], ...] = (
        (is_model, models, False),
        (name == "bench" or (is_argument and (command.name, name) == ("check", "path")), benchmarks, True),
        (name in {"task", "tasks"}, tasks, False),
        (name in {"metric", "metrics"}, gated_metrics if command.name in GATES else metrics, False),
        (name in NAMES_OF_RUNS, runs, True),
    )
    return next(((words, folders) for holds, words, folders in kinds if holds), None)


def models() -> Iterator[str]:
    """The adapters that are installed."""
    yield from sorted({entry.name for entry in entry_points(group="sama_bench.adapters")})


def benchmarks() -> Iterator[str]:
    """The benchmarks that are installed."""
    yield from sorted({entry.name for entry in entry_points(group="sama_bench.benchmarks")})


def tasks() -> Iterator[str]:
    """The keys of all tasks."""
    from sama_bench.benchmark.installed import task_keys

    yield from task_keys()


def metrics() -> Iterator[str]:
    """The names of all metrics, alone and behind their protocol."""
    from sama_bench.benchmark.installed import tasks as all_tasks

    declared = [metric for task in all_tasks() for metric in task.metrics]
    yield from dict.fromkeys(metric.name for metric in declared)
    yield from dict.fromkeys(f"{metric.protocol}.{metric.name}" for metric in declared)


def gated_metrics() -> Iterator[str]:
    """The names of metrics behind their task, and behind task and protocol, as gates take them."""
    from sama_bench.benchmark.installed import tasks as all_tasks
    from sama_bench.gate.rules import short

    for task in all_tasks():
        main = task.main_protocol.name
        yield from (f"{task.key}.{short(metric.name)}" for metric in task.columns(main))
    for task in all_tasks():
        yield from (f"{task.key}.{metric.protocol}.{short(metric.name)}" for metric in task.metrics)


def runs() -> Iterator[str]:
    """The folders of runs below ./runs."""
    yield from sorted(str(file.parent) for file in RUNS.glob(f"*/{MANIFEST}"))


def _completed(known: Words, folders: bool, context: click.Context, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's
    """The words that begin so, in letters of any case; where none does and a folder may stand there, the shell's."""
    words = [word for word in known() if word.lower().startswith(incomplete.lower())]
    if not folders:
        return [CompletionItem(word) for word in words]
    if not words:
        return [CompletionItem(incomplete, type="file")]
    beside = _folders(incomplete) if incomplete else []
    return [CompletionItem(word) for word in dict.fromkeys([*words, *beside])]


def _folders(begin: str) -> list[str]:
    """The folders whose path begins so: shells complete either words or files, and both may be meant."""
    pattern = f"{escape(begin)}*"
    return sorted(path for path in glob(pattern) if Path(path).is_dir())  # noqa: PTH207 - paths as they were typed
