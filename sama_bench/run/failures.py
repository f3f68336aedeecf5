"""The questions of a run that ended in an error: what it was, and where in the model's code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sama_bench.run.code_place import FRAME, OURS, place_in
from sama_bench.run.fail_fast import kind_of
from sama_bench.run.store import Store
from sama_bench.types import Key

SHOWN_LINES = 40


@dataclass(frozen=True)
class Failure:
    """A question that ended in an error: the reason in a line, its traceback ('' where there is none)."""

    key: Key
    video: str
    error: str
    traceback: str

    @property
    def kind(self) -> str:
        """What errors of one cause share: what was done, if not a question asked, and the exception's type."""
        return kind_of(self.error)

    @property
    def place(self) -> str:
        """The last line of the model's own code in the traceback, `FILE:LINE`; '' where there is none."""
        return place_in(self.traceback)


@dataclass(frozen=True)
class FailureGroup:
    """Failures of one kind at one place in the code, in the order of the benchmark; at least one."""

    kind: str
    place: str
    failures: Sequence[Failure]

    def to_json(self) -> dict[str, object]:
        """With JSON's own types."""
        first = self.failures[0]
        return {
            "kind": self.kind,
            "place": self.place or None,
            "count": len(self.failures),
            "first_error": first.error,
            "first_traceback": first.traceback or None,
            "questions": [{"question": str(one.key), "video": one.video, "error": one.error} for one in self.failures],
        }


def failures(store: Store) -> Iterator[Failure]:
    """All questions of a run that ended in an error, in the order of the benchmark."""
    if not store.errors():
        return
    for video in store.videos():
        for key, answer in store.predictions(video).items():
            if answer.error is not None:
                yield Failure(key, video, answer.error, answer.traceback or "")


def grouped(found: Iterator[Failure]) -> list[FailureGroup]:
    """The failures by kind and place, the most frequent first."""
    groups: dict[tuple[str, str], list[Failure]] = {}
    for failure in found:
        groups.setdefault((failure.kind, failure.place), []).append(failure)
    rows = [FailureGroup(kind, place, tuple(members)) for (kind, place), members in groups.items()]
    return sorted(rows, key=lambda group: -len(group.failures))


def shortened(traceback: str) -> list[str]:
    """The lines of a traceback without our own frames; of a long one its end."""
    lines: list[str] = []
    skipping = False
    for line in traceback.rstrip().splitlines():
        if match := FRAME.match(line):
            skipping = match["file"].startswith(OURS)
        elif not line.startswith("    "):
            skipping = False
        if not skipping:
            lines.append(line)
    return lines if len(lines) <= SHOWN_LINES else ["…", *lines[-SHOWN_LINES:]]
