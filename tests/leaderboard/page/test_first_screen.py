"""What a reader sees first, in the real browser: a ranked table, a question that plays, and the way to the others."""

import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.load import load
from sama_bench.leaderboard.page import write_page

pytestmark = pytest.mark.slow

SEEN = """const box = document.querySelector(arguments[0]).getBoundingClientRect();
return [box.top, box.bottom, box.left, box.right, innerHeight, innerWidth];"""
TABS = "return [...document.querySelectorAll(`#${arguments[0]} [role=tab]`)].map((tab) => tab.textContent)"
KEYS = "return [...document.querySelectorAll('#list .key')].map((one) => one.firstChild.textContent)"
SHIFT = """return new Promise((done) => new PerformanceObserver((list) => done(
  list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({type: "layout-shift", buffered: true}) ||
  setTimeout(() => done(0), 700))"""
VISIBLE = """return [...document.querySelectorAll('#tables > .board thead [data-place]')]
    .filter((one) => one.offsetParent).length"""
ROWS = """return [...document.querySelectorAll('#tables > .board tbody tr')].filter((row) => row.offsetParent)
    .map((row) => [row.querySelector('.rank').textContent, row.getBoundingClientRect().bottom])"""


@pytest.fixture(scope="module")
def many(report, make_run, answers, tmp_path_factory):
    """A page on ten runs, and one more of another benchmark."""
    folder = tmp_path_factory.mktemp("many")
    runs = [
        make_run(folder / f"run-{n}", f"model-{n} (checkpoint={'x' * 20 * n})", _every(answers, n + 2))
        for n in range(10)
    ]
    rounds = open_benchmark("demo-dialogue", limit=2)
    elsewhere = make_run(folder / "elsewhere", "elsewhere", answers, of=rounds, limit=2)
    scored = [load(run) for run in [*runs, *report.runs, elsewhere]]
    write_page(folder / "out", boards(scored), scored, 2)
    return folder / "out"


def _at(page, frame):
    """Wait until the first canvas shows the frame of that number, from 0."""
    canvas = "(document.querySelector('#viewer canvas') || {dataset: {}})"
    page.until(f"return {canvas}.dataset.frame === '{frame}'")


def _every(answers, step):
    """The right answers but for every so manyth, which is missing."""
    return lambda number, question, truth: None if number % step == 0 else answers(9, question, truth)


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_table_and_the_frames_are_seen_without_scrolling_and_nothing_jumps(page, size):
    with page.window(*size):
        page.open()
        _at(page, 0)
        for selector in ("#tables table", "#viewer .dialogue", "#viewer .controls"):
            top, bottom, left, right, height, width = page(SEEN, selector)
            assert top >= 0
            assert bottom <= height, selector
            assert left >= 0
            assert right <= width, selector
        assert page(SEEN, "#viewer canvas")[0] < size[1] - 60
        assert page(SHIFT) < 0.05


def test_all_of_the_first_rows_of_many_runs_are_seen(opened, many):
    opened.folder = many
    with opened.window(1440, 900):
        opened.open()
        rows = opened(ROWS)
        assert len(rows) == 12
        ranks = [int(rank) for rank, _ in rows]
        assert ranks == sorted(ranks)
        assert ranks[0] == 1
        assert rows[9][1] < 900
    with opened.window(390, 844):
        opened.open()
        assert len(opened(ROWS)) == 3
        opened("document.querySelector('button.rows').click()")
        assert len(opened(ROWS)) == 12


def test_a_question_plays_unless_the_reader_likes_things_still(page):
    with page.preferring("prefers-reduced-motion", "no-preference"):
        page.open()
        page.until("return Number((document.querySelector('#viewer canvas') || {dataset: {}}).dataset.frame) > 1")
        page.press(" ")
        stopped = page("return document.querySelector('.counter').textContent")
        page.press("j")  # the next one stands still, too
        _at(page, 0)
        page("return new Promise((done) => setTimeout(done, 400))")
        assert page("return document.querySelector('#viewer canvas').dataset.frame") == "0"
        assert stopped.startswith("frame")


def test_columns_that_wait_come_with_a_button_and_the_link_keeps_them(page):
    before = page(VISIBLE)
    page.element("#columns").click()
    everything = page("return sama.get('board').benches[0].tables[0].columns.length + 1")
    assert page(VISIBLE) == everything > before
    assert "columns=all" in page("return location.hash")
    page.element("#columns").click()
    assert page(VISIBLE) == before


def test_tabs_lead_to_benchmarks_and_tasks_by_key_and_click(opened, many, report):
    opened.folder = many
    opened.open()
    other = opened("return sama.get('board').benches[1].label")
    assert opened(TABS, "bench-tabs") == [
        "demo " + opened("return sama.get('board').benches[0].label").split()[-1],
        other,
    ]
    assert opened(TABS, "task-tabs") == ["SAMA-Bench-G", "SAMA-Bench-C"]
    opened.tab("SAMA-Bench-C")
    assert all(one.startswith("c:") for one in opened(KEYS))
    assert opened("return document.getElementById('plots').hidden")  # those of J&F are of G
    opened.tab(other)
    assert opened("return [...document.querySelectorAll('#tables > .board .model')].map((one) => one.textContent)") == [
        "elsewhere"
    ]
    assert opened("return document.getElementById('found').textContent") == "2 of 2 questions"
    opened.element("#bench-tabs [aria-selected=true]").send_keys("\ue012")  # arrow left
    opened.until("return document.querySelectorAll('#tables > .board .model').length === 12")
    assert opened("return document.activeElement.getAttribute('aria-selected')") == "true"
    assert "bench=demo" in opened("return location.hash")


