"""The gate's decision: which drops are beyond the allowed ones and not noise, and what cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.special import stdtrit

from sama_bench.gate.rules import Policy
from sama_bench.gate.video_drops import Evidence
from sama_bench.score.intervals import RESAMPLES, SEED, Floats

FEW = 5
AT_ONCE = 500


class Outcome(Enum):
    """The gate's decision, with the exit status of the command."""

    PASS = 0
    FAIL = 1
    CANNOT_TELL = 3

    @property
    def words(self) -> str:
        """As one reads it."""
        return {"PASS": "pass", "FAIL": "fail", "CANNOT_TELL": "cannot tell"}[self.name]


@dataclass(frozen=True)
class Finding:
    """The decision on one rule. `p` is corrected for all rules; `worst` is the 1 - alpha upper bound of the drop.

    Both are None with fewer than five videos, which can tell nothing.
    """

    evidence: Evidence
    outcome: Outcome
    p: float | None
    worst: float | None
    why: str


@dataclass(frozen=True)
class Decision:
    """The findings of all rules, in their order."""

    policy: Policy
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """FAIL where one rule fails, else CANNOT_TELL where one cannot be told, else PASS."""
        outcomes = {finding.outcome for finding in self.findings}
        return next(outcome for outcome in (Outcome.FAIL, Outcome.CANNOT_TELL, Outcome.PASS) if outcome in outcomes)


def decide(policy: Policy, evidence: Sequence[Evidence], resamples: int = RESAMPLES, seed: int = SEED) -> Decision:
    """Decide on every rule of `policy`; `evidence` stands in the order of its rules.

    A rule fails where the drop as found is beyond the allowed one and is no chance (p < alpha, corrected over the
    rules). It passes where it is not beyond, and a drop of `policy.margin` points more than allowed can be excluded
    at level alpha. Else nothing can be told.
    """
    p_values = corrected_p_values(np.column_stack([rule_evidence.drops for rule_evidence in evidence]), resamples, seed)
    return Decision(
        policy,
        tuple(_finding(policy, rule_evidence, float(p)) for rule_evidence, p in zip(evidence, p_values, strict=True)),
    )


def _finding(policy: Policy, evidence: Evidence, p: float) -> Finding:
    if evidence.videos < FEW:
        few = f"only {evidence.videos} videos, at least {FEW} are needed"
        return Finding(evidence, Outcome.CANNOT_TELL, None, None, few)
    worst = upper_bound(evidence.drops, policy.alpha)
    outcome, reason = _judged(policy, evidence, p, worst)
    return Finding(evidence, outcome, p, worst, reason)


def _judged(policy: Policy, evidence: Evidence, p: float, worst: float) -> tuple[Outcome, str]:
    allowed = evidence.rule.max_drop
    unseen = allowed + policy.margin
    if evidence.drop > allowed and p < policy.alpha:
        return Outcome.FAIL, f"dropped by more than {allowed:g}, and not by chance"
    if evidence.drop > allowed:
        return Outcome.CANNOT_TELL, f"dropped by more than {allowed:g}, which may be chance"
    if worst >= unseen:
        return Outcome.CANNOT_TELL, f"too few videos to exclude a drop of {unseen:g}"
    return Outcome.PASS, f"a drop of {unseen:g} can be excluded"


def upper_bound(drops: Floats, alpha: float) -> float:
    """The one-sided 1 - alpha bound of the mean drop, by Student's t over videos (at least two)."""
    known = drops[~np.isnan(drops)]
    wide = stdtrit(known.size - 1, 1 - alpha) * known.std(ddof=1) / np.sqrt(known.size)
    return float(known.mean() + wide)


def corrected_p_values(drops: Floats, resamples: int, seed: int) -> Floats:
    """One-sided p-values (rules) of there being no drop, corrected for all rules.

    `drops` is (videos, rules), NaN where undefined. Signs of whole videos' centred drops are flipped together for all
    rules (a studentised wild bootstrap clustered by video), and each rule's t is held against the largest t of the
    rules not yet rejected (step-down max-T; Westfall and Young 1993, Romano and Wolf 2005). So rules that move
    together cost little more than one. 1 where a rule has fewer than two videos.
    """
    defined = ~np.isnan(drops)
    counts = defined.sum(axis=0)
    means = np.divide(np.nansum(drops, axis=0), counts, out=np.zeros(drops.shape[1]), where=counts > 0)
    centred = np.where(defined, drops - means, 0.0)
    statistics = _studentised(means, (centred**2).sum(axis=0), counts)
    order = np.argsort(-statistics, kind="stable")
    beyond = np.zeros(drops.shape[1])
    random = np.random.default_rng(seed)
    for start in range(0, resamples, AT_ONCE):
        signs = random.integers(0, 2, (min(AT_ONCE, resamples - start), len(drops))) * 2.0 - 1
        sums = signs @ centred
        flipped = _studentised(
            sums / np.maximum(counts, 1), (centred**2).sum(axis=0) - sums**2 / np.maximum(counts, 1), counts
        )
        # For each place of the order, the largest t among this rule and those after it.
        largest = np.maximum.accumulate(flipped[:, order[::-1]], axis=1)[:, ::-1]
        beyond[order] += (largest >= statistics[order]).sum(axis=0)
    p = (1 + beyond) / (1 + resamples)
    p[order] = np.maximum.accumulate(p[order])
    return np.where(counts < 2, 1.0, p)


def _studentised(means: Floats, squares: Floats, counts: Floats) -> Floats:
    """Student's t of means with these sums of squared deviations; ±infinity where nothing varies, 0 for 0 over 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = means / np.sqrt(np.maximum(squares, 0) / (np.maximum(counts - 1, 1) * np.maximum(counts, 1)))
    return np.where(np.isnan(t), 0.0, t)
