"""What the doctor found: a thing, whether it is there, and what to do where it is not."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. Where it `is_needed` and not `ok` something will not work.

    `told` says what is there, or what is wrong; `command` is what to type next, '' where there is nothing to do.
    """

    name: str
    ok: bool
    told: str
    command: str = ""
    is_needed: bool = True

    @property
    def is_wrong(self) -> bool:
        """Whether something needed is missing."""
        return self.is_needed and not self.ok

    def to_json(self) -> dict[str, object]:
        """The finding with JSON's own types."""
        return asdict(self)
