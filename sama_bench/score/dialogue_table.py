"""The numbers of dialogues as tables in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.score.dialogue import LATE, HistoryEffect, Number, PairSummary, RunSummary
from sama_bench.score.intervals import RESAMPLES
from sama_bench.tables import Column, interval, layout, numbers, percent, print_table, signed_percent
from sama_bench.tables.layout import Cells

TURNS = (*(str(turn) for turn in range(1, LATE)), f"{LATE}+")
LEGEND = (
    f"All in percent; [low, high]: 95 % interval, {RESAMPLES} resamples of the videos. Turns count from 1; later: all "
    "rounds behind the first. Objects are those that stand alone in a [SEG] of several rounds."
)


def print_dialogues(runs: Sequence[RunSummary], pairs: Sequence[PairSummary], console: Console) -> None:
    """Print a table of the runs, one of what they do by turn, and one for each pair of conditions."""
    for run in runs:
        console.print(Text(f"{run.history}: {run.name}, {_rounds(run)}"), soft_wrap=True)
    console.print()
    _print("The same object in several rounds, and repetition", _things(runs), console)
    _print(
        "Rounds without an answer, or with an empty one, by turn", _turns((r.history, r.silent) for r in runs), console
    )
    if any(run.false_groundings for run in runs):
        shares = ((run.history, run.false_groundings) for run in runs)
        _print("False groundings by turn", _turns(shares), console)
    for pair in pairs:
        _print_pair(pair, console)
    console.print(Text(LEGEND))


def _rounds(run: RunSummary) -> str:
    count = f"{run.rounds} rounds"
    return f"{count}, {run.incomplete} of them with an incomplete history" if run.incomplete else count


def _print(title: str, table: Table, console: Console) -> None:
    console.print(Text(title, style="bold"))
    print_table(table, console)
    console.print()


def _print_pair(pair: PairSummary, console: Console) -> None:
    _print(f"{pair.history} – {pair.instead_of}, paired by question", _effects(pair), console)
    equal = f"{pair.first_equal} of {pair.first_rounds}"
    style = "" if pair.first_equal == pair.first_rounds else "yellow"
    console.print(Text(f"first rounds, which are asked alike, with the same answer: {equal}\n", style=style))
    if any(effect.after_wrong or effect.after_right for effect in pair.metrics.values()):
        _print("The same, by the round before", _after(pair.metrics), console)


def _table(headings: Sequence[str], rows: Iterable[Cells]) -> Table:
    return layout([Column(headings[0], whole=True), *numbers(headings[1:])], rows)


def _things(runs: Sequence[RunSummary]) -> Table:
    kinds = list(dict.fromkeys(kind for run in runs for kind in run.things))
    headings = ["history", *(f"found {kind}" for kind in kinds), "agreement", "accuracy", "switches", "repeated"]
    rows = []
    for run in runs:
        shares = (run.agreement, run.accuracy, run.switches, run.repeated)
        rows.append((run.history, *(str(run.things[kind]) for kind in kinds), *map(_share, shares)))
    return _table(headings, rows)


def _turns(shares: Iterable[tuple[str, Mapping[str, Number]]]) -> Table:
    rows = ((history, *(_share(by_turn.get(turn)) for turn in TURNS)) for history, by_turn in shares)
    return _table(["history", *TURNS], rows)


def _effects(pair: PairSummary) -> Table:
    rows = []
    for name, effect in pair.metrics.items():
        turns = (_more(effect.by_turn.get(turn)) for turn in TURNS)
        rows.append((name, _more(effect.later), _interval(effect.later), _more(effect.slope), *turns))
    return _table(["metric", "later", "[low, high]", "per turn", *(f"t={turn}" for turn in TURNS)], rows)


def _after(metrics: Mapping[str, HistoryEffect]) -> Table:
    rows = []
    for name, effect in metrics.items():
        cells = ((_more(number), _interval(number)) for number in (effect.after_wrong, effect.after_right))
        rows.append((name, *(cell for pair in cells for cell in pair)))
    return _table(["metric", "after a wrong one", "[low, high]", "after a right one", "[low, high]"], rows)


def _share(number: Number | None) -> str:
    return percent(None if number is None else number.value, 1)


def _more(number: Number | None) -> str:
    return signed_percent(None if number is None else number.value)


def _interval(number: Number | None) -> str:
    return interval(None if number is None else number.interval)
