"""The files that define a benchmark: read whole, with the digest of what was read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular

AGAIN = "take it from the data again"


class Sources:
    """Reads files below `root`, and gives the fingerprint of all that were read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._digests: dict[str, str] = {}

    def content(self, name: str) -> bytes:
        """All bytes of a file. Raises UserError where it cannot be read."""
        path = self.root / name
        try:
            with open_regular(path) as file:
                content = file.read()
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise UserError(f"{path}: cannot be read ({reason}); {AGAIN}") from problem
        self.add(name, hashlib.sha256(content).hexdigest())
        return content

    def add(self, name: str, sha256: str) -> None:
        """Let a file that was read by other means count."""
        self._digests[name] = sha256

    def json(self, name: str) -> object:
        """The value of a JSON file of any size. Raises UserError where it cannot be read, or is no JSON."""
        content = self.content(name)
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as problem:
            raise UserError(f"{self.root / name}: not JSON ({problem}); {AGAIN}") from problem

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, of the names and contents of the files."""
        lines = "".join(f"{name} {digest}\n" for name, digest in sorted(self._digests.items()))
        return hashlib.sha256(lines.encode()).hexdigest()
