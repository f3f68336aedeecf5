import json

from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.page.tables import sheets, table
from sama_bench.leaderboard.reported import Reported, Source


def tables(boards, *, public=False):
    found = sheets(boards)
    return [
        table(sheet, [other for other in found if other.main.task == sheet.main.task], public=public) for sheet in found
    ]


def shown(table):
    return [(column["protocol"], column["name"]) for column in table["columns"] if column["shown"]]


def test_what_parts_two_tables_is_said_at_both(scored):
    other = scored("b", 0.6)
    other.scores.signature["paper"]["g"]["version"] = "2"
    found = tables(boards([scored("a", 0.5), other]))
    paper = [one for one in found if one["protocol"] == "paper"]
    assert [one["differs"].partition(": ")[2] for one in paper] == [
        "version absent (there 2)",
        "version 2 (there absent)",
    ]


def test_a_table_alone_of_its_kind_differs_from_nothing(scored):
    assert all(one["differs"] == "" for one in tables(boards([scored("a", 0.5)])))


def test_an_empty_cell_has_its_reason(scored):
    lame = scored("a", 0.5, cannot={"miou": "gives no masks"})
    del lame.scores.protocols["paper"]["g"].mean["miou"]
    del lame.scores.protocols["paper"]["g"].mean["CIDEr"]
    rows = tables(boards([lame, scored("b", 0.4)]))[0]["rows"]
    assert rows[0]["cells"][0] == {"why": "gives no masks"}
    assert rows[0]["cells"][1]["why"].startswith("undefined")
    assert rows[1]["cells"][0]["value"] == 0.4


def test_numbers_come_with_their_interval_and_who_sees_the_truth_is_marked(scored):
    runs = [scored("a", 0.5, interval={"miou": [0.4, 0.6]}), scored("b", 1.0, sees_truth=True)]
    rows = tables(boards(runs))[0]["rows"]
    assert rows[0]["cells"][0] == {
        "value": 0.5,
        "text": "50.00",
        "half": "±10.00",
        "ends": "[40.00, 60.00]",
        "interval": [0.4, 0.6],
        "best": False,
    }
    assert [row["truth"] for row in rows] == [False, True]
    assert json.loads(json.dumps(rows)) == rows
