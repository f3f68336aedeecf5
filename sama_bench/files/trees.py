"""Trees of small files that a stranger made: a folder, or a ZIP archive, which is read in place and never unpacked."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sama_bench.errors import UserError
from sama_bench.files.opening import open_member, open_regular

# What programs leave beside files that a person packed.
LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
SOUND_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
ENCRYPTED = 1  # a member's flag


class Unreadable(ValueError):
    """A file of a tree that cannot be read; the message says why."""


class FileTree(ABC):
    """The files below `path`, named with `/` from there; what programs leave beside them is not among them."""

    path: Path

    @property
    @abstractmethod
    def files(self) -> list[str]:
        """The names of all files, sorted; none twice."""

    @property
    @abstractmethod
    def folders(self) -> set[str]:
        """The names of all folders, also of those without a file; '' is the top."""

    @abstractmethod
    def read(self, name: str, most: int) -> bytes:
        """All bytes of a file. Raises Unreadable where it cannot be read, or has more than `most`."""


class Folder(FileTree):
    """A folder. Raises UserError with all that is neither a folder nor a plain file: links lead anywhere."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files: list[str] = []
        self._folders = {""}
        problems: list[str] = []
        for name, entry in _walked(path, problems):
            if entry.is_symlink():
                problems.append(f"{path / name}: is a link, expected a file or folder; copy there what it leads to")
            elif entry.is_dir(follow_symlinks=False):
                self._folders.add(name)
            else:
                self._files.append(name)
        if problems:
            raise UserError(problems)
        self._files.sort()

    @property
    def files(self) -> list[str]:
        """The names of all files."""
        return self._files

    @property
    def folders(self) -> set[str]:
        """The names of all folders."""
        return self._folders

    def read(self, name: str, most: int) -> bytes:
        """All bytes of a file."""
        try:
            with open_member(self.path / name) as file:
                content = file.read(most + 1)
        except (OSError, ValueError) as problem:
            raise Unreadable(f"cannot be read ({getattr(problem, 'strerror', None) or problem})") from problem
        return _within(content, most)


def _walked(top: Path, problems: list[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    left = [""]
    while left:
        folder = left.pop()
        try:
            entries = list(os.scandir(top / folder))
        except OSError as problem:
            problems.append(f"{top / folder}: cannot be read ({problem.strerror or problem})")
            continue
        for entry in entries:
            if not is_litter(entry.name):
                name = f"{folder}/{entry.name}" if folder else entry.name
                yield name, entry
                if entry.is_dir(follow_symlinks=False):
                    left.append(name)


class Archive(FileTree):
    """A ZIP archive. Raises UserError with all that is wrong with its list of members.

    A process opens it when it first reads; another gets it by its path.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: zipfile.ZipFile | None = None
        with open_archive(path) as archive:
            members = archive.infolist()
        if problems := member_problems(members):
            raise UserError(f"{path}: {problem}" for problem in problems)
        names = [member.filename for member in members if not _littered(member.filename)]
        self._files = sorted(name for name in names if not name.endswith("/"))
        self._folders = {name.rstrip("/") for name in names if name.endswith("/")}
        for folder in {name.rpartition("/")[0] for name in self._files} | self._folders:
            self._folders |= {"/".join(folder.split("/")[:end]) for end in range(folder.count("/") + 2)}
        self._folders.add("")

    @property
    def files(self) -> list[str]:
        """The names of all files."""
        return self._files

    @property
    def folders(self) -> set[str]:
        """The names of all folders."""
        return self._folders

    def read(self, name: str, most: int) -> bytes:
        """All bytes of a file; of one that would unpack to more no more than `most` are unpacked."""
        if self._opened is None:
            self._opened = open_archive(self.path)
        return read_member(self._opened, self._opened.getinfo(name), most)

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_opened": None}


def open_archive(path: Path) -> zipfile.ZipFile:
    """The archive. Raises UserError where the file cannot be read, or is no whole ZIP archive."""
    try:
        open_regular(path).close()  # a pipe would never begin
        return zipfile.ZipFile(path)
    except OSError as problem:
        raise UserError(f"{path}: cannot be read ({problem.strerror or problem})") from problem
    except DAMAGE as problem:
        raise UserError(f"{path}: is no whole ZIP archive ({problem}); pack it again") from problem


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """All bytes of a member of at most `most`. Raises Unreadable."""
    if member.file_size > most:
        raise Unreadable(f"would unpack to {member.file_size:,} bytes, expected at most {most:,}")
    try:
        with archive.open(member) as file:
            content = file.read(most + 1)
    except (OSError, *DAMAGE) as problem:
        raise Unreadable(f"cannot be unpacked ({problem})") from problem
    return _within(content, most)


def member_problems(members: list[zipfile.ZipInfo]) -> list[str]:
    """What makes members of an archive that nobody may trust: a line for each."""
    twice = Counter(member.filename for member in members)
    problems = [f"{name!r:.200} is in it {count} times" for name, count in twice.items() if count > 1]
    for member in {member.filename: member for member in members}.values():
        problems += (f"{member.filename!r:.200} {wrong}" for wrong in _wrong(member))
    return problems


def _wrong(member: zipfile.ZipInfo) -> Iterator[str]:
    name, mode = member.filename, member.external_attr >> 16
    if "\\" in name:
        yield "has backslashes in its name, expected /; pack it with another program"
    elif name.startswith("/") or ":" in name.split("/")[0] or {"", ".", ".."} & {*name.rstrip("/").split("/")}:
        yield "is a name that may leave the folder where it is unpacked"
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        yield "is a link or a device, expected a file"
    if member.flag_bits & ENCRYPTED:
        yield "is encrypted"
    if member.compress_type not in SOUND_METHODS:
        yield f"is packed by method {member.compress_type}, expected stored or deflated"


def is_litter(name: str) -> bool:
    """Whether a program left a file or folder of this name beside what a person meant."""
    return name in LITTER or name.startswith("._")


def _littered(name: str) -> bool:
    return any(map(is_litter, PurePosixPath(name).parts))


def _within(content: bytes, most: int) -> bytes:
    if len(content) > most:
        raise Unreadable(f"has more than {most:,} bytes")
    return content
