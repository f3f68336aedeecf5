"""RefCOCO/+/g: the numbers of four released codes, split by split, the polygons they spoil, and the strict numbers."""

import copy
import json
import pickle

import numpy as np
import pytest

import sama_bench as sb
from sama_bench.benchmarks.refcoco.layout import PARTS
from sama_bench.benchmarks.refcoco.measures import box_iou, box_of
from sama_bench.benchmarks.refcoco.polygons import as_released, parts, united
from sama_bench.errors import UserError
from sama_bench.metrics import rle

FAMILIES = {
    "released-sama": "sama_without_images_of_nulls_only",
    "released-sa2va": "Sa2VA",
    "released-lisa": "LISA",
    "released-union": "UniPixel",
}
SETS = {part.key: part for part in PARTS}


@pytest.fixture
def content(sets):
    return sets.golden("refcoco")


@pytest.fixture
def bench(sets, content, tmp_path):
    tasks = [part.key for part in PARTS]  # also those that are asked only where they are named
    return sb.load_benchmark(sets.write_refcoco(tmp_path / "ref_seg", content["sets"]), tasks=tasks)


def predictions(sets, content, bench):
    answers = {}
    for key in bench.where:
        mask = content["sets"][SETS[key.task].dataset]["predictions"][key.id]
        answers[key] = {"text": "I cannot.", "tracks": []} if mask is None else sets.answer([mask])
    return answers


def test_released_numbers_of_each_split(sets, content, bench):
    assert bench.name == "refcoco"
    scores = sets.scored(bench, predictions(sets, content, bench))
    for part in PARTS:
        numbers = content["numbers"][f"{part.dataset} {part.split}"]
        for protocol, family in FAMILIES.items():
            digits = 1e-9 if family == "UniPixel" else 1e-6  # the others compute in float32
            for name in ("cIoU", "gIoU"):
                got = scores.mean(part.key, protocol, name)
                assert got == pytest.approx(numbers[family][name], abs=digits), (part, protocol, name)
        boxes = scores.mean(part.key, "released-union", "box_acc")
        assert boxes == pytest.approx(numbers["UniPixel"]["box_acc_0.5"], abs=1e-9)
        for name in ("cIoU", "gIoU"):  # all answered, nothing absent: the union's numbers
            strict = scores.mean(part.key, "strict", name)
            assert strict == pytest.approx(numbers["UniPixel"][name], abs=1e-9)


def test_each_sentence_has_the_released_pixels(sets, content, bench):
    scores = sets.scored(bench, predictions(sets, content, bench))
    for part in PARTS:
        for id_, expected in content["numbers"][f"{part.dataset} {part.split}"]["per_sentence_UniPixel"].items():
            measures = scores.statistics[part.key, id_].measures
            assert (measures["intersection"], measures["union"]) == (expected["inter"], expected["union"])
            assert (measures["box"] >= 0.5) == expected["hit"]


SQUARE = [1, 1, 5, 1, 5, 5, 1, 5]
INSIDE = [2, 2, 4, 2, 4, 4, 2, 4]
FRAME = (8, 10)


def test_polygons_that_overlap_are_united_and_the_released_code_makes_holes_of_it():
    pixels = parts([SQUARE, INSIDE], FRAME)
    union, released = (rle.decode(one, FRAME) for one in (united(pixels), as_released(pixels)))
    summed = pixels.sum(axis=2)
    assert {*np.unique(summed)} == {0, 1, 2}
    assert (union == (summed > 0)).all()
    assert (released == (summed == 1)).all()


def test_where_a_column_goes_from_0_to_2_the_released_code_exchanges_what_follows():
    pixels = parts([SQUARE, SQUARE], FRAME)
    released = rle.decode(as_released(pixels), FRAME)
    assert (released == (pixels.sum(axis=2) > 0)).all()  # 0, 2, 0: as it should be
    lower = parts([[1, 1, 5, 1, 5, 7, 1, 7], SQUARE], FRAME)  # 0, 2, 1, 0 in each column
    summed = lower.sum(axis=2)
    released = rle.decode(as_released(lower), FRAME)
    assert not (released == (summed > 0)).all()
    runs = summed.ravel(order="F")
    expected = np.cumsum(np.diff(runs, prepend=0) != 0) % 2 == 1
    assert (released.ravel(order="F") == expected).all()


def small(sentences, polygons=(SQUARE,)):
    """One image of RefCOCO's val with one object and so many sentences."""
    reference = {
        "ref_id": 1, "ann_id": 7, "image_id": 5, "category_id": 1, "split": "val", "file_name": "other_0.jpg",
        "sent_ids": [*range(sentences)],
        "sentences": [{"sent_id": n, "sent": f"box {n}", "raw": "", "tokens": []} for n in range(sentences)],
    }  # fmt: skip
    instances = {
        "images": [{"id": 5, "file_name": "COCO_train2014_000000000005.jpg", "height": FRAME[0], "width": FRAME[1]}],
        "annotations": [
            {"id": 7, "image_id": 5, "segmentation": [list(one) for one in polygons], "bbox": [1, 1, 4, 4]}
        ],
    }
    return {"refcoco": {"refs": [reference], "instances": instances}}


