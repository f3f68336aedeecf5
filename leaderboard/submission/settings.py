"""`leaderboard.yaml`: what all entries of a leaderboard have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as short
from typing import TYPE_CHECKING, Any

from sama_bench.errors import UserError
from sama_bench.files.yaml_files import read_yaml

if TYPE_CHECKING:
    from sama_bench.score.similarity_choice import Choices

FILE = "leaderboard.yaml"
USUAL = "default"
KEYS = ("benchmark", "phrases")
TITLE, LONGEST_TITLE = "title", 100


@dataclass(frozen=True)
class SubmissionSettings:
    """`benchmark` is the fingerprint of the questions, `phrases` the similarity of phrases by name.

    `default` stands for the usual one of each protocol. `title` is that of the site, '' for the usual one.
    """

    benchmark: str
    phrases: str
    title: str = ""

    def choices(self) -> Choices:
        """The similarity of each protocol. Raises UserError where one is not installed: all entries need the same."""
        from sama_bench.score.similarity_choice import choose

        choices = choose(None if self.phrases == USUAL else self.phrases)
        if missing := [choice.missing for choice in choices.values() if choice.similarity is None]:
            raise UserError(missing)
        return choices


def read(folder: Path) -> SubmissionSettings:
    """Read the settings of the leaderboard in `folder`. Raises UserError where there are none, or others."""
    path = folder / FILE
    if not path.is_file():
        raise UserError(
            f"{path}: is not there, so {folder} is no leaderboard; write it with two lines: `benchmark: FINGERPRINT` "
            "(of `sama-bench bench check PATH`) and `phrases: default` (or words, which needs no weights)"
        )
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: is {short(content)}, expected {' and '.join(KEYS)}")
    if problems := list(_problems(content)):
        raise UserError(f"{path}: {problem}" for problem in problems)
    return SubmissionSettings(**content)


def _problems(content: dict[Any, Any]) -> Iterator[str]:
    known = (*KEYS, TITLE)
    yield from (f"knows no {short(name)}; expected {' and '.join(KEYS)}" for name in content if name not in known)
    benchmark, phrases = (content.get(name) for name in KEYS)
    if not isinstance(benchmark, str) or not re.fullmatch(r"[0-9a-f]{64}", benchmark):
        yield f"benchmark is {short(benchmark)}, expected the 64 digits that `sama-bench bench check PATH` prints"
    if not isinstance(phrases, str) or not phrases:
        yield f"phrases is {short(phrases)}, expected {USUAL}, or one name such as words"
    title = content.get(TITLE, "")
    if not isinstance(title, str) or len(title) > LONGEST_TITLE or not title.isprintable():
        yield f"title is {short(title)}, expected a line of at most {LONGEST_TITLE} printable characters"
