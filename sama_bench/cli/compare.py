"""`sama-bench compare`: two scored runs against each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.cli.json_file import check_writable, put

if TYPE_CHECKING:
    from sama_bench.api.comparisons import Comparison


@click.command(
    short_help="Compare two scored runs, metric by metric.",
    epilog="Example: sama-bench compare runs/still-demo runs/motion-demo --json comparison.json",
)
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option("--json", "json_path", metavar="OUT", help="Write the comparison as JSON to this file; - for stdout.")
def compare(run_a: Path, run_b: Path, json_path: str | None) -> None:
    """Say what RUN_B has more than RUN_A: difference, 95 % interval, p-value, and where it is better, equal, worse.

    Each is the folder of a scored run, or a file that `score --json` wrote (the counts are then of videos, never of
    questions). Runs whose signatures differ are refused; two of one model may differ in their --history alone.
    """
    from sama_bench.api.comparisons import compare as compare_runs

    check_writable(json_path)
    _show(compare_runs(run_a, run_b), json_path)


def _show(comparison: Comparison, json_path: str | None) -> None:
    from sama_bench.console import Console
    from sama_bench.score.comparison_table import print_comparison

    if not put(json_path, comparison.dumps()):
        print_comparison(comparison.kept, Console())
