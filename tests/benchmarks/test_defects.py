"""Defects of the released scorers, one by one: each shows in the released protocol, and its mend in strict.

The numbers are those of the list that these protocols were written by. 22 is not here: an import that fails makes no
number. 2, 7, 9, 14, 21 and 23 are of programs and not of formulas: nothing of them shows in a protocol, and what is
tested is that they do not happen here.
"""

import json
import resource
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner

import sama_bench as sb
from sama_bench.benchmark.installed import load_task
from sama_bench.metrics import rle

SIZE = (20, 24)
EXACT = {"abs": 1e-12, "rel": 0}


def box(top, left, bottom, right):
    mask = np.zeros(SIZE, bool)
    mask[top:bottom, left:right] = True
    return mask


LEFT, RIGHT, NONE, ALL = box(2, 2, 10, 8), box(2, 12, 10, 18), box(0, 0, 0, 0), box(0, 0, *SIZE)


def track(*masks):
    return [None if mask is None else rle.encode(mask) for mask in masks]


def mevis(sets, root, videos):
    """`videos`: names with frames, and expressions that have a track, or None for what means nothing."""
    masks, meta = {}, {}
    for name, (frames, tracks) in videos.items():
        expressions = {}
        for number, one in enumerate(tracks):
            ids = [] if one is None else [len(masks)]
            masks |= {} if one is None else {str(len(masks)): one}
            expressions[str(number)] = {"exp": f"thing {number}", "anno_id": ids}
        meta[name] = {"frames": frames, "expressions": expressions}
        for frame in frames:
            sets.picture(root / f"valid_u/JPEGImages/{name}/{frame}.jpg", SIZE)
    sets.write(root / "valid_u/meta_expressions.json", {"videos": meta})
    sets.write(root / "valid_u/mask_dict.json", masks)
    return sb.load_benchmark(f"mevis:{root}")


def revos(sets, root, expressions, foreground=ALL):
    """One video of one frame; an expression is its type and the masks of its objects."""
    masks, listed = {}, {}
    for number, (kind, own) in enumerate(expressions):
        ids = range(len(masks), len(masks) + len(own))
        masks |= {str(id_): track(mask) for id_, mask in zip(ids, own, strict=True)}
        listed[str(number)] = {"exp": f"thing {number}", "obj_id": [*ids], "anno_id": [*ids], "type_id": kind}
    video = {"frames": ["00000"], "height": SIZE[0], "width": SIZE[1], "expressions": listed}
    content = {
        "meta": {"videos": {"v": video}},
        "masks": masks,
        "foreground": {"v": {"masks_rle": track(foreground), "foreground_ratio": [1.0]}},
    }
    return sb.load_benchmark(sets.write_revos(root, content))


def scored(sets, bench, task, tracks):
    """The means by protocol; None is an answer without a mask."""
    said = {
        f"{task}:{id_}": {"text": "No.", "tracks": []} if one is None else sets.answer(one)
        for id_, one in tracks.items()
    }
    return lambda protocol, name: sets.scored(bench, said).mean(task, protocol, name)


def test_01_an_expression_without_an_answer_leaves_the_released_mean(sets, tmp_path):
    bench = mevis(sets, tmp_path, {"a": (["00000"], [track(LEFT), track(RIGHT)]), "b": (["00000"], [track(LEFT)])})
    mean = scored(sets, bench, "mevis", {"a_0": track(LEFT)})
    assert mean("released", "J") == pytest.approx(1 / 2)  # of a_0, and of b, whose folder is not there
    assert mean("strict", "J") == pytest.approx(1 / 3)


def test_02_every_expression_is_counted_with_any_number_of_processes(sets, tmp_path):
    videos = {f"v{n}": (["00000"], [track(LEFT), track(RIGHT)]) for n in range(40)}
    bench = mevis(sets, tmp_path, videos)
    said = {f"mevis:v{n}_{k}": sets.answer(track(LEFT)) for n in range(40) for k in range(2)}
    found = [sb.score(bench, said, processes=count, tell=lambda _: None).kept for count in (1, 3)]
    assert found[0].dumps() == found[1].dumps()
    assert found[0].block("mevis", "released").mean["J"] == found[0].block("mevis", "strict").mean["J"] == 0.5
    assert found[0].block("mevis", "released").questions == 80


