"""The number of videos that a gate needs to see a drop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import ndtr, stdtrit

from sama_bench.gate.decision import FEW
from sama_bench.gate.rules import Policy, Rule
from sama_bench.gate.video_drops import Evidence

POWER = 0.8
DROPS = (1.0, 2.0, 3.0, 5.0, 10.0)
MOST = 10_000_000


@dataclass(frozen=True)
class Need:
    """For one rule: the spread of the videos' drops (points), and for each drop the videos that see it, or None."""

    rule: Rule
    spread: float
    videos: dict[float, int | None]
    seen: dict[float, float]
    """For each drop, how often the videos that are there would see it."""


def plan(policy: Policy, evidence: Sequence[Evidence], drops: Sequence[float] = DROPS) -> list[Need]:
    """For each rule, how many videos see each drop in 80 of 100 cases.

    From the spread of the drops between two runs; the level is Bonferroni's, which is more careful than the gate's
    own correction. None where a drop is not beyond the allowed one, and where fewer than five videos, or videos that
    differ in nothing, tell no spread.
    """
    level = policy.alpha / len(policy.rules)
    return [_need(rule_evidence, drops, level) for rule_evidence in evidence]


def _need(evidence: Evidence, drops: Sequence[float], level: float) -> Need:
    if evidence.videos < FEW or not evidence.spread > 0:
        return Need(evidence.rule, evidence.spread, dict.fromkeys(drops), dict.fromkeys(drops, 0.0))
    return Need(
        evidence.rule,
        evidence.spread,
        {drop: needed(drop, evidence.rule.max_drop, evidence.spread, level) for drop in drops},
        {drop: power(drop, evidence.rule.max_drop, evidence.spread, evidence.videos, level) for drop in drops},
    )


def power(drop: float, allowed: float, spread: float, videos: int, level: float) -> float:
    """The chance in 0…1 that so many videos see a drop (points) when `allowed` is; 0 with fewer than five videos."""
    if videos < FEW or drop <= allowed:
        return 0.0
    error = spread / videos**0.5
    return float(ndtr((drop - max(allowed, stdtrit(videos - 1, 1 - level) * error)) / error)) if error > 0 else 1.0


def needed(drop: float, allowed: float, spread: float, level: float) -> int | None:
    """The fewest videos (at least five) whose power is 0.8; None where the drop is not beyond the allowed one."""
    if power(drop, allowed, spread, MOST, level) < POWER:
        return None
    low, high = FEW - 1, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(drop, allowed, spread, middle, level) >= POWER else (middle, high)
    return high
