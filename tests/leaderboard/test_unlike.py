from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.unlike import differing, unlike


def paper(runs):
    found = boards(runs)
    return [one for one in found if one.protocol == "paper"], found


def test_a_table_alone_of_its_kind_differs_from_nothing(scored):
    (board,), found = paper([scored("a", 0.5)])
    assert unlike(board, found) == ""


def test_each_table_says_what_is_here_and_what_is_there(scored):
    runs = [scored("a", 0.5), scored("b", 0.5), scored("c", 0.5)]
    for run, benchmark in zip(runs, ("x", "y", "z"), strict=True):
        run.scores.signature["paper"]["g"]["benchmark"] = benchmark
    own, found = paper(runs)
    assert [differing(one, found) for one in own] == [
        "bench x (there y, z)",
        "bench y (there x, z)",
        "bench z (there x, y)",
    ]
    start = "Not comparable with the other 2 tables of this task and protocol: bench x"
    assert unlike(own[0], found).startswith(start)


def test_a_part_that_only_one_signature_has_is_told(scored):
    plain, newer = scored("a", 0.5), scored("b", 0.5)
    newer.scores.signature["paper"]["g"]["crops"] = "two"
    own, found = paper([plain, newer])
    assert [differing(one, found) for one in own] == ["crops absent (there two)", "crops two (there absent)"]


def test_how_a_model_was_asked_and_what_others_reported_parts_nothing(scored, others):
    own, found = paper([scored("a", 0.5, asked="marks"), scored("b", 0.5)])
    assert len(own) == 1
    older = scored("b", 0.5)
    for tasks in older.scores.signature.values():
        tasks["g"]["version"] = "0.0.9"
    found = boards([scored("a", 0.5), older], others)
    alone = next(one for one in found if not one.rows)
    assert unlike(alone, found) == ""
