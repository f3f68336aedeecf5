"""What was cut from which video, in a file beside the folders of frames: what is there is not made again."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.atomic import write_bytes
from sama_bench.files.json_files import as_json, read_json
from sama_bench.files.json_shapes import damaged, shaped_value
from sama_bench.video_frames.cutting import Ways, frame_name
from sama_bench.video_frames.reading import STEP, Way

RECORD = "frames.json"
AGAIN = "remove it: the frames that are there are then compared with their videos"


@dataclass(frozen=True)
class Made:
    """What was cut: by which way, from a file of which bytes and time, how many frames, and what both ways gave."""

    way: str
    source: str
    bytes: int
    modified: int
    frames: int
    ways: Ways


class Record:
    """The record of one folder of frame folders; several threads may add to it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RECORD
        self._lock = threading.Lock()
        self._made: dict[str, Made] = dict(_read(self._path)) if self._path.exists() else {}

    def there(self, folder: Path, video: Path, way: Way) -> Ways | None:
        """What both ways gave, where the folder still holds all that was cut this way from this very file; or None."""
        made = self._made.get(folder.name)
        if made is None or made.way != way or (made.bytes, made.modified) != _stamp(video):
            return None
        whole = all((folder / frame_name(STEP * place)).is_file() for place in range(made.frames))
        return made.ways if whole else None

    def knows(self, folder: Path) -> bool:
        """Whether the frames in a folder were cut here, so that they may be replaced."""
        return folder.name in self._made

    def add(self, folder: Path, video: Path, way: Way, ways: Ways) -> None:
        """Note what was cut, on disk at once. Raises OSError."""
        frames = ways.released if way == "released" else ways.exact
        with self._lock:
            self._made[folder.name] = Made(way, video.name, *_stamp(video), frames, ways)
            content = {name: asdict(made) for name, made in sorted(self._made.items())}
            write_bytes(self._path, as_json(content, indent=1))


def _stamp(video: Path) -> tuple[int, int]:
    status = video.stat()
    return status.st_size, status.st_mtime_ns


def _read(path: Path) -> Mapping[str, Made]:
    content = read_json(path, again=AGAIN)
    try:
        if not isinstance(content, dict):
            raise UserError("is no object")
        return {str(name): shaped_value(Made, made) for name, made in content.items()}
    except UserError as problem:
        raise damaged(path, problem.problems, AGAIN) from problem
