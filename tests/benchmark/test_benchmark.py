import json
import shutil

import numpy as np
import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.metrics import rle
from sama_bench.types import Key

SUFFIX = " Response with interleaved segmentation masks."
MEVIS = "mevis/val_u/JPEGImages/a"
LVVIS = "lvvis/val/JPEGImages/7"
GROUNDED = Key("g", "m-g0")


def asked(benchmark, video=MEVIS, key=GROUNDED):
    return next(question for question in benchmark.questions(video) if question.key == key)


def test_every_source_is_read_in_the_order_of_the_split_files(tree):
    benchmark = tree.open()
    assert [entry.video.id for entry in benchmark.entries] == [
        MEVIS,
        LVVIS,
        "ref_youtube_vos/valid/JPEGImages/b",
        "VidSTG/val/99",
    ]
    assert [entry.video.source for entry in benchmark.entries] == ["mevis", "lvvis", "ref_youtube_vos", "VidSTG"]
    assert benchmark.counts("g") == (8, 4)
    assert benchmark.counts("c") == (4, 4)
    assert benchmark.name == "tiny"
    for entry in benchmark.entries:
        assert entry.video.size == (12, 16)
        assert entry.video.frame(2).shape == (12, 16, 3)
        assert len(benchmark.questions(entry.video.id)) == len(benchmark.truths(entry.video.id)) == 3


def test_questions_are_worded_as_the_tasks_say(tree):
    benchmark = tree.open()
    assert [question.text for question in benchmark.questions(MEVIS)] == [
        f"What is <mask>?{SUFFIX}",
        "Is it round?",
        "Please describe the region <mask> in the video in detail.",
    ]


def test_regions_are_boxes_in_g_and_masks_in_c(tree, make_square):
    benchmark = tree.open()
    grounded, _, described = benchmark.questions(MEVIS)
    assert described.regions[0].track[0] == make_square(1, 0)
    mask = rle.decode(make_square(1, 0), (12, 16))
    box = grounded.regions[0].mask(0)
    assert box.sum() == 9
    assert mask.sum() == 8
    assert box[mask].all()


def test_the_truth_has_the_masks_themselves_and_the_reference(tree, make_square):
    truths = tree.open().truths(MEVIS)
    assert truths[Key("g", "m-g0")].tracks[0][1] == make_square(1, 2)
    assert truths[Key("g", "m-g0")].text == "<p> A square </p> [SEG] it is."
    assert truths[Key("g", "m-g1")].tracks == ()
    assert truths[Key("c", "m-c0")].text == "A square that moves."
    assert truths[Key("c", "m-c0")].tracks == ()
    asked = {question.key: question for question in tree.open().questions(MEVIS)}
    (region,) = asked[Key("c", "m-c0")].regions
    assert truths[Key("c", "m-c0")].referents == (region.track,)
    assert truths[Key("g", "m-g0")].referents == ()


def test_several_ids_of_one_seg_are_united(tree):
    tree.mevis["groundtruth"][0] = [[0, "1"]]
    [union] = tree.open().truths(MEVIS)[Key("g", "m-g0")].tracks
    assert [rle.area(one) for one in union] == [16, 16, 16]


def test_an_empty_list_among_the_true_ones_is_a_none(tree, make_rounds):
    tree.mevis["conversation"] = make_rounds(("Where?", "<p> a </p> [SEG] and <p> b </p> [SEG]"))
    tree.mevis["groundtruth"] = [[[], [0], [], [1]]]
    tree.mevis["obj_masks"] = [[]]
    truth = tree.open().truths(MEVIS)[Key("g", "g0")]
    assert [track is None for track in truth.tracks] == [True, False, True, False]


def test_masks_beyond_the_end_are_empty_and_longer_tracks_are_cut(tree, make_square):
    tree.masks["mevis"]["0"] = [None, make_square(1, 1)]
    assert asked(tree.open(), key=Key("c", "m-c0")).regions[0].track == [None, make_square(1, 1), None]
    tree.masks["mevis"]["0"] = [make_square(1, 1)] * 5
    assert asked(tree.open(), key=Key("c", "m-c0")).regions[0].track == [make_square(1, 1)] * 3