def test_strict_counts_an_answer_without_a_mask_and_one_that_is_missing(sets, tmp_path):
    bench = sb.load_benchmark(sets.write_refcoco(tmp_path / "r", small(4)))
    true = bench.truth("refcoco-val:0").tracks[0]
    area = rle.area(true[0])
    answers = {
        "refcoco-val:0": sets.answer(true),
        "refcoco-val:1": {"text": "It is not there.", "tracks": []},
        "refcoco-val:2": {"error": "out of memory"},
    }
    scores = sets.scored(bench, answers)
    assert scores.mean("refcoco-val", "strict", "cIoU") == pytest.approx(area / (4 * area))
    assert scores.mean("refcoco-val", "strict", "gIoU") == pytest.approx(1 / 4)
    assert scores.mean("refcoco-val", "released-sama", "cIoU") == 1.0  # only the first is in its union
    assert scores.mean("refcoco-val", "released-sama", "gIoU") == pytest.approx(1 / 4, abs=1e-6)
    block = scores.block("refcoco-val", "strict")
    assert (block.missing, block.errors) == (1, 1)


def test_which_masks_of_an_answer_count(sets, tmp_path):
    bench = sb.load_benchmark(sets.write_refcoco(tmp_path / "r", small(1)))
    true = rle.decode(bench.truth("refcoco-val:0").tracks[0][0], FRAME)
    upper, lower = true.copy(), true.copy()
    upper[3:], lower[:3] = False, False
    scores = sets.scored(bench, {"refcoco-val:0": sets.answer(upper[None], lower[None])})
    half = upper.sum() / true.sum()
    expected = {"released-sama": half, "released-sa2va": 1.0, "released-union": half, "strict": half}
    for protocol, value in expected.items():
        assert scores.mean("refcoco-val", protocol, "cIoU") == pytest.approx(value)


def test_a_truth_without_a_pixel_is_a_metric_of_its_own(sets, tmp_path):
    bench = sb.load_benchmark(sets.write_refcoco(tmp_path / "r", small(2, polygons=())))
    answers = {
        "refcoco-val:0": {"text": "Nothing.", "tracks": []},
        "refcoco-val:1": sets.answer(np.ones((1, *FRAME), bool)),
    }
    scores = sets.scored(bench, answers)
    assert scores.mean("refcoco-val", "strict", "absent") == pytest.approx(1 / 2)
    assert "gIoU" not in scores.block("refcoco-val", "strict").mean
    assert scores.mean("refcoco-val", "released-sa2va", "gIoU") == pytest.approx(1 / 2)


def test_boxes_leave_out_small_parts_and_have_sides_without_the_last_pixel():
    mask = np.zeros((40, 60), bool)
    mask[10:20, 10:30] = True
    mask[30:33, 50:53] = True  # nine pixels
    assert box_of(mask) == (10, 10, 29, 19)
    assert box_iou((10, 10, 29, 19), (10, 10, 30, 20)) == pytest.approx(19 * 9 / 200)
    assert box_iou(None, (0, 0, 1, 1)) == 0.0
    assert box_of(mask[:5]) is None


def test_pooled_splits_are_asked_only_where_they_are_named(sets, content, tmp_path):
    root = sets.write_refcoco(tmp_path / "r", content["sets"])
    usual = sb.load_benchmark(root)
    assert {key.task for key in usual.where} == {part.key for part in PARTS if not part.pooled}
    pooled = sb.load_benchmark(root, tasks="refcoco-test")
    parts = [key.id for key in usual.where if key.task in {"refcoco-testa", "refcoco-testb"}]
    assert sorted(key.id for key in pooled.where) == sorted(parts)


def test_lisa_leaves_out_what_two_polygons_cover(sets, tmp_path):
    bench = sb.load_benchmark(sets.write_refcoco(tmp_path / "r", small(1, polygons=(SQUARE, INSIDE))))
    summed = parts([SQUARE, INSIDE], FRAME).sum(axis=2)
    scores = sets.scored(bench, {"refcoco-val:0": sets.answer((summed > 0)[None])})
    once, all_ = (summed == 1).sum(), (summed > 0).sum()
    assert scores.mean("refcoco-val", "released-lisa", "cIoU") == pytest.approx(once / all_)
    assert scores.mean("refcoco-val", "released-lisa", "gIoU") == pytest.approx(once / (all_ + 1e-5) / (1 + 1e-5))


