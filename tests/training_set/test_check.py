import json
import pickle

import pytest
from click.testing import CliRunner

from sama_bench.cli.data import data
from sama_bench.errors import UserError
from sama_bench.training_set.check import check
from sama_bench.training_set.defects import KEPT, KINDS
from sama_bench.training_set.rounds import judged
from sama_bench.training_set.samples import parsed, read_samples


def found(training):
    """The places of each kind of defect of what is written."""
    return {defect.kind.name: defect.places for defect in check(training.write()).defects}


USUAL = {  # of the tiny set as it is: what the loaders drop, and a phrase without a mask
    "<mask> count differs from obj_masks": 1,
    "[SEG] count differs from groundtruth": 2,
    "no [SEG] in its group of four": 2,
    "old marks": 1,
    "odd message": 1,
    "unpaired phrase": 1,
}


def only(training):
    """The one kind of defect that comes to the usual ones, and its places."""
    more = {kind: places for kind, places in found(training).items() if kind not in USUAL}
    assert len(more) == 1, more
    return more.popitem()


def test_the_loader_keeps_the_rounds_that_the_released_one_keeps(training):
    """json_file_preprocess of SAMA 7c75e44, run: 13 rounds, 5 dropped, these items of these many rounds."""
    samples = list(read_samples(training.write() / "sama239k_train_final.json"))
    groups = [
        (sample.video.split("/")[0], [one for one in group if one.dropped is None])
        for sample in samples
        for group in judged(sample)
    ]
    assert sum(len(sample.rounds) for sample in samples) == 13
    assert [(source, len(kept)) for source, kept in groups if kept] == [
        ("mevis", 4), ("mevis", 1), ("ref_youtube_vos", 1), ("sav_train", 1), ("VidSTG", 1),
    ]  # fmt: skip
    assert (
        sum(one.round.answer.value.count("[SEG]") for source, kept in groups if source == "mevis" for one in kept) == 6
    )


def test_a_sound_set_has_only_notes(training):
    assert {kind: len(places) for kind, places in found(training).items()} == USUAL
    assert not check(training.root).is_wrong


def change(name, **values):
    return lambda training: getattr(training, name).update(values)


def masks(source, **tracks):
    return lambda training: training.masks[source].update(tracks)


@pytest.mark.parametrize(
    ("broken", "kind", "words"),
    [
        (change("mevis", video="../../etc"), "shape", "expected a path that stays below"),
        (change("mevis", height="72"), "shape", "height is '\"72\"', expected a number of pixels"),
        (change("lvvis", frames=[]), "shape", "frames is empty"),
        (change("lvvis", anno_map=[[7], -1, 8]), "shape", "an id in anno_map is a list"),
        (change("sav", obj_masks=[]), "shape", "obj_masks has 0 entries, expected one for each of 1 rounds"),
        (change("sav", conversation=[{"from": "human"}, {}]), "shape", "conversation[0].value is missing or null"),
        (change("sav", description={"first": "A shape."}), "shape", "expected <objN> with an object number N"),
        (change("vidstg", video="charades/train/1"), "source", "charades/train/1"),
        (change("youtube", anno_map=[0, 0]), "object twice", "id 0"),
        (change("lvvis", description={"<obj1>": "x"}), "no such object", "<obj1> is -1"),
        (change("lvvis", description={"<obj5>": "x"}), "no such object", "<obj5>, anno_map has 3 entries"),
        (change("sav", groundtruth=[[[], [100]]]), "empty group", "round 0, the first of its lists"),
        (change("sav", description={"<obj0>": "The <obj1> runs."}), "tag left", "<obj0>"),
        (change("sav", description={"<obj0>": "A dog in the red box runs."}), "box left", "<obj0>"),
        (change("sav", description={"<obj0>": 'A dog.", "question": "'}), "JSON left", "<obj0>"),
        (change("sav", description={"<obj0>": " "}), "empty text", "<obj0>"),
        (masks("mevis", **{"0": [None] * 6}), "empty track", "id 0"),
        (masks("mevis", **{"0": "no list"}), "track broken", "id 0: a track is a list"),
        (masks("mevis", **{"0": [{"size": [32, 48], "counts": "0"}] * 6}), "track broken", "id 0: "),
        (lambda training: training.masks["sav"].pop("100"), "track missing", "id 100"),
        (lambda training: training.masks["VidSTG"]["3"].pop(), "track short", "id 3: 4 entries, 5 frames"),
        (lambda training: training.masks["VidSTG"]["3"].append(None), "track long", "id 3: 6 entries, 5 frames"),
        (lambda training: training.masks["sav"]["100"].pop(), "track short", "id 100: 5 entries, 6 frames"),
        (lambda training: training.masks.pop("mevis"), "mask file", "mevis_train_mask_dict.json: no such file"),
    ],
)  # fmt: skip
def test_each_defect_is_told_with_its_place(training, broken, kind, words):
    broken(training)
    told, places = only(training) if kind != "shape" else ("shape", found(training)["shape"])
    assert told == kind
    assert words in places[0]


def test_masks_of_another_size_are_told(training, make_track):
    training.masks["lvvis"]["7"] = make_track(4, size=(64, 96))
    assert only(training) == ("track size", ["[1] lvvis/train/JPEGImages/00042: id 7: 96x64, the frames are 48x32"])