def test_masks_of_another_size_than_the_frames_are_resized_before_they_become_boxes(tree, make_square):
    large = make_square(2, 4, side=6, size=(24, 32))
    tree.masks["mevis"]["0"] = [large] * 3
    region = asked(tree.open()).regions[0]
    assert region.size == (12, 16)
    assert region.track[0] == rle.filled_box(rle.resize(large, (12, 16)))


def test_the_files_size_counts_not_the_jsons(tree):
    tree.mevis["height"], tree.mevis["width"] = 999, None
    assert tree.open().entries[0].video.size == (12, 16)


def test_uncompressed_counts_are_read(tree):
    tree.masks["mevis"]["0"] = [{"size": [12, 16], "counts": [0, 12, 180]}] * 3
    assert rle.area(asked(tree.open()).regions[0].track[0]) == 12


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({"videos": "7"}, ["g:l-g0", "g:l-g1", "c:l-c0"]),
        ({"videos": "lvvis/*"}, ["g:l-g0", "g:l-g1", "c:l-c0"]),
        ({"limit": 1}, ["g:m-g0", "c:m-c0"]),
        ({"limit": 3, "tasks": ("g",)}, ["g:m-g0", "g:m-g1", "g:l-g0"]),
        ({"tasks": ("c",), "videos": "[ab]"}, ["c:m-c0", "c:r-c0"]),
    ],
)
def test_questions_are_selected_by_video_task_and_number(tree, options, keys):
    benchmark = tree.open(**options)
    assert [str(key) for entry in benchmark.entries for key in entry.keys] == keys
    assert [str(key) for key in benchmark.where] == keys
    assert [str(q.key) for entry in benchmark.entries for q in benchmark.questions(entry.video.id)] == keys


def test_references_and_fingerprint_do_not_depend_on_what_is_selected(tree):
    whole, part = tree.open(), tree.open(videos="7", limit=1)
    assert part.references("g") == whole.references("g")
    assert len(part.references("c")) == 4
    assert part.fingerprint == whole.fingerprint


def test_the_fingerprint_is_that_of_the_content_wherever_it_lies(tree, tmp_path):
    first = tree.open().fingerprint
    shutil.copytree(tree.root, tmp_path / "elsewhere")
    assert open_benchmark(tmp_path / "elsewhere").fingerprint == first
    tree.masks["VidSTG"]["31"] = []
    assert tree.open().fingerprint != first


def test_nothing_selected_is_an_error(tree):
    tree.write()
    assert "nothing*" in tree.only_problem(videos="nothing*")
    assert tree.only_problem(limit=0)


def test_a_video_that_occurs_twice_has_the_questions_of_both(tree):
    tree.again()
    tree.again(start="third", split="VidSTG_3.json")
    [entry] = tree.open(videos="a").entries
    assert [key.id for key in entry.keys if key.task == "g"] == ["m-g0", "m-g1", "again0", "again1", "third0", "third1"]


def test_demo_is_opened_from_where_it_was_rendered(tree, monkeypatch):
    import sama_bench.demo.render

    tree.write()
    monkeypatch.setattr(sama_bench.demo.render, "demo_root", lambda: tree.root)
    benchmark = open_benchmark("demo")
    assert benchmark.name == "demo"
    assert benchmark.root == tree.root


def test_the_real_clips(real):
    benchmark = open_benchmark(real)
    assert benchmark.counts("g") == (10, 4)
    assert benchmark.counts("c") == (6, 4)
    assert [(one.video, one.id, one.reason) for one in benchmark.dropped] == [
        ("lvvis/val/JPEGImages/7", "real-g-22", "<mask> count differs from obj_masks"),
        ("VidSTG/val/2400171624", "real-g-31", "no answer"),
    ]
    truth = benchmark.truths("VidSTG/val/2400171624")[Key("g", "real-g-30")].tracks[0]
    raw = json.loads((real / "VidSTG_mask_dict_val_updated.json").read_text())["30"]
    assert len(raw) == 12
    assert len(truth) == 15
    for frame, one in enumerate(truth):
        there = raw[frame] if frame < len(raw) else None
        assert np.array_equal(rle.decode(one, (480, 720)), rle.decode(there, (480, 720)))