def test_what_is_drawn_has_a_legend_of_three(page):
    labels = page(
        "return [...document.querySelectorAll('.box')].filter((one) => one.querySelector('.swatch'))"
        ".map((one) => one.innerText.trim())"
    )
    assert [label.replace("\n", " ").split()[-1] for label in labels] == ["Referent", "Truth", "Prediction"]


def test_the_text_of_two_answers_is_compared_word_by_word(page):
    compared = page("""
      const said = (all) => all.flatMap(([, parts]) => parts).filter(([, differs]) => differs).map(([text]) => text);
      const {left, right, counts} = sama.differences.compare(
        [["The "], ["red car", "#ff0000"], [" stops, then waits."]], [["the blue car stops then goes on. <b>"]]);
      return [said(left), said(right), counts];""")
    assert compared == [["red", "waits."], ["blue", "goes on. <b>"], [2, 4]]
    assert page("return sama.differences.compare([['a b']], [['A  b.']]).counts") == [0, 0]
    assert page("return sama.differences.compare([['x '.repeat(3000)]], [['y '.repeat(3000)]])") is None


def test_words_that_differ_are_marked_where_the_reader_asks_for_it(page):
    page.open("#question-5")
    page.until("return document.querySelector('#viewer canvas') !== null")
    before = page("return [...document.querySelectorAll('.panel .said')].map((one) => one.textContent)")
    page.press("d")
    assert page("return document.querySelectorAll('.panel .said mark').length") > 0
    assert "only left" in page("return document.getElementById('compared').textContent")
    assert "compare=words" in page("return location.hash")
    assert page("return [...document.querySelectorAll('.panel .said')].map((one) => one.textContent)") == before
    page.press("d")
    assert page("return document.querySelectorAll('.panel .said mark').length") == 0


def test_a_link_holds_all_that_is_shown_and_leads_to_the_viewer(page):
    page.choose("order", "best")
    page.choose("only", "")
    page.choose("left", "-1")
    page("[...document.querySelectorAll('#list button')][2].click()")
    key = page("return document.querySelector('#list [aria-current] .key').firstChild.textContent")
    _at(page, 0)
    page.until(
        "return document.querySelector('#viewer h3').textContent === arguments[0]".replace("arguments[0]", repr(key))
    )
    page.press("\ue014")
    page.press("\ue014")
    page.element("#link").click()
    link = page("return location.hash")
    with page.window(1000, 700):
        page.open(link)
        _at(page, 2)
        assert page("return document.querySelector('#viewer h3').textContent") == key
        assert page("return document.getElementById('order').value") == "best"
        assert page("return document.getElementById('left').value") == "-1"
        assert page("return document.querySelector('#viewer h4').firstChild.textContent") == "Truth"
        assert page("return document.activeElement.id") == "viewer"
        assert 0 <= page(SEEN, "#viewer")[0] < 200
        assert page("return document.querySelector('.counter').textContent").startswith("frame 3 of")


def test_a_link_may_name_a_question_alone_and_what_is_not_there_is_left_aside(page):
    page.open("#q=c:demo-c-0-1&left=nobody&order=odd&kind=x&bench=none")
    page.until("return document.querySelector('#viewer h3').textContent === 'c:demo-c-0-1'")
    assert page("return document.getElementById('order').value") == "gap"
    page.open("#q=g:not-there")
    assert page("return document.querySelector('#viewer h3').textContent").startswith("g:")
    page.open("#question-5")
    page.until("return document.querySelector('#list [aria-current]').dataset.number === '5'")
    page("location.hash = '#question-2'")
    page.until("return document.querySelector('#list [aria-current]').dataset.number === '2'")


def test_a_full_screen_asks_for_sharp_frames_and_only_then(page):
    page.requests()
    page.open("#question-5")
    _at(page, 0)
    assert not any("sharp-" in one or "masks-" in one for one in page.requests())
    small = page("return document.querySelector('#viewer canvas').width")
    page.element("#full").click()
    page.until("return document.querySelector('#viewer canvas').dataset.sharp === 'true'")
    assert page("return document.querySelector('#viewer canvas').width") > small
    top, bottom, left, right, height, width = page(SEEN, "#viewer")
    assert (top, bottom, left, right) == (0, height, 0, width)
    asked = [one for one in page.requests() if "sharp-" in one]
    assert len(asked) == 1
    page.press("\ue014")
    _at(page, 1)
    page.until("return document.querySelector('#viewer canvas').dataset.sharp === 'true'")
    page.press("f")
    page.until(
        "return document.querySelector('#viewer canvas').width === arguments[0]".replace("arguments[0]", str(small))
    )
    assert page("return document.querySelector('#viewer.full') === null")


ABOVE = """const seen = [];
for (let x = 5; x < innerWidth; x += 40) for (let y = 5; y < innerHeight; y += 40) {
  const top = document.elementFromPoint(x, y);
  if (top && !top.closest('#viewer')) seen.push([x, y, top.outerHTML.slice(0, 80)]);
}
return seen;"""


def test_where_the_browser_has_no_full_screen_the_viewer_lies_over_all_else(page):
    page.open("#question-5")
    page("Element.prototype.requestFullscreen = () => Promise.reject(new Error('not here'))")
    page.element("#full").click()
    page.until("return document.querySelector('#viewer.full') !== null")
    assert page(ABOVE) == []
    page.press("f")
    page.until("return document.querySelector('#viewer.full') === null")
    assert page(ABOVE) != []


def test_axe_finds_nothing_in_light_in_dark_on_a_phone_and_on_a_full_screen(page):
    page.open("#question-5")
    with page.preferring("prefers-color-scheme", "dark"):
        assert page.barriers() == []
    with page.window(390, 844):
        assert page.barriers() == []
    page.press("d")
    page.element("#columns").click()
    page("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.barriers() == []
    page.element("#full").click()
    assert page.barriers() == []