def test_03_predictions_of_255_are_no_true_positives(sets, tmp_path):
    bench = revos(sets, tmp_path, [(0, [LEFT]), (1, [LEFT])])
    wider = box(2, 2, 10, 9)
    mean = scored(sets, bench, "revos", {"v_0": track(wider), "v_1": track(wider)})
    pixels, right, false = LEFT.size, int(LEFT.sum()), int(wider.sum() - LEFT.sum())
    assert mean("released-255", "A") == pytest.approx((pixels - right - false) / pixels, abs=1e-4)
    assert mean("released-255", "R") == 0.0  # 255 times eight of 480 pixels
    for protocol, digits in (("released-1", 1e-4), ("strict", 1e-12)):
        assert mean(protocol, "A") == pytest.approx((pixels - false) / pixels, abs=digits)
        assert mean(protocol, "R") == pytest.approx(1 - false / pixels, abs=digits)


def test_04_where_masks_of_one_expression_overlap_the_released_truth_is_2(sets, tmp_path):
    bench = revos(sets, tmp_path, [(0, [LEFT, LEFT]), (1, [LEFT])])
    mean = scored(sets, bench, "revos", {"v_0": track(LEFT), "v_1": track(LEFT)})
    assert mean("released-1", "A_referring") == pytest.approx(1 - LEFT.mean(), abs=1e-4)
    assert mean("released-1", "R_referring") == 0.0  # 1 - 2 is 255 in bytes
    assert mean("strict", "A_referring") == mean("strict", "R_referring") == 1.0
    assert mean("released-1", "J_referring") == 1.0


def test_05_what_is_absent_is_in_no_released_number(sets, tmp_path):
    bench = revos(sets, tmp_path, [(0, [LEFT]), (1, [RIGHT]), (2, [])])
    right = {"v_0": track(LEFT), "v_1": track(RIGHT)}
    wrong, silent = (scored(sets, bench, "revos", {**right, "v_2": one}) for one in (track(ALL), None))
    for name in ("J&F", "A", "R"):
        assert wrong("released-1", name) == silent("released-1", name) == 1.0
    assert (wrong("strict", "absent"), silent("strict", "absent")) == (0.0, 1.0)
    assert (wrong("strict", "absent_area"), silent("strict", "absent_area")) == (1.0, 0.0)


def test_06_each_expression_is_rounded_and_groups_weigh_the_same(sets, tmp_path):
    bench = revos(sets, tmp_path, [(0, [LEFT]), (0, [LEFT]), (1, [RIGHT])])
    third = box(2, 2, 10, 4)  # J is 1/3
    mean = scored(sets, bench, "revos", {"v_0": track(third), "v_1": track(third), "v_2": track(RIGHT)})
    assert mean("released-1", "J") == pytest.approx((0.3333 + 1) / 2, **EXACT)
    assert mean("strict", "J") == pytest.approx((1 / 3 + 1) / 2, **EXACT)
    of_all, of_groups = mean("strict", "J&F_of_all"), mean("strict", "J&F")
    assert of_all == pytest.approx((2 * mean("strict", "J&F_referring") + 1) / 3, **EXACT)
    assert of_groups == pytest.approx((mean("strict", "J&F_referring") + 1) / 2, **EXACT)


def test_07_predictions_stay_where_they_are(sets, tmp_path):
    bench = mevis(sets, tmp_path / "tree", {"a": (["00000"], [track(LEFT)])})
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"a": {"0": {"prediction_masks": track(LEFT)}}}))
    before = path.read_bytes()
    sb.score(bench, path, processes=1, tell=print)
    assert path.read_bytes() == before


