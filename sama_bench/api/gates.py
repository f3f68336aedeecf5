"""The gate of a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sama_bench.api.runs import Run
from sama_bench.errors import UserError, each
from sama_bench.files.json_files import as_json
from sama_bench.gate import as_json as gate_json
from sama_bench.gate import junit as as_junit
from sama_bench.gate import table as gate_table
from sama_bench.gate.decision import Decision, Outcome, decide
from sama_bench.gate.gate_input import Checkpoint, baseline_text, load
from sama_bench.gate.plan import Need
from sama_bench.gate.plan import plan as needed_videos
from sama_bench.gate.rules import MAX_DROP, Policy, Rule, read_config, rule, usual
from sama_bench.gate.video_drops import Evidence, gather
from sama_bench.gate.worst_questions import Loss, losses
from sama_bench.notebook import table
from sama_bench.score.comparison import difference_line, unlike

if TYPE_CHECKING:
    import pandas as pd

Side: TypeAlias = Run | str | Path
# What the command asks with: rules, or only the drops where the rules are the usual ones.
PolicyOrDrops: TypeAlias = Policy | Sequence[float]


def gate(
    baseline: Side,
    candidate: Side,
    *,
    metrics: Sequence[str] | Mapping[str, float] | None = None,
    max_drop: float | Sequence[float] | None = None,
    config: str | Path | None = None,
) -> Gate:
    """Tell a regression between two checkpoints from noise: pass, fail, or that it cannot be told.

    It fails where a metric dropped by more than is allowed and chance does not explain it; videos are what is drawn,
    and the test is corrected for the number of metrics.

    Args:
        baseline: A scored run, its folder, or a file that `baseline` wrote.
        candidate: The scored run that is to pass.
        metrics: What is gated, such as "g.jf", "c.meteor", "g.paper.miou"; with the drop of each as a mapping. By
            default g.jf, g.f1_iou, g.meteor and c.meteor, as far as the baseline has them.
        max_drop: The drop in points (hundredths) that is allowed: for all metrics, or for each in turn; 0.5 by default.
        config: A YAML file with metrics, alpha and margin, in place of `metrics` and `max_drop`.

    Raises:
        UserError: Signatures differ, a metric is missing on a side, or something was asked wrongly.
    """
    return decided(requested_policy(metrics, max_drop, config), baseline, candidate)


@dataclass(frozen=True)
class Gate:
    """The result of a gate: the decision on every rule, the questions that lost most, the names of the two runs."""

    decision: Decision
    losses: Sequence[Loss]
    names: tuple[str, str]

    @property
    def status(self) -> str:
        """In words: pass, fail, or cannot tell."""
        return self.decision.outcome.words

    @property
    def passed(self) -> bool:
        """True if the candidate passes; where it cannot be told, it does not."""
        return self.decision.outcome is Outcome.PASS

    @property
    def reasons(self) -> list[str]:
        """A line for each rule: its outcome, and why."""
        return [gate_table.reason(finding) for finding in self.decision.findings]

    def table(self) -> pd.DataFrame:
        """A row for each rule, under its name. All numbers but p and videos are in points (hundredths).

        Columns: baseline, candidate, drop (positive where the candidate is worse), worst (the upper bound of the drop),
        allowed, p (corrected; NaN, as worst, with fewer than five videos), videos, status, why.
        """
        import pandas as pd

        numbers = ["baseline", "candidate", "drop", "worst", "allowed", "p"]
        rows = [
            (
                *(finding.evidence.rule.name, finding.evidence.baseline, finding.evidence.candidate),
                *(finding.evidence.drop, finding.worst, finding.evidence.rule.max_drop, finding.p),
                *(finding.evidence.videos, finding.outcome.words, finding.why),
            )
            for finding in self.decision.findings
        ]
        data = pd.DataFrame(rows, columns=["metric", *numbers, "videos", "status", "why"])
        return data.astype(dict.fromkeys(numbers, "float64")).set_index("metric")

    def junit(self) -> bytes:
        """The decision as JUnit XML, which CI servers show as tests."""
        return as_junit.junit(self.decision)

    def markdown(self) -> str:
        """The decision as Markdown, for a step summary."""
        return gate_table.markdown(self.decision, self.losses, self.names)

    def dumps(self) -> bytes:
        """The decision as UTF-8 JSON, as `sama-bench gate --json` writes it; numbers are in points, values in 0…1."""
        content = gate_json.to_json(self.decision, self.losses, self.names)
        return as_json(content)

    def __repr__(self) -> str:
        return f"<gate: {self.status}>"

    def _repr_html_(self) -> str:
        """The HTML for notebooks: what `sama-bench gate` prints."""
        rows = [gate_table.row(finding) for finding in self.decision.findings]
        title = f"gate: {gate_table.verdict(self.decision.outcome)}"
        html = table(gate_table.HEADINGS, rows, title, [*self.reasons, gate_table.legend(self.decision)])
        if not self.losses:
            return html
        return html + table(LOSS_HEADINGS, map(gate_table.loss_line, self.losses), "questions that lost most", left=2)


LOSS_HEADINGS = ("question", "metric", "before", "after", "")


def plan(
    baseline: Side,
    candidate: Side,
    *,
    metrics: Sequence[str] | Mapping[str, float] | None = None,
    max_drop: float | Sequence[float] | None = None,
    config: str | Path | None = None,
) -> list[Need]:
    """The number of videos needed to see a drop, from how two runs of one kind differ; for each rule one `Need`.

    The arguments are those of `gate`, and what is raised, too.
    """
    return planned(requested_policy(metrics, max_drop, config), baseline, candidate)[0]


def baseline(run: Side) -> str:
    """The part of a scored run that a gate needs, as the content of a small file that can be committed."""
    return baseline_text(_loaded(run))


def requested_policy(
    metrics: Sequence[str] | Mapping[str, float] | None,
    max_drop: float | Sequence[float] | None,
    config: str | Path | None,
) -> PolicyOrDrops:
    """The policy that is asked for; only the drops where the rules are the usual ones."""
    if isinstance(metrics, Mapping):
        if max_drop is not None:
            raise UserError("metrics say their drops: leave out max_drop")
        return requested_policy(list(metrics), list(metrics.values()), config)
    drops = [max_drop] if isinstance(max_drop, (int, float)) else list(max_drop or ())
    names = [metrics] if isinstance(metrics, str) else list(metrics or ())
    if config is not None and (names or drops):
        raise UserError("a config says metrics and drops itself: leave out --metric and --max-drop, or --config")
    if config is not None:
        return read_config(Path(config))
    if len(drops) > 1 and len(drops) != len(names):
        raise UserError(f"{len(drops)} drops for {len(names)} metrics: give one --max-drop for all, or one for each")
    if not names:
        return drops
    drops = drops if len(drops) > 1 else [*(drops or [MAX_DROP])] * len(names)
    return Policy(tuple(each(lambda pair: rule(*pair), zip(names, drops, strict=True))))


def decided(policy_or_drops: PolicyOrDrops, baseline: Side, candidate: Side) -> Gate:
    """The result of the gate; raises UserError as `gate` does."""
    policy, evidence, (first, other) = _gathered(policy_or_drops, baseline, candidate)
    worst = losses(policy.rules, first.questions, other.questions)
    return Gate(decide(policy, evidence), worst, (first.name, other.name))


def planned(policy_or_drops: PolicyOrDrops, baseline: Side, candidate: Side) -> tuple[list[Need], int]:
    """The needs as `plan` gives them, and the number of videos that are there."""
    policy, evidence, _ = _gathered(policy_or_drops, baseline, candidate)
    return needed_videos(policy, evidence), max((evidence_of_rule.videos for evidence_of_rule in evidence), default=0)


def _gathered(
    policy_or_drops: PolicyOrDrops, baseline: Side, candidate: Side
) -> tuple[Policy, list[Evidence], tuple[Checkpoint, Checkpoint]]:
    """The policy, the evidence for each of its rules, and both sides; raises UserError as `gate` does."""
    first, other = each(_loaded, (baseline, candidate))
    policy = policy_or_drops if isinstance(policy_or_drops, Policy) else _usual(first, other, policy_or_drops)
    places = [(rule.metric.protocol, rule.task) for rule in policy.rules]
    if difference := difference_line(first.side, other.side, places):
        raise UserError(difference)
    if problems := [problem for rule in policy.rules for problem in _unlike(rule, first, other)]:
        raise UserError(problems)
    return policy, gather(policy.rules, first.scores, other.scores), (first, other)


def _loaded(side: Side) -> Checkpoint:
    if isinstance(side, (Run, str, Path)):
        return load(side.path if isinstance(side, Run) else Path(side))
    raise UserError(f"a side of the gate is {type(side).__name__}, expected a run, or the path of one or of a baseline")


def _unlike(rule: Rule, first: Checkpoint, other: Checkpoint) -> list[str]:
    """The parts in which the signatures of a rule's own metric differ, a line each."""
    place = rule.metric.protocol, rule.task
    return [
        f"{rule.name}: {line}; score both in the same way"
        for line in unlike(rule.metric, first.side, other.side, place)
    ]


def _usual(first: Checkpoint, other: Checkpoint, drops: Sequence[float]) -> Policy:
    keys = {task for tasks in first.scores.protocols.values() for task in tasks}
    rules_with_value = [rule for rule in usual(keys) if first.scores.has(rule.task, rule.metric)]
    if not rules_with_value:
        raise UserError(f"{first.name} has none of the usual metrics: name some with --metric")
    missing = [rule.name for rule in rules_with_value if not other.scores.has(rule.task, rule.metric)]
    if missing:
        raise UserError(f"{other.name} has no {', '.join(missing)}, {first.name} has: name what to gate with --metric")
    return Policy(tuple(replace(rule, max_drop=drops[0]) if drops else rule for rule in rules_with_value))
