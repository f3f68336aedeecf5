import pickle

import pytest

import sama_bench as sb
from sama_bench.benchmark import open_benchmark
from sama_bench.benchmark.installed import task_keys

KEYS = " or ".join(task_keys())


def test_a_benchmark_is_sized_and_gives_its_questions_in_order(tree):
    bench = sb.load_benchmark(tree)
    assert len(bench) == 6
    assert [str(question.key) for question in bench] == ["g:q0", "c:d0", "g:q1", "c:d1", "g:q2", "c:d2"]
    assert [video.id for video in bench.videos] == [f"mevis/val_u/JPEGImages/v{n}" for n in range(3)]
    assert all(len(question.regions) == 1 for question in bench)
    assert repr(bench) == "<benchmark town: 6 questions of 3 videos>"


def test_single_questions_and_truths_are_found_by_name_and_by_key(tree):
    bench = sb.load_benchmark(tree)
    assert bench.question("g:q1").text.startswith("Where is the box <mask>?")
    assert bench.truth(sb.Key("g", "q1")).text == "<p> Box 1 </p> [SEG] is there."
    assert bench.truth("c:d2").text == "A box that is number 2."
    with pytest.raises(sb.UserError, match=r"town has no question 'q1' \(TASK:ID, as g:17\); nearest: g:q1"):
        bench.truth("q1")
    assert pickle.loads(pickle.dumps(bench)).truth("c:d2").text == "A box that is number 2."


def test_tasks_videos_and_a_limit_select(tree):
    assert {key.task for key in sb.load_benchmark(tree, tasks="C").where} == {"c"}
    assert sb.load_benchmark(tree, tasks=["c", "g"]).tasks == ("g", "c")
    assert len(sb.load_benchmark(tree, videos="v[12]", limit=1)) == 2
    assert sb.load_benchmark(tree, videos="v[12]", limit=1).selection.limit == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"tasks": ["g", "x", "y"]},
            [f"there is no task 'x', expected {KEYS}", f"there is no task 'y', expected {KEYS}"],
        ),
        ({"tasks": []}, [f"no task is named, expected {KEYS}, or None for all"]),
        ({"limit": 0}, ["limit is 0, expected 1 or more"]),
    ],
)
def test_what_cannot_be_selected_is_told(tree, options, told):
    with pytest.raises(sb.UserError) as caught:
        sb.load_benchmark(tree, **options)
    assert list(caught.value.problems) == told


def test_truths_of_one_video_after_the_other_read_its_masks_once(tree, monkeypatch):
    bench, read = sb.load_benchmark(tree), []
    truths = bench.truths
    monkeypatch.setattr(bench, "truths", lambda video: read.append(video) or truths(video))
    for question in bench:
        bench.truth(question.key)
    assert len(read) == 3


def test_a_notebook_shows_the_counts_and_escapes_names(tree):
    tree.rename(tree.parent / "<b>")
    shown = open_benchmark(tree.parent / "<b>")._repr_html_()
    assert "benchmark &lt;b&gt;" in shown
    assert ">3</td>" in shown


def test_a_picture_of_a_question_is_an_image(tree):
    image = sb.picture(sb.load_benchmark(tree), "g:q1", frames=2)
    assert image.size[0] > 100
    with pytest.raises(sb.UserError, match="frames is 13, expected 1 to 12"):
        sb.picture(sb.load_benchmark(tree), "g:q1", frames=13)
