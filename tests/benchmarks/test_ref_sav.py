"""Ref-SAV: the numbers of both released families, the strict ones, and folders that are not whole."""

import json

import numpy as np
import pytest

import sama_bench as sb
from sama_bench.benchmark.address import resolve
from sama_bench.benchmark.check import check
from sama_bench.errors import UserError
from sama_bench.metrics import rle

GROUPS = {"long": "_long", "short": "_short", "overall": ""}


@pytest.fixture
def content(sets):
    return sets.golden("ref_sav")


@pytest.fixture
def root(sets, content, tmp_path):
    return sets.write_ref_sav(tmp_path / "ref_sav_eval", content)


@pytest.fixture
def bench(root):
    return sb.load_benchmark(root)


def predictions(sets, content):
    return {f"ref-sav:{name}": sets.answer(track) for name, track in content["predictions"].items()}


def test_the_numbers_of_sa2va_to_the_digit(sets, content, bench):
    assert bench.name == "ref-sav"
    scores = sets.scored(bench, predictions(sets, content))
    for group, suffix in GROUPS.items():
        for name, value in content[group].items():
            got = scores.mean("ref-sav", "released-sa2va", f"{'J&F' if name == 'JF' else name}{suffix}")
            assert got == pytest.approx(value / 100, abs=1e-9), (group, name)


def test_the_numbers_of_unipixel_and_each_expression(sets, content, bench):
    scores = sets.scored(bench, predictions(sets, content))
    for name, value in content["overall_UniPixel"].items():
        assert scores.mean("ref-sav", "released-unipixel", name) == pytest.approx(value, abs=1e-9)
    for key, question in scores.statistics.items():
        for name, value in content["per_expression"][key.id].items():
            assert question.measures["A_1" if name == "A" else name] == pytest.approx(value, abs=1e-9), (key, name)


def test_strict_is_exact_and_unites_what_overlaps(sets, content, bench):
    scores = sets.scored(bench, predictions(sets, content))
    jf = [(one["J"] + one["F"]) / 2 for one in content["per_expression"].values()]
    assert scores.mean("ref-sav", "strict", "J&F_of_all") == pytest.approx(np.mean(jf), abs=1e-12)
    key = sb.Key("ref-sav", "sav_0three_3")  # three objects, two of which overlap
    measures = scores.statistics[key].measures
    assert measures["A"] > measures["A_1"]


def test_what_was_not_answered(sets, content, bench):
    """Strict: 0. Sa2VA's worker ends at it, and UniPixel's where the video has other answers: it leaves the mean."""
    answers = predictions(sets, content)
    assert answers.pop("ref-sav:sav_0three_2")  # it had J 1, of four long ones and of eight
    whole, scores = sets.scored(bench, predictions(sets, content)), sets.scored(bench, answers)

    def both(protocol, name):
        return whole.mean("ref-sav", protocol, name), scores.mean("ref-sav", protocol, name)

    for protocol, name, count in (("released-sa2va", "J_long", 4), ("released-unipixel", "J", 8)):
        before, after = both(protocol, name)
        assert after == pytest.approx((count * before - 1) / (count - 1), abs=1e-9)
    before, after = both("strict", "J_long")
    assert before - after == pytest.approx(1 / 4)
    assert scores.block("ref-sav", "strict").missing == 1


def test_a_video_without_any_answer_counts_0_where_files_are_pictures(sets, content, bench):
    whole = predictions(sets, content)
    gone = {key for key in whole if "sav_0three" in key}
    scores = sets.scored(bench, {key: value for key, value in whole.items() if key not in gone})
    left = [content["per_expression"][key.removeprefix("ref-sav:")]["J"] for key in whole if key not in gone]
    assert scores.mean("ref-sav", "released-unipixel", "J") == pytest.approx(sum(left) / len(whole), abs=1e-9)


def as_video_file(content, root, frames=None, id_="sav_0two"):
    """The video in place of its pictures: each of its frames has a grey of its own, by its number."""
    import cv2

    for path in (root / "videos" / id_).iterdir():
        path.unlink()
    (root / "videos" / id_).rmdir()
    path = root / "videos" / "sav_000" / f"{id_}.mp4"
    path.parent.mkdir()
    about = content["meta"]["videos"][id_]
    count = int(max(about["frames"])) + 1 if frames is None else frames
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 24, (about["width"], about["height"]))
    for number in range(count):
        video.write(np.full((about["height"], about["width"], 3), 8 * number % 250, np.uint8))
    video.release()
    return path


