"""The batches of a run that are still to be collected, on disk: which questions they hold, and no key or address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.atomic import write_text
from sama_bench.files.json_files import read_json

FILE = "batches.json"
AGAIN = "move it away and give the same command again: its batches are then sent, and paid for, anew"


@dataclass
class Sent:
    """One batch. `tag` is made before it is sent and goes along, `id` is the server's own, '' until it is known.

    `server` is a digest of the address, `keys` are those of the requests whose results were not taken yet.
    """

    tag: str
    server: str
    keys: list[str]
    id: str = ""


@dataclass
class BatchState:
    """The file with all of them; each change is on disk when `save` returns. Raises UserError where it cannot be."""

    path: Path
    sent: list[Sent] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> BatchState:
        """Read the file; without one there are no batches."""
        if not path.exists():
            return cls(path)
        try:
            content = read_json(path)
        except UserError as problem:
            raise UserError(f"{problem}; {AGAIN}") from problem
        if not isinstance(content, list) or not all(map(_is_sent, content)):
            raise UserError(f"{path}: is damaged: expected a list of {{tag, server, keys, id}}; {AGAIN}")
        return cls(path, [Sent(**fields) for fields in content])

    def save(self) -> None:
        """Write the file, without batches of which nothing is left to take."""
        self.sent = [batch for batch in self.sent if batch.keys]
        try:
            write_text(self.path, json.dumps([asdict(batch) for batch in self.sent], indent=1) + "\n")
        except OSError as problem:
            raise UserError(f"{self.path}: cannot be written ({problem.strerror})") from problem

    def take(self, batch: Sent, keys: Sequence[str]) -> None:
        """Note that the results of these requests are taken."""
        gone = set(keys)
        batch.keys = [key for key in batch.keys if key not in gone]
        self.save()


def _is_sent(value: object) -> bool:
    """True if a value has the shape in which a `Sent` is written."""
    if not isinstance(value, dict) or not {"tag", "server", "keys"} <= value.keys() <= {"tag", "server", "keys", "id"}:
        return False
    keys, other_values = value["keys"], [field for name, field in value.items() if name != "keys"]
    return isinstance(keys, list) and all(isinstance(text, str) for text in (*keys, *other_values))
