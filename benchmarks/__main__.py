"""`python -m benchmarks`: make the full-size imitation of the benchmark, and measure on it."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.imitation import PREDICTIONS, make

QUICK = 0.04


@click.group()
def main() -> None:
    """Speed and memory of scoring and reports, as ratios against what a user has today."""


@main.command("make")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="4 % of the videos.")
@click.option("--seed", default=0, show_default=True)
def make_tree(out: Path, quick: bool, seed: int) -> None:
    """Write a benchmark of full size, with predictions, to the new folder OUT."""
    began = time.perf_counter()
    make(out, share=QUICK if quick else 1.0, seed=seed)
    size = (out / PREDICTIONS).stat().st_size
    click.echo(f"{out}: made in {time.perf_counter() - began:.0f} s, predictions of {size / 1e6:.0f} MB")


@main.command()
@click.argument("tree", type=click.Path(path_type=Path, exists=True))
@click.argument("names", nargs=-1, metavar="[region|boundary|captions|scoring|reporting]…")
@click.option("--quick", is_flag=True, help="Measure on few videos.")
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the results to this file too.")
def run(tree: Path, names: tuple[str, ...], quick: bool, out: Path | None) -> None:
    """Measure on the benchmark in TREE, by default everything."""
    known = _benchmarks(tree, quick)
    if unknown := set(names) - set(known):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: known are {', '.join(known)}")
    results: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, Python {platform.python_version()}"
    }
    for name in names or known:
        results[name] = known[name]()
        _show(name, results[name])
    if out is not None:
        out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _benchmarks(tree: Path, quick: bool) -> dict[str, Callable[[], dict[str, Any]]]:
    from benchmarks import metrics
    from benchmarks.reporting import RUNS, reporting
    from benchmarks.scoring import scoring

    return {
        "region": lambda: metrics.region(tree, 2 if quick else 12),
        "boundary": lambda: metrics.boundary(tree, 100 if quick else 1500),
        "captions": lambda: metrics.captions(tree, 20 if quick else 522, 2 if quick else 4),
        "scoring": lambda: scoring(tree, 5 if quick else 60),
        "reporting": lambda: reporting(tree, 3 if quick else RUNS),
    }


def _show(name: str, result: dict[str, Any]) -> None:
    table = Table(title=f"{name}: {result['what']}", title_justify="left", show_header=bool(result.get("lines")))
    for column in ("peer", "peer s", "our s", "ratio", "target"):
        table.add_column(column)
    for line in result.get("lines", ()):
        figures = f"{line['peer_seconds']:.6f}", f"{line['our_seconds']:.6f}", f"{line['ratio']:.1f}"
        table.add_row(line["peer"], *figures, f"{line['target']}" if line["target"] else "")
    for key, value in result.items():
        if key not in {"what", "lines", "stages"}:
            table.add_row(key, str(value))
    for stage, share in result.get("stages", {}).get("share", {}).items():
        table.add_row(f"  {stage}", f"{result['stages']['seconds_in_one_process'][stage]:.1f}", f"{share:.0%}")
    Console().print(table)


if __name__ == "__main__":
    main()
