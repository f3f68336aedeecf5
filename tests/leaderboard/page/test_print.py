"""The page on paper: landscape A4, in the real browser's print style."""

from dataclasses import replace

import pytest

from sama_bench.benchmark.installed import load_task
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.load import load
from sama_bench.leaderboard.page import write_page
from sama_bench.leaderboard.reported import Reported, Source

pytestmark = pytest.mark.slow

A4_LANDSCAPE = 1054  # CSS pixels between the margins of 9 mm: (297 - 18) mm at 96 an inch

WIDE = """
const cut = [...document.querySelectorAll('table')].filter(one => one.getBoundingClientRect().right > innerWidth);
return cut.map(one => one.closest('section, .card')?.textContent.trim().slice(0, 40) ?? 'a table');
"""
HIDDEN = "return [...document.querySelectorAll('.controls, .finder')].filter(one => one.offsetParent).length"


@pytest.fixture
def paper(opened, report, tmp_path):
    """A table with every column that there is, as on paper."""
    names = [metric.name for metric in load_task("g").columns("strict")]
    everything = Reported(
        "of a name that is not short (checkpoint=/models/one)",
        "g",
        "strict",
        {},
        Source("A", url="https://example.org"),
    )
    reported = replace(everything, values=dict.fromkeys(names, 0.12345))
    scored = [load(run) for run in report.runs]
    write_page(tmp_path, boards(scored, [reported]), scored, 0)
    page = opened.open()
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    metrics = {"width": A4_LANDSCAPE, "height": 720, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    yield page.driver
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_no_table_is_cut_at_the_margin(paper):
    assert paper.execute_script("return document.querySelectorAll('table').length") > 0
    assert paper.execute_script(WIDE) == []


def test_what_only_a_screen_can_use_is_left_out(paper):
    assert paper.execute_script(HIDDEN) == 0
