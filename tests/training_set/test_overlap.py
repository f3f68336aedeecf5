import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from sama_bench.cli.data import data
from sama_bench.score.block import Block
from sama_bench.score.scores import Scores
from sama_bench.training_set.overlap import overlap
from sama_bench.training_set.picture_hash import as_hashes, difference_hash, near, spread
from sama_bench.training_set.scores_without import scores_without
from sama_bench.training_set.text_overlap import BenchmarkText, TextIndex


@pytest.fixture
def bench(tmp_path, make_picture):
    """A SAMA-Bench of two videos that nobody trains on."""
    root = tmp_path / "bench"
    for number, (split, video) in enumerate(
        (("mevis.json", "mevis/val_u/JPEGImages/fedcba987654"), ("VidSTG_0.json", "VidSTG/val/77"))
    ):
        folder = root / video
        folder.mkdir(parents=True)
        names = [f"frame_{place}" for place in range(4)]
        for place, name in enumerate(names):
            make_picture(1000 + 10 * number + place).save(folder / f"{name}.jpg")
        listed = {
            "video": video,
            "frames": [f"{name}.jpg" if "VidSTG" in video else name for name in names],
            "anno_map": [number],
            "obj_masks": [[]],
            "groundtruth": [[]],
            "conversation": [
                {"from": "human", "value": "Where does the little dog go?", "question_id": f"g{number}"},
                {"from": "gpt", "value": f"It runs to the left of the old house number {number} and stops there."},
            ],
            "description": {"<obj0>": f"A little dog with a long tail, number {number}, that runs to a house."},
            "description_id": {"<obj0>": f"c{number}"},
        }
        (root / split).write_text(json.dumps([listed]))
    return root


def pairs(training, bench, **more):
    return [pair.to_json() for pair in overlap(training.write(), bench, **more).pairs]


def test_nothing_is_in_both(training, bench):
    found = overlap(training.write(), bench)
    assert (found.pairs, found.texts, found.videos, found.unread) == ([], [], (5, 2), (0, 0))


def test_ids_decide_in_one_set_also_where_zeros_stand_before_numbers(training, bench):
    training.vidstg["video"] = "VidSTG/train/0077"
    (pair,) = pairs(training, bench)
    assert (pair["same_id"], pair["certain"], pair["benchmark"]) == (True, True, "VidSTG/val/77")


def test_a_name_in_another_set_is_to_be_looked_at(training, bench):
    training.sav["video"] = "sav_train/sav_000/fedcba987654.mp4"
    (pair,) = pairs(training, bench)
    assert (pair["same_id"], pair["same_name"], pair["certain"]) == (False, True, False)


def test_equal_files_are_found_under_other_names(training, bench):
    root = training.write()
    for number in (0, 2):
        shutil.copy(
            bench / "VidSTG" / "val" / "77" / "frame_1.jpg", root / training.mevis["video"] / f"{number:05d}.jpg"
        )
    (pair,) = [one.to_json() for one in overlap(root, bench).pairs]
    assert (pair["training"], pair["same_files"], pair["certain"]) == (training.mevis["video"], 2, True)


def test_alike_pictures_are_found_at_another_size_and_quality(training, bench):
    root = training.write()
    for number in range(4):
        picture = Image.open(bench / "VidSTG" / "val" / "77" / f"frame_{number}.jpg")
        picture.resize((90, 60)).save(root / training.lvvis["video"] / f"{number:05d}.jpg", quality=50)
    (pair,) = [one.to_json() for one in overlap(root, bench).pairs]
    assert (pair["training"], pair["same_files"], pair["certain"]) == (training.lvvis["video"], 0, False)
    assert len(pair["bits"]) >= 3
    assert overlap(root, bench, bits=0).pairs == [] or min(pair["bits"]) == 0


def test_flat_pictures_are_alike_with_none():
    assert difference_hash(np.full((36, 48), 100, np.uint8)) is None


def test_near_counts_the_bits_that_differ():
    assert near(0b1011, as_hashes([0b1011, 0b0011, (1 << 63) | 0b1011, (1 << 64) - 1]), 1) == [(0, 0), (1, 1), (2, 1)]
    assert near(0, as_hashes([(1 << 64) - 1]), 64) == [(0, 64)]


