"""The finding of one check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["fine", "warning", "broken", "skipped"]
TOLD = 200


@dataclass(frozen=True)
class Finding:
    """A check by its name, how it came out, and why in one line ('' where there is nothing to say)."""

    check: str
    state: State
    why: str = ""


def holds(findings: Iterable[Finding]) -> bool:
    """True if nothing is broken; warnings are for people to judge."""
    return all(finding.state != "broken" for finding in findings)


def finding(check: str, problems: Iterable[str], otherwise: str = "", state: State = "broken") -> Finding:
    """A check that found `problems`: the first is told, the others counted; fine where there are none."""
    distinct = list(dict.fromkeys(problems))
    if not distinct:
        return Finding(check, "fine", otherwise)
    first = " ".join(distinct[0].split())
    others = f" (and {len(distinct) - 1} more)" if len(distinct) > 1 else ""
    return Finding(check, state, (first if len(first) <= TOLD else f"{first[:TOLD]}…") + others)
