"""Taking apart a packed file of a stranger: nothing is believed, and nothing is read beyond its limit.

The archive has to lie in the file as `container.write` leaves it: member by member from the first byte on, a short
directory, and nothing behind it. So no two readers can see different things in it.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission.archive import (
    CHECKSUMS,
    LARGEST,
    MANIFEST,
    MEMBERS,
    PLAIN_FILE,
    PREDICTIONS,
    checksums,
    identity,
)
from sama_bench.leaderboard.submission.safe_text import shown

PACKED = 1 << 30
# A directory of this size is read into memory; ours has three members and less than 200 bytes.
ENTRIES, DIRECTORY = 100, 1 << 14
END, END64 = struct.Struct("<4s4H2LH"), b"PK\x06\x07"
LOCAL = 30  # bytes before a member's name
AT_ONCE = 1 << 20
# Masks that are all empty pack well: only what is large, too, is taken for a bomb.
HARMLESS, RATIO = 64 << 20, 100
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError)


def unpack(path: Path, folder: Path) -> str:
    """Write the members of the packed file into `folder`, under their own names; gives the `identity`.

    Raises UserError with all that is wrong with the container, with the members' contents, or with the checksums;
    OSError where a file cannot be read or written.
    """
    with path.open("rb") as file:
        _check_end(file)
        try:
            with zipfile.ZipFile(file) as archive:
                _check(list(_strange(archive)))
                digests = {name: _extract(archive, name, folder / name) for name in MEMBERS}
        except BROKEN as problem:
            raise UserError(f"is damaged ({shown(str(problem))})") from problem
    _check_sums((folder / CHECKSUMS).read_bytes(), {name: digests[name] for name in (MANIFEST, PREDICTIONS)})
    return identity(digests)


def _check(problems: Sequence[str]) -> None:
    if problems:
        raise UserError(problems)


def _check_end(file: IO[bytes]) -> None:
    """Look at the end of the archive before anybody reads the directory that it points to."""
    size = file.seek(0, 2)
    if size > PACKED:
        raise UserError(f"is larger than {PACKED:,} bytes, expected a packed run")
    file.seek(max(0, size - END.size - 20))
    tail = file.read()
    if len(tail) < END.size + 20 or not tail[20:].startswith(b"PK\x05\x06"):
        raise UserError(
            "is not what `sama-bench leaderboard pack` writes: "
            "no ZIP archive ends where the file ends (was it cut off?)"
        )
    _, disk, first, entries_on_disk, entries, length, offset, comment = END.unpack(tail[20:])
    if tail.startswith(END64) or disk or first or comment or entries_on_disk != entries:
        raise UserError("is not what `sama-bench leaderboard pack` writes: its ZIP archive is of another kind")
    if entries > ENTRIES or length > DIRECTORY or offset + length + END.size != size:
        raise UserError(
            f"is not what `sama-bench leaderboard pack` writes: a directory of {entries} members and {length:,} bytes "
            f"at {offset:,} of {size:,}"
        )


def _strange(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield unexpected members, missing members, and members that are not as we write them."""
    names = [member.orig_filename for member in archive.infolist()]
    for name in dict.fromkeys(names):
        if name not in MEMBERS:
            yield f"member {shown(name)} is not expected: a packed file holds {', '.join(MEMBERS)} and nothing else"
        elif names.count(name) > 1:
            yield f"member {name} is there {names.count(name)} times"
    yield from (f"member {name} is missing" for name in MEMBERS if name not in names)
    for member in archive.infolist():
        if member.orig_filename in MEMBERS:
            yield from (f"member {member.orig_filename} {problem}" for problem in _unlike(member))
    if sorted(names) == sorted(MEMBERS) and not _in_line(archive):
        yield f"its members do not lie one behind the other in the order {', '.join(MEMBERS)}"


def _unlike(member: zipfile.ZipInfo) -> Iterator[str]:
    if member.flag_bits & 1:
        yield "is encrypted"
    if member.external_attr != PLAIN_FILE:
        yield "is not noted as a plain file (a link, a folder, a device, or packed by another program)"
    if member.compress_type != zipfile.ZIP_DEFLATED or member.flag_bits & ~1 or member.extra or member.comment:
        yield "is stored in another way than `sama-bench leaderboard pack` does"
    if member.file_size > LARGEST[member.orig_filename]:
        yield f"has {member.file_size:,} bytes, expected at most {LARGEST[member.orig_filename]:,}"


def _in_line(archive: zipfile.ZipFile) -> bool:
    """Whether each member begins where the one before ends, from the first byte to the directory."""
    end = 0
    for name, member in zip(MEMBERS, archive.infolist(), strict=True):
        if member.filename != name or member.header_offset != end:
            return False
        end += LOCAL + len(name) + member.compress_size
    return end == archive.start_dir


def _extract(archive: zipfile.ZipFile, name: str, to: Path) -> str:
    """Write one member, counting the bytes that really come; gives their SHA-256."""
    about = archive.getinfo(name)
    largest = min(LARGEST[name], max(HARMLESS, RATIO * about.compress_size))
    digest, size = hashlib.sha256(), 0
    with archive.open(about) as member, to.open("wb") as out:
        while content := member.read(AT_ONCE):
            size += len(content)
            if size > largest:
                raise UserError(f"member {name} unpacks to more than {largest:,} bytes from {about.compress_size:,}")
            digest.update(content)
            out.write(content)
    return digest.hexdigest()


def _check_sums(content: bytes, digests: dict[str, str]) -> None:
    if content == checksums(digests).encode():
        return
    wrong = [name for name in digests if f"{digests[name]}  {name}\n".encode() not in content]
    _check([f"member {name} is not what {CHECKSUMS} says (SHA-256 {digests[name]})" for name in wrong])
    raise UserError(f"member {CHECKSUMS} is not a line `SHA-256 NAME` each for {MANIFEST} and {PREDICTIONS}")
