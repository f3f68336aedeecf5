"""Truth that does not fit its video is named by the check, and can be scored all the same."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.benchmark import open_benchmark
from sama_bench.benchmarks.sama.check import check
from sama_bench.benchmarks.sama.mask_fit import same_ratio
from sama_bench.metrics import rle

VIDEO = "mevis/val_u/JPEGImages/a"
AS = "the frames of"


def masks(*size):
    return rle.encode(np.ones(size, bool))


@pytest.mark.parametrize(
    ("size", "frames"),
    [
        ((480, 854), (1080, 1920)), ((480, 848), (1080, 1920)), ((1080, 1920), (480, 854)), ((720, 1280), (480, 853)),
        ((427, 240), (853, 480)), ((17, 30), (270, 480)), ((480, 720), (480, 720)), ((500, 500), (256, 256)),
        ((1, 1), (480, 480)), ((24, 32), (12, 16)), ((270, 480), (480, 854)),
    ],
)  # fmt: skip
def test_the_same_ratio_up_to_rounding(size, frames):
    assert same_ratio(size, frames)


@pytest.mark.parametrize(
    ("size", "frames"),
    [
        ((480, 270), (270, 480)), ((480, 482), (482, 480)), ((480, 640), (480, 854)), ((854, 854), (480, 854)),
        ((1024, 1024), (480, 854)), ((240, 480), (480, 854)), ((480, 720), (480, 854)), ((500, 854), (480, 854)),
        ((16, 12), (12, 16)), ((960, 540), (270, 480)),
    ],
)  # fmt: skip
def test_another_ratio(size, frames):
    assert not same_ratio(size, frames)


@given(st.integers(1, 4000), st.integers(1, 4000), st.floats(0.05, 20))
def test_frames_scaled_and_rounded_fit(height, width, scale):
    scaled = max(round(height * scale), 1), max(round(width * scale), 1)
    if min(scaled) > 1 and scaled != (width, height):
        assert same_ratio(scaled, (height, width))


def test_masks_of_another_ratio_and_longer_tracks_are_named_and_scored(tree):
    tree.masks["mevis"]["0"] = [masks(16, 12), None, masks(12, 16)]
    tree.masks["lvvis"]["10"] = {"segmentations": [masks(24, 32)] * 4}
    tree.masks["VidSTG"]["30"] = [masks(9, 9)] * 2
    tree.masks["VidSTG"]["31"] = [masks(1, 9)] * 9  # no question needs it
    root = tree.write()
    report = check(root)
    said = [problem.text.partition(": video [0]")[0].replace(f"{root}/", "") for problem in report.problems]
    assert said == [
        (
            f"Mevis_mask_dict_val.json: annotation '0' has masks of 16x12 (height x width), {AS} {VIDEO} are 12x16: "
            f"another aspect ratio, and question g:m-g0 of mevis.json"
        ),
        (
            "LVVIS_mask_dict_val.json: annotation '10' has 4 entries, lvvis/val/JPEGImages/7 has 3 frames: those "
            "beyond count for nothing, and question g:l-g0 of lvvis_0.json"
        ),
        (
            f"VidSTG_mask_dict_val_updated.json: annotation '30' has masks of 9x9 (height x width), {AS} VidSTG/val/99 "
            f"are 12x16: another aspect ratio, and question g:v-g0 of VidSTG_0.json"
        ),
    ]
    assert [row.unfit_masks for row in report.rows] == [1, 1, 0, 1]
    assert check(root).problems == report.problems  # from the index that is kept
    benchmark = open_benchmark(root)
    assert benchmark.misfits() == [problem.text for problem in report.problems]
    assert len(open_benchmark(root, videos="7").misfits()) == 1
    assert all(benchmark.truths(entry.video.id) for entry in benchmark.entries)


def test_short_tracks_other_resolutions_and_empty_masks_fit(tree):
    tree.masks["mevis"]["0"] = [None, masks(6, 8)]
    tree.masks["lvvis"]["10"] = {"segmentations": [{"size": [5, 5], "counts": [25]}]}
    assert check(tree.write()).problems == []
    assert tree.open().misfits() == []


def repeat(tree, key, value, source="mevis", file="Mevis_mask_dict_val.json"):
    """Writes the tree with an entry more at the end of a mask dictionary."""
    tree.write()
    text = json.dumps(tree.masks[source])[:-1] + f', "{key}": {json.dumps(value)}}}'
    (tree.root / file).write_text(text)


def test_an_id_twice_in_a_mask_dictionary(tree):
    repeat(tree, "0", tree.masks["mevis"]["0"])
    (problem,) = check(tree.root).problems
    assert "annotation '0' stands in it more than once, with the same masks, and question g:m-g0" in problem.text
    assert open_benchmark(tree.root).truths(VIDEO)
    repeat(tree, "0", tree.masks["mevis"]["1"])
    assert "annotation '0' stands in it more than once, with other masks, and question g:m-g0" in tree.only_problem()
    assert "with other masks" in tree.only_problem()  # from the index that is kept
    repeat(tree, "1", [None])
    (problem,) = check(tree.root).problems
    assert problem.text.endswith(
        "annotation '1' stands in it more than once, with other masks; download the file again"
    )
    assert open_benchmark(tree.root).truths(VIDEO)


def test_a_key_twice_within_an_annotation(tree):
    tree.write()
    path = tree.root / "LVVIS_mask_dict_val.json"
    path.write_text(path.read_text().replace('{"size": [12, 16]', '{"size": [12, 16], "size": [12, 16]', 1))
    problem = tree.only_problem()
    assert "annotation '10' is not a mask track (the key \"size\" stands twice in segmentations[0])" in problem
    path.write_text('{"10": {"segmentations": [], "segmentations": []}}')
    assert '(the key "segmentations" stands twice in it)' in tree.only_problem()


def test_keys_twice_in_a_split_file_are_all_named(tree):
    tree.write()
    path = tree.root / "mevis.json"
    text = path.read_text().replace('"from": "gpt"', '"from": "gpt", "from": "gpt"', 1)
    path.write_text(
        text.replace('{"<obj0>": " A', '{"<obj0>": "x", "<obj0>": " A')[:-2] + ', "video": "' + VIDEO + '"}]'
    )
    assert tree.problems() == [
        f"{path}: video [0] ({VIDEO}){place} has the key {key!r} twice, expected once; download the file again"
        for place, key in (("", "video"), (".conversation[1]", "from"), (".description", "<obj0>"))
    ]
