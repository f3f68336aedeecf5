"""Ref-YouTube-VOS: asked without its truth, scored with it, in three forms of it that give the same numbers."""

import json

import numpy as np
import pytest
from PIL import Image

import sama_bench as sb
from sama_bench.benchmark.address import resolve
from sama_bench.benchmark.check import check
from sama_bench.errors import UserError
from sama_bench.metrics import rle

VIDEO = "110a1b2c3d"
FRAMES = ("00000", "00005", "00010", "00015")


@pytest.fixture
def tree(sets, tmp_path):
    return sets.copied("rvos", tmp_path)


def size_of(tree):
    with Image.open(tree / "valid/JPEGImages" / VIDEO / "00000.jpg") as image:
        return image.size[::-1]


def masks(tree):
    """True masks by expression, frame by frame: a block that moves, and all to the left of a line."""
    moving, left = np.zeros((2, len(FRAMES), *size_of(tree)), bool)
    for number in range(len(FRAMES)):
        moving[number, 4:14, 5 * number + 20 : 5 * number + 34] = True
        left[number, :, : 3 * number] = True
    return {"0": moving, "1": left}


def as_folders(tree, truth):
    for id_, frames in truth.items():
        folder = tree / "valid/Annotations" / VIDEO / id_
        folder.mkdir(parents=True)
        for name, mask in zip(FRAMES, frames, strict=True):
            Image.fromarray(mask.astype(np.uint8) * 255).save(folder / f"{name}.png")


def as_numbers(tree, truth):
    folder = tree / "valid/Annotations" / VIDEO
    folder.mkdir(parents=True)
    for number, name in enumerate(FRAMES):
        pixels = np.where(truth["0"][number], 3, 0) + np.where(truth["1"][number] & ~truth["0"][number], 7, 0)
        image = Image.fromarray(pixels.astype(np.uint8))
        image.putpalette([value for number in range(256) for value in (number, 0, 255 - number)])  # mode P
        image.save(folder / f"{name}.png")
    give(tree, obj_id={"0": "3", "1": 7})


def as_dictionary(tree, truth):
    content = {"40": rle.encode_track(truth["0"]), "41": rle.encode_track(truth["1"])}
    (tree / "valid/mask_dict.json").write_text(json.dumps(content))
    give(tree, anno_id={"0": [40], "1": [41]})


def give(tree, **values):
    """Add a key to both expressions of the list."""
    path = tree / "meta_expressions/valid/meta_expressions.json"
    content = json.loads(path.read_text())
    for name, own in values.items():
        for id_, value in own.items():
            content["videos"][VIDEO]["expressions"][id_][name] = value
    path.write_text(json.dumps(content))


def test_without_truth_it_is_asked_told_and_not_scored(tree, tmp_path):
    report = check(resolve(tree))
    assert report.questions == {"ref-youtube-vos": 2}  # the video of test is left out
    assert "its truth is not there" in report.without_truth["ref-youtube-vos"]
    assert not report.problems
    run = sb.evaluate("motion", tree, tmp_path / "run")
    block = run.scores.kept.protocols["strict"]["ref-youtube-vos"]
    assert (dict(block.mean), block.questions) == ({}, 2)
    of_masks = {"J", "F", "J&F", "target_accuracy", "no_target_accuracy", "false_area"}
    of_points = {"point_precision", "point_recall", "point_f1", "no_target_points"}
    assert {*block.unavailable} == of_masks | of_points


@pytest.mark.parametrize("write", [as_folders, as_numbers, as_dictionary])
def test_every_form_of_the_truth_gives_the_same_numbers(sets, tree, write):
    truth = masks(tree)
    write(tree, truth)
    assert check(resolve(tree)).problems == []
    bench = sb.load_benchmark(tree)
    said = {f"{VIDEO}_0": sets.track(*truth["0"]), f"{VIDEO}_1": sets.track(*truth["0"])}
    scores = sb.score(bench, sets.answers("ref-youtube-vos", said))
    for protocol in ("released", "strict"):
        found = scores.kept.protocols[protocol]["ref-youtube-vos"].mean
        assert found["J"] == 0.5  # the first right in all frames, the second beside it in all
        assert 0.5 <= found["F"] < 1
    assert scores.kept.protocols["strict"]["ref-youtube-vos"].mean["target_accuracy"] == 1


def test_the_question_that_holds_a_question_mark_goes_as_it_is(tree):
    asked = {question.key.id: question.text for question in sb.load_benchmark(tree)}
    assert asked == {f"{VIDEO}_0": "Please segment a thing on the left.", f"{VIDEO}_1": "is there a thing that turns?"}


def test_other_answers_give_another_fingerprint(tree):
    without = check(resolve(tree)).fingerprint
    truth = masks(tree)
    as_folders(tree, truth)
    before = check(resolve(tree)).fingerprint
    Image.fromarray(np.zeros(size_of(tree), np.uint8)).save(tree / "valid/Annotations" / VIDEO / "0/00010.png")
    assert len({without, before, check(resolve(tree)).fingerprint}) == 3


def test_pictures_that_are_no_masks_of_the_video_are_told(tree):
    as_folders(tree, masks(tree))
    folder = tree / "valid/Annotations" / VIDEO / "1"
    (folder / "00000.png").unlink()
    (folder / "00005.png").write_bytes(b"no picture")
    Image.fromarray(np.zeros((3, 4), np.uint8)).save(folder / "00010.png")
    Image.fromarray(np.zeros((*size_of(tree), 3), np.uint8)).save(folder / "00015.png")
    problems = check(resolve(tree)).problems
    assert len(problems) == 4
    for place, told in zip(FRAMES, ("No such file", "not a whole picture", "is 3x4", "mode RGB"), strict=True):
        assert any(f"{place}.png" in line and told in line for line in problems)
    with pytest.raises(UserError, match=r"00010\.png: is 3x4"):
        sb.load_benchmark(tree)


def test_numbers_without_obj_id_two_truths_and_a_missing_list_are_told(tree):
    as_numbers(tree, masks(tree))
    give(tree, obj_id={"0": None, "1": "x"})
    problems = "".join(check(resolve(tree)).problems)
    assert "obj_id is missing or null" in problems
    assert "obj_id is 'x', expected 1 to 254" in problems
    (tree / "valid/mask_dict.json").write_text("{}")
    with pytest.raises(UserError, match="two truths cannot both be meant"):
        check(resolve(tree))
    (tree / "meta_expressions/test/meta_expressions.json").unlink()
    with pytest.raises(UserError, match=r"which videos of .* belong to test"):
        check(resolve(f"ref-youtube-vos:{tree}"))
