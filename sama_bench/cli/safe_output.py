"""What is printed: names, ids and servers' words are shown, and never obeyed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from sama_bench.control_characters import escape_controls

# On stderr models' libraries draw their own bars, in colours; our own lines were made plain before they get there.
DRAWN = re.compile("(\x1b\\[[0-9;]*[mAK])")


@contextmanager
def guarded() -> Iterator[None]:
    """Make plain what the block prints, whoever prints it: `print`, `click.echo`, a plug-in. Bytes pass as they are."""
    before = sys.stdout, sys.stderr
    if sys.stdout is not None:
        sys.stdout = _Guard(sys.stdout, escape_controls)
    if sys.stderr is not None:
        sys.stderr = _Guard(sys.stderr, _drawn)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class _Guard:
    """A text stream; what is written to it is changed first."""

    def __init__(self, stream: TextIO, change: Any) -> None:  # noqa: ANN401 - a function of a text
        self._stream, self._change = stream, change
        self.rich_proxied_file = stream  # where consoles of rich write to: ours make their texts plain

    def write(self, text: str) -> int:
        """Write the changed text; TypeError for bytes, as any text stream."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        return self._stream.write(self._change(text))

    def on(self, stream: TextIO) -> TextIO:
        """Another stream, to which is written in the same way."""
        return cast("TextIO", _Guard(stream, self._change))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each line."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        return getattr(self._stream, name)


def _drawn(text: str) -> str:
    return "".join(part if place % 2 else escape_controls(part) for place, part in enumerate(DRAWN.split(text)))