def test_joined_splits_belong_to_both_and_train_to_none(sets, tmp_path):
    content = small(1)
    joined, train = copy.deepcopy(content["refcoco"]["refs"][0]), copy.deepcopy(content["refcoco"]["refs"][0])
    joined |= {"split": "testAB", "sentences": [{"sent_id": 50, "sent": "both"}]}
    train |= {"split": "train", "sentences": [{"sent_id": 60, "sent": "none"}]}
    content["refcoco"]["refs"] += [joined, train]
    bench = sb.load_benchmark(sets.write_refcoco(tmp_path / "r", content))
    assert [str(key) for key in bench.where] == ["refcoco-val:0", "refcoco-testa:50", "refcoco-testb:50"]
    assert bench.question("refcoco-testb:50").text == "Please segment both in this image."


def test_an_image_of_another_size_is_told_and_scored_by_its_masks(sets, content, bench, tmp_path):
    from PIL import Image

    path = next((tmp_path / "ref_seg/train2014").iterdir())
    Image.new("RGB", (31, 17)).save(path)
    again = sb.load_benchmark(tmp_path / "ref_seg")
    assert any("17x31" in line and path.name in line for line in again.misfits())
    scores = sets.scored(again, predictions(sets, content, again))
    assert scores.mean("refcoco-val", "strict", "cIoU") == pytest.approx(
        content["numbers"]["refcoco val"]["UniPixel"]["cIoU"]
    )


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda one: one["refs"][0].update(ann_id=8), "its annotation is not in instances.json"),
        (lambda one: one["refs"].append(one["refs"][0]), "stands in an earlier one"),
        (lambda one: one["instances"]["annotations"][0].update(segmentation=[[1, 2, 3]]), "annotation 7"),
        (lambda one: one["instances"]["images"][0].update(height=0), "height and width"),
    ],
)
def test_broken_references_are_told(sets, tmp_path, spoil, told):
    content = small(1)
    root = sets.write_refcoco(tmp_path / "r", content)
    spoil(content["refcoco"])
    (root / "refcoco/refs(unc).p").write_bytes(pickle.dumps(content["refcoco"]["refs"], 2))
    (root / "refcoco/instances.json").write_text(json.dumps(content["refcoco"]["instances"]), encoding="utf-8")
    with pytest.raises(UserError, match=told):
        sb.load_benchmark(f"refcoco:{root}")


def test_a_pickle_that_calls_something_is_refused(sets, tmp_path):
    root = sets.write_refcoco(tmp_path / "r", small(1))
    (root / "refcoco/refs(unc).p").write_bytes(pickle.dumps([np.float64(1)], 2))
    with pytest.raises(UserError, match="not a pickle of plain"):
        sb.load_benchmark(root)


def test_masks_by_sentence_in_files_named_after_their_sets(sets, content, bench, tmp_path):
    folder = tmp_path / "answers"
    folder.mkdir()
    for name, one in content["sets"].items():
        (folder / f"{name}.json").write_text(json.dumps(one["predictions"]))
    by_key = sets.scored(bench, predictions(sets, content, bench))
    found = sb.score(bench, folder, processes=1, tell=print).kept
    for part in PARTS:
        for protocol in (*FAMILIES, "strict"):
            assert dict(found.block(part.key, protocol).mean) == dict(by_key.block(part.key, protocol).mean)
    united = tmp_path / "results.json"
    united.write_text(json.dumps({name: one["predictions"] for name, one in content["sets"].items()}))
    assert sb.score(bench, united, processes=1, tell=print).kept == found
    (tmp_path / "mine.json").write_text((folder / "refcoco.json").read_text())
    alone = sb.score(bench, tmp_path / "mine.json", processes=1, tell=print)  # no other set has these sentences
    assert alone.mean("refcoco-val", "strict", "cIoU") == found.block("refcoco-val", "strict").mean["cIoU"]
    assert alone.kept.block("refcocog-val", "strict").missing == 12


def test_several_masks_of_a_sentence_are_several_tracks(sets, tmp_path):
    bench = sb.load_benchmark(sets.write_refcoco(tmp_path / "r", small(1)))
    true = bench.truth("refcoco-val:0").tracks[0][0]
    beside = np.zeros(FRAME, bool)
    beside[7, 9] = True
    (tmp_path / "refcoco.json").write_text(json.dumps({"0": [true, rle.encode(beside)]}))
    found = sb.score(bench, tmp_path / "refcoco.json", processes=1, tell=print)
    assert found.mean("refcoco-val", "strict", "cIoU") == 1.0
    area = rle.area(true)
    assert found.mean("refcoco-val", "released-sa2va", "cIoU") == pytest.approx(area / (area + 1))
