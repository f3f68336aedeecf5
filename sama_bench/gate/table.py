"""The decision as people read it: rows for a terminal, and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.control_characters import escape_controls
from sama_bench.gate.decision import Decision, Finding, Outcome
from sama_bench.gate.plan import Need
from sama_bench.gate.worst_questions import Loss

HEADINGS = ("metric", "baseline", "candidate", "change", "at worst", "allowed", "p", "n", "gate")
LOST_HEADINGS = ("question", "metric", "before", "after", "change")
SIGNS = {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.CANNOT_TELL: "?"}


def moved(finding: Finding) -> str:
    """The change of a rule's metric: `G J&F ↑ 51.20 → 49.80 (-1.40)`."""
    evidence = finding.evidence
    before, after = evidence.baseline, evidence.candidate
    return f"{evidence.rule.label} {before:.2f} → {after:.2f} ({after - before:+.2f})"


def row(finding: Finding) -> tuple[str, ...]:
    """The cells of one rule, under `HEADINGS`, in points."""
    evidence = finding.evidence
    sign = -1 if evidence.rule.metric.higher_is_better else 1
    worst = "–" if finding.worst is None else f"{sign * finding.worst + 0.0:+.2f}"
    p = "–" if finding.p is None else f"{finding.p:.4f}"
    change, allowed = f"{evidence.candidate - evidence.baseline:+.2f}", f"{sign * evidence.rule.max_drop:+.2f}"
    values = (
        evidence.rule.label,
        f"{evidence.baseline:.2f}",
        f"{evidence.candidate:.2f}",
        change,
        worst,
        allowed,
        p,
        str(evidence.videos),
    )
    return (*values, SIGNS[finding.outcome])


def verdict(outcome: Outcome) -> str:
    """An outcome with its sign: `✓ pass`."""
    return f"{SIGNS[outcome]} {outcome.words}"


def reason(finding: Finding) -> str:
    """A rule's outcome in a line: `✗ G J&F ↑: dropped by more than 0.5, and not by chance`."""
    return f"{SIGNS[finding.outcome]} {finding.evidence.rule.label}: {finding.why}"


def legend(decision: Decision) -> str:
    """The meaning of the columns."""
    policy = decision.policy
    share = f"{100 * (1 - policy.alpha):g} %"
    return (
        f"Numbers are points (hundredths). At worst: with {share} confidence. p: of no drop at all, by flips of whole "
        f"videos, corrected for {len(decision.findings)} rules. n: videos. Fails where more than allowed is lost and p "
        f"is below {policy.alpha:g}; passes where no more is lost, and {policy.margin:g} more can be excluded."
    )


def loss_line(loss: Loss) -> tuple[str, str, str, str, str]:
    """The cells of a question that lost."""
    before, after = 100 * loss.before, 100 * loss.after
    return str(loss.key), loss.metric.label, f"{before:.2f}", f"{after:.2f}", f"{after - before:+.2f}"


def needs(plan: Sequence[Need]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings and rows of a plan."""
    drops = list(plan[0].videos) if plan else []
    headings = ("metric", "spread", *(f"drop of {drop:g}" for drop in drops))
    return headings, [(need.rule.label, f"{need.spread:.2f}", *(_need(need, drop) for drop in drops)) for need in plan]


def _need(need: Need, drop: float) -> str:
    videos = need.videos[drop]
    return "allowed" if drop <= need.rule.max_drop else "–" if videos is None else f"{videos} ({need.seen[drop]:.0%})"


def markdown(decision: Decision, worst_losses: Sequence[Loss], names: tuple[str, str]) -> str:
    """The decision as Markdown, for GitHub's step summary and the like."""
    outcome = decision.outcome
    parts = [
        f"## {verdict(outcome)}: sama-bench gate",
        f"Baseline: {_code(names[0])}, candidate: {_code(names[1])}",
        _rows(HEADINGS, [row(finding) for finding in decision.findings]),
        "\n".join(f"- {reason(finding)}" for finding in decision.findings),
        legend(decision),
    ]
    if worst_losses:
        parts += [
            "### Questions that lost most",
            _rows(LOST_HEADINGS, map(loss_line, worst_losses), words=2),
        ]
    return escape_controls("\n\n".join(parts)) + "\n"


def _rows(headings: Sequence[str], rows: object, words: int = 1) -> str:
    """A table in Markdown: the first columns hold words, the others numbers, but for the gate's own."""
    assert not isinstance(rows, str)
    sides = ["---" if place < words or heading == HEADINGS[-1] else "--:" for place, heading in enumerate(headings)]
    lines = [headings, sides, *rows]  # type: ignore[misc]
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _code(name: str) -> str:
    return f"`{name.replace('`', chr(39))}`"
