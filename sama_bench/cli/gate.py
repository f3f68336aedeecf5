"""The command `sama-bench gate` tells whether a checkpoint may pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sama_bench.cli.json_file import check_writable, write
from sama_bench.errors import UserError, each

if TYPE_CHECKING:
    from sama_bench.gate.checkpoint import Checkpoint
    from sama_bench.gate.decision import Decision
    from sama_bench.gate.evidence import Evidence
    from sama_bench.gate.losses import Loss
    from sama_bench.gate.rules import Policy

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
@click.option("--markdown", metavar="FILE", help="Write the decision as Markdown, for a step summary.")
@click.pass_context
def gate(
    ctx: click.Context,
    /,
    baseline: Path | None,
    candidate: Path | None,
    metrics: Sequence[str],
    max_drops: Sequence[float],
    config: Path | None,
    junit: str | None,
    markdown: str | None,
) -> None:
    """Pass, fail, or say that it cannot be told.

    The gate fails where a metric dropped by more than is allowed and chance does not explain it; videos are what is
    drawn, and the test is corrected for the number of metrics. Exit status: 0 pass, 1 fail, 3 cannot tell.
    """
    if ctx.invoked_subcommand is not None:
        return
    check_writable(junit, "--junit ")
    check_writable(markdown, "--markdown ")
    policy = _policy(metrics, max_drops, config)
    ctx.exit(_decide(policy, *_sides(baseline, candidate), junit, markdown))


@gate.command(epilog="Example: sama-bench gate plan --baseline runs/old --candidate runs/new")
@SIDES[0]
@SIDES[1]
@RULES[0]
@RULES[1]
@RULES[2]
def plan(
    baseline: Path | None,
    candidate: Path | None,
    metrics: Sequence[str],
    max_drops: Sequence[float],
    config: Path | None,
) -> None:
    """Say how many videos are needed to see a drop, from how two runs of one kind differ.

    Take two checkpoints that are about as unlike as those you want to gate. In brackets: how often the videos at hand
    would see the drop.
    """
    from sama_bench.gate.plan import POWER
    from sama_bench.gate.plan import plan as planned
    from sama_bench.gate.table import needs

    policy, evidence, _ = _evidence(_policy(metrics, max_drops, config), *_sides(baseline, candidate))
    headings, rows = needs(planned(policy, evidence))
    _print_table(headings, rows)
    count = max((one.videos for one in evidence), default=0)
    click.echo(f"videos that see a drop (points) in {POWER:.0%} of cases; in brackets how often the {count} at hand do")


@gate.command(epilog="Example: sama-bench gate baseline runs/good baseline.json && git add baseline.json")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def baseline(run: Path, file: Path) -> None:
    """Write what a gate needs of the scored RUN to a small FILE that can be committed."""
    from sama_bench.gate.checkpoint import baseline_text, load

    check_writable(str(file), "")
    content = baseline_text(load(run)).encode()
    write(file, content)
    click.echo(f"{file}: {len(content) / 1e6:.2f} MB")


def _sides(baseline: Path | None, candidate: Path | None) -> tuple[Path, Path]:
    if baseline is None or candidate is None:
        missing = [name for name, given in (("--baseline", baseline), ("--candidate", candidate)) if given is None]
        raise UserError([f"{name} is missing: give a scored run or a baseline file" for name in missing])
    return baseline, candidate


def _policy(metrics: Sequence[str], max_drops: Sequence[float], config: Path | None) -> Policy | Sequence[float]:
    """The policy that is asked for; only the drops where the rules are the usual ones."""
    from sama_bench.gate.rules import MAX_DROP, Policy, read_config, rule

    if config is not None and (metrics or max_drops):
        raise UserError("--config and --metric or --max-drop: give one or the other")
    if config is not None:
        return read_config(config)
    if len(max_drops) > 1 and len(max_drops) != len(metrics):
        raise UserError(f"{len(max_drops)} --max-drop for {len(metrics)} --metric: give one for all, or one for each")
    if not metrics:
        return max_drops
    drops = max_drops if len(max_drops) > 1 else [*(max_drops or [MAX_DROP])] * len(metrics)
    return Policy(tuple(each(lambda one: rule(*one), zip(metrics, drops, strict=True))))


def _evidence(
    asked: Policy | Sequence[float], baseline: Path, candidate: Path
) -> tuple[Policy, list[Evidence], tuple[Checkpoint, Checkpoint]]:
    from sama_bench.gate.checkpoint import load
    from sama_bench.gate.evidence import gather
    from sama_bench.gate.rules import Policy
    from sama_bench.score.comparison import differences

    one, other = each(load, (baseline, candidate))
    policy = asked if isinstance(asked, Policy) else _usual(one, other, asked)
    places = dict.fromkeys((rule.metric.protocol, rule.task) for rule in policy.rules)
    if problems := [problem for place in places for problem in differences(one.side, other.side, place)]:
        raise UserError(problems)
    return policy, gather(policy.rules, one.scores, other.scores), (one, other)


def _usual(one: Checkpoint, other: Checkpoint, drops: Sequence[float]) -> Policy:
    from dataclasses import replace

    from sama_bench.gate.rules import Policy, usual

    theirs, ours = (side.scores.protocols.get("strict", {}) for side in (one, other))
    having = [rule for rule in usual(set(theirs)) if rule.metric.name in theirs[rule.task]["mean"]]
    if not having:
        raise UserError(f"{one.name} has none of the usual metrics: name some with --metric")
    lost = [rule.name for rule in having if rule.metric.name not in ours.get(rule.task, {}).get("mean", {})]
    if lost:
        raise UserError(f"{other.name} has no {', '.join(lost)}, {one.name} has: name what to gate with --metric")
    return Policy(tuple(replace(rule, max_drop=drops[0]) if drops else rule for rule in having))


def _decide(
    asked: Policy | Sequence[float], baseline: Path, candidate: Path, junit: str | None, markdown: str | None
) -> int:
    from sama_bench.gate.decision import decide
    from sama_bench.gate.junit import junit as as_junit
    from sama_bench.gate.losses import losses
    from sama_bench.gate.table import markdown as as_markdown

    policy, evidence, (one, other) = _evidence(asked, baseline, candidate)
    decision = decide(policy, evidence)
    lost = losses(policy.rules, one.questions, other.questions)
    _print(decision, lost)
    if junit is not None:
        write(Path(junit), as_junit(decision))
    if markdown is not None:
        write(Path(markdown), as_markdown(decision, lost, (one.name, other.name)).encode())
    return decision.outcome.value


def _print(decision: Decision, lost: Sequence[Loss]) -> None:
    from sama_bench.gate.table import HEADINGS, legend, loss_line, reason, row, verdict

    _print_table(HEADINGS, [row(finding) for finding in decision.findings])
    click.echo("\n".join(reason(finding) for finding in decision.findings))
    click.echo(legend(decision))
    if lost:
        click.echo("\nquestions that lost most")
        _print_table(("question", "metric", "before", "after", ""), [loss_line(loss) for loss in lost])
    click.echo(f"gate: {verdict(decision.outcome)}")


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sama_bench.whole_table import print_table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for place, heading in enumerate(headings):
        last = place == len(headings) - 1
        table.add_column(Text(heading), justify="left" if place == 0 or last else "right", no_wrap=not last)
    for row in rows:
        table.add_row(*map(Text, row))
    print_table(table, Console())
