"""`sama-bench compare`: two scored runs against each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from sama_bench.api.comparisons import Comparison


@click.command(
    short_help="Compare two scored runs, metric by metric.",
    epilog="Example: sama-bench compare runs/still-demo runs/motion-demo --json comparison.json",
)
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option("--all", "show_all", is_flag=True, help="Show all metrics of all protocols.")
@json_option("the comparison")
def compare(run_a: Path, run_b: Path, show_all: bool, json_path: str | None) -> None:
    """Say which of RUN_A and RUN_B is better, on what and how surely, which questions changed most, and by how much.

    The table has for each headline metric the difference, its 95 % interval, p-value, and where B is better, equal,
    worse; with --all for every metric.

    Each is the folder of a scored run, or a file that `score --json` wrote (the counts are then of videos, never of
    questions). Runs whose signatures differ are refused; two of one model may differ in their --history alone.
    """
    from sama_bench.api.comparisons import compare as compare_runs

    _show(compare_runs(run_a, run_b), json_path, show_all=show_all)


def _show(comparison: Comparison, json_path: str | None, *, show_all: bool) -> None:
    from sama_bench.console import Console
    from sama_bench.score.comparison_table import print_comparison

    if not put(json_path, comparison.dumps()):
        print_comparison(comparison.kept, Console(), show_all=show_all)
