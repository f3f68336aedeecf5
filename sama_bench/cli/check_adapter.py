"""`sama-bench check-adapter`: whether an adapter holds to what a run expects of it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.cli.adapter_options import adapter_options, pairs
from sama_bench.files import json_files
from sama_bench.json_option import json_option, put
from sama_bench.run import model_output
from sama_bench.worker.adapter_spec import AdapterSpec

if TYPE_CHECKING:
    from rich.table import Table

    from sama_bench.adapter_check import Finding

MARKS = {"fine": "✓", "warning": "!", "broken": "✗", "skipped": "–"}
COLOURS = {"fine": "green", "warning": "yellow", "broken": "red", "skipped": "dim"}


@click.command(
    "check-adapter",
    short_help="Try whether an adapter holds to the interface.",
    epilog="Example: sama-bench check-adapter motion",
)
@click.argument("name")
@adapter_options
@json_option("the findings")
@click.pass_context
def check_adapter(
    ctx: click.Context,
    /,
    name: str,
    model_args: Sequence[str],
    trust_remote_code: bool,
    python: str | None,
    timeout: float | None,
    json_path: str | None,
) -> None:
    """Try the adapter NAME on a few questions of the demo benchmark: every way in which a run relies on it.

    The exit status is 1 where something is broken; a warning (!) is for you to judge.
    """
    from sama_bench.adapter_check import holds

    called = AdapterSpec(
        name, pairs(model_args), trust_remote_code, python=Path(python) if python else None, timeout=timeout
    )
    with model_output.on_stderr():
        findings = _findings(called)
    good = holds(findings)
    content = {"adapter": name, "holds": good, "findings": [asdict(finding) for finding in findings]}
    if not put(json_path, json_files.as_json(content)):
        _show(findings)
    ctx.exit(0 if good else 1)


def _findings(called: AdapterSpec) -> list[Finding]:
    from sama_bench.adapter_check import check_adapter as check
    from sama_bench.adapter_check.finding import finding
    from sama_bench.benchmark import open_benchmark
    from sama_bench.errors import UserError
    from sama_bench.run.predictions import FAILURES, reason

    called.check()
    log = Path(tempfile.mkdtemp(prefix="sama-bench-")) / "worker.log" if called.python else Path()
    if called.python:
        click.echo(f"log of the other Python: {log}", err=True)
    try:
        adapter = called.make(log)
    except UserError:
        raise
    except FAILURES as problem:  # whatever a stranger's constructor raises is what is to be found
        return [finding("made", [f"the constructor raised {reason(problem)}"])]
    return list(check(adapter, open_benchmark("demo")))


def _show(findings: Sequence[Finding]) -> None:
    from sama_bench.console import Console
    from sama_bench.tables import print_table

    print_table(_table(findings), Console())


def _table(findings: Sequence[Finding]) -> Table:
    from rich.text import Text

    from sama_bench.tables import layout

    rows = [
        (Text(MARKS[finding.state], style=COLOURS[finding.state]), finding.check, finding.why) for finding in findings
    ]
    return layout(["", "", ""], rows, headings=False)
