"""The numbers of dialogues as tables in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.score.dialogue import LATE, HistoryEffect, Number, PairSummary, RunSummary
from sama_bench.score.dialogue_conditions import Dialogues
from sama_bench.score.intervals import RESAMPLES
from sama_bench.tables import Column, interval, layout, numbers, percent, print_table, signed_percent
from sama_bench.tables.layout import Cells

TURNS = (*(str(turn) for turn in range(1, LATE)), f"{LATE}+")
OF_RUNS = {
    "agreement": "agreement, IoU",
    "agreement_jf": "agreement, J&F",
    "accuracy": "accuracy, IoU",
    "accuracy_jf": "accuracy, J&F",
    "switches": "switches",
    "repeated": "repeated",
}
OVERALL = {
    "found": "found in all rounds",
    **OF_RUNS,
    "false_groundings": "false groundings",
    "silent": "without an answer",
}
USAGE_TITLES = {
    "prompt_tokens": "Tokens of the prompt, by turn",
    "cached_tokens": "Tokens of the prompt that the server had kept, by turn",
    "turns_cut": "Earlier turns that were left out as the prompt would have been too long, by turn",
}
LEGEND = (
    f"All but tokens and turns in percent; [low, high]: 95 % interval, {RESAMPLES} resamples of the videos. Turns "
    "count from 1; later: all "
    "rounds behind the first. Objects are those that stand alone in a [SEG] of several rounds."
)


def print_dialogues(dialogues: Dialogues, console: Console) -> None:
    """Print tables of what the runs do by themselves and by turn, and some for each pair of conditions."""
    runs = dialogues.runs
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
    for name, title in USAGE_TITLES.items():
        if any(name in run.usage for run in runs):
            _print(title, _turns(((run.history, run.usage.get(name, {})) for run in runs), _count), console)
    for pair in dialogues.pairs:
        _print_pair(pair, console)
    for line in [
        *_cannot(runs),
        *dialogues.not_compared,
        *(line for pair in dialogues.pairs for line in pair.not_compared),
    ]:
        console.print(Text(f"not compared: {line}", style="yellow"), soft_wrap=True)
    console.print(Text(LEGEND))


def _rounds(run: RunSummary) -> str:
    told = f"{run.rounds} rounds"
    return f"{told}, {run.incomplete} of them with an incomplete history" if run.incomplete else told


def _cannot(runs: Sequence[RunSummary]) -> list[str]:
    """The metrics that the model has no value of, those of one reason in a line."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in (runs[0].cannot if runs else {}).items():
        by_reason.setdefault(reason, []).append(name)
    return [f"{', '.join(names)}: the model {reason}" for reason, names in by_reason.items()]


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
    if pair.overall:
        _print(f"{pair.history} – {pair.instead_of}, by video", _overall(pair.overall), console)


def _table(headings: Sequence[str], rows: Iterable[Cells]) -> Table:
    return layout([Column(headings[0], whole=True), *numbers(headings[1:])], rows)


def _things(runs: Sequence[RunSummary]) -> Table:
    """A row for each number, a column for each run: they are as many as there are conditions."""
    kinds = dict.fromkeys(kind for run in runs for kind in run.things)
    rows = [(f"found {kind}", *(str(run.things[kind]) if run.things else "–" for run in runs)) for kind in kinds]
    rows += [(title, *(_with_interval(getattr(run, name)) for run in runs)) for name, title in OF_RUNS.items()]
    return _table(["", *(run.history for run in runs)], rows)


def _turns(
    by_history: Iterable[tuple[str, Mapping[str, Number]]], shown: Callable[[Number | None], str] | None = None
) -> Table:
    rows = ((history, *((shown or _share)(by_turn.get(turn)) for turn in TURNS)) for history, by_turn in by_history)
    return _table(["history", *TURNS], rows)


def _overall(differences: Mapping[str, Number]) -> Table:
    rows = (
        (OVERALL[name], _more(number), _interval(number), str(number.videos)) for name, number in differences.items()
    )
    return _table(["number", "difference", "[low, high]", "videos"], rows)


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


def _count(number: Number | None) -> str:
    return "–" if number is None else f"{number.value:.1f}" if number.value < 100 else f"{number.value:,.0f}"


def _with_interval(number: Number | None) -> str:
    if number is None or number.interval is None:
        return _share(number)
    return f"{_share(number)} [{100 * number.interval[0]:.1f}, {100 * number.interval[1]:.1f}]"


def _more(number: Number | None) -> str:
    return signed_percent(None if number is None else number.value)


def _interval(number: Number | None) -> str:
    return interval(None if number is None else number.interval)
