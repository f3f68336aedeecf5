"""Rich's console for what strangers say: it shows their texts, and obeys none of them."""

from __future__ import annotations

from collections.abc import Iterable

import rich.console
from rich.segment import Segment

from sama_bench.plain import plain


class Console(rich.console.Console):
    """A console; what a terminal would obey in a text of a table or line is written as its code."""

    def render(
        self, renderable: rich.console.RenderableType, options: rich.console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of what is shown; rich's own controls stay."""
        for one in super().render(renderable, options):
            yield one if one.control else Segment(plain(one.text), one.style)
