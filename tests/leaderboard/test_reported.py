from datetime import date

import pytest
import yaml

from sama_bench.benchmark.installed import task_keys
from sama_bench.errors import UserError
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.markdown import markdown
from sama_bench.leaderboard.reported import Source, read_reported

GOOD = {
    "model": "Nobody-7B",
    "task": "g",
    "protocol": "strict",
    "values": {"J&F": 51.5, "CIDEr": 120},
    "source": {"title": "A paper that nobody wrote", "arxiv": "0000.00000", "table": 2},
}


@pytest.fixture
def entries(tmp_path):
    """Reads entries as they would be from a file: each is GOOD with changes, where None takes a key away."""

    def read(*changes):
        given = [{name: value for name, value in (GOOD | one).items() if value is not None} for one in changes]
        path = tmp_path / "reported.yaml"
        path.write_text(yaml.safe_dump({"entries": given}))
        return read_reported([path])

    return read


def problems(read, *changes):
    with pytest.raises(UserError) as caught:
        read(*changes)
    return list(caught.value.problems)


def test_an_entry_is_read_with_its_values_as_fractions(entries):
    (one,) = entries({"date": "2026-02"})
    assert (one.model, one.task, one.protocol) == ("Nobody-7B", "g", "strict")
    assert one.values == {"J&F": 0.515, "CIDEr": 1.2}
    assert one.source == Source("A paper that nobody wrote", arxiv="0000.00000", table="2", date="2026-02")
    assert one.source.link == "https://arxiv.org/abs/0000.00000"
    assert one.source.text == "A paper that nobody wrote, arXiv:0000.00000, table 2, 2026-02"


def test_a_page_is_a_source_as_well(entries):
    (one,) = entries({"source": {"title": "A page", "url": "https://example.org/x?a=1"}})
    assert one.source.link == "https://example.org/x?a=1"
    assert one.source.text == "A page, https://example.org/x?a=1"


def test_all_problems_of_all_entries_and_files_are_told_at_once(entries, tmp_path):
    (tmp_path / "more.yaml").write_text("entries: []\n")
    with pytest.raises(UserError) as caught:
        entries({"task": "x"}, {}, {"model": None, "protocol": "loose", "date": "soon", "note": 1})
    told = list(caught.value.problems)
    file = f"{tmp_path}/reported.yaml"
    assert told == [
        f"{file}: entry 1 (Nobody-7B): task is 'x', expected {' or '.join(task_keys())}",
        f"{file}: entry 3: model is missing",
        f"{file}: entry 3: entry knows no 'note'; expected model, task, protocol, values, source, date",
        f"{file}: entry 3: protocol is 'loose', expected paper or strict",
        f"{file}: entry 3: date is 'soon', expected YYYY, YYYY-MM or YYYY-MM-DD",
    ]
    with pytest.raises(UserError) as caught:
        read_reported([tmp_path / "reported.yaml", tmp_path / "more.yaml"])
    assert list(caught.value.problems)[-1].startswith(f"{tmp_path}/more.yaml: expected a mapping")
    assert len(caught.value.problems) == 6


def test_an_unknown_metric_is_told_with_those_that_there_are(entries):
    (told,) = problems(entries, {"values": {"J&f": 50}})
    assert "no metric 'J&f' in this task and protocol, did you mean J&F?; there are miou, J, F, J&F, " in told
    (told,) = problems(entries, {"task": "c", "values": {"miou": 50}})
    assert "there are Bleu_1, " in told


@pytest.mark.parametrize("value", [-0.1, 100.1, True, "50", None, 1e308])
def test_a_value_that_is_no_percentage_is_refused(entries, value):
    (told,) = problems(entries, {"values": {"J&F": value}})
    assert "expected percent, a number from 0 to 100" in told


