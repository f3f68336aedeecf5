"""The files of a report: its tables in every format, and its page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.atomic import replacing
from sama_bench.leaderboard import data_export
from sama_bench.leaderboard.board import Board, ScoredRun, boards
from sama_bench.leaderboard.gc_paused import uncollected
from sama_bench.leaderboard.general import GeneralRun, general_boards
from sama_bench.leaderboard.latex import latex
from sama_bench.leaderboard.markdown import markdown
from sama_bench.leaderboard.page import SAMPLES, write_page
from sama_bench.leaderboard.page.samples import Samples
from sama_bench.leaderboard.people import people_boards
from sama_bench.leaderboard.reported import Reported


@uncollected()
def write_report(
    scored: Sequence[ScoredRun],
    reported: Sequence[Reported],
    out: Path,
    samples: Samples = SAMPLES,
    general: Sequence[GeneralRun] = (),
    site_title: str | None = None,
) -> list[Path]:
    """Write report.md, .tex, .csv, .json and index.html (with the folder page) into the folder `out`; gives the files.

    A `site_title` is that of a page for the public. A run that is not `stored` is in the tables and the plots of
    scores; the page's questions are of the others. Nothing is replaced before all of it is written. Raises UserError
    where a file cannot be written, or `out` has something else of these names.
    """
    all_boards = [*boards(scored, reported), *people_boards(scored), *general_boards(general)]
    tables = _tables(all_boards)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as files:
            for name, content in tables.items():
                file = files.enter_context(replacing(out / name))
                file.write(content.encode())
                file.flush()
            page = write_page(out, all_boards, scored, samples, site_title)
    except OSError as problem:
        raise UserError(f"{out}: the report cannot be written ({problem.strerror or problem})") from problem
    return [*(out / name for name in tables), page]


def _tables(all_boards: Sequence[Board]) -> dict[str, str]:
    return {
        "report.md": markdown(all_boards),
        "report.tex": latex(all_boards),
        "report.csv": data_export.as_csv(all_boards),
        "report.json": data_export.as_json(all_boards),
    }
