"""One model's runs under several histories of a dialogue, among those of a report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.text import Text

from sama_bench.dialogue import Condition
from sama_bench.dialogue.condition import HISTORIES
from sama_bench.errors import UserError
from sama_bench.leaderboard.board import ScoredRun
from sama_bench.leaderboard.cell import visible
from sama_bench.run.manifest import RunSettings
from sama_bench.run.names import Named, labels
from sama_bench.run.store import Store
from sama_bench.score.comparison import Comparison, Line, compare
from sama_bench.score.comparison_inputs import load_side
from sama_bench.score.dialogue_conditions import PAIRS


@dataclass(frozen=True)
class Conditions:
    """Runs of one model that differ in the history alone, at most one for each of none, true and own, in this order.

    Those with a history have one window, order and use of masks. `runs` are by history.
    """

    model: str
    runs: dict[str, ScoredRun]


def conditions(scored: Sequence[ScoredRun]) -> list[Conditions]:
    """The models that were asked under a history, with their runs without; one that is being asked is left out."""
    known = [(run, _settings(run)) for run in scored if run.stored and run.scores.partial is None]
    alone = {_all_but_history(settings): run for run, settings in reversed(known) if settings.history is None}
    sets: dict[tuple[object, ...], Conditions] = {}
    for run, settings in known:
        if settings.history is not None:
            condition, alike = Condition.read(settings.history), _all_but_history(settings)
            way = (alike, condition.window, condition.seed, condition.masks_back)
            model = labels([Named(settings.model, settings.model_args, run.path)])[0]
            before = {"none": alone[alike]} if alike in alone else {}
            conditions_of_way = sets.setdefault(way, Conditions(model, before))
            conditions_of_way.runs.setdefault(condition.history, run)
    return [
        replace(each, runs={name: each.runs[name] for name in HISTORIES if name in each.runs}) for each in sets.values()
    ]


def _settings(run: ScoredRun) -> RunSettings:
    with Store.open(run.path) as store:
        return store.settings


def _all_but_history(settings: RunSettings) -> str:
    return json.dumps(replace(settings, history=None).to_json(), sort_keys=True)


def show(scored: Sequence[ScoredRun], console: Console) -> None:
    """Print for each model with histories what one has more than another, in the metrics that lead."""
    for model_conditions in conditions(scored):
        compared = [pair for pair in PAIRS if {*pair} <= model_conditions.runs.keys()]
        if not compared:
            continue
        console.print(Text(visible(f"{model_conditions.model}: what earlier turns do, paired by video"), style="bold"))
        for history, base in compared:
            console.print(Text(visible(_difference(model_conditions, history, base))), soft_wrap=True)
        folders = " ".join(str(run.path) for run in model_conditions.runs.values())
        console.print(Text(visible(f"by turn: sama-bench dialogue {folders}\n"), style="dim"), soft_wrap=True)


def _difference(one: Conditions, history: str, base: str) -> str:
    try:
        sides = [load_side(one.runs[name].path) for name in (base, history)]
        return f"{history} – {base}: {', '.join(_headlines(compare(*sides)))}"
    except UserError as problem:
        return f"{history} – {base}: not compared: {problem.lines(1)[0]}"


def _headlines(comparison: Comparison) -> Iterator[str]:
    """The metrics that lead, of the protocol that comes last for each task, which is the main one."""
    by_task = {task: lines for (_, task), lines in comparison.lines.items()}
    for lines in by_task.values():
        for line in lines:
            if line.metric.headline:
                yield f"{line.metric.label} {100 * line.difference:+.2f}{_interval(line)}"


def _interval(line: Line) -> str:
    return "" if line.interval is None else " [{:.2f}, {:.2f}]".format(*(100 * end for end in line.interval))
