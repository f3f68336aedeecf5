"""What a benchmark of any kind holds, and all that is broken in it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sama_bench.benchmark.address import Address
from sama_bench.benchmark.definition import Whole
from sama_bench.benchmark.reader import Listed
from sama_bench.files.opening import open_regular
from sama_bench.types import TaskName

AT_ONCE = 1 << 20  # bytes


@dataclass(frozen=True)
class Share:
    """What is there of a split: its videos and questions, and how many a whole one has; `doubt` is `Whole`'s."""

    videos: int
    whole_videos: int
    questions: int
    whole_questions: tuple[int, ...]
    doubt: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there."""
        return self.videos == self.whole_videos and self.questions in (self.whole_questions or (self.questions,))

    def __str__(self) -> str:
        whole = " or ".join(f"{count:,}" for count in self.whole_questions)
        questions = f"{self.questions:,} of {whole} questions" if whole else f"{self.questions:,} questions"
        doubt = f" ({self.doubt})" if self.doubt else ""
        return f"{self.videos:,} of {self.whole_videos:,} videos, {questions}{': whole' * self.is_whole}{doubt}"


@dataclass(frozen=True)
class Report:
    """Counts of videos and, by task, of questions; the fingerprint; a line for each problem.

    `without_truth` says of tasks with questions why their answers are not scored. `shares` says of tasks with questions
    how much of the whole split is there, where its size is known; `released` of files that are there whether they are
    byte for byte those whose SHA-256 their authors give.
    """

    root: Path
    fingerprint: str
    videos: int
    questions: dict[str, int]
    problems: list[str]
    without_truth: dict[str, str]
    shares: dict[str, Share]
    released: dict[str, bool]

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
    shares = _shares(listed, address.definition.whole)
    released = _released(address.folder, address.definition.released)
    return Report(address.folder, reader.fingerprint, len(listed), questions, problems, unscored, shares, released)


def _shares(listed: Sequence[Listed], whole: Mapping[TaskName, Whole]) -> dict[str, Share]:
    questions = Counter(key.task for video in listed for key in video.keys)
    videos = Counter(task for video in listed for task in {key.task for key in video.keys})
    return {
        task: Share(videos[task], total.videos, questions[task], total.questions, total.doubt)
        for task, total in whole.items()
        if questions[task]
    }


def _released(folder: Path, digests: Mapping[str, str]) -> dict[str, bool]:
    matches = {}
    for name, digest in digests.items():
        if (folder / name).is_file():
            matches[name] = _sha256(folder / name) == digest
    return matches


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open_regular(path) as file:
        while part := file.read(AT_ONCE):
            digest.update(part)
    return digest.hexdigest()
