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
class _Asked:
    """An expression whose masks the server expects below a folder."""

    key: Key
    video: Video
    folder: str


def write(file: IO[bytes], answers: Answers, benchmark: Benchmark, form: ServerForm, progress: Progress) -> None:
    """Write the ZIP; equal answers give equal bytes. Of several masks the first counts, none is an empty one.

    Raises CheckFailed with all questions of the task that have no answer, or an error: those have to be asked again.
    """
    problems: list[str] = []
    asked = _asked(benchmark, form)
    progress.begin(len(asked), sum(map(len, asked.values())), 0, 0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for video_id in sorted(asked):
            own = asked[video_id]
            found = fitting(answers.predictions(video_id), own[0].video)
            for one in sorted(own, key=lambda one: one.folder):
                answer = found.get(one.key)
                if answer is None or answer.error is not None:
                    reason = "has no answer" if answer is None else f"ended in an error ({answer.error})"
                    problems.append(f"question {one.key} {reason}; ask it before packing")
                else:
                    _write_answer(archive, one, answer, form)
                progress.question_done()
            progress.video_done()
    if problems:
        raise CheckFailed(problems)


def _write_answer(archive: zipfile.ZipFile, asked: _Asked, answer: StoredPrediction, form: ServerForm) -> None:
    track = answer.tracks[0] if answer.tracks else [None] * len(asked.video)
    for name, mask in zip(pictures(asked.video), track, strict=True):
        member = zipfile.ZipInfo(_below(form.top, f"{asked.folder}/{name}"), EPOCH)
        member.external_attr, member.create_system = PLAIN_FILE, UNIX
        archive.writestr(member, server_picture(rle.decode(mask, asked.video.size)))


def check(
    file: Path | IO[bytes], benchmark: Benchmark, form: ServerForm, progress: Progress | None = None
) -> ServerReport:
    """Look at every member of a ZIP for what the server expects: each expression and frame once, and nothing else.

    Nothing is unpacked to disk. Raises OSError where the file cannot be read; what is no archive has that problem.
    """
    asked = _asked(benchmark, form)
    every = [one for own in asked.values() for one in own]
    counts = len(asked), len(every), sum(len(one.video) for one in every)
    try:
        with zipfile.ZipFile(file) as archive:
            problems = list(_problems(archive, every, benchmark, form, progress or Silence()))
    except DAMAGE as problem:
        problems = [f"is no whole ZIP archive ({problem})"]
    return ServerReport(benchmark.name, form.task, *counts, problems, form.videos)


def _problems(
    archive: zipfile.ZipFile, asked: Sequence[_Asked], benchmark: Benchmark, form: ServerForm, progress: Progress
) -> Iterator[str]:
    members = archive.infolist()
    if untrusted := member_problems(members):
        yield from untrusted
        return
    by_name = {one.filename: one for one in members if not one.is_dir()}
    top = _actual_top(by_name, asked, form.top)
    if top != form.top:
        expected = f"below {form.top}/" if form.top else "at the top"
        yield f"videos lie {f'below {top}/' if top else 'at the top'}, the server expects them {expected}"
    wanted = {_below(top, f"{one.folder}/{name}"): one for one in asked for name in pictures(one.video)}
    yield from _absent(by_name, asked, top)
    yield from _beside(by_name, wanted, asked, benchmark.left_out, top)
    progress.begin(1, len(asked), 0, 0)
    for one in asked:
        for name in (_below(top, f"{one.folder}/{picture}") for picture in pictures(one.video)):
            if name in by_name:
                yield from _wrong_picture(archive, by_name[name], one.video)
        progress.question_done()
    progress.video_done()


def _actual_top(by_name: Mapping[str, zipfile.ZipInfo], asked: Sequence[_Asked], expected: str) -> str:
    """Where the expressions' folders lie: as expected where any does, else wherever the first that is found does."""
    folders = {PurePosixPath(name).parent.as_posix() for name in by_name}
    if any(_below(expected, one.folder) in folders for one in asked):
        return expected
    sought = {one.folder for one in asked}
    for folder in sorted(folders):
        parts = folder.split("/")
        for depth in range(len(parts)):
            if "/".join(parts[depth:]) in sought:
                return "/".join(parts[:depth])
    return expected


def _absent(by_name: Mapping[str, zipfile.ZipInfo], asked: Sequence[_Asked], top: str) -> Iterator[str]:
    """Videos, expressions and frames that are not there, the largest of them in one line."""
    there = {PurePosixPath(name).parent.as_posix() for name in by_name}
    by_video: dict[str, list[_Asked]] = defaultdict(list)
    for one in asked:
        by_video[one.folder.rpartition("/")[0]].append(one)
    for video, own in by_video.items():
        if not any(_below(top, one.folder) in there for one in own):
            yield f"video {video} is not there ({len(own)} expressions)"
            continue
        for one in own:
            names = pictures(one.video)
            absent = [name for name in names if _below(top, f"{one.folder}/{name}") not in by_name]
            if len(absent) == len(names):
                yield f"expression {one.folder} is not there"
            elif absent:
                yield f"expression {one.folder} lacks {some(absent)} of {len(names)} frames"


def _beside(
    by_name: Mapping[str, zipfile.ZipInfo],
    wanted: Mapping[str, _Asked],
    asked: Sequence[_Asked],
    left_out: Mapping[str, str],
    top: str,
) -> Iterator[str]:
    """What is there and nobody asks for, those of one folder in one line."""
    folders, videos = {one.folder for one in asked}, {one.folder.rpartition("/")[0] for one in asked}
    groups: dict[str, list[str]] = defaultdict(list)
    for name in by_name:
        if name not in wanted:
            groups[_what(name, folders, videos, left_out, top)].append(name)
    for what, names in groups.items():
        yield f"{what}: {some(sorted(names))}; take it out"


def _what(name: str, folders: set[str], videos: set[str], left_out: Mapping[str, str], top: str) -> str:
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


def _asked(benchmark: Benchmark, form: ServerForm) -> dict[str, list[_Asked]]:
    """The expressions of the task by video id."""
    found = {}
    for video in benchmark.videos:
        own = [
            _Asked(key, video, f"{place.video}/{place.expression}")
            for key, place in benchmark.places(video.id).items()
            if key.task == form.task
        ]
        if own:
            found[video.id] = own
    return found


def _below(top: str, name: str) -> str:
    return f"{top}/{name}" if top else name
