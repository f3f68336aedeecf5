"""`sama-bench bench`: list the installed benchmarks, check one, write the embedded demo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.errors import UserError
from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from rich.table import Table

    from sama_bench.benchmark import BenchmarkDefinition
    from sama_bench.benchmark.address import Address
    from sama_bench.benchmark.check import Report as CheckReport
    from sama_bench.benchmarks.sama.check import Report, SourceRow


@click.group(epilog="Example: sama-bench bench check data/sama_bench")
def bench() -> None:
    """List benchmarks, check one, or write the demo."""


@bench.command(epilog="Example: sama-bench bench check data/sama_bench --json report.json")
@click.argument("path")
@json_option("the report")
def check(path: str, json_path: str | None) -> None:
    """Tell what the benchmark at PATH holds and all that is broken in it (or a name, or NAME:FOLDER).

    Of each frame the header and the end of the file are read, not every pixel; of the mask dictionaries
    everything, also whether they fit the frames: a track has no more masks than there are frames, of the frames'
    aspect ratio (another resolution is usual). What was found sound is not read again until it changes.

    Exit status: 0 nothing is broken, 1 something is, 2 PATH is not a benchmark.
    """
    from sama_bench.benchmark.address import resolve
    from sama_bench.benchmarks.sama.check import check as examine
    from sama_bench.benchmarks.sama.reader import SamaReader
    from sama_bench.console import Console
    from sama_bench.tables import print_table

    address = resolve(path)
    if address.definition.read is not SamaReader:
        _check_and_report(address, json_path)
        return
    report = examine(address.folder)
    if not put(json_path, f"{json.dumps(report.to_json(), indent=1)}\n".encode()):
        print_table(_table(report), Console())
        _report_problems(report)
    if report.problems:
        raise click.exceptions.Exit(1)


@bench.command("list", epilog="Example: sama-bench bench list")
@json_option("the list")
def list_benchmarks(json_path: str | None) -> None:
    """List the benchmarks that are installed: their tasks, and what lies in their folders."""
    from rich.text import Text

    from sama_bench.benchmark.installed import installed
    from sama_bench.console import Console
    from sama_bench.files.json_files import as_json

    benchmarks = installed()
    listed = [_benchmark_json(definition) for definition in benchmarks.benchmarks.values()]
    if put(json_path, as_json(listed, indent=2)):
        return
    console = Console()
    for definition in benchmarks.benchmarks.values():
        console.print(Text.assemble((definition.name, "bold"), f": {definition.title}"), soft_wrap=True)
        needs = "brings its data" if definition.embedded else f"FOLDER holds {definition.expects}"
        address = definition.name if definition.embedded else f"{definition.name}:FOLDER"
        usual = ", ".join(task.key for task in definition.tasks if not task.on_request)
        named = ", ".join(task.key for task in definition.tasks if task.on_request)
        line = f"  --bench {address}; tasks {usual}{f' (asked where named: {named})' * bool(named)}; {needs}"
        console.print(Text(line), soft_wrap=True)
    for name, reason in benchmarks.broken.items():
        click.echo(f"{name}: cannot be used: {reason}", err=True)


@bench.command(epilog="Example: sama-bench bench demo demo && sama-bench bench check demo")
@click.argument("out", type=click.Path(path_type=Path))
def demo(out: Path) -> None:
    """Write the embedded demo benchmark to the folder OUT, in the released layout."""
    from sama_bench.demo.render import render
    from sama_bench.files.temporary import scratch

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out}: already there, expected a new or empty folder; give another one")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with scratch(out) as folder:
            render(folder / "tree")
            if out.exists():
                out.rmdir()
            (folder / "tree").rename(out)
    except OSError as problem:
        raise UserError(f"{out}: cannot be written ({problem.strerror}); give another folder") from problem
    click.echo(f"wrote {out}")


def _benchmark_json(definition: BenchmarkDefinition) -> dict[str, object]:
    tasks = [{"key": task.key, "name": task.name, "alias": task.alias} for task in definition.tasks]
    about = {"name": definition.name, "title": definition.title, "expects": definition.expects}
    return {**about, "embedded": definition.embedded is not None, "tasks": tasks}


def _check_and_report(address: Address, json_path: str | None) -> None:
    """The report on a benchmark of any kind: videos and questions, and each problem in a line of its own."""
    from sama_bench.benchmark.check import check as examine
    from sama_bench.files.json_files import as_json

    report = examine(address)
    if not put(json_path, as_json(report.to_json(), indent=1)):
        _print_report(report)
    if report.problems:
        raise click.exceptions.Exit(1)


def _print_report(report: CheckReport) -> None:
    questions = ", ".join(f"{count} of task {task}" for task, count in report.questions.items())
    click.echo(f"{report.videos} videos; questions: {questions}\nfingerprint {report.fingerprint}")
    for task, why in report.without_truth.items():
        click.echo(f"task {task} is not scored: {why}")
    for task, share in report.shares.items():
        click.echo(f"task {task}: {share}")
    for name, same in report.released.items():
        click.echo(f"{name}: {'the' if same else 'not the'} file whose SHA-256 its authors give")
    for line in UserError(report.problems).lines(len(report.problems)):
        click.echo(f"broken: {line}", err=True)
    click.echo(f"{len(report.problems)} problems" if report.problems else "nothing is broken")


def _table(report: Report) -> Table:
    """Source data sets side by side, with what they sum to."""
    from sama_bench.tables import Column, layout, numbers

    columns: list[str | Column] = [
        "",
        *numbers(row.source for row in report.rows),
        Column("sum", number=True, bold=True),
    ]
    lines = _lines(report.rows)
    return layout(
        columns, ((label, *(str(count or "-") for count in (*counts, sum(counts)))) for label, counts in lines)
    )


def _lines(rows: list[SourceRow]) -> list[tuple[str, list[int]]]:
    reasons = sorted({reason for row in rows for reason in row.dropped})
    return [
        ("videos", [row.videos for row in rows]),
        ("G questions", [row.g for row in rows]),
        ("C questions", [row.c for row in rows]),
        ("dropped", [sum(row.dropped.values()) for row in rows]),
        *((f"  {reason}", [row.dropped.get(reason, 0) for row in rows]) for reason in reasons),
        ("frames", [row.frames for row in rows]),
        ("  missing", [row.missing_frames for row in rows]),
        ("  broken", [row.broken_frames for row in rows]),
        ("  of another size", [row.wrong_size_frames for row in rows]),
        ("split files", [row.splits for row in rows]),
        ("  missing", [len(row.missing_splits) for row in rows]),
        ("mask tracks", [row.annotations for row in rows]),
        ("  missing or unreadable", [row.unreadable_masks for row in rows]),
        ("  that do not fit", [row.unfit_masks for row in rows]),
    ]


def _report_problems(report: Report) -> None:
    """The comparison with the released totals, what is absent, and each problem in a line of its own."""
    from sama_bench.benchmarks.sama.layout import QUESTIONS, SPLITS, VIDEOS

    videos, questions = report.totals
    click.echo(f"{videos} of {VIDEOS} videos and {questions} of {QUESTIONS:,} questions of the released benchmark")
    missing = [name for row in report.rows for name in row.missing_splits]
    if missing:
        click.echo(f"{len(missing)} of {len(SPLITS)} split files absent: {', '.join(missing)}")
    click.echo(f"fingerprint {report.fingerprint}")
    for line in UserError([problem.text for problem in report.problems]).lines(len(report.problems)):
        click.echo(f"broken: {line}", err=True)
    click.echo(f"{len(report.problems)} problems" if report.problems else "nothing is broken")
