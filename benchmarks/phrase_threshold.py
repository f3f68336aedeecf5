"""How well each phrase similarity tells the pairs of docs/phrases.tsv apart, as the tables of docs/phrases.md.

Run as `python benchmarks/phrase_threshold.py [NAME …]`; without names: minilm, words and exact.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sama_bench.score.phrases import at, find_similarity, prepare, threshold

PAIRS = Path(__file__).parents[1] / "docs" / "phrases.tsv"
RELATIONS = ("same", "kind", "other")
GRID = np.arange(0.30, 0.81, 0.01).round(2)

Values = Mapping[str, NDArray[np.float64]]


def values_of(name: str) -> Values:
    """The similarities of the pairs by relation, in the order of the file."""
    similarity = find_similarity(name)
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    prepare(similarity, [(row["one"], row["other"]) for row in rows])
    found = at(similarity, [(row["one"], row["other"]) for row in rows])
    relations = np.array([row["relation"] for row in rows])
    return {relation: np.array(found)[relations == relation] for relation in RELATIONS}


def above(values: Values, least: float) -> dict[str, float]:
    """The share of pairs that reach `least`, by relation."""
    return {relation: float((found >= least).mean()) for relation, found in values.items()}


def balanced(values: Values, least: float) -> float:
    """Balanced accuracy of "same" against the rest, in which both other relations weigh the same."""
    share = above(values, least)
    return (share["same"] + 1 - (share["kind"] + share["other"]) / 2) / 2


def auc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """The chance that a positive pair is more alike than a negative one; a tie counts half."""
    difference = positive[:, None] - negative[None, :]
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def best(values: Values) -> list[float]:
    """The thresholds of the grid at which the balanced accuracy is largest."""
    found = np.array([balanced(values, least) for least in GRID])
    return [float(least) for least in GRID[found > found.max() - 1e-9]]


def summary(name: str, values: Values) -> str:
    """A row: areas under the ROC curve, shares at the threshold, and where each half of the pairs would put it."""
    least = threshold(find_similarity(name))
    halves = [best({relation: found[half::2] for relation, found in values.items()}) for half in (0, 1)]
    cells = [f"{auc(values['same'], values[relation]):.3f}" for relation in ("other", "kind")]
    cells += [f"{least:.2f}", *shares(values, least)]
    cells += [f"{half[0]:.2f}…{half[-1]:.2f}" for half in halves]
    return f"| `{name}` | {' | '.join(cells)} |"


def shares(values: Values, least: float) -> list[str]:
    """The shares of the relations that reach `least`, in percent."""
    return [f"{100 * share:.0f} %" for share in above(values, least).values()]


def main(names: list[str]) -> None:
    """Print a row for each similarity, then for each the shares by threshold with the balanced accuracy."""
    print("| similarity | AUC other | AUC kind | threshold | same | kind | other | best, odd pairs | even pairs |")
    print("|---|---|---|---|---|---|---|---|---|")
    values = {name: values_of(name) for name in names}
    for name in names:
        print(summary(name, values[name]))
    for name in names:
        print(f"\n| `{name}` ≥ | same | kind | other | balanced accuracy |\n|---|---|---|---|---|")
        for least in GRID[::5]:
            print(f"| {least:.2f} | {' | '.join(shares(values[name], least))} | {balanced(values[name], least):.3f} |")


if __name__ == "__main__":
    main(sys.argv[1:] or ["minilm", "words", "exact"])
