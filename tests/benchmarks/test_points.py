"""Answers of lmms-eval's `rvos_*` tasks: points, scored by whether they lie in what is meant."""

import json

import numpy as np
import pytest

import sama_bench as sb
from sama_bench.errors import UserError
from sama_bench.metrics import rle

SIZE = (20, 40)
FPS = 6


def box(left):
    mask = np.zeros(SIZE, bool)
    mask[5:15, left : left + 8] = True
    return mask


LEFT, RIGHT = box(2), box(22)


@pytest.fixture
def bench(sets, tmp_path):
    """Two objects of four frames: one is always there, the other from the third frame on; an expression of neither."""
    root = tmp_path / "mevis"
    frames = [f"{n:05d}" for n in range(4)]
    for name in frames:
        sets.picture(root / f"valid_u/JPEGImages/v/{name}.jpg", SIZE)
    listed = {"0": ("the left thing", [1]), "1": ("both things", [1, 2]), "2": ("the dog", [])}
    expressions = {number: {"exp": words, "anno_id": ids} for number, (words, ids) in listed.items()}
    sets.write(
        root / "valid_u/meta_expressions.json", {"videos": {"v": {"frames": frames, "expressions": expressions}}}
    )
    always, late = [rle.encode(LEFT)] * 4, [None, None, *[rle.encode(RIGHT)] * 2]
    sets.write(root / "valid_u/mask_dict.json", {"1": always, "2": late})
    return sb.load_benchmark(f"mevis:{root}")


def entry(frame, **points):
    return {
        "time": frame / FPS,
        "frame": frame,
        "points": {id_: {"point": list(point)} for id_, point in points.items()},
    }


def record(words, tracks, **more):
    return {
        "id": "mevis_track_0", "qid": "0", "video": "v", "expression": words, "prediction": "<tracks coords=…>",
        "tracks": tracks, "height": 2 * SIZE[0], "width": 2 * SIZE[1], "fps": FPS, "n_frames": 4, "mask_ids": [],
        **more,
    }  # fmt: skip


IN_LEFT, IN_RIGHT, OUTSIDE = (10.0, 20.0), (50.0, 20.0), (30.0, 20.0)  # in pictures of twice the size


def scored(bench, tmp_path, records, *, samples=True):
    if samples:
        path = tmp_path / "20261127_samples_rvos_mevis_valid_u.jsonl"
        lines = [{"doc_id": n, "filtered_resps": one["prediction"], "rvos_f1": one} for n, one in enumerate(records)]
        path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    else:
        path = tmp_path / "mevis_submission.json"
        path.write_text(json.dumps(records))
    return sb.score(bench, path, processes=1, tell=lambda _: None)


@pytest.mark.parametrize("samples", [True, False])
def test_right_points_are_right_also_where_an_object_is_not_there_yet(bench, tmp_path, samples):
    """lmms-eval divides by both objects at each frame, and would give this recall 0.75."""
    right = [entry(0, a=IN_LEFT), entry(3, a=IN_LEFT, b=IN_RIGHT)]
    records = [record("the left thing", [entry(1, a=IN_LEFT)]), record("Both things", right), record("the dog", [])]
    scores = scored(bench, tmp_path, records, samples=samples)
    for name in ("point_precision", "point_recall", "point_f1", "no_target_points"):
        assert scores.mean("mevis2", "strict", name) == 1.0
    block = scores.kept.block("mevis2", "strict")
    assert block.why_not["J&F"] == "gives no masks"
    assert "J&F" not in block.mean


def test_each_wrong_point_and_each_object_without_one_costs(bench, tmp_path):
    said = [entry(0, a=IN_LEFT, b=OUTSIDE), entry(3, a=IN_LEFT, b=IN_LEFT), entry(9, a=IN_LEFT)]
    scores = scored(bench, tmp_path, [record("both things", said, qid="1"), record("the dog", [entry(0, a=IN_LEFT)])])
    values = scores.kept.block("mevis2", "strict").per_expression["v_1"]
    assert values["point_precision"] == pytest.approx(3 / 5)  # frame 9 is beyond the video
    assert values["point_recall"] == pytest.approx((1 + 1 / 2) / 2)  # two points in one object find one
    assert values["point_f1"] == pytest.approx(2 * 0.6 * 0.75 / 1.35)
    assert scores.mean("mevis2", "strict", "point_precision") == pytest.approx(0.6 / 2)  # v_0 has no answer
    assert scores.mean("mevis2", "strict", "no_target_points") == 0.0


def test_what_cannot_be_placed_or_was_not_read_counts_0_and_is_told(bench, tmp_path):
    records = [record("the left thing", [entry(0, a=IN_LEFT)], n_frames=9), record("both things", [])]
    scores = scored(bench, tmp_path, records)
    block = scores.kept.block("mevis2", "strict")
    assert (block.errors, block.missing, block.unread) == (1, 1, 1)
    assert scores.mean("mevis2", "strict", "point_recall") == 0.0


def test_answers_of_masks_have_no_number_of_points(sets, bench):
    said = {"mevis2:v_0": sets.answer([rle.encode(LEFT)] * 4)}
    assert not [name for name in sets.scored(bench, said).block("mevis2", "strict").mean if "point" in name]


def test_records_that_are_broken_or_of_another_set_are_told(bench, tmp_path):
    with pytest.raises(UserError, match="none of its 1 answers is to a question that is asked for"):
        scored(bench, tmp_path, [record("a thing that nobody names", [])])
    broken = [record("both things", [{"frame": "1"}]), record("both things", [], fps=0)]
    del broken[0]["height"]
    with pytest.raises(UserError) as caught:
        scored(bench, tmp_path, broken)
    assert "jsonl:1: lacks height" in str(caught.value)
    assert "jsonl:2: height, width, fps and n_frames" in str(caught.value)
