"""`sama-bench tasks`: the tasks' files, which lmms-eval runs too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.errors import UserError
from sama_bench.files import json_files
from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from rich.table import Table

    from sama_bench.lmms.task_files import TaskFile


@click.group(
    invoke_without_command=True,
    epilog="Example: sama-bench tasks --path  (for lmms-eval --include_path … --tasks sama_bench)",
)
@click.option("--path", is_flag=True, help="Print the folder of the files alone, for lmms-eval's --include_path.")
@json_option("the list")
@click.pass_context
def tasks(context: click.Context, path: bool, json_path: str | None) -> None:
    """List the tasks and groups that lmms-eval finds here, or check such files.

    In lmms-eval they ask the benchmark that SAMA_BENCH_ROOT names, by default the demo.
    """
    if context.invoked_subcommand is not None:
        return
    from sama_bench.console import Console
    from sama_bench.lmms.task_files import files_of, read
    from sama_bench.tables import print_table

    if path:
        click.echo(folder())
        return
    task_files = sorted(read(files_of(folder())).found, key=lambda task_file: (not task_file.group, task_file.name))
    if not put(json_path, json_files.as_json([_row(task_file) for task_file in task_files], indent=2)):
        print_table(_table(task_files), Console())


@tasks.command(epilog="Example: sama-bench tasks check my_tasks")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path, exists=True))
@json_option("what is wrong")
def check(paths: tuple[Path, ...], json_path: str | None) -> None:
    """Tell what lmms-eval would not take of the task files below PATH (by default ours).

    lmms-eval need not be installed; where it is, its own loading has to take them, too. Functions that a file names are
    imported.

    Exit status: 0 nothing is wrong, 1 something is, 2 there are no task files.
    """
    from sama_bench.lmms.task_files import files_of, joined, problems_of, read, strangers
    from sama_bench.lmms.task_loader import names, refused

    readings = {path: read(files_of(path)) for path in paths or (folder(),)}
    for path, folder_reading in readings.items():
        if not any(folder_reading):
            raise UserError(f"{path}: there is no task file, expected *.yaml with `task` in it")
    reading = joined(readings.values())
    problems = problems_of(reading, names() if strangers(reading) else ()) or refused(reading)
    found = {"tasks_and_groups": len(reading.found), "problems": list(map(str, problems))}
    if not put(json_path, json_files.as_json(found, indent=1)):
        for problem in problems:
            click.echo(problem, err=True)
        click.echo(f"{len(reading.found)} tasks and groups, {len(problems)} problems")
    if problems:
        raise click.exceptions.Exit(1)


@tasks.command("yaml", epilog="Example: sama-bench tasks yaml toyseg > tasks/toyseg.yaml")
@click.argument("task")
def write_yaml(task: str) -> None:
    """Print the file with which lmms-eval asks TASK, a task of any installed benchmark, such as g."""
    from sama_bench.benchmark.installed import load_task
    from sama_bench.lmms.task_yaml import task_yaml

    click.echo(task_yaml(load_task(task.lower())), nl=False)


@tasks.command(epilog="Example: sama-bench tasks answers *_samples_sama_bench_g.jsonl --out g.jsonl")
@click.argument("samples", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write.")
def answers(samples: tuple[Path, ...], out: Path) -> None:
    """Take the answers out of SAMPLES, which lmms-eval wrote with --log_samples, for `score --predictions`."""
    from sama_bench.errors import each
    from sama_bench.files.atomic import replacing
    from sama_bench.lmms.samples import lines

    answer_lines = each(lines, samples)
    try:
        with replacing(out) as file:
            file.writelines(f"{line}\n".encode() for sample_lines in answer_lines for line in sample_lines)
    except OSError as problem:
        raise UserError(f"{out}: cannot be written ({problem.strerror or problem})") from problem
    click.echo(f"{sum(map(len, answer_lines))} answers: {out}")


def folder() -> Path:
    """The folder of our task files."""
    import sama_bench.tasks

    return Path(next(iter(sama_bench.tasks.__path__)))


def _row(task_file: TaskFile) -> dict[str, object]:
    row: dict[str, object] = {
        "name": task_file.name,
        "alias": task_file.content.get("group_alias") or task_file.content.get("task_alias"),
    }
    return {**row, "tasks": task_file.content["task"]} if task_file.group else row


def _table(task_files: list[TaskFile]) -> Table:
    from sama_bench.tables import layout

    rows = []
    for row in map(_row, task_files):
        holds = row.get("tasks", [])
        rows.append(
            (str(row["name"]), str(row["alias"]), ", ".join(map(str, holds)) if isinstance(holds, list) else "")
        )
    return layout(["task or group", "alias", "holds"], rows)
