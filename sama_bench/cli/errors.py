"""`sama-bench errors`: which questions of a run ended in an error, and where in the model's code."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from sama_bench.run.failures import FailureGroup
    from sama_bench.run.manifest import Manifest

KEYS_SHOWN = 8


@click.command(
    short_help="The questions of a run that ended in an error, and where in the model's code.",
    epilog="Example: sama-bench errors runs/mine",
)
@click.argument("run", type=click.Path(path_type=Path))
@json_option("the errors, each with its question and of each kind the first traceback")
def errors(run: Path, json_path: str | None) -> None:
    """Show the errors of RUN by kind: how many, the first traceback, which questions, and how to ask these again."""
    from sama_bench.files.json_files import as_json
    from sama_bench.run.failures import failures, grouped
    from sama_bench.run.store import Store

    with Store.open(run) as store:
        groups, manifest, asked = grouped(failures(store)), store.manifest, store.asked
    again = command_again(manifest, run)
    count = sum(len(group.failures) for group in groups)
    content = {"run": str(run), "asked": asked, "errors": count, "again": again, "kinds": [g.to_json() for g in groups]}
    if not put(json_path, as_json(content, indent=1)):
        _print(groups, run, count, asked, again)


def command_again(manifest: Manifest, run: Path) -> str:
    """The command that asks the questions of a run again that ended in an error."""
    asked = manifest.asked
    words = ["sama-bench", "run", "--model", manifest.settings.model, "--bench", manifest.bench]
    tasks = asked.get("tasks")
    if isinstance(tasks, list) and len(tasks) == 1:
        words += ["--task", str(tasks[0])]
    for option in ("limit", "videos", "shard", "python", "timeout", "budget", "phrases", "phrase_model"):
        if asked.get(option) is not None:
            words += [f"--{option.replace('_', '-')}", str(asked[option])]
    arguments = asked.get("model_args")
    for name, value in (arguments if isinstance(arguments, dict) else manifest.settings.model_args).items():
        words += ["--model-arg", f"{name}={value}"]
    words += ["--trust-remote-code"] * bool(asked.get("trust_remote_code"))
    words += _dialogue(manifest)
    if wording := (manifest.asking or {}).get("wording", "").partition("@")[0]:
        words += ["--prompt", wording]
    return shlex.join([*words, "--out", str(run), "--retry-errors"])


def _dialogue(manifest: Manifest) -> list[str]:
    """The options that show earlier rounds as the run did."""
    from sama_bench.dialogue.condition import ALL, Condition

    condition = Condition.read(manifest.settings.history)
    if condition.alone:
        return []
    words = ["--history", condition.history, "--window", str(condition.window or ALL)]
    words += [] if condition.seed is None else ["--history-seed", str(condition.seed)]
    return [*words, *(["--masks-back"] if condition.masks_back else [])]


def _print(groups: Sequence[FailureGroup], run: Path, count: int, asked: int, again: str) -> None:
    from rich.text import Text

    from sama_bench.console import Console
    from sama_bench.run.failures import shortened
    from sama_bench.run.store import WORKER_LOG

    console = Console()
    if not groups:
        click.echo(f"{run}: none of {asked} questions ended in an error")
        return
    kinds = f"{len(groups)} kinds" if len(groups) > 1 else "one kind"
    console.print(Text(f"{run}: {count} of {asked} questions ended in an error, of {kinds}", style="bold"))
    for group in groups:
        first = group.failures[0]
        keys = [str(failure.key) for failure in group.failures]
        more = f" and {len(keys) - KEYS_SHOWN} more" if len(keys) > KEYS_SHOWN else ""
        console.print()
        console.print(
            Text(f"{len(keys)} x {group.kind}{f' at {group.place}' if group.place else ''}", style="bold red")
        )
        console.print(Text(" ".join(first.error.split())))
        console.print(Text(f"questions: {', '.join(keys[:KEYS_SHOWN])}{more}"))
        for line in shortened(first.traceback):
            console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
    console.print()
    if (run / WORKER_LOG).exists():
        click.echo(f"what the model printed: {run / WORKER_LOG}")
    click.echo(f"to ask these again: {again}")
