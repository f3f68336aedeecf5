"""The page shows the words that runs of expressions were asked in."""

import json

import pytest

import sama_bench as sb
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.load import load
from sama_bench.leaderboard.page import write_page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs(tmp_path_factory, warm_cache):
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMA_BENCH_CACHE", str(warm_cache(folder / "cache")))
        for name, prompt in (("visa", "visa"), ("again", "visa"), ("lisa", "lisa")):
            run = sb.evaluate("still", "demo-refvos", folder / name, limit=2, prompt=prompt, tell=lambda _: None)
            run.score(phrases="words", processes=1, tell=lambda _: None)
    return folder


def texts(out, chosen):
    scored = [load(run) for run in chosen]
    write_page(out, boards(scored), scored, "all")

    def data(name):
        text = (out / "page" / f"{name}.js").read_text()
        return json.loads(text.removeprefix("sama.put(...").removesuffix(");\n"))[1]

    return data("questions"), data("clip-0"), data("board")["notes"]


def test_questions_are_in_the_words_that_all_runs_were_asked_in(runs, tmp_path):
    listed, clip, notes = texts(tmp_path, [runs / "visa", runs / "again"])
    assert "What is" in json.dumps(listed)
    assert "in the Reference Video" in json.dumps(clip["question"])
    assert not [note for note in notes if "words" in note]


def test_where_runs_differ_they_are_in_the_benchmarks_and_it_is_told(runs, tmp_path):
    listed, clip, notes = texts(tmp_path, [runs / "visa", runs / "lisa"])
    assert "Reference Video" not in json.dumps([listed, clip])
    assert "Please segment" in json.dumps(clip["question"])
    assert any("asked in different words" in note for note in notes)
