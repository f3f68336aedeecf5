"""What is wrong with a tree, each problem with what it concerns, so that it can be told and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "split", "question", "masks", "mask", "mask fit", "frame missing", "frame broken", "frame size"
]


@dataclass(frozen=True)
class Problem:
    """One problem: a line for the user, the source data set and the number of things it concerns.

    `split` is a split file, `question` something in it, `masks` a mask dictionary, `mask` one annotation
    of it, `mask fit` one that does not fit its video. A problem that is not `fatal` stops no run: it concerns nothing
    that a question needs, or nothing that cannot be read.
    """

    kind: Kind
    text: str
    source: str | None = None
    count: int = 1
    fatal: bool = True
