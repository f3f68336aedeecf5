"""Pages of one file: the report page's style, and templates that escape all that a data set holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from sama_bench import __version__
from sama_bench.errors import UserError
from sama_bench.files.atomic import write_text

STYLE = files("sama_bench") / "leaderboard" / "page" / "assets" / "page.css"


def write_page(out: Path, template: str, values: Mapping[str, object]) -> None:
    """Write the page that a template of this room makes of `values` to the file `out`, whole or not at all.

    It needs nothing beside it. Raises UserError where it cannot be written.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sama_bench.training_set", "pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    # A style sheet within a page ends at the first </; ours has none.
    style = re.sub(r"</", "", STYLE.read_text(encoding="utf-8"))
    content = environment.get_template(template).render(style=style, version=__version__, **values)
    try:
        write_text(out, content)
    except OSError as problem:
        raise UserError(f"{out}: cannot be written ({problem.strerror or problem})") from problem