def davis(sets, root, objects, frames=("00000", "00001")):
    """A video of `objects` masks, each with four expressions."""
    expressions = {str(n): {"exp": f"thing {n}", "obj_id": str(n // 4 + 1)} for n in range(4 * len(objects))}
    masks = {str(place): track(*[objects[int(n) // 4]] * len(frames)) for place, n in enumerate(sorted(expressions))}
    content = {
        "meta": {"videos": {"v": {"frames": list(frames), "expressions": expressions}}},
        "sizes": {"v": SIZE},
        "void": {"v": [None] * len(frames)},
        "masks": masks,
    }
    return sb.load_benchmark(sets.write_davis(root, content))


def test_08_re_assignment_hides_that_objects_are_confused(sets, tmp_path):
    bench = davis(sets, tmp_path / "d", [LEFT, RIGHT])
    mean = scored(sets, bench, "davis17", {f"v_{n}": track(*[(RIGHT, LEFT)[n // 4]] * 2) for n in range(8)})
    assert mean("released-annotator", "J") == 1.0
    assert mean("released-expression", "J") == mean("strict", "J") == 0.0


def test_09_label_images_need_no_picture_of_a_video_that_is_not_there(sets, tmp_path):
    from PIL import Image

    bench = davis(sets, tmp_path / "d", [LEFT, RIGHT])  # the released merging takes its palette from blackswan
    labels = LEFT.astype(np.uint8) + 2 * RIGHT.astype(np.uint8)
    for annotator in range(4):
        for frame in ("00000", "00001"):
            path = tmp_path / f"merged/anno_{annotator}/v/{frame}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(labels).save(path)
    found = sb.score(bench, tmp_path / "merged", processes=1, tell=lambda _: None)
    assert found.mean("davis17", "released-annotator", "J&F") == 1.0


def polygon(top, left, bottom, right):
    return [left, top, right, top, right, bottom, left, bottom]


SQUARE = polygon(2, 2, 10, 8)


def refcoco(sets, root, *, sentences=1, polygons=(SQUARE,), splits=("val",)):
    references, annotations, images = [], [], []
    for number, split in enumerate(splits):
        ids = range(number * sentences, (number + 1) * sentences)
        references.append({
            "ref_id": number, "ann_id": number, "image_id": number, "category_id": 1, "split": split, "file_name": "x",
            "sent_ids": [*ids], "sentences": [{"sent_id": n, "sent": f"box {n}", "raw": "", "tokens": []} for n in ids],
        })  # fmt: skip
        annotations.append({"id": number, "image_id": number, "segmentation": list(polygons), "bbox": [2, 2, 6, 8]})
        name = f"COCO_train2014_{number:012d}.jpg"
        images.append({"id": number, "file_name": name, "height": SIZE[0], "width": SIZE[1]})
    instances = {"images": images, "annotations": annotations}
    return sb.load_benchmark(sets.write_refcoco(root, {"refcoco": {"refs": references, "instances": instances}}))


def test_10_polygons_that_overlap_become_background(sets, tmp_path):
    bench = refcoco(sets, tmp_path / "r", polygons=[polygon(2, 2, 10, 8), polygon(4, 4, 8, 6)])
    whole = bench.truth("refcoco-val:0").tracks[0]
    mean = scored(sets, bench, "refcoco-val", {"0": whole})
    assert mean("released-sama", "cIoU") == mean("released-sa2va", "cIoU") < 1
    assert mean("released-lisa", "cIoU") < 1
    assert mean("released-union", "cIoU") == mean("strict", "cIoU") == 1.0


def test_11_an_answer_without_a_mask_leaves_samas_union(sets, tmp_path):
    bench = refcoco(sets, tmp_path / "r", sentences=2)
    mean = scored(sets, bench, "refcoco-val", {"0": bench.truth("refcoco-val:0").tracks[0], "1": None})
    assert mean("released-sama", "cIoU") == 1.0
    for protocol in ("released-sa2va", "released-union", "strict"):
        assert mean(protocol, "cIoU") == pytest.approx(0.5)


def test_12_sama_takes_the_first_mask_and_sa2va_all(sets, tmp_path):
    bench = refcoco(sets, tmp_path / "r")
    first = bench.truth("refcoco-val:0").tracks[0]
    said = {"refcoco-val:0": sets.answer(first, track(RIGHT))}
    scores = sets.scored(bench, said)
    assert scores.mean("refcoco-val", "released-sama", "cIoU") == scores.mean("refcoco-val", "strict", "cIoU") == 1.0
    assert scores.mean("refcoco-val", "released-sa2va", "cIoU") < 1
    assert load_task("refcoco-val").definition["mask"]["released-sa2va"] == "union of all"  # in the signature's digest


def test_13_test_a_and_test_b_stand_apart(sets, tmp_path):
    bench = refcoco(sets, tmp_path / "r", splits=("testA", "testB"))
    said = {"refcoco-testa:0": sets.answer(bench.truth("refcoco-testa:0").tracks[0])}
    scores = sets.scored(bench, {**said, "refcoco-testb:1": sets.answer(track(RIGHT))})
    assert scores.mean("refcoco-testa", "strict", "gIoU") == 1.0
    assert scores.mean("refcoco-testb", "strict", "gIoU") == 0.0


def test_14_the_words_of_a_question_are_part_of_the_signature():
    sama, sa2va = (load_task(key).definition for key in ("mevis", "revos"))
    assert sama["wording"]["question"] == "{exp}"
    assert sa2va["template"]["question"] == "{exp} Please respond with a segmentation mask."


def test_15_masks_are_numbered_in_sorted_order_10_before_2(sets, tmp_path):
    bench = davis(sets, tmp_path / "d", [LEFT, RIGHT, box(12, 2, 18, 8)])
    assert rle.decode(bench.truth("davis17:v_10").tracks[0][0], SIZE)[13, 3]  # of the third object: entry 2 of the file
    assert rle.decode(bench.truth("davis17:v_2").tracks[0][0], SIZE)[3, 3]


def test_16_short_videos_count(sets, tmp_path):
    frames = ["00000", "00001", "00002"]
    bench = mevis(sets, tmp_path, {"a": (frames, [track(LEFT, LEFT, LEFT)]), "b": (["00000"], [track(LEFT)])})
    mean = scored(sets, bench, "mevis", {"a_0": None, "b_0": track(LEFT)})
    assert mean("strict", "J") == mean("released", "J") == 0.5


def test_18_a_video_without_a_frame_00000_cannot_be_scored_by_the_released_code(sets, tmp_path):
    bench = mevis(sets, tmp_path, {"a": (["00007"], [track(LEFT)]), "b": (["00000"], [track(LEFT)])})
    mean = scored(sets, bench, "mevis", {"a_0": track(LEFT), "b_0": None})
    assert mean("released", "J") == 0.0  # of b alone
    assert mean("strict", "J") == 0.5


def explained(bench, answers, start):
    """What `explain` says of the way from a convention: the steps by name, each metric's values before and after."""
    from sama_bench.api.in_memory import PredictionsInMemory
    from sama_bench.score.explain import explain
    from sama_bench.score.similarity_choice import choose

    (task,) = explain(bench, PredictionsInMemory(answers, bench), choose("words"), processes=1)
    difference = next(one for one in task.differences if one.start == start)
    return task.conventions[start], {step.name: step.effects for step in difference.steps}


def test_17_what_is_not_there_leaves_reasonvos_mean(sets, tmp_path):
    expressions = [{"obj_id": 1, "exp_id": n, "exp_text": "it", "is_sent": False} for n in range(2)]
    content = {
        "meta": {"videos": {"v": {"source": "MOSE", "frames": ["00000"], "expressions": expressions}}},
        "sizes": {"v": SIZE},
        "masks": {"MOSE_v_1": track(LEFT)},
    }
    bench = sb.load_benchmark(sets.write_reasonvos(tmp_path / "r", content))
    mean = scored(sets, bench, "reasonvos", {"MOSE_v_1_0": track(LEFT)})
    assert (mean("released", "J"), mean("strict", "J")) == (1.0, 0.5)


def test_19_frames_are_compared_by_name(sets, tmp_path):
    """Pictures are, also in the released code; masks of a results.json have only their places there."""
    bench = mevis(
        sets,
        tmp_path,
        {"a": (["00001", "00000"], [track(RIGHT, LEFT)]), "b": (["00000", "00001"], [track(LEFT, LEFT)])},
    )
    said = {"mevis:a_0": sets.answer(track(LEFT, RIGHT)), "mevis:b_0": sets.answer(track(LEFT, LEFT))}
    mean = sets.scored(bench, said).mean
    assert mean("mevis", "strict", "J") == mean("mevis", "released", "J") == 1.0
    released, steps = explained(bench, said, "released, of a results.json")
    assert released["J"] == 0.5
    order = steps["order"]["J"]
    assert (order.before, order.after, order.questions) == (0.5, 1.0, ["a_0"])
    assert steps["unanswered"]["J"].difference == steps["absent"]["J"].difference == 0.0


def test_19_in_davis_too(sets, tmp_path):
    bench = davis(sets, tmp_path / "d", [LEFT], frames=("00001", "00000"))
    said = {f"davis17:v_{n}": sets.answer(track(LEFT, NONE)) for n in range(4)}
    released, steps = explained(bench, said, "released, of a results.json")
    assert released["J"] == steps["order"]["J"].after == 0.5  # the same mask in both frames


def test_20_a_truth_that_fills_the_frame_has_f_of_0_or_1_and_is_told_apart(sets, tmp_path):
    bench = mevis(
        sets, tmp_path, {"a": (["00000"], [track(ALL), track(LEFT)]), "b": (["00000", "00001"], [track(LEFT, LEFT)])}
    )
    nearly = ALL.copy()
    nearly[0, 0] = False
    said = {"a_0": nearly, "a_1": LEFT}
    answers = {f"mevis:{id_}": sets.answer(track(one)) for id_, one in said.items()}
    answers["mevis:b_0"] = sets.answer(track(LEFT, LEFT))
    found = sb.score(bench, answers, breakdowns=True, processes=1, tell=print).kept
    assert found.block("mevis", "released").per_expression["a_0"]["F"] == 0.0
    parts = {part.part: part.mean["F"] for part in found.breakdowns["strict"]["mevis"]["fills"]}
    assert parts == {"fills a frame": 0.0, "never fills a frame": 1.0}
    assert {part.part: part.questions for part in found.breakdowns["strict"]["mevis"]["frames"]} == {
        "a single frame": 2,
        "several frames": 1,
    }


def packing(sets, tmp_path):
    """A run's answers for the split that a server scores, and what packs them to a path."""
    from sama_bench.cli.servers import pack_server

    frames = ["00000", "00001"]
    for frame in frames:
        sets.picture(tmp_path / f"tree/valid/JPEGImages/v/{frame}.jpg", (300, 400))
    listed = {"v": {"frames": frames, "expressions": {"0": {"exp": "it"}}}}
    sets.write(tmp_path / "tree/valid/meta_expressions.json", {"videos": listed})
    noise = np.random.default_rng(0).random((300, 400)) < 0.5
    masks = {"v": {"0": {"prediction_masks": [rle.encode(noise)] * 2}}}
    (tmp_path / "results.json").write_text(json.dumps(masks))
    out = tmp_path / "out.zip"
    arguments = [tmp_path / "results.json", "--for", "mevis", "--bench", f"mevis:{tmp_path / 'tree'}", "--out", out]
    return out, lambda: CliRunner().invoke(pack_server, [*map(str, arguments)])


def test_21_a_disk_that_is_full_is_told_and_nothing_half_is_left(sets, tmp_path):
    out, pack = packing(sets, tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))  # as if there were no more room
    try:
        failed = pack()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failed.exception is not None
    assert "out.zip" in str(failed.exception) + failed.output
    assert not out.exists()
    assert pack().exit_code == 0
    assert len(zipfile.ZipFile(out).namelist()) == 2


def test_23_videos_stand_at_the_top_of_meviss_archive(sets, tmp_path):
    from sama_bench.cli.servers import check_server

    out, pack = packing(sets, tmp_path)
    assert pack().exit_code == 0
    with zipfile.ZipFile(out) as right, zipfile.ZipFile(tmp_path / "wrapped.zip", "w") as wrapped:
        assert right.namelist()[0] == "v/0/00000.png"
        for name in right.namelist():
            wrapped.writestr(f"MEVIS____valid_output/{name}", right.read(name))
    checked = [
        CliRunner().invoke(check_server, [str(path), "--bench", f"mevis:{tmp_path / 'tree'}"])
        for path in (out, tmp_path / "wrapped.zip")
    ]
    assert checked[0].exit_code == 0
    assert checked[1].exit_code == 1 or checked[1].exception is not None
    assert "MEVIS____valid_output" in str(checked[1].exception) + checked[1].output
