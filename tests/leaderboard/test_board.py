from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.cell import footnote, is_best, name, unanswered
from sama_bench.task import load_task


def test_boards_are_in_a_fixed_order_and_rows_in_the_order_given(scored):
    found = boards([scored("b", 0.5), scored("a", 0.6)])
    assert [(board.task, board.protocol) for board in found] == [("g", "paper"), ("g", "strict"), ("c", "strict")]
    assert [row.model for row in found[0].rows] == ["b", "a"]


def test_numbers_made_in_other_ways_never_share_a_column(scored):
    paper = [
        board for board in boards([scored("a", 0.5), scored("b", 0.6, phrases="exact")]) if board.protocol == "paper"
    ]
    assert [[row.model for row in board.rows] for board in paper] == [["a"], ["b"]]
    assert paper[0].signature != paper[1].signature


def test_only_metrics_that_some_run_has_are_columns(scored):
    paper = boards([scored("a", 0.5)])[0]
    assert [metric.name for metric in paper.columns] == ["miou", "CIDEr"]


def test_the_best_is_the_least_where_less_is_better(scored):
    strict = boards([scored("a", 0.5), scored("b", 0.6)])[1]
    named = {metric.name: metric for metric in load_task("g").columns("strict")}
    best = {
        name: [row.model for row in strict.rows if is_best(strict, row, named[name])]
        for name in ("miou", "false_groundings")
    }
    assert best == {"miou": ["b"], "false_groundings": ["a"]}


def test_a_run_alone_is_not_called_the_best(scored):
    board = boards([scored("a", 0.5)])[0]
    assert not any(is_best(board, board.rows[0], metric) for metric in board.columns)


def test_who_is_shown_the_truth_is_marked_and_never_ranked(scored):
    board = boards([scored("oracle", 1.0, sees_truth=True), scored("a", 0.5), scored("b", 0.4)])[0]
    assert [is_best(board, row, board.columns[0]) for row in board.rows] == [False, True, False]
    assert [name(row) for row in board.rows] == ["oracle †", "a", "b"]
    assert "not ranked" in footnote(board, "")


def test_a_tie_as_written_is_shared(scored):
    board = boards([scored("a", 0.50001), scored("b", 0.50002), scored("c", 0.4)])[0]
    assert [is_best(board, row, board.columns[0]) for row in board.rows] == [True, True, False]


def test_what_is_unanswered_is_told(scored):
    row = boards([scored("a", 0.5, missing=3, errors=1)])[0].rows[0]
    assert unanswered(row) == "3 missing, 1 errors"
    assert unanswered(boards([scored("a", 0.5)])[0].rows[0]) == "–"
