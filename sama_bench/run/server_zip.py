"""The ZIP that a server takes: written of answers, and checked, whoever wrote it."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

import numpy as np

from sama_bench.benchmark.definition import ServerForm
from sama_bench.errors import UserError
from sama_bench.files.trees import DAMAGE, Unreadable, is_litter, member_problems, read_member
from sama_bench.metrics import rle
from sama_bench.run.mask_picture import SERVER_MODE, WHITE, NoMask, most_bytes, picture_of, server_picture
from sama_bench.run.mask_tree import pictures, some
from sama_bench.run.predictions import StoredPrediction, fitting
from sama_bench.run.progress import Progress, Silence
from sama_bench.types import Key, TaskName, Video

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark
    from sama_bench.run.answer_sources import Answers

EPOCH = (1980, 1, 1, 0, 0, 0)  # the time of every member, so that equal answers give equal bytes
PLAIN_FILE = 0o100644 << 16
UNIX = 3


class CheckFailed(UserError):
    """What was checked does not hold."""

    status = 1


@dataclass(frozen=True)
class ServerReport:
    """What a ZIP has for a server: counts of what is asked for, and a line for each thing that is wrong with it.

    `whole` is how many videos the whole split has, 0 where nobody says.
    """

    benchmark: str
    task: TaskName
    videos: int
    expressions: int
    frames: int
    problems: Sequence[str]
    whole: int = 0

    @property
    def short_of(self) -> int:
        """How many videos the whole split has, where the benchmark at hand has fewer; else 0."""
        return self.whole if self.videos < self.whole else 0

    def to_json(self) -> dict[str, object]:
        """With JSON's own types; `holds` is whether the server takes it."""
        return {"holds": not self.problems, **vars(self), "problems": list(self.problems)}


@dataclass(frozen=True)
class _Expression:
    """An expression whose masks the server expects below a folder."""

    key: Key
    video: Video
    folder: str