def test_only_cider_may_exceed_100(entries):
    assert entries({"values": {"CIDEr": 1000}})
    (told,) = problems(entries, {"values": {"CIDEr": 1000.5}})
    assert "from 0 to 1000" in told


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (None, "source is missing"),
        ("a paper", "source is 'a paper', expected a mapping with title, url, arxiv, table"),
        ({"url": "https://example.org"}, "source title is missing"),
        ({"title": "T"}, "source expected either url, or arxiv with table"),
        ({"title": "T", "url": "https://example.org", "arxiv": "0000.00000", "table": 1}, "expected either url"),
        ({"title": "T", "arxiv": "0000.00000"}, "source table is missing"),
        ({"title": "T", "arxiv": 2401.01234, "table": 1}, "expected an id in quotes"),
        ({"title": "T", "arxiv": "0000.00000/../x", "table": 1}, "expected an id in quotes"),
        ({"title": "T", "arxiv": "0000.00000", "table": [1]}, "source table is [1], expected its number"),
        ({"title": " ", "url": "https://example.org"}, "source title is ' ', expected a title"),
        ({"title": "T", "url": "javascript:alert(1)"}, "expected an address that begins with http:// or https://"),
        ({"title": "T", "url": "https://"}, "expected an address"),
        ({"title": "T", "url": "https://[x"}, "expected an address"),
        ({"title": "T", "url": "https://example.org/ onclick=x"}, "expected an address"),
        ({"title": "T", "url": "https://example.org", "page": 3}, "source knows no 'page'"),
    ],
)
def test_a_source_that_nobody_could_look_up_is_refused(entries, source, told):
    (found,) = problems(entries, {"source": source})
    assert told in found


@pytest.mark.parametrize("given", [2026, "2026-02", "2026-02-28", date(2026, 2, 28)])
def test_a_date_is_a_year_a_month_or_a_day(entries, given):
    assert entries({"date": given})[0].source.date == str(given)


@pytest.mark.parametrize("given", ["2026-13", "2026-02-30", True, "26-01-01", [2026]])
def test_another_date_is_refused(entries, given):
    assert "expected YYYY, YYYY-MM or YYYY-MM-DD" in problems(entries, {"date": given})[0]


@pytest.mark.parametrize(
    "content",
    ["", "- 1", "entries: {}", "entries: [1]", "entries: []\nmore: 1", "a: b: c", "{[]: 1}", "!!python/object:os.x {}"],
)
def test_what_is_no_list_of_entries_is_refused_with_the_file_s_name(tmp_path, content):
    path = tmp_path / "odd.yaml"
    path.write_text(content)
    with pytest.raises(UserError, match=r"odd\.yaml: "):
        read_reported([path])


def test_a_key_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text("entries:\n- model: a\n  values: {miou: 1, miou: 2}\n")
    with pytest.raises(UserError, match="'miou' stands twice"):
        read_reported([path])


def test_the_same_entry_twice_is_refused(entries):
    (told,) = problems(entries, {}, {"values": {"J": 1}})
    assert told == (
        "Nobody-7B: reported twice for g, strict, from A paper that nobody wrote, arXiv:0000.00000, table 2"
    )


def strict(runs, reported):
    return [one for one in boards(runs, reported) if (one.task, one.protocol) == ("g", "strict")]


def test_it_joins_the_one_board_of_its_kind_below_the_rows_and_adds_its_columns(scored, entries):
    (board,) = strict([scored("a", 0.5), scored("b", 0.4)], entries({}))
    assert [row.model for row in board.rows] == ["a", "b"]
    assert [row.model for row in board.reported] == ["Nobody-7B"]
    assert [metric.name for metric in board.columns] == ["miou", "J&F", "false_groundings", "CIDEr"]


def test_beside_boards_of_unlike_signatures_it_has_one_of_its_own(scored, entries):
    other = scored("b", 0.4)
    other.scores.signature["strict"]["g"]["benchmark"] = "another"
    found = strict([scored("a", 0.5), other], entries({}))
    assert [len(board.rows) for board in found] == [1, 1, 0]
    assert found[2].title == "SAMA-Bench-G, strict protocol, reported by others"
    assert [metric.name for metric in found[2].columns] == ["J&F", "CIDEr"]
    assert [row.model for row in found[2].reported] == ["Nobody-7B"]


def test_without_a_run_of_its_kind_it_has_a_board_of_its_own(scored, entries):
    found = boards([scored("a", 0.5)], entries({"task": "c", "protocol": "paper", "values": {"METEOR": 1}}))
    assert [(one.task, one.protocol, len(one.rows)) for one in found][-2:] == [("c", "paper", 0), ("c", "strict", 1)]


def test_it_is_never_ranked_and_beats_nobody(scored, entries):
    alone, two = [scored("a", 0.2)], [scored("a", 0.2), scored("b", 0.1)]
    better = entries({"values": {"miou": 99}})
    (board,) = strict(two, better)
    assert board.standing(board.reported[0], board.columns[0]).place == 0
    assert [board.standing(row, board.columns[0]).place for row in board.rows] == [1, 2]
    (board,) = strict(alone, better)
    assert board.standing(board.rows[0], board.columns[0]).place == 0
    assert "**99.00**" not in markdown(boards(two, better))
