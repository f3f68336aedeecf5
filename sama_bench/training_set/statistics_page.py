"""The page of the training data's statistics: tables by source, and a histogram of each measure."""

from __future__ import annotations

from pathlib import Path

from sama_bench.training_set.page import write_page
from sama_bench.training_set.rounds import REASONS
from sama_bench.training_set.statistics import MEASURES, Distribution, Measure, SourceCounts, Statistics

BARS = 24
WIDTH, HEIGHT = 400, 128  # of a plot, in the units of its picture
USUAL = 0.99  # of the values; the last bar holds all above


def rows(statistics: Statistics) -> list[tuple[str, list[int]]]:
    """The counts as rows of a table, a value for each source."""
    every = list(statistics.sources.values())
    return [
        ("videos", [one.videos for one in every]),
        ("with a dialogue", [one.dialogues for one in every]),
        ("rounds", [one.rounds for one in every]),
        ("kept", [one.kept for one in every]),
        *((reason, [one.dropped[reason] for one in every]) for reason in REASONS),
        ("pairs that are elsewhere, too", [one.pairs_elsewhere for one in every]),
        ("descriptions", [one.descriptions for one in every]),
        ("rounds and descriptions", [one.rounds + one.descriptions for one in every]),
    ]


def write_statistics(statistics: Statistics, out: Path) -> None:
    """Write the page to the file `out`. Raises UserError where it cannot be written."""
    values = {
        "path": str(statistics.path),
        "notes": statistics.notes,
        "sources": list(statistics.sources),
        "counts": rows(statistics),
        "means": [_means(statistics, measure) for measure in MEASURES],
        "plots": [
            _plot(statistics.all, measure) for measure in MEASURES if statistics.all.measures[measure.name].counts
        ],
    }
    write_page(out, "statistics.html", values)


def _means(statistics: Statistics, measure: Measure) -> tuple[str, str, list[dict[str, float]]]:
    summaries = [one.measures[measure.name].summary() for one in statistics.sources.values()]
    return measure.title, measure.unit, summaries


def _plot(counts: SourceCounts, measure: Measure) -> dict[str, object]:
    distribution = counts.measures[measure.name]
    summary = distribution.summary()
    bars = bins(distribution)
    highest = max(count for _, count in bars)
    step = WIDTH / len(bars)
    return {
        "title": measure.title,
        "told": f"mean {summary['mean']:.2f}, median {summary['median']}, 95 % up to {summary['p95']}, "
        f"{summary['least']} to {summary['most']}, {summary['count']:,} counted",
        "unit": measure.unit,
        "first": bars[0][0].partition("–")[0],
        "last": bars[-1][0],
        "bars": [
            {
                "x": f"{place * step:.1f}",
                "y": f"{HEIGHT * (1 - count / highest):.1f}",
                "width": f"{step * 0.86:.1f}",
                "height": f"{HEIGHT * count / highest:.1f}",
                "label": label,
                "count": count,
            }
            for place, (label, count) in enumerate(bars)
        ],
    }


def bins(distribution: Distribution) -> list[tuple[str, int]]:
    """Up to 24 bars of equal width as (label, count); the last one holds the rarest, largest values, too."""
    counts = distribution.counts
    least, total = min(counts), sum(counts.values())
    seen, usual = 0, least
    for value in sorted(counts):
        seen += counts[value]
        usual = value
        if seen >= USUAL * total:
            break
    width = max(1, -(-(usual - least + 1) // BARS))
    number = (usual - least) // width + 1
    heights = [0] * number
    for value, count in counts.items():
        heights[min((value - least) // width, number - 1)] += count
    labels = [_label(least + place * width, width) for place in range(number)]
    if max(counts) >= least + number * width:
        labels[-1] = f"{least + (number - 1) * width} and more"
    return list(zip(labels, heights, strict=True))


def _label(start: int, width: int) -> str:
    return str(start) if width == 1 else f"{start}–{start + width - 1}"
