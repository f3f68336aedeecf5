"""`sama-bench doctor`: what is installed, which data are there, what is missing, and the next command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sama_bench.doctor.finding import Finding

FIRST_RUN = "sama-bench run --model motion"


@click.command(
    short_help="Say what is installed and what is missing.",
    epilog="Example: sama-bench doctor sama-bench:data/sama_bench",
)
@click.argument("name", required=False)
@click.option("--torch", "ask_torch", is_flag=True, help="Import PyTorch and ask it for GPUs, which takes seconds.")
@json_option("the findings")
def doctor(name: str | None, json_path: str | None, *, ask_torch: bool) -> None:
    """Say what is there, what is missing, and what to type next.

    Without NAME: Python, packages, what each extra gives, Java, the cache, GPUs, and the benchmarks' data in ./data and
    here. NAME is a benchmark (sama-bench bench list), NAME:FOLDER, or a folder: what of its data is there, by parts,
    and how to get the rest. No mask is decoded and no frame opened: `sama-bench bench check` does that.

    Exit status: 0 all that is needed is there, 1 something is missing, 2 bad usage.
    """
    from sama_bench.doctor.benchmark_data import examined, overview
    from sama_bench.doctor.environment import environment, extras

    if name is not None:
        parts = {"data": examined(name)}
    else:
        parts = {"environment": environment(ask_torch=ask_torch), "extras": extras(), "data": overview()}
    ok = not any(finding.is_wrong for findings in parts.values() for finding in findings)
    following = _next(parts)
    if not put(json_path, _as_json(parts, following, ok=ok)):
        _tell(parts, following)
    if not ok:
        raise click.exceptions.Exit(1)


def _next(parts: dict[str, list[Finding]]) -> list[str]:
    """The commands to type next: for what is missing, else to look closer, else to begin."""
    findings = [finding for name, findings in parts.items() if name != "extras" for finding in findings]
    missing = [finding.command for finding in findings if finding.is_wrong and finding.command]
    further = [finding.command for finding in findings if finding.ok and finding.command]
    return list(dict.fromkeys(missing or further or [FIRST_RUN]))


def _as_json(parts: dict[str, list[Finding]], following: Sequence[str], *, ok: bool) -> bytes:
    from sama_bench.files.json_files import as_json

    content = {name: [finding.to_json() for finding in findings] for name, findings in parts.items()}
    return as_json({"ok": ok, **content, "next": list(following)}, indent=1)


def _tell(parts: dict[str, list[Finding]], following: Sequence[str]) -> None:
    from rich.text import Text

    from sama_bench.console import Console

    console = Console()
    for part, findings in parts.items():
        if findings:
            console.print(Text(part, "bold"))
        for finding in findings:
            mark = ("ok", "green") if finding.ok else ("missing", "red") if finding.is_needed else ("-", "dim")
            console.print(
                Text.assemble("  ", (f"{mark[0]:8}", mark[1]), (finding.name, "bold"), f": {finding.told}"),
                soft_wrap=True,
            )
            if not finding.ok and finding.command:
                console.print(Text(f"          {finding.command}"), soft_wrap=True)
    console.print(Text("next", "bold"))
    for command in following:
        console.print(Text(f"  {command}"), soft_wrap=True)
