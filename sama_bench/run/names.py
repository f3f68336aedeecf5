"""What runs are called in tables: by their own names, else by the model and what parts it from the others there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple


class Named(NamedTuple):
    """What is known of a run that it can be called by; `name` is its own, '' where it was given none."""

    model: str
    arguments: Mapping[str, str]
    path: Path
    name: str = ""


def labels(runs: Sequence[Named]) -> list[str]:
    """A label for each run: its name, else its model with those of the arguments that differ between these runs.

    Only runs of one model are compared with each other. Labels that are still the same have the runs' folders behind
    them, by their last names where these differ.
    """
    plain = [run.name or _described(run, [other for other in runs if other.model == run.model]) for run in runs]
    counts = Counter(plain)
    folders = Counter((label, run.path.name) for run, label in zip(runs, plain, strict=True))
    return [
        label
        if counts[label] == 1
        else f"{label} [{run.path.name if folders[label, run.path.name] == 1 else run.path}]"
        for run, label in zip(runs, plain, strict=True)
    ]


def _described(run: Named, alike: Sequence[Named]) -> str:
    """The model, with the arguments in which not all of these runs of it agree, as few as part it from all others."""
    names = sorted({name for other in alike for name in other.arguments})
    values = {name: [other.arguments.get(name) for other in alike] for name in names}
    differing = [name for name in names if len({*values[name]}) > 1]
    among_those_that_have_it = [name for name in differing if len({*values[name]} - {None}) > 1]
    told_apart = {tuple(other.arguments.get(name) for name in among_those_that_have_it) for other in alike}
    everything = {tuple(other.arguments.get(name) for name in differing) for other in alike}
    chosen = among_those_that_have_it if len(told_apart) == len(everything) else differing
    shown = ",".join(
        f"{name}={_shortened(run.arguments[name], values[name])}" for name in chosen if name in run.arguments
    )
    return f"{run.model} ({shown})" if shown else run.model


def _shortened(value: str, values: Sequence[str | None]) -> str:
    """The last part of a path, where those of all other values differ, too."""
    ends = {other: PurePath(other).name for other in values if other is not None}
    return ends[value] if ends[value] and len({*ends.values()}) == len(ends) else value
