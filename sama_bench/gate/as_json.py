"""The decision as JSON, for programs."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.gate.decision import Decision, Finding
from sama_bench.gate.plan import POWER, Need
from sama_bench.gate.worst_questions import Loss


def to_json(decision: Decision, losses: Sequence[Loss], names: tuple[str, str]) -> dict[str, object]:
    """The decision with JSON's own types: drops in points, positive where the candidate is worse; losses in 0…1."""
    return {
        "format": "sama-bench gate",
        "version": 1,
        "status": decision.outcome.words,
        "exit_status": decision.outcome.value,
        "baseline": names[0],
        "candidate": names[1],
        "alpha": decision.policy.alpha,
        "margin": decision.policy.margin,
        "rules": [_rule(finding) for finding in decision.findings],
        "losses": [_loss(loss) for loss in losses],
    }


def plan_to_json(needs: Sequence[Need], videos: int) -> dict[str, object]:
    """A plan with JSON's own types: drops and spreads in points, chances in 0…1, None where no number of videos does.

    `videos` is how many there are.
    """
    return {
        "format": "sama-bench gate plan",
        "version": 1,
        "videos": videos,
        "power": POWER,
        "rules": [
            {
                "rule": need.rule.name,
                "allowed_drop": need.rule.max_drop,
                "spread": need.spread,
                "drops": [
                    {"drop": drop, "videos_needed": needed, "seen_by_these_videos": need.seen[drop]}
                    for drop, needed in need.videos.items()
                ],
            }
            for need in needs
        ],
    }


def _rule(finding: Finding) -> dict[str, object]:
    evidence = finding.evidence
    return {
        "rule": evidence.rule.name,
        "task": evidence.rule.task,
        "protocol": evidence.rule.metric.protocol,
        "metric": evidence.rule.metric.name,
        "higher_is_better": evidence.rule.metric.higher_is_better,
        "status": finding.outcome.words,
        "why": finding.why,
        "baseline": evidence.baseline,
        "candidate": evidence.candidate,
        "drop": evidence.drop,
        "worst_drop": finding.worst,
        "allowed_drop": evidence.rule.max_drop,
        "p": finding.p,
        "videos": evidence.videos,
    }


def _loss(loss: Loss) -> dict[str, object]:
    where = {"task": loss.key.task, "question_id": loss.key.id}
    return {**where, "metric": loss.metric.name, "before": loss.before, "after": loss.after}
