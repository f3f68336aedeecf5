"""The pages of the training data, which have the report's style, in a browser: all of them is seen, by everybody."""

import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner

from sama_bench.cli.data import data
from sama_bench.demo.render import demo_root

pytestmark = pytest.mark.slow

TREES = Path(__file__).parents[2] / "training_set" / "conftest.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with both pages, of the tiny training set that its tests have."""
    about = importlib.util.spec_from_file_location("training_trees", TREES)
    trees = importlib.util.module_from_spec(about)
    about.loader.exec_module(trees)
    out = tmp_path_factory.mktemp("pages")
    (out / "training").mkdir()
    training = str(trees.TrainingSet(out / "training").write())
    for arguments in (
        ["stats", training, "--page", str(out / "stats.html")],
        ["overlap", training, "--bench", str(demo_root()), "--page", str(out / "overlap.html")],
    ):
        assert CliRunner().invoke(data, arguments, catch_exceptions=False).exit_code == 0
    return out


@pytest.mark.parametrize(
    ("name", "words"),
    [("stats", ["Counts", "Distributions"]), ("overlap", ["Videos", "Texts"])],
    ids=["stats", "overlap"],
)
def test_it_is_seen_and_nothing_of_it_is_in_the_way_of_people(folder, opened, name, words):
    opened.driver.get((folder / f"{name}.html").as_uri())
    text = opened("return document.querySelector('main').innerText")  # nothing of what is hidden
    for word in words:
        assert word in text
    assert opened.barriers_everywhere() == []
    with opened.window(390, 844):
        assert opened("return document.documentElement.scrollWidth <= innerWidth")
