"""One look for all tables: what a caller gives is shown as it is, and where it belongs."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from sama_bench.tables import (
    RULE,
    Column,
    Look,
    half_width,
    interval,
    layout,
    numbers,
    p_value,
    percent,
    points,
    print_table,
    signed_percent,
)

ROWS = [("J&F", "51.20", "[48.90, 53.41]"), RULE, ("[bold]not markup[/bold]", "–", "")]


def printed(table, width=80, **options):
    file = io.StringIO()
    print_table(table, Console(file=file, width=width, **options))
    return file.getvalue()


def test_a_ruled_table():
    table = layout([Column("metric", whole=True), *numbers(("A", "[low, high]"))], ROWS)
    assert [line.rstrip() for line in printed(table).splitlines()] == [
        "",
        " metric                       A     [low, high]",
        f" {'─' * 46}",
        " J&F                      51.20  [48.90, 53.41]",
        "",
        " [bold]not markup[/bold]      –",
        "",
    ]


def test_a_boxed_table_without_headings():
    text = printed(layout(["", ""], [("requests", "7")], Look.BOXED, headings=False))
    assert text == "┌──────────┬───┐\n│ requests │ 7 │\n└──────────┴───┘\n"


def test_a_row_may_be_short_and_a_caption_stands_below():
    lines = printed(layout(["part", *numbers(["of*"])], [("size",), (" small", "3/2")], caption="* note")).splitlines()
    assert [line.strip() for line in lines if line.strip()][2:] == ["size", "small  3/2", "* note"]


@pytest.mark.parametrize(("no_color", "coloured"), [(False, True), (True, False)])
def test_no_colour_where_none_is_wanted(no_color, coloured):
    table = layout(["a"], [(Text("bad", style="red"),)])
    assert ("\x1b[31m" in printed(table, force_terminal=True, no_color=no_color)) is coloured


@pytest.mark.parametrize("width", [20, 40])
def test_numbers_and_whole_texts_stay_whole_and_others_are_wrapped(width):
    columns = [Column("metric", whole=True), *numbers(["value"]), "why"]
    text = printed(layout(columns, [("False groundings", "101.25", "the model gives no masks at all")]), width)
    assert "False groundings" in text
    assert "101.25" in text
    assert text.split().count("masks") == 1
    assert "the model gives no masks at all" not in text


def test_values():
    assert (percent(0.51204), percent(None), percent(0.5, 1), points(7.0)) == ("51.20", "–", "50.0", "7.00")
    assert (signed_percent(-0.014), signed_percent(0.0), signed_percent(None)) == ("-1.40", "+0.00", "–")
    assert (interval((0.489, 0.53409)), interval(None)) == ("[48.90, 53.41]", "–")
    assert interval((0.1, 0.25), 3, scale=1) == "[0.100, 0.250]"
    assert (half_width((0.45, 0.5)), p_value(0.03125), p_value(None)) == ("±2.50", "0.0312", "–")