def test_frames_are_those_of_the_video_file_by_their_numbers(sets, content, root, bench, tmp_path):
    about = content["meta"]["videos"]["sav_0two"]
    about["width"] -= about["width"] % 2  # as the encoder wants it
    about["height"] -= about["height"] % 2
    names = [f"{4 * n:05d}" for n in range(len(about["frames"]))]
    about["frames"] = names
    mask = rle.encode(np.eye(about["height"], about["width"], dtype=bool))  # of that size
    ids = {str(id_) for one in about["expressions"].values() for id_ in one["anno_id"]}
    content["masks"] |= {id_: [mask] * len(names) for id_ in ids}
    sets.write(root / "meta_expressions_valid.json", content["meta"])
    sets.write(root / "mask_dict.json", content["masks"])
    as_video_file(content, root)
    video = next(one for one in sb.load_benchmark(root).videos if one.id == "sav_0two")
    assert [path.stem for path in video.frames] == names
    assert video.size == (about["height"], about["width"])
    for place in range(len(names)):
        assert abs(float(video.frame(place).mean()) - 8 * 4 * place % 250) < 4
    first = video.frames[0].stat().st_mtime_ns
    again = next(one for one in sb.load_benchmark(root).videos if one.id == "sav_0two")
    assert again.frames == video.frames
    assert again.frames[0].stat().st_mtime_ns == first  # taken out once
    answers = write_pictures(tmp_path / "answers" / "sav_0two", about, names)
    assert sb.score(root, answers.parent, processes=1, tell=lambda _: None).mean("ref-sav", "strict", "J") > 0


def write_pictures(folder, about, names):
    from PIL import Image

    for number in about["expressions"]:
        (folder / number).mkdir(parents=True)
        for name in names:
            mask = np.eye(about["height"], about["width"], dtype=np.uint8) * 255
            Image.fromarray(mask).save(folder / number / f"{name}.png")
    return folder


def test_a_video_file_that_is_too_short_or_none_is_told(content, root):
    as_video_file(content, root, frames=1)
    with pytest.raises(UserError, match=r"it has 1 frames, and frame \d+ is listed.*ffmpeg"):
        sb.load_benchmark(root)
    path = root / "videos" / "sav_000" / "sav_0two.mp4"
    path.write_bytes(b"")
    with pytest.raises(UserError, match=r"sav_0two\.mp4: is a video file.*no video that OpenCV can read.*ffmpeg"):
        sb.load_benchmark(root)
    content["meta"]["videos"]["sav_0two"]["frames"][0] = "first"
    (root / "meta_expressions_valid.json").write_text(json.dumps(content["meta"]))
    with pytest.raises(UserError, match="names a frame 'first', expected its number in the file"):
        sb.load_benchmark(root)


def test_where_there_is_no_room_for_frames_it_is_told_before(content, root, monkeypatch):
    import shutil
    from types import SimpleNamespace

    as_video_file(content, root)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(UserError, match="set SAMA_BENCH_CACHE to a folder with more room"):
        sb.load_benchmark(root)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"height": 100}, "sav_0two: is 100x101"),
        ({"width": "wide"}, "height and width are 135, 'wide'"),
        ({"frames": []}, "frames is empty"),
    ],
)
def test_what_is_broken_is_told(content, root, change, told):
    content["meta"]["videos"]["sav_0two"].update(change)
    (root / "meta_expressions_valid.json").write_text(json.dumps(content["meta"]))
    try:
        problems = "".join(check(resolve(root)).problems)
    except UserError as problem:
        problems = str(problem)
    assert told in problems


def test_a_type_that_there_is_not_is_told(content, root):
    content["meta"]["videos"]["sav_0two"]["expressions"]["0"]["type_id"] = 2
    (root / "meta_expressions_valid.json").write_text(json.dumps(content["meta"]))
    assert "type_id is 2, expected 0 or 1" in "".join(check(resolve(root)).problems)
