from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.cell import cell, footnote


def miou(runs, reported=()):
    """How the rows of the first board stand in its first column."""
    board = boards(runs, reported)[0]
    return [board.standing(row, board.columns[0]) for row in board.rows]


def test_best_and_second_are_shared_by_those_alike_as_written(scored):
    found = miou([scored("a", 0.4), scored("b", 0.50001), scored("c", 0.50002), scored("d", 0.40004), scored("e", 0.1)])
    assert [one.place for one in found] == [2, 1, 1, 2, 0]
    assert [one.label for one in found] == ["second", "best", "best", "second", ""]


def test_where_all_are_alike_there_is_no_second(scored):
    assert [one.place for one in miou([scored("a", 0.5), scored("b", 0.5)])] == [1, 1]


def test_where_less_is_better_the_second_is_the_second_least(scored):
    board = boards([scored("a", 0.5), scored("b", 0.3), scored("c", 0.4)])[1]
    (metric,) = [one for one in board.columns if not one.higher_is_better]
    assert [board.standing(row, metric).place for row in board.rows] == [0, 1, 2]


def test_near_is_what_the_best_ones_interval_holds_not_whose_interval_holds_the_best(scored):
    wide = {"miou": [0.1, 0.9]}
    runs = [scored("best", 0.5, interval={"miou": [0.42, 0.6]}), scored("in", 0.43), scored("out", 0.41, interval=wide)]
    assert [one.near for one in miou(runs)] == [False, True, False]
    assert not any(one.near for one in miou([scored("best", 0.5), scored("other", 0.49, interval=wide)]))


def test_the_truth_lends_nobody_its_interval(scored):
    runs = [scored("oracle", 1.0, sees_truth=True, interval={"miou": [0, 1]}), scored("a", 0.5), scored("b", 0.4)]
    assert [(one.place, one.near) for one in miou(runs)] == [(0, False), (1, False), (2, False)]


def test_the_mark_stands_behind_the_value_and_is_explained(scored):
    board = boards([scored("a", 0.5, interval={"miou": [0.4, 0.6]}), scored("b", 0.45)])[0]
    assert [cell(board, row, board.columns[0]) for row in board.rows] == ["50.00", "45.00 ≈"]
    assert "≈: the value lies within the best one's 95 % interval" in footnote(board, "")
    assert "≈" not in footnote(boards([scored("a", 0.5), scored("b", 0.45)])[0], "")
