"""What a benchmark of any kind holds, and all that is broken in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from sama_bench.benchmark.address import Address


@dataclass(frozen=True)
class Report:
    """Counts of videos and, by task, of questions; the fingerprint; a line for each problem.

    `without_truth` says of tasks with questions why their answers are not scored.
    """

    root: Path
    fingerprint: str
    videos: int
    questions: dict[str, int]
    problems: list[str]
    without_truth: dict[str, str]

    def to_json(self) -> dict[str, object]:
        """The report as JSON values."""
        return {**asdict(self), "root": str(self.root), "broken": bool(self.problems)}


def check(address: Address) -> Report:
    """Open all videos of a benchmark. Raises UserError where its folder is none of its kind."""
    reader = address.definition.read(address.folder)
    listed = list(reader.listed())
    opened = reader.open([video.id for video in listed])
    sizes = {video.id: video.size for video in opened.videos}
    problems = [*reader.problems, *opened.problems, *reader.misfits(sizes)]
    counts = Counter(key.task for video in listed for key in video.keys)
    questions = {task: counts[task] for task in address.definition.task_keys}
    unscored = {task: why for task, why in reader.without_truth.items() if questions[task]}
    return Report(address.folder, reader.fingerprint, len(listed), questions, problems, unscored)
