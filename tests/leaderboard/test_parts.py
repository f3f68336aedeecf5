from hypothesis import given
from hypothesis import strategies as st

from sama_bench.benchmark.installed import load_task
from sama_bench.leaderboard.parts import by_kind, fitting

COLUMNS = load_task("g").columns("strict")
WIDTHS = st.lists(st.integers(1, 60), min_size=len(COLUMNS), max_size=len(COLUMNS))


@given(WIDTHS, st.integers(60, 400))
def test_no_column_is_lost_and_every_part_fits_in_as_few_as_can_be(widths, room):
    width = dict(zip(COLUMNS, widths, strict=True)).__getitem__
    parts = by_kind(COLUMNS, width, room)
    assert [metric for part in parts for metric in part] == list(COLUMNS)
    assert all(sum(map(width, part)) <= room for part in parts)
    assert len(parts) == len(list(fitting(COLUMNS, width, room)))


def test_masks_stand_apart_from_words_where_that_takes_no_more_parts():
    parts = by_kind(COLUMNS, lambda metric: 10, 10 * (len(COLUMNS) - 4))
    assert [part[0].name for part in parts] == ["miou", "Bleu_1"]


def test_no_last_column_is_left_alone():
    assert [len(part) for part in by_kind(COLUMNS[:6], lambda metric: 10, 50)] == [3, 3]


def test_a_column_that_is_too_wide_stands_alone():
    assert [len(part) for part in fitting(COLUMNS[:3], lambda metric: 100, 60)] == [1, 1, 1]


def test_no_column_is_no_part():
    assert by_kind([], lambda metric: 1, 10) == []
