from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.unlike import differing, unlike


def paper(runs):
    found = boards(runs)
    return [one for one in found if one.protocol == "paper"], found


def test_a_table_alone_of_its_kind_differs_from_nothing(scored):
    (board,), found = paper([scored("a", 0.5)])
    assert unlike(board, found) == ""


def test_each_table_says_what_is_here_and_what_is_there(scored):
    own, found = paper([scored("a", 0.5), scored("b", 0.5, phrases="exact"), scored("c", 0.5, phrases="bert")])
    assert [differing(one, found) for one in own] == [
        "phrases words (there exact, bert)",
        "phrases exact (there words, bert)",
        "phrases bert (there words, exact)",
    ]
    start = "Not comparable with the other 2 tables of this task and protocol: phrases words"
    assert unlike(own[0], found).startswith(start)


def test_a_part_that_only_one_signature_has_is_told(scored):
    plain, judged = scored("a", 0.5), scored("b", 0.5)
    judged.scores["signature"]["paper"]["g"]["judge"] = "gpt@1"
    own, found = paper([plain, judged])
    assert [differing(one, found) for one in own] == ["judge absent (there gpt@1)", "judge gpt@1 (there absent)"]


def test_how_a_model_was_asked_and_what_others_reported_parts_nothing(scored, others):
    own, found = paper([scored("a", 0.5, asked="marks"), scored("b", 0.5)])
    assert len(own) == 1
    found = boards([scored("a", 0.5), scored("b", 0.5, phrases="exact")], others)
    alone = next(one for one in found if not one.rows)
    assert unlike(alone, found) == ""
