"""The packed file: a ZIP archive of three members with fixed names, always written in the same way."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.atomic import replacing

MANIFEST, PREDICTIONS, CHECKSUMS = "manifest.json", "predictions.jsonl", "checksums"
MEMBERS = (MANIFEST, PREDICTIONS, CHECKSUMS)
# The most bytes that a member may have; 2 GiB is what a plain ZIP can hold.
LARGEST: Mapping[str, int] = {MANIFEST: 1 << 16, PREDICTIONS: (1 << 31) - 1, CHECKSUMS: 1 << 10}
PLAIN_FILE = 0o100644 << 16  # as ZIP notes the kind and the rights of a file
EPOCH = (1980, 1, 1, 0, 0, 0)


def write(path: Path, manifest: str, lines: Iterable[str]) -> str:
    """Write a packed file in place of `path`, whole or not at all; gives its `identity`.

    Equal contents give equal bytes with the same zlib. Raises UserError where a member would be too large, OSError.
    """
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        digests = {MANIFEST: _put(archive, MANIFEST, [manifest])}
        digests[PREDICTIONS] = _put(archive, PREDICTIONS, (f"{line}\n" for line in lines))
        _put(archive, CHECKSUMS, [checksums(digests)])
    return identity(digests)


def checksums(digests: Mapping[str, str]) -> str:
    """The text of the member `checksums`, which `sha256sum --check` reads."""
    return "".join(f"{digests[name]}  {name}\n" for name in (MANIFEST, PREDICTIONS))


def identity(digests: Mapping[str, str]) -> str:
    """A SHA-256, in hexadecimal, that is the same wherever manifest and predictions are the same."""
    return hashlib.sha256(checksums(digests).encode()).hexdigest()


def _put(archive: zipfile.ZipFile, name: str, texts: Iterable[str]) -> str:
    """Write a member; gives the SHA-256 of its content."""
    about = zipfile.ZipInfo(name, EPOCH)
    about.compress_type, about.external_attr, about.create_system = zipfile.ZIP_DEFLATED, PLAIN_FILE, 3
    digest, size = hashlib.sha256(), 0
    with archive.open(about, "w") as member:
        for text in texts:
            content = text.encode()
            size += len(content)
            if size > LARGEST[name]:
                raise UserError(f"{name} would be larger than {LARGEST[name]:,} bytes: it cannot be packed")
            digest.update(content)
            member.write(content)
    return digest.hexdigest()