def write(file: IO[bytes], answers: Answers, benchmark: Benchmark, form: ServerForm, progress: Progress) -> None:
    """Write the ZIP; equal answers give equal bytes. Of several masks the first counts, none is an empty one.

    Raises CheckFailed with all questions of the task that have no answer, or an error: those have to be asked again.
    """
    problems: list[str] = []
    by_video = _expressions_by_video(benchmark, form)
    progress.begin(len(by_video), sum(map(len, by_video.values())), 0, 0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for video_id in sorted(by_video):
            expressions = by_video[video_id]
            predictions = fitting(answers.predictions(video_id), expressions[0].video)
            for expression in sorted(expressions, key=lambda expression: expression.folder):
                answer = predictions.get(expression.key)
                if answer is None or answer.error is not None:
                    reason = "has no answer" if answer is None else f"ended in an error ({answer.error})"
                    problems.append(f"question {expression.key} {reason}; ask it before packing")
                else:
                    _write_answer(archive, expression, answer, form)
                progress.question_done()
            progress.video_done()
    if problems:
        raise CheckFailed(problems)


def _write_answer(
    archive: zipfile.ZipFile, expression: _Expression, answer: StoredPrediction, form: ServerForm
) -> None:
    track = answer.tracks[0] if answer.tracks else [None] * len(expression.video)
    for name, mask in zip(pictures(expression.video), track, strict=True):
        member = zipfile.ZipInfo(_below(form.top, f"{expression.folder}/{name}"), EPOCH)
        member.external_attr, member.create_system = PLAIN_FILE, UNIX
        archive.writestr(member, server_picture(rle.decode(mask, expression.video.size)))


def check(
    file: Path | IO[bytes], benchmark: Benchmark, form: ServerForm, progress: Progress | None = None
) -> ServerReport:
    """Look at every member of a ZIP for what the server expects: each expression and frame once, and nothing else.

    Nothing is unpacked to disk. Raises OSError where the file cannot be read; what is no archive has that problem.
    """
    by_video = _expressions_by_video(benchmark, form)
    every = [expression for of_video in by_video.values() for expression in of_video]
    counts = len(by_video), len(every), sum(len(expression.video) for expression in every)
    try:
        with zipfile.ZipFile(file) as archive:
            problems = list(_problems(archive, every, benchmark, form, progress or Silence()))
    except DAMAGE as problem:
        problems = [f"is no whole ZIP archive ({problem})"]
    return ServerReport(benchmark.name, form.task, *counts, problems, form.videos)


def _problems(
    archive: zipfile.ZipFile,
    expressions: Sequence[_Expression],
    benchmark: Benchmark,
    form: ServerForm,
    progress: Progress,
) -> Iterator[str]:
    members = archive.infolist()
    if untrusted := member_problems(members):
        yield from untrusted
        return
    by_name = {member.filename: member for member in members if not member.is_dir()}
    top = _actual_top(by_name, expressions, form.top)
    if top != form.top:
        expected = f"below {form.top}/" if form.top else "at the top"
        yield f"videos lie {f'below {top}/' if top else 'at the top'}, the server expects them {expected}"
    by_member_name = {
        _below(top, f"{expression.folder}/{name}"): expression
        for expression in expressions
        for name in pictures(expression.video)
    }
    yield from _missing(by_name, expressions, top)
    yield from _unexpected(by_name, by_member_name, expressions, benchmark.left_out, top)
    progress.begin(1, len(expressions), 0, 0)
    for expression in expressions:
        for name in (_below(top, f"{expression.folder}/{picture}") for picture in pictures(expression.video)):
            if name in by_name:
                yield from _wrong_picture(archive, by_name[name], expression.video)
        progress.question_done()
    progress.video_done()


def _actual_top(by_name: Mapping[str, zipfile.ZipInfo], expressions: Sequence[_Expression], expected: str) -> str:
    """Where the expressions' folders lie: as expected where any does, else wherever the first that is found does."""
    folders = {PurePosixPath(name).parent.as_posix() for name in by_name}
    if any(_below(expected, expression.folder) in folders for expression in expressions):
        return expected
    sought = {expression.folder for expression in expressions}
    for folder in sorted(folders):
        parts = folder.split("/")
        for depth in range(len(parts)):
            if "/".join(parts[depth:]) in sought:
                return "/".join(parts[:depth])
    return expected


def _missing(by_name: Mapping[str, zipfile.ZipInfo], expressions: Sequence[_Expression], top: str) -> Iterator[str]:
    """Videos, expressions and frames that are not there, the largest of them in one line."""
    there = {PurePosixPath(name).parent.as_posix() for name in by_name}
    by_video: dict[str, list[_Expression]] = defaultdict(list)
    for expression in expressions:
        by_video[expression.folder.rpartition("/")[0]].append(expression)
    for video, of_video in by_video.items():
        if not any(_below(top, expression.folder) in there for expression in of_video):
            yield f"video {video} is not there ({len(of_video)} expressions)"
            continue
        for expression in of_video:
            names = pictures(expression.video)
            absent = [name for name in names if _below(top, f"{expression.folder}/{name}") not in by_name]
            if len(absent) == len(names):
                yield f"expression {expression.folder} is not there"
            elif absent:
                yield f"expression {expression.folder} lacks {some(absent)} of {len(names)} frames"


def _unexpected(
    by_name: Mapping[str, zipfile.ZipInfo],
    expected_names: Mapping[str, _Expression],
    expressions: Sequence[_Expression],
    left_out: Mapping[str, str],
    top: str,
) -> Iterator[str]:
    """What is there and nobody asks for, those of one folder in one line."""
    folders, videos = (
        {expression.folder for expression in expressions},
        {expression.folder.rpartition("/")[0] for expression in expressions},
    )
    groups: dict[str, list[str]] = defaultdict(list)
    for name in by_name:
        if name not in expected_names:
            groups[_why_unexpected(name, folders, videos, left_out, top)].append(name)
    for what, names in groups.items():
        yield f"{what}: {some(sorted(names))}; take it out"


def _why_unexpected(name: str, folders: set[str], videos: set[str], left_out: Mapping[str, str], top: str) -> str:
    below = name.removeprefix(f"{top}/") if top else name
    if any(map(is_litter, PurePosixPath(name).parts)):
        return "files that a program left there"
    if (top and below == name) or not name.endswith(".png"):
        return "files that are no masks"
    folder = below.rpartition("/")[0]
    video = folder.rpartition("/")[0]
    if folder in folders:
        return f"expression {folder} has frames that the list has not"
    for other, why in left_out.items():
        if below.startswith(f"{other}/"):
            return f"video {other} {why}"
    return f"video {video} has no such expression" if video in videos else f"video {video or folder} is not asked about"


def _wrong_picture(archive: zipfile.ZipFile, member: zipfile.ZipInfo, video: Video) -> Iterator[str]:
    try:
        picture = picture_of(read_member(archive, member, most_bytes(video.size)), video.size)
    except (Unreadable, NoMask) as problem:
        yield f"{member.filename} {problem}"
        return
    if picture.mode != SERVER_MODE:
        yield f"{member.filename} is of mode {picture.mode}, expected {SERVER_MODE} (no other is known to be taken)"
    elif np.count_nonzero(picture.pixels) != np.count_nonzero(picture.pixels == WHITE):
        yield f"{member.filename} holds other values than 0 and {WHITE}"


def _expressions_by_video(benchmark: Benchmark, form: ServerForm) -> dict[str, list[_Expression]]:
    """The expressions of the task by video id."""
    by_video = {}
    for video in benchmark.videos:
        expressions = [
            _Expression(key, video, f"{place.video}/{place.expression}")
            for key, place in benchmark.places(video.id).items()
            if key.task == form.task
        ]
        if expressions:
            by_video[video.id] = expressions
    return by_video


def _below(top: str, name: str) -> str:
    return f"{top}/{name}" if top else name
