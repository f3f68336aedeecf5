"""Rich's console, which shows strangers' texts and never obeys them."""

from __future__ import annotations

from collections.abc import Iterable

import rich.console
from rich.segment import Segment

from sama_bench.control_characters import escape_controls


class Console(rich.console.Console):
    """A console; what a terminal would obey in a text of a table or line is written as its code."""

    def render(
        self, renderable: rich.console.RenderableType, options: rich.console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of what is shown; rich's own controls stay."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(escape_controls(segment.text), segment.style)
