"""What came out of one check."""

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
    """Whether nothing is broken; warnings are for people to judge."""
    return all(one.state != "broken" for one in findings)


def finding(check: str, problems: Iterable[str], otherwise: str = "", state: State = "broken") -> Finding:
    """A check that found `problems`: the first is told, the others counted; fine where there are none."""
    found = list(dict.fromkeys(problems))
    if not found:
        return Finding(check, "fine", otherwise)
    first = " ".join(found[0].split())
    rest = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Finding(check, state, (first if len(first) <= TOLD else f"{first[:TOLD]}…") + rest)
