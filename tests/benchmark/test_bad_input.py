"""Each way in which a tree can be broken is told in a line that says where and what was expected."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sama_bench.benchmark import open_benchmark
from sama_bench.errors import UserError

VIDEO = "mevis/val_u/JPEGImages/a"


def test_no_such_path(tmp_path):
    with pytest.raises(UserError, match="no such path"):
        open_benchmark(tmp_path / "nowhere")


def test_a_folder_without_split_files_and_a_file_are_no_benchmarks(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file"):
        with pytest.raises(UserError, match="not a benchmark"):
            open_benchmark(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"[1,\n 2,\n  oops]", "line 3, column 3"),
        (b'[{"video": "a', "line 1, column 12"),
        (b'[{"video": "a"},', "cut off"),
        (b'["\xff"]', "not UTF-8 at byte 2"),
        ("[]".encode("utf-16"), "not UTF-8 at byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "too long"),
        (b'{"a": 1}', "the whole file is an object, expected a list of videos"),
        (b"[3]", "video [0]: it is a number, expected an object"),
    ],
)
def test_a_split_file_that_is_no_list_of_videos(tree, content, said):
    tree.write()
    (tree.root / "mevis.json").write_bytes(content)
    problem = tree.only_problem()
    assert problem.startswith(str(tree.root / "mevis.json"))
    assert said in problem


def test_a_split_file_that_is_a_folder(tree):
    tree.write()
    (tree.root / "mevis.json").unlink()
    (tree.root / "mevis.json").mkdir()
    assert "mevis.json: cannot be read" in tree.only_problem()


@pytest.mark.parametrize("file", ["mevis.json", "Mevis_mask_dict_val.json"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "device"])
def test_a_file_that_has_no_end_is_not_read(tree, file, make):
    tree.write()
    (tree.root / file).unlink()
    make(tree.root / file)
    assert tree.only_problem().startswith(f"{tree.root / file}: cannot be read (it is a pipe or a device")


def test_a_byte_order_mark_does_no_harm(tree):
    tree.write()
    for file in ("mevis.json", "Mevis_mask_dict_val.json"):
        content = (tree.root / file).read_bytes()
        (tree.root / file).write_bytes(b"\xef\xbb\xbf" + content)
    assert open_benchmark(tree.root).questions(VIDEO)


def conversation(index, **changes):
    return lambda video: video["conversation"][index].update(changes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v.pop("video"), "video is missing or null, expected text"),
        (lambda v: v.update(video=3), "video is a number, expected text"),
        (lambda v: v.update(video="davis/x"), "expected a path with mevis"),
        (lambda v: v.update(video="/mevis/x"), "stays below the benchmark's folder"),
        (lambda v: v.update(video="mevis/../../x"), "stays below the benchmark's folder"),
        (lambda v: v.update(video="..\\mevis"), "stays below the benchmark's folder"),
        (lambda v: v.update(video="C:mevis"), "stays below the benchmark's folder"),
        (lambda v: v.update(video="mevis\0"), "stays below the benchmark's folder"),
        (lambda v: v.update(video="mevis/\ud800"), "half a character"),
        (lambda v: v.update(frames=None), "frames is missing or null"),
        (lambda v: v.update(frames=[]), "frames is empty"),
        (lambda v: v.update(frames=["ok", 5]), "frames[1] is a number, expected text"),
        (lambda v: v.update(frames=[{"raw_filename": "x.jpg"}]), "frames[0] is an object, expected text"),
        (lambda v: v.update(frames=["../../x"]), "frames[0] is '../../x'"),
        (lambda v: v.update(conversation=False), "conversation is true or false, expected a list"),
        (lambda v: v.update(conversation="hi"), "conversation is text, expected a list"),
        (lambda v: v["conversation"].__setitem__(0, None), "conversation[0] is missing or null, expected an object"),
        (conversation(1, **{"from": 1.5}), "conversation[1].from is a number with a fraction"),
        (conversation(0, value=None), "conversation[0].value is missing or null"),
        (conversation(1, value=["x"]), "conversation[1].value is a list"),
        (conversation(0, question_id=None), "conversation[0].question_id is missing or null"),
        (conversation(0, question_id=True), "conversation[0].question_id is true or false"),
        (conversation(0, question_id=1.0), "conversation[0].question_id is a number with a fraction"),
        (conversation(0, question_id=[1]), "conversation[0].question_id is a list"),
        (lambda v: v.pop("obj_masks"), "obj_masks is missing or null"),
        (lambda v: v.update(obj_masks=[[0]]), "obj_masks has 1 entries, expected at least 2"),
        (lambda v: v.update(obj_masks=["0", []]), "obj_masks[0] is text, expected a list"),
        (lambda v: v.update(obj_masks=[[0.5], []]), "an id in obj_masks[0] is a number with a fraction"),
        (lambda v: v.update(groundtruth=[]), "groundtruth has 0 entries, expected at least 1"),
        (lambda v: v.update(groundtruth=[[0], []]), "groundtruth[0][0] is a number, expected a list"),
        (lambda v: v.update(groundtruth=[[[None]], []]), "an id in groundtruth[0] is missing or null"),
        (lambda v: v.update(description=["x"]), "description is a list, expected an object"),
        (lambda v: v.update(description={"<obj>": "x"}), "expected <objN>"),
        (lambda v: v.update(description={"<obj0>": 3}), "description['<obj0>'] is a number"),
        (lambda v: v.update(description={"<obj9>": "x"}), "anno_map has 2 entries, expected at least 10"),
        (lambda v: v.pop("description_id"), "description_id is missing or null"),
        (lambda v: v.update(description_id={}), "description_id['<obj0>'] is missing or null"),
        (lambda v: v.update(anno_map=None), "anno_map is missing or null"),
    ],
)
def test_a_wrong_shape_is_told_with_file_video_and_key(tree, change, said):
    tree.write()
    change(tree.mevis)
    (tree.root / "mevis.json").write_text(json.dumps(tree.splits["mevis.json"]))
    problems = tree.problems()
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith(f"{tree.root / 'mevis.json'}: video [0]") for problem in problems)


def test_what_all_rounds_need_is_told_once(tree):
    tree.write()
    del tree.mevis["obj_masks"]
    (tree.root / "mevis.json").write_text(json.dumps(tree.splits["mevis.json"]))
    assert "obj_masks is missing" in tree.only_problem()


def test_all_problems_of_all_files_are_told_at_once(tree):
    tree.mevis["conversation"][0]["question_id"] = None
    tree.mevis["description"] = 3
    tree.masks["lvvis"]["10"]["segmentations"][1]["counts"] = "0"
    tree.write()
    (tree.root / "VidSTG_0.json").write_text("{")
    (tree.root / "ref_youtube_vos/valid/JPEGImages/b/frame_1.jpg").unlink()
    problems = tree.problems()
    assert len(problems) == 5
    for part in ("question_id", "description", "annotation '10'", "VidSTG_0.json", "frame_1.jpg: no such frame"):
        assert any(part in problem for problem in problems)


def test_a_question_id_twice_names_all_places(tree):
    tree.again(path="mevis/val_u/JPEGImages/other", split="mevis.json")["conversation"][0]["question_id"] = "l-g0"
    tree.write()
    problem = tree.only_problem()
    assert "question_id g:l-g0 stands at" in problem
    assert "mevis.json: video [1]" in problem
    assert "lvvis_0.json: video [0]" in problem


def test_the_same_id_as_number_and_as_text_is_the_same_id(tree):
    tree.mevis["conversation"][0]["question_id"] = 7
    tree.mevis["conversation"][2]["question_id"] = "7"
    tree.write()
    assert "round 0" in tree.only_problem()


def test_ids_of_the_two_tasks_and_of_dropped_rounds_may_be_equal(tree):
    tree.mevis["description_id"]["<obj0>"] = "m-g0"
    tree.mevis["conversation"].append({"from": "human", "value": "?", "question_id": "m-g0"})
    assert tree.open().counts("g")[0] == 8


def test_a_video_listed_again_with_other_frames(tree):
    tree.again()["frames"] = ["frame_0"]
    tree.write()
    problem = tree.only_problem()
    assert "video [1]" in problem
    assert "its frames differ from those that" in problem


def test_a_missing_mask_dictionary_that_is_needed(tree):
    tree.write()
    (tree.root / "LVVIS_mask_dict_val.json").unlink()
    assert "LVVIS_mask_dict_val.json: no such file, but 1 annotations" in tree.only_problem()


def test_a_missing_mask_dictionary_that_is_not_needed(tree):
    del tree.splits["lvvis_0.json"], tree.masks["lvvis"]
    assert tree.open().counts("g")[0] == 6


def test_a_needed_annotation_that_is_not_there(tree):
    del tree.masks["mevis"]["0"]
    tree.write()
    problem = tree.only_problem()
    assert "annotation '0' is not in it, but question g:m-g0" in problem
    assert "(and 1 more)" in problem


def test_missing_and_broken_annotations_that_nobody_needs_are_harmless(tree):
    tree.mevis["anno_map"].append(555)
    tree.masks["mevis"]["1"] = "garbage"
    assert tree.open().counts("g")[0] == 8


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        {},
        {"segmentations": None},
        ["x"],
        [{"size": [12, 16]}],
        [{"size": [12, 16], "counts": ""}],
        [{"size": [12, 16], "counts": "1"}],
        [{"size": [10**9, 10**9], "counts": "1"}],
        [{"size": [12, 16], "counts": [5, 5]}],
        [{"size": [12, 16], "counts": "é"}],
    ],
)
def test_a_needed_annotation_that_is_no_mask_track(tree, value):
    tree.masks["mevis"]["0"] = value
    tree.write()
    problem = tree.only_problem()
    assert "Mevis_mask_dict_val.json: annotation '0' is not a mask track" in problem
    assert "g:m-g0" in problem


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"[]", "line 1, column 1: expected the { of an object"),
        (b'{"0": [null],\n "1": [nul]}', "line 2, column 8"),
        (b'{"0": [null], "1"', "cut off"),
        (b'{"0": [], "\xff": []}', "not UTF-8 at byte 11"),
        (b'{"0": []} x', "something follows"),
        (b'{"0": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"0": ' + b"9" * 5000 + b"}", "too long"),
    ],
)
def test_a_mask_dictionary_that_is_not_json(tree, content, said):
    tree.write()
    (tree.root / "Mevis_mask_dict_val.json").write_bytes(content)
    problem = tree.only_problem()
    assert problem.startswith(str(tree.root / "Mevis_mask_dict_val.json"))
    assert said in problem


def test_a_mask_dictionary_that_is_a_folder(tree):
    del tree.masks["mevis"]
    tree.write()
    (tree.root / "Mevis_mask_dict_val.json").mkdir()
    assert "cannot be read" in tree.only_problem()


def complaints(tree):
    """What opening and reading the whole tree complains of; any other exception is the test's failure."""
    try:
        benchmark = open_benchmark(tree.root)
        for entry in benchmark.entries:
            benchmark.questions(entry.video.id)
            benchmark.truths(entry.video.id)
    except UserError as problem:
        return problem.problems
    return ()


