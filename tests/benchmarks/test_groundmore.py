"""GroundMoRe: which frames are asked, when an object counts, both numbers, and folders that are not whole."""

import json

import numpy as np
import pytest
from PIL import Image

import sama_bench as sb
from sama_bench.benchmark.address import resolve
from sama_bench.benchmark.check import check
from sama_bench.benchmarks.groundmore.clips import acting, clip_start, seconds
from sama_bench.errors import UserError
from sama_bench.metrics import rle

VIDEO = "abc-DEF_0112_0120"  # 1:12 to 1:20, 48 frames at 6 a second
SIZE = (12, 16)
FRAMES = 48
QUESTIONS = {
    "0": {
        "question": "Who kicks the ball?", "answer": "the girl", "obj_id": "1", "q_type": "Causal",
        "action_start": "1:14", "action_end": "1:16",
    },
    "1": {
        "question": "What is kicked?", "answer": "the ball", "obj_id": "2", "q_type": "Descriptive",
        "action_start": "1:12", "action_end": "1:20",
    },
}  # fmt: skip
PLACES = [int(place) for place in np.linspace(0, FRAMES - 1, 20, dtype=int)]


def labels():
    values = np.zeros(SIZE, np.uint8)
    values[2:6, 2:8], values[8:10, 10:14] = 1, 2
    return values


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "groundmore" / "annotations" / VIDEO
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number in range(FRAMES):
        Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(folder / "images" / f"frame_{number:06d}.jpg")
        Image.fromarray(labels()).save(folder / "masks" / f"frame_{number:06d}.png")
    write(tmp_path / "groundmore", QUESTIONS)
    return tmp_path / "groundmore"


def write(root, questions, video=VIDEO):
    (root / "test_v2.json").write_text(json.dumps({"videos": {video: {"questions": questions}}}))


def track(bench, key):
    return bench.truth(key).tracks[0]


def test_twenty_frames_are_asked_and_an_object_counts_while_it_acts(root):
    bench = sb.load_benchmark(root)
    (video,) = bench.videos
    assert [path.name for path in video.frames] == [f"frame_{place:06d}.jpg" for place in PLACES]
    shown = [mask is not None for mask in track(bench, f"groundmore:{VIDEO}_0")]
    assert shown == [12 <= place <= 23 for place in PLACES]  # seconds 2 and 3 of the clip
    assert all(mask is not None for mask in track(bench, f"groundmore:{VIDEO}_1"))
    assert bench.question(f"groundmore:{VIDEO}_0").text == "Who kicks the ball? Please respond with masks."
    assert bench.truth(f"groundmore:{VIDEO}_1").labels["type"] == "Descriptive"


def test_numbers(root, sets):
    bench = sb.load_benchmark(root)
    always = [rle.encode(labels() == 1)] * 20
    said = {f"groundmore:{VIDEO}_0": sets.answer(always), f"groundmore:{VIDEO}_1": {"error": "out of memory"}}
    scores = sets.scored(bench, said)
    right = sum(12 <= place <= 23 for place in PLACES) / 20
    assert scores.mean("groundmore", "released", "J") == pytest.approx(right)  # the other is left out
    assert scores.mean("groundmore", "released", "J&F_causal") == pytest.approx(right)
    assert "J&F_descriptive" not in scores.block("groundmore", "released").mean
    assert scores.mean("groundmore", "strict", "J") == pytest.approx(right / 2)
    assert scores.mean("groundmore", "strict", "J&F_descriptive") == 0
    assert "J&F_sequential" not in scores.block("groundmore", "strict").mean


def test_the_truth_gets_all_and_the_layout_of_the_authors_is_read(root, tmp_path):
    run = sb.evaluate("oracle", root, tmp_path / "run")
    assert run.scores.mean("groundmore", "strict", "J&F") == 1
    (root / "test_v2.json").rename(root / "groundmore_test.json")
    (root / "annotations").rename(root / "groundmore_videos")
    assert len(sb.load_benchmark(root)) == 2


def test_a_mask_that_is_not_there_is_empty_and_one_of_another_size_is_told(root):
    masks = root / "annotations" / VIDEO / "masks"
    (masks / f"frame_{PLACES[0]:06d}.png").unlink()
    bench = sb.load_benchmark(root)
    assert [mask is None for mask in track(bench, f"groundmore:{VIDEO}_1")] == [True, *[False] * 19]
    Image.fromarray(np.zeros((3, 4), np.uint8)).save(masks / f"frame_{PLACES[1]:06d}.png")
    (problem,) = check(resolve(root)).problems
    assert "is 3x4" in problem


def test_a_clip_of_fewer_frames_has_some_twice(root):
    folder = root / "annotations" / VIDEO / "images"
    for path in sorted(folder.iterdir())[5:]:
        path.unlink()
    (video,) = sb.load_benchmark(root).videos
    assert (len(video), len({*video.frames})) == (20, 5)


BROKEN = [
    ({"obj_id": "x"}, "obj_id of question 0 is 'x'"),
    ({"obj_id": None}, "obj_id of question 0 is missing"),
    ({"q_type": "Other"}, "q_type of question 0 is 'Other'"),
    ({"action_start": "soon"}, "'soon' is no time"),
    ({"action_end": None}, "action_end of question 0 is missing"),
    ({"question": ""}, "question is empty"),
]


@pytest.mark.parametrize(("change", "told"), BROKEN)
def test_what_is_broken_is_told(root, change, told):
    write(root, {"0": {**QUESTIONS["0"], **change}})
    with pytest.raises(UserError, match=told):
        sb.load_benchmark(root)


def test_ids_without_times_and_clips_that_are_not_there_are_told(root):
    (root / "annotations" / VIDEO).rename(root / "annotations" / "clip")
    write(root, QUESTIONS, "clip")
    with pytest.raises(UserError, match="end in the times of start and end"):
        sb.load_benchmark(root)
    write(root, QUESTIONS)
    with pytest.raises(UserError, match="no frame in"):
        sb.load_benchmark(root)


def test_times():
    assert (seconds("1:02"), seconds("01:00:03"), clip_start("a_0112_0120")) == (62, 3603, 72)
    about = {"action_start": "1:13", "action_end": "1:14"}
    assert acting("a_0112_0120", about, range(14)) == [False] * 6 + [True] * 6 + [False] * 2
