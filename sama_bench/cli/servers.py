"""`sama-bench pack-server` and `check-server`: what a server takes, written and looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.json_option import check_writable, json_option, put

if TYPE_CHECKING:
    from sama_bench.run.server_zip import ServerReport

SHOWN = 200


@click.command(
    short_help="Write the ZIP that a benchmark's server takes.",
    epilog="Example: sama-bench pack-server runs/sama-mevis --for mevis --out mevis.zip",
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--for", "server", metavar="BENCHMARK", required=True, help="Whose server: mevis or ref-youtube-vos.")
@click.option("--bench", metavar="BENCH", help="Folder of the benchmark, or NAME:FOLDER.  [default: the run's]")
@click.option(
    "--task", metavar="TASK", help="Another task of the benchmark, in the same form.  [default: the server's]"
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file.  [default: BENCHMARK.zip]")
@json_option("what it has")
def pack_server(
    run: Path, server: str, bench: str | None, task: str | None, out: Path | None, json_path: str | None
) -> None:
    """Write the answers of RUN as the ZIP of PNG masks that a server takes; equal answers give equal bytes.

    RUN is the folder of a run, or with --bench any predictions that `sama-bench score` takes. An expression without an
    answer, or with an error, is reported, and nothing is written: the exit status is 1.
    """
    from sama_bench.api.servers import pack_server as pack

    check_writable(json_path)
    path = out or Path(f"{server}.zip")
    report = pack(run, server, path, bench=bench, task=task)
    _print_report(report, path, json_path)


@click.command(
    short_help="Check a ZIP for a benchmark's server.",
    epilog="Example: sama-bench check-server mevis.zip --bench mevis:data/mevis",
)
@click.argument("file", metavar="ZIP", type=click.Path(path_type=Path))
@click.option("--bench", metavar="BENCH", required=True, help="Folder of the benchmark, or NAME:FOLDER.")
@click.option(
    "--task", metavar="TASK", help="Another task of the benchmark, in the same form.  [default: the server's]"
)
@json_option("what was found")
@click.pass_context
def check_server(ctx: click.Context, /, file: Path, bench: str, task: str | None, json_path: str | None) -> None:
    """Say all that is wrong with ZIP for the server of a benchmark: what lacks, what is too much, which mask is none.

    Every expression and frame of the split has to be there once, as a PNG of mode L with 0 and 255 in the frame's size,
    in the folders that the server expects, and nothing else. The exit status is 1 where that does not hold.
    """
    from sama_bench.api.servers import check_server as check

    check_writable(json_path)
    report = check(file, bench, task=task)
    _print_report(report, file, json_path)
    ctx.exit(1 if report.problems else 0)


def _print_report(report: ServerReport, path: Path, json_path: str | None) -> None:
    from sama_bench.errors import UserError
    from sama_bench.files.json_files import as_json

    if put(json_path, as_json({"file": str(path), **report.to_json()})):
        return
    expected = f"{report.videos} videos, {report.expressions} expressions, {report.frames} frames of task {report.task}"
    if report.problems:
        for line in UserError(report.problems).lines(SHOWN):
            click.echo(f"{path}: {line}", err=True)
        click.echo(f"{path}: {len(report.problems)} problems; expected {expected}")
    else:
        click.echo(f"{path}: holds {expected}, each once")
    if report.short_of:
        click.echo(f"the data have {report.videos} of the {report.short_of} videos of the whole split")
