"""The part about dialogues: only where a run has a history, every number and text from the runs, nothing as code."""

import json
from dataclasses import replace

import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.console import Console
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.histories import conditions, show
from sama_bench.leaderboard.load import load
from sama_bench.leaderboard.page import write_page
from sama_bench.run.predictions import StoredPrediction

SCRIPT = "<script>window.harmed = 1</script>"
CANVASES = "[...document.querySelectorAll('.strip canvas')]"


def data(out, name):
    text = (out / "page" / f"{name}.js").read_text()
    assert "<" not in text
    return json.loads(text.removeprefix("sama.put(...").removesuffix(");\n"))[1]


def silent_later(number, question, truth):
    """The truth in the first round of a video; then words that are no answer, an error, and none."""
    round_ = int(question.key.id.rpartition("-")[2])
    if not round_:
        return StoredPrediction(truth.text, [list(track) for track in truth.strict_tracks], 1.0)
    words = StoredPrediction(f"{SCRIPT} [SEG]", [[None] * len(question.video)])
    return (None, words, StoredPrediction("", error="no"))[round_ % 3]


@pytest.fixture(scope="module")
def dialogues(tmp_path_factory, make_run, answers):
    """The folders of a model's runs without a history and with its own, and their page."""
    folder = tmp_path_factory.mktemp("dialogues")
    demo = open_benchmark("demo", limit=9)  # of two videos
    both = (("none", answers), ("own", silent_later))
    runs = [make_run(folder / name, "m", answer, of=demo, limit=9) for name, answer in both]
    _with_history(runs[1], "own window=3")
    return runs, _page(folder / "out", runs)


def _with_history(run, history):
    for name, change in (
        ("manifest", lambda it: it["settings"]),
        ("scores", lambda it: it["signature"]["strict"]["g"]),
    ):
        content = json.loads((run / f"{name}.json").read_text())
        change(content)["history"] = history
        (run / f"{name}.json").write_text(json.dumps(content))


def _page(out, runs):
    scored = [load(run) for run in runs]
    write_page(out, boards(scored), scored, 0)
    return out


def test_without_a_history_there_is_no_part(report):
    assert data(report.out, "dialogues") == []
    assert not [*(report.out / "page").glob("dialogue-*")]


def test_the_runs_of_a_model_stand_beside_each_other(dialogues):
    (model,) = data(dialogues[1], "dialogues")
    assert [(run["name"], run["history"]) for run in model["runs"]] == [("none", "none"), ("own", "own window=3")]
    assert {metric["label"] for metric in model["metrics"]} == {"mIoU", "J&F", "F1 by IoU", "ROUGE-L"}
    (line,) = model["metrics"][0]["lines"]
    assert line["name"] == "own – none"
    assert line["points"][1][0] == -1  # no mask any more
    assert -1 < line["later"][0] < -0.5  # some of the other run's later answers are none either
    assert len(line["points"]) == len(model["turns"])
    assert model["overall"][0]["label"] == "objects found in all of their rounds"
    assert model["overall"][0]["cells"][0][0] > 0.5
    silent = next(row for row in model["overall"] if row["label"] == "rounds without an answer")
    assert silent["cells"][1][0] > silent["cells"][0][0]


def test_the_turns_of_a_video_are_in_order_and_its_objects_have_a_frame(dialogues):
    _, out = dialogues
    (model,) = data(out, "dialogues")
    assert len(model["videos"]) == len({file for _, file in model["videos"]})
    objects = 0
    for _, file in model["videos"]:
        video = data(out, file)
        assert [turn["turn"] for turn in video["turns"]] == list(range(1, len(video["turns"]) + 1))
        for turn in video["turns"]:
            assert len(turn["answers"]) == len(turn["about"]) == 2
            assert all((out / frame).is_file() for frame in turn["frames"])
        for thing in video["things"]:
            objects += 1
            for turn, true, sighted in thing["cells"]:
                track = video["turns"][turn]["tracks"][true]
                assert track["masks"][thing["frame"]]
                assert len(sighted) == 2
                if sighted[0]:
                    assert sighted[0][1] == 1
                    assert video["turns"][turn]["answers"][0]["tracks"][sighted[0][0]] == track
        colours = {
            video["turns"][one["cells"][0][0]]["tracks"][one["cells"][0][1]]["colour"] for one in video["things"]
        }
        assert len(colours) == len(video["things"])
    assert objects


def test_what_cannot_be_read_is_left_out_and_said(dialogues, tmp_path, monkeypatch):
    runs, _ = dialogues
    scored = [load(run) for run in runs]
    gone = replace(scored[1], path=scored[1].path)
    monkeypatch.setattr("sama_bench.leaderboard.page.dialogues.rounds_of_run", _refuse)
    write_page(tmp_path, boards(scored), [scored[0], gone], 0)
    assert data(tmp_path, "dialogues") == []
    assert data(tmp_path, "board")["notes"] == ["Dialogues of m are left out: the disk is gone"]


def _refuse(_):
    from sama_bench.errors import UserError

    raise UserError("the disk is gone")


def test_in_a_terminal_a_line_says_what_earlier_turns_do(dialogues, capsys):
    runs, _ = dialogues
    scored = [load(run) for run in runs]
    assert [one.model for one in scored] == ["m", "m, history own window=3"]
    show(scored, Console(width=200))
    told = capsys.readouterr().out
    assert "m: what earlier turns do, paired by video\nown – none: J&F -" in told
    assert f"by turn: sama-bench dialogue {runs[0]} {runs[1]}" in told.replace("\n", "")
    assert conditions(scored[:1]) == []
    show(scored[1:], Console(width=200))  # alone there is nothing to compare
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_in_a_browser(dialogues, opened):
    opened.folder = dialogues[1]
    page = opened.open("#dialogues")
    page.until("return document.querySelectorAll('.turns > li').length > 0")
    assert page("return document.querySelector('.top nav a[href=\"#dialogues\"]').textContent") == "Dialogues"
    page.until(f"return {CANVASES}.length > 0 && {CANVASES}.every((one) => one.dataset.drawn)")
    assert page("return document.querySelectorAll('.decay svg').length") == 4
    assert "turn 2 −100.00" in page("return document.querySelector('.decay svg').getAttribute('aria-label')")
    assert page("return window.harmed === undefined")
    assert SCRIPT in page("return document.querySelector('.turns').textContent")
    files = page("return [...document.querySelectorAll('#dialogue-video option')].map((one) => one.value)")
    before = page("return document.querySelector('.turns').textContent")
    page.choose("dialogue-video", files[1])
    page.until(
        "return document.querySelector('.turns').textContent !== arguments[0]".replace(
            "arguments[0]", json.dumps(before)
        )
    )
    assert page("return document.documentElement.scrollWidth <= innerWidth")
    assert page.barriers_everywhere() == []
