"""The command `sama-bench gate` tells whether a checkpoint may pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.errors import UserError
from sama_bench.json_option import check_writable, json_option, put, write

if TYPE_CHECKING:
    from sama_bench.gate.decision import Decision
    from sama_bench.gate.worst_questions import Loss

SIDES = (
    click.option(
        "--baseline",
        metavar="RUN|FILE",
        type=click.Path(path_type=Path),
        help="A scored run, or what gate baseline wrote.",
    ),
    click.option(
        "--candidate", metavar="RUN|FILE", type=click.Path(path_type=Path), help="The scored run that is to pass."
    ),
)
RULES = (
    click.option(
        "--metric",
        "metrics",
        multiple=True,
        metavar="NAME",
        help="What is gated, e.g. g.jf, c.meteor; repeatable.  [default: g.jf, g.f1_iou, g.meteor, c.meteor]",
    ),
    click.option(
        "--max-drop",
        "max_drops",
        multiple=True,
        type=float,
        metavar="POINTS",
        help="The drop that is allowed: one for all metrics, or one for each in turn.  [default: 0.5]",
    ),
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A YAML file with metrics, alpha and margin, in place of --metric.",
    ),
)


@click.group(
    invoke_without_command=True,
    short_help="Tell a regression between two checkpoints from noise.",
    epilog="Example: sama-bench gate --baseline baseline.json --candidate runs/new --metric g.jf --max-drop 0.5",
)
@SIDES[0]
@SIDES[1]
@RULES[0]
@RULES[1]
@RULES[2]
@click.option("--junit", metavar="FILE", help="Write the decision as JUnit XML.")
@click.option("--markdown", metavar="FILE", help="Write the decision as Markdown, for a step summary or a comment.")
@json_option("the decision")
@click.pass_context
def gate(  # noqa: PLR0913, PLR0917 - an argument for each option
    ctx: click.Context,
    /,
    baseline: Path | None,
    candidate: Path | None,
    metrics: Sequence[str],
    max_drops: Sequence[float],
    config: Path | None,
    junit: str | None,
    markdown: str | None,
    json_path: str | None,
) -> None:
    """Pass, fail, or say that the videos are too few to tell.

    The gate fails where a metric dropped by more than is allowed and chance does not explain it; videos are what is
    drawn, and the test is corrected for the number of metrics. Exit status: 0 pass, 1 fail, 3 cannot tell.
    """
    from sama_bench.api import gates

    if ctx.invoked_subcommand is not None:
        return
    check_writable(junit, "--junit ")
    check_writable(markdown, "--markdown ")
    # What is wrong with the rules is told before anything is read.
    gate_rules = gates.requested_policy(metrics, max_drops, config)
    decided = gates.decided(gate_rules, *_sides(baseline, candidate))
    if not put(json_path, decided.dumps()):
        _print(decided.decision, decided.losses)
    if junit is not None:
        write(Path(junit), decided.junit())
    if markdown is not None:
        write(Path(markdown), decided.markdown().encode())
    ctx.exit(decided.decision.outcome.value)


@gate.command(epilog="Example: sama-bench gate plan --baseline runs/old --candidate runs/new")
@SIDES[0]
@SIDES[1]
@RULES[0]
@RULES[1]
@RULES[2]
@json_option("the plan")
def plan(
    baseline: Path | None,
    candidate: Path | None,
    metrics: Sequence[str],
    max_drops: Sequence[float],
    config: Path | None,
    json_path: str | None,
) -> None:
    """Say how many videos are needed to see a drop, from how two runs of one kind differ.

    Take two checkpoints that are about as unlike as those you want to gate. In brackets: how often the videos at hand
    would see the drop.
    """
    from sama_bench.api import gates
    from sama_bench.files.json_files import as_json
    from sama_bench.gate.as_json import plan_to_json
    from sama_bench.gate.plan import POWER
    from sama_bench.gate.table import needs

    gate_rules = gates.requested_policy(metrics, max_drops, config)
    power_rows, count = gates.planned(gate_rules, *_sides(baseline, candidate))
    if put(json_path, as_json(plan_to_json(power_rows, count))):
        return
    _print_table(*needs(power_rows))
    click.echo(f"videos that see a drop (points) in {POWER:.0%} of cases; in brackets how often the {count} at hand do")


@gate.command(epilog="Example: sama-bench gate baseline runs/good baseline.json && git add baseline.json")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def baseline(run: Path, file: Path) -> None:
    """Write what a gate needs of the scored RUN to a small FILE that can be committed."""
    from sama_bench.api import gates

    check_writable(str(file), "")
    content = gates.baseline(run).encode()
    write(file, content)
    click.echo(f"{file}: {len(content) / 1e6:.2f} MB")


def _sides(baseline: Path | None, candidate: Path | None) -> tuple[Path, Path]:
    if baseline is None or candidate is None:
        missing = [name for name, path in (("--baseline", baseline), ("--candidate", candidate)) if path is None]
        raise UserError([f"{name} is missing: give a scored run or a baseline file" for name in missing])
    return baseline, candidate


def _print(decision: Decision, lost: Sequence[Loss]) -> None:
    from sama_bench.gate.table import HEADINGS, LOST_HEADINGS, legend, loss_line, reason, row, verdict

    _print_table(HEADINGS, [row(finding) for finding in decision.findings])
    click.echo("\n".join(reason(finding) for finding in decision.findings))
    click.echo(legend(decision))
    if lost:
        click.echo("\nquestions that lost most")
        _print_table(LOST_HEADINGS, [loss_line(loss) for loss in lost], words=2)
    click.echo(f"gate: {verdict(decision.outcome)}")


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> None:
    """Print a table whose first columns hold words, the others numbers, but for the gate's own."""
    from sama_bench.console import Console
    from sama_bench.gate.table import HEADINGS
    from sama_bench.tables import Column, layout, numbers, print_table

    figures = [heading if heading == HEADINGS[-1] else numbers((heading,))[0] for heading in headings[words:]]
    print_table(layout([*(Column(heading, whole=True) for heading in headings[:words]), *figures], rows), Console())
