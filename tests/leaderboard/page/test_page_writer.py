import json
from pathlib import Path

import pytest
from PIL import Image

from sama_bench.benchmark import open_benchmark
from sama_bench.errors import UserError
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.load import load
from sama_bench.leaderboard.page import thumbnails, write_page
from sama_bench.leaderboard.page.curves import THRESHOLDS, thresholds
from sama_bench.leaderboard.page.question_data import read


def written(out, runs, samples):
    scored = [load(run) for run in runs]
    write_page(out, boards(scored), scored, samples)
    return out


def data(out, name):
    text = (out / "page" / f"{name}.js").read_text()
    return json.loads(text.removeprefix("sama.put(...").removesuffix(");\n"))[1]


def files(out):
    return {str(one.relative_to(out)): one.read_bytes() for one in out.rglob("*") if one.is_file()}


def test_the_same_runs_give_the_same_bytes_whatever_lay_there(report, tmp_path):
    first = files(written(tmp_path, report.runs, 2))
    (tmp_path / "page" / "clip-99.js").write_text("old")
    assert files(written(tmp_path, report.runs, 2)) == first
    assert {"index.html", "page/assets/page.css", "page/board.js", "page/thresholds.svg"} <= first.keys()


@pytest.mark.parametrize("name", ["index.html", "page/notes.txt"])
def test_what_is_not_ours_is_never_replaced(report, tmp_path, name):
    (tmp_path / "page").mkdir()
    (tmp_path / name).write_text("mine")
    with pytest.raises(UserError, match="give --out another folder"):
        written(tmp_path, report.runs, 0)
    assert (tmp_path / name).read_text() == "mine"


def test_frames_are_kept_for_the_samples_only(report, tmp_path):
    out = written(tmp_path, report.runs, 1)
    shown = data(out, "questions")["shown"]
    assert [one.name for one in (out / "page").glob("clip-*")] == [f"clip-{shown[0]}.js"]
    assert len(list((out / "page").glob("frames-*"))) == 1
    clip = data(out, f"clip-{shown[0]}")
    assert all((out / one).stat().st_size < 40_000 for one in clip["frames"])


def test_sharp_frames_are_larger_have_their_masks_and_are_no_more_than_the_bound(report, tmp_path, monkeypatch):
    monkeypatch.setattr(thumbnails, "SHARP_FRAMES", 8)
    out = written(tmp_path, report.runs, "all")
    sharp_files = list((out / "page").glob("sharp-*/*.jpg"))
    assert len(list((out / "page").glob("sharp-*"))) == 2
    assert 2 <= len(sharp_files) <= 8
    clip, sharp = data(out, "clip-0"), data(out, "masks-0")
    with Image.open(out / sharp["frames"][1]) as image:
        assert list(image.size) == sharp["size"]
    assert sharp["size"][0] > clip["size"][0]
    assert [clip["numbers"][place] for place in sharp["places"]] == [
        int(Path(frame).stem) + 1 for frame in sharp["frames"]
    ]
    assert [answer["run"] for answer in sharp["answers"]] == [0, 1]
    for coarse, fine in zip(clip["tracks"], sharp["tracks"], strict=True):
        assert fine["colour"] == coarse["colour"]
        assert [mask is None for mask in fine["masks"]] == [coarse["masks"][n] is None for n in sharp["places"]]


def test_without_its_benchmark_a_run_has_tables_and_the_list(report, tmp_path):
    for run in report.runs:
        _moved(run, tmp_path / run.name)
    out = written(tmp_path / "out", [tmp_path / run.name for run in report.runs], "all")
    assert data(out, "questions")["shown"] == []
    assert len(data(out, "questions")["keys"]) == 12
    (note,) = data(out, "board")["notes"]
    assert note.startswith("Without frames and masks: /nowhere")


def _moved(run, to):
    """A copy of a run whose benchmark is gone."""
    to.mkdir()
    for name in ("run.sqlite", "scores.json"):
        (to / name).write_bytes((run / name).read_bytes())
    content = json.loads((run / "manifest.json").read_text())
    content["benchmark"]["path"] = "/nowhere"
    (to / "manifest.json").write_text(json.dumps(content))


