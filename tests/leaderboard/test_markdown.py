from itertools import pairwise

import pytest

from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.cell import visible
from sama_bench.leaderboard.markdown import escaped, markdown


@pytest.fixture
def rendered(fixed, others):
    """The blocks of the fixed runs' page as a Markdown library reads it, and the boards that it shows."""
    parser = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable("table")
    found = boards(fixed, others)
    return parser.parse(markdown(found)), found


def rows(tokens):
    """Each table as its rows, a row as its cells' inline tokens."""
    tables = []
    for token, inside in pairwise(tokens):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in {"td_open", "th_open"}:
            tables[-1][-1].append(inside)
    return tables


def text(token):
    return "".join(child.content for child in token.children if child.type in {"text", "text_special"})


def test_each_board_is_a_table_whose_rows_have_the_same_number_of_cells(rendered):
    tokens, found = rendered
    tables = rows(tokens)
    assert len(tables) == len(found)
    for table, board in zip(tables, found, strict=True):
        assert {len(row) for row in table} == {len(board.columns) + 2}
        rule = bool(board.rows and board.reported)
        assert len(table) == 1 + len(board.rows) + rule + len(board.reported)


def test_hostile_names_are_shown_as_text(rendered):
    tokens, found = rendered
    for table, board in zip(rows(tokens), found, strict=True):
        names = [text(row[0]) for row in table[1:] if not text(row[0]).startswith("Reported by others")]
        assert [name.removesuffix(" †").removesuffix(" §") for name in names] == [
            visible(row.model) for row in board.all_rows
        ]


def test_nothing_becomes_html_but_the_underline_of_the_second(rendered):
    tokens, _ = rendered
    everything = [child for token in tokens for child in [token, *(token.children or [])]]
    assert {one.content for one in everything if one.type.startswith("html")} == {"<ins>", "</ins>"}
    kinds = {one.type for one in everything}
    assert not kinds & {"link_open", "image", "bullet_list_open", "ordered_list_open", "hr", "fence", "code_block"}


@pytest.mark.parametrize("given", ["- a", "1. a", "1) a", "+ a", "===", "---", "&lt;", r"\|", "$x$", "#", "a_b_c", "`"])
def test_a_text_at_the_beginning_of_a_line_stays_what_it_is(given):
    parser = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable("table")
    (start, inline, end) = parser.parse(escaped(given))
    assert (start.type, text(inline), end.type) == ("paragraph_open", given, "paragraph_close")


def test_reported_rows_stand_below_a_line_in_italics(scored, others):
    page = markdown(boards([scored("a", 0.5), scored("b", 0.4)], others))
    lines = page.splitlines()
    (rule,) = [
        n for n, line in enumerate(lines) if line.startswith("| *Reported by others") and "*61.50*" in lines[n + 1]
    ]
    assert lines[rule + 1].startswith(r"| *Nobody-7B\_x §* | *61.50* |")
    assert r"Nobody-7B\_x §: reported in A paper & a half that nobody wrote, arXiv:0000.00000, table 3" in page
