"""A site with the benchmark's questions, made of what stands in a leaderboard, in a real browser."""

import importlib.util
import json
import tempfile
from pathlib import Path

import pytest

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission import runs
from sama_bench.leaderboard.submission.build import build
from sama_bench.leaderboard.submission.entry import find

pytestmark = pytest.mark.slow

KEY = "still-made-odd"


@pytest.fixture(scope="module")
def pages():
    """The module that drives a browser, which the tests of the page have."""
    about = importlib.util.spec_from_file_location("pages", Path(__file__).parents[1] / "page" / "conftest.py")
    module = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(board, tmp_path_factory):
    before = Path.cwd()
    out = tmp_path_factory.mktemp("site") / "site"
    build(board, out, "demo")
    assert Path.cwd() == before
    return out


@pytest.fixture(scope="module")
def opened(site, pages, tmp_path_factory):
    pytest.importorskip("selenium")
    if pages.CHROMIUM is None or pages.DRIVER is None:
        pytest.skip("needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    browser = pages.Browser(site, tmp_path_factory.mktemp("profile"))
    yield browser.open()
    browser.driver.quit()


def test_it_names_no_folder_of_the_machine_it_was_made_on(site, board):
    for path in site.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert str(site.parent).encode() not in content
        assert tempfile.gettempdir().encode() not in content
    listed = (site / "page" / "board.js").read_text()
    assert json.loads(listed.removeprefix("sama.put(...").removesuffix(");\n"))[1]["benches"][0]["runs"] == [
        {"model": "Still, made odd", "path": KEY, "truth": False, "name": KEY}
    ]


def test_it_opens_without_complaint_and_asks_for_nothing_elsewhere(opened, site):
    asked = [one for one in opened.requests() if not one.startswith(("data:", "about:", "chrome:"))]
    assert asked
    assert [one for one in asked if not one.startswith(site.as_uri())] == []
    assert opened("return document.querySelectorAll('#tables > .board tbody tr').length") == 1
    assert opened("return document.querySelector('#tables .model').textContent") == "Still, made odd"
    assert opened("return document.querySelector('#tables .model').href") == "https://example.org/still"
    assert opened("return document.getElementById('found').textContent").endswith(" of 65 questions")
    assert opened("return document.querySelectorAll('#viewer canvas').length") >= 1
    assert opened.complaints() == []


def test_it_has_a_title_of_its_own_ranks_and_no_hint_for_its_maker(opened, site):
    assert opened("return document.title") == "SAMA-Bench: leaderboard"
    assert opened("return document.querySelector('h1').textContent.trim()") == "SAMA-Bench: leaderboard"
    assert opened("return document.querySelector('#tables > .board .rank:not(th)').textContent") == "1"
    opened("for (const one of document.querySelectorAll('details')) one.open = true")
    words = opened("return document.body.textContent.replace(document.getElementById('made').textContent, '')")
    assert "sama-bench " not in words
    assert "--" not in words
    assert KEY not in opened("return document.body.innerText")
    assert (site / "index.html").read_text(encoding="utf-8").count("SAMA-Bench: leaderboard") == 2


def test_nothing_of_it_is_in_the_way_of_people(opened):
    opened.open()
    assert opened.barriers_everywhere() == []


def test_without_questions_it_leads_only_to_what_is_there(opened, board, tmp_path):
    home, opened.folder = opened.folder, tmp_path
    try:
        build(board, tmp_path)
        opened.driver.get((tmp_path / "index.html").as_uri())
        opened.until("return document.documentElement.classList.contains('ready')")
        shown = "return [...document.querySelectorAll('.top nav a')].filter((a) => !a.hidden).map((a) => a.hash)"
        assert opened(shown) == ["#leaderboard", "#plots"]
        assert "keys" not in opened("return document.getElementById('made').textContent")
        assert opened.barriers_everywhere() == []
        assert opened.complaints() == []
    finally:
        opened.folder = home


def test_its_title_may_be_set_and_is_no_html(own, tmp_path):
    settings = own / "leaderboard.yaml"
    kept = settings.read_text(encoding="utf-8")
    settings.write_text(f"{kept}title: 'Ours <b> & theirs'\n", encoding="utf-8")
    build(own, tmp_path / "site")
    assert "<title>Ours &lt;b&gt; &amp; theirs</title>" in (tmp_path / "site" / "index.html").read_text(
        encoding="utf-8"
    )
    for title in ("7", "''", "'" + "x" * 101 + "'", '"a\\u202eb"'):
        settings.write_text(f"{kept}title: {title}\n", encoding="utf-8")
        if title == "''":
            build(own, tmp_path / "site")
            continue
        with pytest.raises(UserError, match="expected a line of at most 100 printable characters"):
            build(own, tmp_path / "site")


def test_scores_that_are_not_the_submission_s_are_told(own, tmp_path, monkeypatch):
    path, true = own / "entries" / f"{KEY}.json", find(own, KEY)
    monkeypatch.setattr(runs, "scored", lambda *_: true)  # what scoring gives was seen when the site was made
    content = json.loads(path.read_text(encoding="utf-8"))
    block = content["protocols"]["strict"]["g"]
    block["mean"]["miou"] = 0.99
    for values in block["videos"].values():
        values["miou"] = 0.99
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match="has other scores than entry still-made-odd says; add it again with --replace"):
        build(own, tmp_path / "site", "demo")
    assert not (tmp_path / "site").exists()
