"""An entry: a submission's card with the scores that were made here, as a text file in the leaderboard's folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError, each
from sama_bench.files.atomic import replacing, write_bytes
from sama_bench.files.json_files import as_json, read_json
from sama_bench.files.json_shapes import at, damaged, short
from sama_bench.files.locking import lock
from sama_bench.files.opening import open_member
from sama_bench.leaderboard.submission import submission_manifest as cards
from sama_bench.leaderboard.submission.settings import FILE
from sama_bench.leaderboard.submission.submission_manifest import Card
from sama_bench.run.guarded_database import check_members
from sama_bench.run.manifest import check_version
from sama_bench.score.scores import Scores

FORMAT, VERSION = "sama-bench entry", 1
ENTRIES, PACKED = "entries", "submissions"
LONGEST, SHORT = 60, 12
# Names that Windows keeps for devices.
RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")


@dataclass(frozen=True)
class SubmissionEntry:
    """One line of a leaderboard. `key` names its files; `identity` is that of the submission that was scored."""

    key: str
    identity: str
    card: Card
    scores: Scores

    @property
    def packed(self) -> str:
        """The name of the submission's file."""
        return f"{self.key}-{self.identity[:SHORT]}.zip"

    def dumps(self) -> bytes:
        """The entry as a JSON file, UTF-8: what `score --json` writes, and beside it whose scores these are."""
        head = {"format": FORMAT, "version": VERSION, "submission": self.identity, "card": self.card.to_json()}
        return as_json({**head, **self.scores.to_json()})


def key_of(name: str, identity: str) -> str:
    """The name of an entry's files: letters, digits and hyphens, whatever the displayed name holds."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    return key if key and not RESERVED.fullmatch(key) else f"entry-{identity[:SHORT]}"


def find(folder: Path, key: str) -> SubmissionEntry | None:
    """The entry of this key in a leaderboard's folder; None where there is none. Raises UserError as `read_all`."""
    path = folder / ENTRIES / f"{key}.json"
    return _read(path) if path.exists() else None


def read_all(folder: Path) -> list[SubmissionEntry]:
    """All entries of a leaderboard by key. Raises UserError with all that are damaged."""
    return each(_read, sorted((folder / ENTRIES).glob("[!.]*.json")))


def keep(entry: SubmissionEntry, packed: Path, folder: Path) -> Path:
    """Put an entry and its packed file into a leaderboard's folder; gives the entry's file.

    The entry is there from the moment on in which its text file is, and that comes last, whole or not at all: who is
    killed before leaves what was there. The caller is `alone` with the folder. Raises UserError where a file cannot be
    written, or is a link.
    """
    path = folder / ENTRIES / f"{entry.key}.json"
    check_members(folder, (f"{ENTRIES}/{path.name}", f"{PACKED}/{entry.packed}"))
    try:
        for name in (ENTRIES, PACKED):
            (folder / name).mkdir(parents=True, exist_ok=True)
        with packed.open("rb") as file, replacing(folder / PACKED / entry.packed) as out:
            while content := file.read(1 << 20):
                out.write(content)
        write_bytes(path, entry.dumps())
        _sweep(folder, entry)
    except OSError as problem:
        raise UserError(f"{folder}: cannot be written ({problem.strerror or problem})") from problem
    return path


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process changes the entries of the leaderboard in `folder`, and keep others away.

    The lock is on leaderboard.yaml, which every leaderboard has; where there are no locks nobody waits.
    """
    with open_member(folder / FILE) as file:
        with suppress(OSError):
            lock(file, wait=True)
        yield


def _sweep(folder: Path, entry: SubmissionEntry) -> None:
    """Remove the packed file that this entry had before, and what killed processes left of its files."""
    old = re.compile(rf"{entry.key}-[0-9a-f]{{{SHORT}}}\.zip|\.{entry.key}(-[0-9a-f]{{{SHORT}}}\.zip|\.json)\..+")
    for file in [*(folder / PACKED).iterdir(), *(folder / ENTRIES).iterdir()]:
        if old.fullmatch(file.name) and file.name != entry.packed:
            file.unlink(missing_ok=True)


def _read(path: Path) -> SubmissionEntry:
    again = f"make it again with: sama-bench leaderboard add SUBMISSION --to {path.parents[1]} --replace"
    content = read_json(path, again=again)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise damaged(path, [f'it is no entry (expected "format": "{FORMAT}")'], again)
    check_version(path, content.get("version"), VERSION)
    try:
        return _entry(path, content)
    except UserError as problem:
        raise damaged(path, problem.problems, again) from problem


def _entry(path: Path, content: Mapping[str, Any]) -> SubmissionEntry:
    identity, card = content.get("submission"), cards.from_json(content.get("card"))
    if not isinstance(identity, str) or not re.fullmatch(r"[0-9a-f]{64}", identity):
        raise UserError(f"{short(identity)} is not a digest of 64 hexadecimal digits{at('submission')}")
    scores = Scores.from_json(content)
    if problems := list(_unsigned(scores)):
        raise UserError(problems)
    return SubmissionEntry(path.stem, identity, card, scores)


def _unsigned(scores: Scores) -> Iterator[str]:
    """Yield the numbers of the scores that no signature describes."""
    for protocol, tasks in scores.protocols.items():
        yield from (
            f"'task' is missing{at('signature', protocol, task)}"
            for task in tasks
            if "task" not in scores.signature[protocol][task]
        )