def test_a_run_of_another_benchmark_has_a_tab_and_questions_of_its_own(report, tmp_path):
    _moved(report.runs[1], tmp_path / "other")
    manifest = tmp_path / "other" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["settings"]["fingerprint"] = "cd" * 32
    manifest.write_text(json.dumps(content))
    out = written(tmp_path / "out", [report.runs[0], tmp_path / "other"], 0)
    first, second = data(out, "board")["benches"]
    assert second["label"] == f"demo {'cd' * 4}"
    assert [bench["prefix"] for bench in (first, second)] == ["", "bench1-"]
    assert first["label"] != second["label"]
    assert [[run["name"] for run in bench["runs"]] for bench in (first, second)] == [["right"], ["other"]]
    assert sorted(data(out, "questions")["keys"]) == sorted(data(out, "bench1-questions")["keys"])


def test_names_in_plots_are_escaped(report):
    for plot in (report.out / "page").glob("*.svg"):
        text = plot.read_text()
        assert "<img" not in text
        assert "prefers-color-scheme:dark" in text
    assert "&lt;img" in (report.out / "page" / "thresholds.svg").read_text()


def test_at_the_threshold_0_stands_the_number_of_the_table(report):
    for run in report.runs:
        found = thresholds(read(load(run)))
        table = load(run).scores.protocols["strict"]["g"].mean["J&F"]
        assert len(found) == len(THRESHOLDS)
        assert found[0] == pytest.approx(table, abs=1e-12)
        assert found == sorted(found, reverse=True)


def test_a_run_that_was_not_scored_is_told(report, tmp_path):
    _moved(report.runs[0], tmp_path / "run")
    (tmp_path / "run" / "scores.json").unlink()
    with pytest.raises(UserError, match="has no scores yet"):
        load(tmp_path / "run")


@pytest.mark.parametrize("smaller_first", [True, False])
def test_runs_that_were_asked_unlike_parts_are_all_in_the_list(report, make_run, answers, tmp_path, smaller_first):
    part = open_benchmark("demo", tasks=["g"], limit=2)
    small = make_run(tmp_path / "small", "small", answers, of=part, limit=2)
    runs = [small, report.runs[1]] if smaller_first else [report.runs[1], small]
    out = written(tmp_path / "out", runs, "all")
    assert len(data(out, "questions")["keys"]) == 12
    assert len(list((out / "page").glob("clip-*.js"))) == 12


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda block: block["mean"].update(miou=float("nan")), "it is not JSON (NaN is no number)"),
        (lambda block: block["mean"].update(miou="0.5"), "'0.5' is not a valid number at protocols.strict.g.mean.miou"),
        (lambda block: block["mean"].update(miou=7.3), "7.3 is not within 0 and 1 at protocols.strict.g.mean.miou"),
        (lambda block: block["mean"].update(miou=0.987), "0.987 is not the mean of its videos, "),
        (lambda block: block["mean"].pop("miou"), "'miou' has videos only at protocols.strict.g"),
        (
            lambda block: block["interval"].update(miou=[0.5, 0.25]),
            "0.5 is more than 0.25 at protocols.strict.g.interval",
        ),
        (lambda block: block["interval"].update(miou=[0.5]), "is missing at protocols.strict.g.interval.miou"),
        (
            lambda block: next(iter(block["videos"].values())).update(miou=None),
            "None is not a valid number at protocols.",
        ),
        (lambda block: block.update(errors=10_000), "less than those without an answer at protocols.strict.g"),
        (lambda block: block.update(questions=-1), "-1 is not within 0 and 1e+09 at protocols.strict.g.questions"),
        (lambda block: block.update(newer={"a": [1]}), None),
    ],
)
def test_scores_that_cannot_be_are_told(make_run, answers, tmp_path, change, told):
    run = make_run(tmp_path / "run", "odd", answers)
    content = json.loads((run / "scores.json").read_text())
    change(content["protocols"]["strict"]["g"])
    (run / "scores.json").write_text(json.dumps(content))
    if told is None:
        load(run)
        return
    with pytest.raises(UserError) as refusal:
        load(run)
    line = refusal.value.lines()[0]
    assert f"scores.json: damaged: {told}" in line or (told in line and "scores.json: damaged: " in line)
    assert line.endswith(f"; make it again with: sama-bench score {run}")
