"""Ref-SAV: the numbers of both released families, the strict ones, and folders that are not whole."""

import json

import numpy as np
import pytest

import sama_bench as sb
from sama_bench.benchmark.address import resolve
from sama_bench.benchmark.check import check
from sama_bench.errors import UserError

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


def test_video_files_whose_frames_nobody_took_out_are_told(root):
    folder = root / "videos" / "sav_0two"
    folder.rename(root / "elsewhere")
    (root / "videos" / "sav_0").mkdir()
    (root / "videos" / "sav_0" / "sav_0two.mp4").write_bytes(b"")
    with pytest.raises(UserError, match=r"sav_0two\.mp4: is a video file.*ffmpeg"):
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
