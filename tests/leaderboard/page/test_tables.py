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
    for protocol in ("paper", "strict"):
        other.scores.signature[protocol]["g"]["version"] = "2"
    dialogue = [one for one in tables(boards([scored("a", 0.5), other])) if one["task"] == "g"]
    assert [one["differs"].partition(": ")[2] for one in dialogue] == [
        "version absent (there 2)",
        "version 2 (there absent)",
    ]


def test_protocols_share_a_table_and_a_metric_with_the_same_numbers_has_one_column(scored):
    run = scored("a", 0.5)
    run.scores.protocols["strict"]["g"].mean["CIDEr"] = run.scores.protocols["paper"]["g"].mean["CIDEr"]
    found = tables(boards([run]))[0]
    columns = [(column["protocol"], column["name"]) for column in found["columns"]]
    assert columns == [("strict", "miou"), ("strict", "false_groundings"), ("strict", "CIDEr"), ("paper", "miou")]
    assert "the same numbers as under strict: CIDEr (paper)" in found["notes"]
    assert [protocol for protocol, _ in found["signatures"]] == ["strict", "paper"]


def test_a_metric_with_other_numbers_in_one_row_has_two_columns(scored):
    runs = [scored("a", 0.5), scored("b", 0.4)]
    for run, cider in zip(runs, (0.5, 0.499), strict=True):
        run.scores.protocols["strict"]["g"].mean["CIDEr"] = cider
    names = [column["name"] for column in tables(boards(runs))[0]["columns"]]
    assert names.count("CIDEr") == 2


def test_what_leads_is_shown_and_the_others_wait(fixed):
    found = tables(boards(fixed))
    dialogue, described = found[0], found[1]
    assert [name for _, name in shown(dialogue)] == ["J&F", "f1_iou", "METEOR", "CIDEr"]
    assert {protocol for protocol, _ in shown(dialogue)} == {"strict"}
    assert dialogue["columns"][dialogue["lead"]]["name"] == "J&F"
    assert described["columns"][described["lead"]]["name"] == "METEOR"
    assert len(dialogue["columns"]) > 12


def test_where_few_metrics_lead_others_fill_up(scored):
    found = tables(boards([scored("a", 0.5)]))
    assert shown(found[0]) == [("strict", "miou"), ("strict", "false_groundings")]
    assert found[0]["lead"] == 0


def test_reported_numbers_of_both_protocols_stand_in_one_row(scored):
    source = Source("A", url="https://example.org")
    reported = [
        Reported("nobody", "g", protocol, {"miou": value}, source)
        for protocol, value in (("paper", 0.3), ("strict", 0.2))
    ]
    found = tables(boards([scored("a", 0.5)], reported))[0]
    assert len(found["reported"]) == 1
    values = [cell.get("value") for cell in found["reported"][0]["cells"]]
    assert [value for value in values if value is not None] == [0.2, 0.3]


def test_a_public_page_has_no_hint_for_its_maker(scored):
    runs = [scored("a", 0.5, interval={"miou": [0.4, 0.6]}), scored("b", 0.45)]
    private, public = (json.dumps(tables(boards(runs), public=public)) for public in (False, True))
    assert "sama-bench compare" in private
    assert "sama-bench" not in public


def test_a_table_alone_of_its_kind_differs_from_nothing(scored):
    assert all(one["differs"] == "" for one in tables(boards([scored("a", 0.5)])))


def test_an_empty_cell_has_its_reason(scored):
    lame = scored("a", 0.5, cannot={"miou": "gives no masks"})
    del lame.scores.protocols["paper"]["g"].mean["miou"]
    del lame.scores.protocols["paper"]["g"].mean["CIDEr"]
    found = tables(boards([lame, scored("b", 0.4)]))[0]
    place = {(column["protocol"], column["name"]): n for n, column in enumerate(found["columns"])}
    lame_cells, other_cells = (row["cells"] for row in found["rows"])
    assert lame_cells[place["paper", "miou"]] == {"why": "gives no masks"}
    assert lame_cells[place["paper", "CIDEr"]]["why"].startswith("undefined")
    assert other_cells[place["paper", "miou"]]["value"] == 0.4


def test_numbers_come_with_their_interval_and_who_sees_the_truth_is_marked(scored):
    runs = [scored("a", 0.5, interval={"miou": [0.4, 0.6]}), scored("b", 1.0, sees_truth=True)]
    found = tables(boards(runs))[0]
    rows, columns = found["rows"], [(column["protocol"], column["name"]) for column in found["columns"]]
    assert rows[0]["cells"][columns.index(("paper", "miou"))] == {
        "value": 0.5,
        "text": "50.00",
        "half": "±10.00",
        "ends": "[40.00, 60.00]",
        "interval": [0.4, 0.6],
        "best": False,
    }
    assert [row["truth"] for row in rows] == [False, True]
    assert json.loads(json.dumps(rows)) == rows
