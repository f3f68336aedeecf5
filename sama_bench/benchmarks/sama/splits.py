"""The split files, read into records whose video and frames are known to be sound."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sama_bench.benchmark.problems import Problem
from sama_bench.benchmarks.sama.json_checks import ShapeError, below, brief, listing, mapping
from sama_bench.benchmarks.sama.layout import Source, folder_of, frame_file, source_of
from sama_bench.errors import UserError
from sama_bench.files.repeated_keys import RepeatedKeys

AGAIN = "download the file again"


@dataclass(frozen=True)
class Record:
    """One video of a split file: its place there, its frame files below the root, and the rest unchecked."""

    where: str
    video: str
    source: Source
    folder: str
    files: tuple[str, ...]
    raw: Mapping[str, object]


def parse(path: Path, content: bytes, source: str) -> tuple[object, list[Problem]]:
    """The JSON value of a split file's content, and which keys stand twice in an object of it.

    Raises UserError saying where it is not JSON in UTF-8.
    """
    repeated = RepeatedKeys()
    value = _value(path, content, repeated)
    twice = [f"{_of_video(value, place)} has the key {brief(key)} twice" for place, key in repeated.places(value)]
    return value, [Problem("split", f"{path}: {repeated}, expected once; {AGAIN}", source) for repeated in twice]


def _of_video(value: object, place: str) -> str:
    """The place of an object in a split file's value, with the video's name where it has one."""
    number = re.match(r"\[([0-9]+)\]", place)
    video = value[int(number[1])] if number and isinstance(value, list) else None
    if number is None or not isinstance(video, dict):
        return place or "the whole file"
    named = f" ({video['video']})" if isinstance(video.get("video"), str) else ""
    return f"video {number[0]}{named}{place[number.end() :]}"


def _value(path: Path, content: bytes, repeated: RepeatedKeys) -> object:
    if not content.strip():
        raise UserError(f"{path}: the file is empty, expected a JSON list of videos; {AGAIN}")
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=repeated)
    except UnicodeDecodeError as problem:
        raise UserError(f"{path}: not UTF-8 at byte {problem.start}; {AGAIN}") from problem
    except json.JSONDecodeError as problem:
        cut = " (the file seems cut off)" if problem.pos >= len(problem.doc.rstrip()) else ""
        place = f"line {problem.lineno}, column {problem.colno}"
        raise UserError(f"{path}: not JSON at {place}: {problem.msg}{cut}; {AGAIN}") from problem
    except RecursionError as problem:
        raise UserError(f"{path}: nested too deeply, expected a list of videos; {AGAIN}") from problem
    except ValueError as problem:
        raise UserError(f"{path}: a number in it is too long to be read; {AGAIN}") from problem


def records(path: Path, value: object, source: str) -> tuple[list[Record], list[Problem]]:
    """The sound videos of a split file's JSON value, and what is wrong with the others."""
    parsed: list[Record] = []
    problems: list[Problem] = []
    try:
        videos = listing(value, "the whole file")
    except ShapeError as problem:
        return [], [Problem("split", f"{path}: {problem} of videos; {AGAIN}", source)]
    for index, video in enumerate(videos):
        where = f"{path}: video [{index}]"
        try:
            parsed.append(_record(where, video))
        except ShapeError as problem:
            problems.append(Problem("split", f"{where}: {problem}; {AGAIN}", source))
    return parsed, problems


def _record(where: str, value: object) -> Record:
    raw = mapping(value, "it")
    video = below(raw.get("video"), "video")
    source = source_of(video)
    if source is None:
        raise ShapeError(f"video is {brief(video)}, expected a path with mevis, lvvis, ref_youtube_vos or VidSTG")
    frames = listing(raw.get("frames"), "frames")
    if not frames:
        raise ShapeError("frames is empty, expected one name per frame")
    files = tuple(_file(frame, f"frames[{index}]", video) for index, frame in enumerate(frames))
    return Record(f"{where} ({video})", video, source, folder_of(video), files, raw)


def _file(frame: object, key: str, video: str) -> str:
    if "VidSTG" in video and isinstance(frame, dict):
        frame, key = frame.get("raw_filename"), f"{key}.raw_filename"
    return frame_file(below(frame, key), video)
