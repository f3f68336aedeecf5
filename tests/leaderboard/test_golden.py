"""The files of a report from fixed runs, as they are kept in golden/. To change them on purpose:

SAMA_BENCH_RENEW_GOLDEN=1 pytest tests/leaderboard/test_golden.py

and look at what changed there.
"""

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from sama_bench.leaderboard import data_export
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.latex import latex
from sama_bench.leaderboard.markdown import markdown
from sama_bench.leaderboard.terminal import show

GOLDEN = Path(__file__).parent / "golden"


def terminal(found):
    out = io.StringIO()
    show(found, Console(file=out, width=120, no_color=True, legacy_windows=False))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


FORMATS = {"txt": terminal, "md": markdown, "tex": latex, "csv": data_export.as_csv, "json": data_export.as_json}


@pytest.mark.parametrize("ending", FORMATS)
def test_the_report_is_the_one_that_is_kept(fixed, others, ending):
    written = FORMATS[ending](boards(fixed, others))
    kept = GOLDEN / f"report.{ending}"
    if os.environ.get("SAMA_BENCH_RENEW_GOLDEN"):
        kept.write_text(written, encoding="utf-8", newline="")
    assert kept.read_bytes().decode() == written
