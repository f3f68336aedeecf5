"""docs/metrics.md says of each metric what its declaration says."""

import os
from pathlib import Path

import pytest

from sama_bench.benchmarks.sama.tasks import C, G

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
HEAD = """# All metrics

SAMA-Bench's metrics, task by task, as they are declared; [protocols.md](protocols.md) has their formulas. `needs` is
what a model must give so that a metric has a value; `signature` are the parts of the signature that it depends on
beside those that all do; ✓ in `question` says that single questions have a value, too. Headline metrics of `strict` are
what `gate` looks at where nobody says otherwise.
"""
COLUMNS = ("metric", "name", "better", "range", "unit", "needs", "signature", "question", "whole", "headline")


def page():
    return HEAD + "".join(_section(task, protocol) for task in (G, C) for protocol in task.scoring)


def _section(task, protocol):
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(_row, protocol.metrics)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"\n## {task.alias}, {protocol.name}\n\n{table}\n"


def _row(metric):
    low, high = metric.bounds
    return (
        metric.label,
        f"`{metric.name}`",
        "higher" if metric.higher_is_better else "lower",
        f"{100 * low:g} to {100 * high:g}",
        metric.unit,
        ", ".join(metric.needs),
        ", ".join(metric.depends_on),
        "✓" if metric.question else "",
        metric.aggregation,
        "✓" if metric.headline else "",
    )


@pytest.mark.skipif(not PAGE.parent.exists(), reason="documentation is not installed")
def test_the_page_is_what_the_declarations_say():
    if os.environ.get("SAMA_BENCH_RENEW_GOLDEN"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