@pytest.mark.parametrize(
    ("count", "places"), [(0, []), (1, [0]), (2, [0, 1]), (5, [0, 1, 2, 3, 4]), (9, [0, 2, 4, 6, 8])]
)
def test_frames_are_spread_from_first_to_last(count, places):
    assert spread(count) == places


def test_equal_and_nearly_equal_texts_are_found(training, bench):
    training.sav["conversation"] = [
        {"from": "human", "value": "<video>\nWhere does the little DOG go?"},
        {"from": "gpt", "value": "<p> It </p> [SEG] runs to the left of the old house, number 1, and stops there!"},
    ]
    training.sav["description"] = {"<obj0>": "A little dog with a long tail, number 0, that runs to a house quickly."}
    training.vidstg["description"] = {"<obj0>": "A little dog with a big house."}
    found = overlap(training.write(), bench)
    exact, near_text = found.texts[0], [text for text in found.texts if text.of.is_description]
    assert (exact.of.key, exact.similarity) == ("g:g1", 1.0)
    assert [text.of.key for text in near_text] == ["c:c0"]
    assert 0.6 <= near_text[0].similarity < 1


def test_short_texts_are_only_compared_as_a_whole():
    index = TextIndex([BenchmarkText("g:1", "v", "Is it big? No.", False), BenchmarkText("g:2", "v", "", False)])
    for text in ("is <mask> it big no", "is it small no", "", "<mask>"):
        index.look_up("[0]", "t", text, is_description=False)
    assert [(pair.of.key, pair.similarity, pair.words) for pair in index.pairs] == [("g:1", 1.0, 4)]


def test_lists_of_other_sets_are_compared_by_name(training, bench, tmp_path):
    revos = tmp_path / "meta_expressions.json"
    revos.write_text(json.dumps({"videos": {"MeViS/fedcba987654": {}, "TAO/other": {}}}))
    names = tmp_path / "names.txt"
    names.write_text("other\n77\n")
    found = overlap(training.write(), bench, [revos, names])
    assert list(found.other_names.values()) == [["mevis/val_u/JPEGImages/fedcba987654"], ["VidSTG/val/77"]]


def test_scores_without_videos_are_means_over_the_others():
    block = Block({"miou": 0.5}, {"a": {"miou": 0.2}, "b": {"miou": 0.8}}, 2)
    rows = scores_without(Scores({}, {"strict": {"g": block}}), {"b"})
    assert [(row.metric, row.all, row.left, row.videos) for row in rows] == [("miou", 0.5, 0.2, (2, 1))]
    assert scores_without(Scores({}, {"strict": {"g": block}}), {"a", "b"})[0].left is None


def test_the_command_writes_a_page_with_the_pictures(training, bench, tmp_path):
    training.vidstg["video"] = "VidSTG/train/77"
    training.vidstg["description"] = {"<obj0>": "A little dog with a long tail, number 0, that runs to a house."}
    root = training.write()
    shutil.copy(bench / "VidSTG" / "val" / "77" / "frame_0.jpg", root / "VidSTG" / "train" / "77" / "frame_0.jpg")
    result = CliRunner().invoke(data, ["overlap", str(root), "--bench", str(bench), "--page", str(tmp_path / "o.html")])
    assert result.exit_code == 1, result.exception
    assert "1 are in both, 0 pairs to look at" in result.stdout
    page = (tmp_path / "o.html").read_text()
    assert page.count('src="data:image/jpeg;base64,') == 2
    assert "<script" not in page
    clean = CliRunner().invoke(data, ["overlap", str(training.root), "--bench", str(bench), "--json", "-"])
    assert json.loads(clean.stdout)["pairs"][0]["same_id"] is True


def test_a_hostile_name_is_only_text(training, bench, tmp_path):
    training.mevis["video"] = "mevis/<img src=x onerror=alert(1)>/fedcba987654"
    result = CliRunner().invoke(
        data, ["overlap", str(training.write()), "--bench", str(bench), "--page", str(tmp_path / "o.html")]
    )
    assert result.exit_code == 1
    assert "<img src=x" not in (tmp_path / "o.html").read_text()
