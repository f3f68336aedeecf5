"""Best, second and near, in a real browser: in the table of all questions, and in that of a part of them."""

from dataclasses import replace

import pytest

from sama_bench.leaderboard.write import write_report
from sama_bench.score.scores import Part

SHOWN = """return [...document.querySelectorAll('#tables > .board tbody tr')].map((row) => {
  const cell = row.querySelector('td:not(.rank)');
  const [model, value] = [row.querySelector('.model'), cell.querySelector('.value')];
  const rank = row.querySelector('.rank').textContent;
  return `${rank} ${model.textContent} ${cell.className} ${value.textContent}`;
})"""


def run(scored, model, value, part, interval, sees_truth=False):
    """A run with one table, and a breakdown with one part."""
    made = scored(model, value, sees_truth=sees_truth, interval={"miou": interval})
    cell = Part("mevis", 5, 2, {"miou": part}, {"miou": tuple(interval)})
    protocols = {"paper": made.scores.protocols["paper"]}
    breakdowns = {"paper": {"g": {"source": [cell]}}}
    return replace(made, stored=False, scores=replace(made.scores, protocols=protocols, breakdowns=breakdowns))


@pytest.fixture
def page(opened, scored, tmp_path):
    runs = [
        run(scored, "a", 0.5, 0.1, [0.45, 0.55]),
        run(scored, "b", 0.46, 0.5, [0.3, 0.6]),
        run(scored, "c", 0.46, 0.31, [0.4, 0.5]),
        run(scored, "d", 0.2, 0.31, [0.1, 0.3]),
        run(scored, "oracle", 1.0, 1.0, [0.9, 1.0], sees_truth=True),
    ]
    write_report(runs, [], tmp_path)
    opened.driver.get((tmp_path / "index.html").as_uri())
    opened.until("return document.querySelectorAll('#tables table').length === 1")
    return opened


def test_the_table_has_the_marks_of_the_files(page):
    assert page(SHOWN) == [
        "1 a best 50.00", "2 b second 46.00 ≈", "2 c second 46.00 ≈", "4 d  20.00", " oracle  100.00",
    ]  # fmt: skip


def test_a_part_of_the_questions_is_ranked_by_the_same_rules(page):
    page.choose("part", '["source","mevis"]')
    assert page(SHOWN) == [
        "1 b best 50.00", "2 c second 31.00 ≈", "2 d second 31.00 ≈", "4 a  10.00", " oracle  100.00",
    ]  # fmt: skip