@pytest.mark.parametrize("file", ["mevis.json", "Mevis_mask_dict_val.json"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_cut_off_or_changed_at_any_byte_is_a_user_error_or_still_readable(tree, file, data):
    path = tree.root / file
    if not path.exists():
        tree.write()
        path.with_suffix(".whole").write_bytes(path.read_bytes())
    content = path.with_suffix(".whole").read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    cut = data.draw(st.booleans())
    changed = content[:place] if cut else content[:place] + data.draw(st.binary(max_size=3)) + content[place + 1 :]
    path.write_bytes(changed)
    problems = complaints(tree)
    assert all(str(tree.root) in problem for problem in problems)
    assert problems or not cut


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats()
    | st.sampled_from(["", "0", "human", "<mask>", "[SEG]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["from", "value", "<obj1>"]), inner),
    max_leaves=4,
)


def places(value):
    """Every (container, key) within a JSON value."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from places(value[key])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_replaced_by_anything_is_a_user_error_or_still_readable(tree, data):
    if not (tree.root / "mevis.json").exists():
        tree.write()
    videos = json.loads(json.dumps(tree.splits["mevis.json"]))
    masks = json.loads(json.dumps(tree.masks["mevis"]))
    container, key = data.draw(st.sampled_from([*places(videos), *places(masks)]))
    container[key] = data.draw(anything)
    (tree.root / "mevis.json").write_text(json.dumps(videos))
    (tree.root / "Mevis_mask_dict_val.json").write_text(json.dumps(masks))
    assert all(str(tree.root) in problem for problem in complaints(tree))
