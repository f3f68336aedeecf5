from sama_bench.benchmark.installed import load_task
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.cell import cell, footnote, name, remarks, unanswered


def is_best(board, row, metric):
    return board.standing(row, metric).place == 1


def test_boards_are_in_a_fixed_order_and_rows_in_the_order_given(scored):
    found = boards([scored("b", 0.5), scored("a", 0.6)])
    assert [(board.task, board.protocol) for board in found] == [("g", "paper"), ("g", "strict"), ("c", "strict")]
    assert [row.model for row in found[0].rows] == ["b", "a"]


def test_numbers_made_in_other_ways_never_share_a_column(scored):
    a, b = scored("a", 0.5), scored("b", 0.6)
    b.scores.signature["paper"]["g"]["benchmark"] = "another"
    paper = [board for board in boards([a, b]) if board.protocol == "paper"]
    assert [[row.model for row in board.rows] for board in paper] == [["a"], ["b"]]
    assert paper[0].signature != paper[1].signature


def test_runs_with_other_phrases_share_all_columns_but_those_of_phrases(scored):
    a, b, c = (scored(name, 0.5, phrases=phrases) for name, phrases in (("a", "words"), ("b", "exact"), ("c", "words")))
    for run, recall in ((a, 0.1), (b, 0.2), (c, 0.3)):
        run.scores.protocols["paper"]["g"].mean["recall"] = recall
    board = boards([a, b, c])[0]
    assert [metric.label for metric in board.columns] == ["mIoU", "Recall (words)", "Recall (exact)", "CIDEr"]
    assert [row.values.get("recall (words)") for row in board.rows] == [0.1, None, 0.3]
    assert "phrases" not in board.signature
    assert board.signature_of(board.columns[2]) == f"{board.signature}|phrases:exact"
    assert is_best(board, board.rows[2], board.columns[1])
    assert not is_best(board, board.rows[1], board.columns[2])


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


def test_how_the_model_was_asked_stands_in_its_row_and_parts_no_table(scored):
    marks, plain = scored("a", 0.5, asked="prompt=marks@1"), scored("b", 0.4)
    board = boards([marks, plain])[0]
    assert [(row.model, row.asked) for row in board.rows] == [("a", "prompt=marks@1"), ("b", "")]
    assert "asked" not in board.signature
    assert [remarks(row) for row in board.rows] == [["asked prompt=marks@1"], []]


def test_what_a_model_cannot_do_is_told_and_a_better_one_is_still_ranked(scored):
    lame = scored("a", 0.5, cannot={"miou": "gives no masks", "recall": "gives no masks"})
    del lame.scores.protocols["paper"]["g"].mean["miou"]
    board = boards([lame, scored("b", 0.4), scored("c", 0.3)])[0]
    assert remarks(board.rows[0]) == ["without miou, recall: it gives no masks"]
    miou = board.columns[0]
    assert [cell(board, row, miou) for row in board.rows] == ["–", "40.00", "30.00"]
    assert is_best(board, board.rows[1], miou)


def test_what_is_unanswered_is_told(scored):
    row = boards([scored("a", 0.5, missing=3, errors=1, unread=2)])[0].rows[0]
    assert unanswered(row) == "3 missing, 1 errors, 2 unread"
    assert unanswered(boards([scored("a", 0.5)])[0].rows[0]) == "–"
