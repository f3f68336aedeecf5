"""`sama-bench dialogue`: what earlier turns do to a model, and what a benchmark's rounds have to do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.errors import UserError
from sama_bench.json_option import json_option, put

if TYPE_CHECKING:
    from sama_bench.dialogue.counts import RoundCounts


@click.command(
    short_help="What earlier turns of a dialogue do to a model.",
    epilog="Example: sama-bench dialogue runs/motion-demo-g runs/motion-demo-g-true runs/motion-demo-g-own",
)
@click.argument("runs", nargs=-1, metavar="RUN…", type=click.Path(path_type=Path))
@click.option(
    "--bench", metavar="BENCH", help="Count the rounds of this benchmark; beside runs, where their benchmark lies now."
)
@json_option("the numbers")
def dialogue(runs: Sequence[Path], bench: str | None, json_path: str | None) -> None:
    """Compare a model's scored runs under --history none, true and own, question by question.

    Of each RUN by itself: objects found in several rounds, false groundings, silence, repetition. Without a RUN, the
    rounds of --bench that refer back, and objects that recur.
    """
    if not runs and bench is None:
        raise UserError("dialogue: expected the folder of a run, or --bench BENCH")
    if not runs:
        _show_counts(str(bench), json_path)
        return
    from sama_bench.api.dialogues import dialogues as numbers_of
    from sama_bench.console import Console
    from sama_bench.score.dialogue_table import print_dialogues

    numbers = numbers_of(*runs, bench=bench)
    if not put(json_path, numbers.dumps()):
        print_dialogues(numbers, Console())


def _show_counts(bench: str, json_path: str | None) -> None:
    from sama_bench.api.dialogues import rounds
    from sama_bench.files.json_files import as_json

    counts = rounds(bench)
    if not put(json_path, as_json(counts.to_json(), indent=1)):
        click.echo("\n".join(_lines(counts)))


def _lines(counts: RoundCounts) -> list[str]:
    mean = counts.rounds / counts.dialogues
    recurring = f"{counts.things_again} objects stand alone in a [SEG] of several rounds"
    return [
        f"{counts.rounds} rounds in {counts.dialogues} dialogues: {mean:.1f} on average, {counts.longest} at most",
        f"of {counts.later_rounds} rounds behind the first:",
        f"  {counts.refer_back} have no <mask> and refer back (a pronoun, the same, the other)",
        f"  {counts.may_lean_back} with words such as also, then, another: at most so many need the past",
        f"  {counts.region_again} are about a region that an earlier question was about",
        f"  {counts.region_of_an_answer} about one that only an earlier true answer pointed at",
        f"{recurring}, in {counts.videos_with_things_again} videos",
        *(f"for example {example}" for example in counts.examples),
    ]
