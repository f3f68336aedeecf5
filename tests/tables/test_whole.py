"""No table loses a digit in a narrow window; where its texts can be wrapped it fits."""

import io
import re

import pytest
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sama_bench.tables import print_table

NUMBER = re.compile(r"\d+\.\d+")
ROWS = [
    ("False groundings (share of the phrases)", "9.31 [4.50, 12.25]", "it was left out: the model gives no masks"),
    ("CIDEr", "101.25 [99.75, 102.50]", "all is well"),
]


def printed(width, encoding="utf-8", **options):
    table = Table(**options)
    table.add_column("metric", no_wrap=options.get("box") is None)
    table.add_column("paper", justify="right")
    table.add_column("why")
    for row in ROWS:
        table.add_row(*map(Text, row))
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, width=width)
    print_table(table, console)
    assert console.width == width
    file.seek(0)
    return file.read()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("options", [{}, {"box": box.SIMPLE_HEAD, "pad_edge": False}, {"show_header": False}])
@pytest.mark.parametrize("width", [10, 40, 60, 80])
def test_all_digits_are_there(width, options, encoding):
    text = printed(width, encoding, **options)
    assert NUMBER.findall(text) == NUMBER.findall(printed(200, encoding, **options))
    assert "…" not in text
    for word in " ".join(map(" ".join, ROWS)).split():
        assert word in text


def test_texts_are_wrapped_before_lines_get_longer_than_the_window():
    lines = printed(70, box=box.SIMPLE_HEAD, pad_edge=False).splitlines()
    assert max(map(len, lines)) <= 70


def test_a_table_that_fits_is_printed_as_it_is():
    table = Table("a", "b")
    table.add_row("1.25", "x")
    first, second = io.StringIO(), io.StringIO()
    Console(file=first, width=40).print(table)
    print_table(table, Console(file=second, width=40))
    assert first.getvalue() == second.getvalue()