def test_an_id_that_is_not_in_anno_map_is_told(training, make_track):
    training.masks["sav"]["101"] = make_track(6)
    training.sav["groundtruth"] = [[[101]]]
    assert only(training) == ("id not listed", ["[3] sav_train/sav_000/sav_000001.mp4: round 0, id 101"])


def test_pairs_and_videos_that_are_there_twice_are_told(training):
    for key, value in (("obj_masks", [0]), ("groundtruth", [[0]])):
        training.youtube[key] = [value] * 3
    training.youtube["conversation"][2:4] = training.youtube["conversation"][:2]
    training.samples.append(training.sav)
    told = found(training)
    assert told["pair twice"] == ["[2] ref_youtube_vos/train/JPEGImages/003234408d: rounds 0 and 1"]
    assert told["video twice"] == ["[5] sav_train/sav_000/sav_000001.mp4"]


def test_frames_that_are_not_there_are_told(training, make_picture):
    root = training.write()
    (root / training.mevis["video"] / "00003.jpg").unlink()
    (root / training.youtube["video"] / "00000.jpg").write_bytes(b"no picture")
    make_picture(0, (16, 48)).save(root / training.vidstg["video"] / "frame_0.jpg")
    (root / training.sav["video"]).write_bytes(b"no video")
    for file in (root / training.lvvis["video"]).iterdir():
        file.unlink()
    (root / training.lvvis["video"]).rmdir()
    told = {defect.kind.name: defect.places[0] for defect in check(root).defects}
    assert told["frames missing"].endswith("1 of 6, the first 00003.jpg")
    assert "this frame cannot be read" in told["frame unreadable"]
    assert told["frame size"].endswith("48x16, listed as 48x32")
    assert "is no mp4" in told["mp4 unreadable"]
    (root / training.sav["video"]).unlink()
    told = {defect.kind.name: defect.places for defect in check(root).defects}
    assert len(told["frames missing"]) == 2
    assert len(told["mp4 missing"]) == 1


def test_a_file_that_is_cut_off_is_told_with_what_is_before(training):
    root = training.write()
    file = root / "sama239k_train_final.json"
    file.write_bytes(file.read_bytes()[:-400])
    (root / "lvvis_train_mask_dict.json").write_text('{"7": [')
    told = check(root)
    assert told.videos == {"mevis": 1, "lvvis": 1, "ref_youtube_vos": 1, "sav": 1}
    places = {defect.kind.name: defect.places for defect in told.defects}
    assert "not JSON at line 1" in places["json"][0]
    assert "lvvis_train_mask_dict.json: not JSON" in places["mask file"][0]


def test_a_pickle_that_calls_something_is_refused(training):
    class Hostile:
        def __reduce__(self):
            return print, ("called",)

    root = training.write()
    (root / "ref_youtube_train_mask_dict.pkl").write_bytes(pickle.dumps({"0": Hostile()}))
    places = {defect.kind.name: defect.places for defect in check(root).defects}
    assert "not a pickle of plain" in places["mask file"][0]


def test_the_other_name_of_the_pickle_will_do(training):
    root = training.write()
    (root / "ref_youtube_train_mask_dict.pkl").rename(root / "mask_dict.pkl")
    assert not check(root).is_wrong


def test_texts_that_are_not_ascii_are_read_whole(training):
    training.sav["description"] = {"<obj0>": "Ein Schäferhund läuft – 犬 😀."}
    root = training.write()
    (root / "sama239k_train_final.json").write_text(json.dumps(training.samples, ensure_ascii=False))
    samples = list(read_samples(root / "sama239k_train_final.json"))
    assert samples[3].descriptions == {0: "Ein Schäferhund läuft – 犬 😀."}


def test_a_key_that_stands_twice_is_told(training):
    root = training.write()
    file = root / "sama239k_train_final.json"
    file.write_text(file.read_text().replace('"video_id": 0', '"video_id": 0, "video_id": 1', 1))
    told = {defect.kind.name: defect.places for defect in check(root).defects}
    assert told["shape"] == ["[0] mevis/train/JPEGImages/ab12cd34ef56: it has the key 'video_id' twice"]


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, {"video": 3}, {"video": "mevis/a", "frames": {}}])
def test_whatever_stands_in_the_list_is_a_sample_with_problems(value):
    assert parsed(0, value).problems


def test_places_are_bounded_and_counted(training):
    training.samples[:] = [training.sav] * (KEPT + 5)
    defect = next(one for one in check(training.write()).defects if one.kind.name == "video twice")
    assert (defect.count, len(defect.places), defect.to_json()["more"]) == (KEPT + 4, KEPT, 4)


def test_the_command_says_what_is_wrong(training):
    root = training.write()
    sound = CliRunner().invoke(data, ["check", str(root)])
    assert sound.exit_code == 0
    assert "5 videos, 13 rounds, 7 descriptions" in sound.stdout
    training.sav["description"] = {"<obj9>": "\x1b[31mred"}
    training.write()
    result = CliRunner().invoke(data, ["check", str(root), "--json", "-"])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["wrong"]
    assert [one["kind"] for one in told["defects"] if one["wrong"]] == ["no such object"]
    assert isinstance(CliRunner().invoke(data, ["check", str(root / "absent")]).exception, UserError)


def test_kinds_have_names_of_their_own():
    assert len({kind.name for kind in KINDS}) == len(KINDS)
