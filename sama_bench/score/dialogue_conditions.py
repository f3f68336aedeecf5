"""A model's runs under several histories beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sama_bench.dialogue import Condition
from sama_bench.errors import UserError, each
from sama_bench.files.json_files import as_json
from sama_bench.metrics.java import JavaCalls
from sama_bench.run.manifest import is_history
from sama_bench.run.progress import Progress
from sama_bench.run.store import Store
from sama_bench.score.dialogue import HOW, PairSummary, RoundsOfRun, RunSummary, of_pair, of_run
from sama_bench.score.dialogue_rounds import rounds_of_run

PAIRS = (("true", "none"), ("own", "none"), ("own", "true"))


@dataclass(frozen=True)
class Dialogues:
    """The numbers of each run, and what one condition has more than another.

    `not_compared` says of metrics why they have no value, where that is no ability of the model.
    """

    runs: Sequence[RunSummary]
    pairs: Sequence[PairSummary]
    not_compared: Sequence[str] = ()

    def dumps(self) -> bytes:
        """Everything as a JSON file."""
        runs, pairs = ([one.to_json() for one in some] for some in (self.runs, self.pairs))
        content = {"how": HOW, "runs": runs, "pairs": pairs, "not_compared": list(self.not_compared)}
        return as_json(content)


def check_alike(stores: Sequence[Store]) -> None:
    """Raise UserError unless the runs differ in the history alone, and conditions with one agree in the rest."""
    problems: list[str] = []
    first = stores[0].settings
    for store in stores[1:]:
        differences = [pair for pair in first.differences(store.settings) if not is_history(pair)]
        problems += [f"{store.path}: has {now}, but {stores[0].path} has {then}" for then, now in differences]
    conditions = [Condition.read(store.settings.history) for store in stores]
    if len({one.history for one in conditions}) < len(stores):
        problems.append(
            f"{', '.join(one.label for one in conditions)}: two runs have the same history; name one of them"
        )
    with_history = [one for one in conditions if not one.alone]
    if len({(one.window, one.seed, one.masks_back) for one in with_history}) > 1:
        labels = ", ".join(one.label for one in with_history)
        problems.append(
            f"{labels}: differ in more than whose answers are shown; compare runs of one window, seed, masks"
        )
    if problems:
        raise UserError(problems)


def dialogues_of(
    stores: Sequence[Store],
    bench: str | Path | None = None,
    java: JavaCalls | None = None,
    progress: Progress | None = None,
) -> Dialogues:
    """The numbers of a model's scored runs, at most one for each history; the arguments are `rounds_of_run`'s.

    Raises UserError where runs do not compare, and as `rounds_of_run` does.
    """
    check_alike(stores)
    return beside_each_other(each(lambda store: rounds_of_run(store, bench, java, progress), stores))


def beside_each_other(runs: Sequence[RoundsOfRun]) -> Dialogues:
    """The numbers of runs whose questions and model are the same, and whose histories differ."""
    by_history = {Condition.read(run.history).history: run for run in runs}
    pairs = [
        of_pair(by_history[history], by_history[base], split=(history, base) == ("own", "true"))
        for history, base in PAIRS
        if history in by_history and base in by_history
    ]
    return Dialogues([of_run(run) for run in runs], pairs)
