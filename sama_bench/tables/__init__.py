"""Tables in a terminal: how they look, how numbers and intervals are written in them, and how they stay whole."""

from sama_bench.tables.layout import RULE, Column, Look, layout, numbers
from sama_bench.tables.values import EMPTY, half_width, interval, p_value, percent, points, signed_percent
from sama_bench.tables.whole import print_table

__all__ = [
    "EMPTY",
    "RULE",
    "Column",
    "Look",
    "half_width",
    "interval",
    "layout",
    "numbers",
    "p_value",
    "percent",
    "points",
    "print_table",
    "signed_percent",
]
