"""What others reported, in a real browser."""

import pytest

from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.load import load
from sama_bench.leaderboard.page import write_page
from sama_bench.leaderboard.reported import Reported, Source
from sama_bench.leaderboard.write import write_report

pytestmark = pytest.mark.slow

HOSTILE = '<img src=x onerror="window.harmed = 1">'
ROWS = "[...document.querySelectorAll('#tables > .board tbody.reported tr')]"


@pytest.fixture
def page(opened, report, tmp_path):
    source = Source(f"A page that is not {HOSTILE}", url="https://example.org/none?a=1&b=2")
    entry = Reported(f"nobody {HOSTILE}", "g", "strict", {"J&F": 0.999}, source)
    scored = [load(run) for run in report.runs]
    write_page(tmp_path, boards(scored, [entry]), scored, 0)
    return opened.open()


def test_it_stands_below_the_rows_in_italics_with_a_badge_that_leads_to_its_source(page):
    texts = page(f"return {ROWS}.map((one) => one.querySelector('th').textContent)")
    assert texts == ["Reported by others: not measured here, not ranked", f"nobody {HOSTILE}§ reported"]
    badge = "document.querySelector('#tables a.badge.reported')"
    assert page(f"return {badge}.href") == "https://example.org/none?a=1&b=2"
    assert page(f"return {badge}.title") == f"A page that is not {HOSTILE}, https://example.org/none?a=1&b=2"
    assert page(f"return getComputedStyle({ROWS}[1].querySelector('th')).fontStyle") == "italic"
    assert page("return window.harmed === undefined && document.querySelector('#tables img') === null")


def test_it_stays_below_and_is_never_the_best_however_the_table_is_sorted(page):
    buttons = "[...document.querySelectorAll('#tables thead button')]"
    page(f"{buttons}.find((one) => one.textContent.startsWith('J&F')).click()")
    models = "return [...document.querySelectorAll('#tables > .board tr .model')]"
    assert page(f"{models}.map((one) => one.textContent)")[-1].startswith("nobody")
    assert page(f"return {ROWS}[1].querySelectorAll('.best, .second').length") == 0
    assert "99.90" in page(f"return {ROWS}[1].textContent")
    assert page("return document.querySelectorAll('#tables tbody:not(.reported) .best').length") > 0


def test_it_is_in_no_table_of_a_part_of_the_questions(page):
    page.choose("part", '["source","mevis"]')
    assert page(f"return {ROWS}.length") == 0


def test_its_link_is_asked_for_by_nobody_but_the_reader(page):
    assert not any("example.org" in one for one in page.requests())


def test_a_page_of_runs_that_are_not_at_hand_has_its_tables_and_no_questions(opened, fixed, others, tmp_path):
    write_report(fixed, others, tmp_path)
    opened.driver.get((tmp_path / "index.html").as_uri())
    opened.until("return document.querySelectorAll('#tables > .board table').length > 0")
    assert opened("return document.getElementById('questions').hidden")
    assert opened("return document.querySelectorAll('#tables .unlike').length") == 0
    underlined = "return getComputedStyle(document.querySelector('#tables .second .value')).textDecorationLine"
    assert opened(underlined) == "underline"
    assert opened("return document.querySelector('#tables .second .value').textContent") == "31.00"
