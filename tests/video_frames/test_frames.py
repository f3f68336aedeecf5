import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from sama_bench.cli.data import data
from sama_bench.errors import UserError
from sama_bench.metrics import rle
from sama_bench.video_frames import cutting
from sama_bench.video_frames.cutting import compare, cut
from sama_bench.video_frames.reading import pairs

CLIPS = Path(__file__).parent / "clips"  # made by make_clips.py; frame N is of the grey 10 * N
NAMES = [f"frame_{number}.jpg" for number in range(0, 24, 4)]


def greys(folder):
    """The frame number that each file shows."""
    return {
        path.name: round(float(cv2.imread(str(path)).mean()) / 10)
        for path in sorted(folder.iterdir(), key=lambda path: int(path.stem.split("_")[1]))
    }


def frames(*arguments):
    return CliRunner().invoke(data, ["frames", *map(str, arguments)])


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def bench(tmp_path):
    """A SAMA-Bench of two VidSTG videos, `constant` and `variable`, with masks that fit them."""
    root = tmp_path / "bench"
    root.mkdir()
    track = [rle.encode(np.eye(32, 48, dtype=bool))] * 6
    videos = [
        {
            "video": f"VidSTG/val/{name}",
            "height": 32,
            "width": 48,
            "frames": [{"frame_id": number, "raw_filename": file} for number, file in enumerate(NAMES)],
            "anno_map": [number],
            "description": {"<obj0>": "A grey."},
            "description_id": {"<obj0>": name},
        }
        for number, name in enumerate(("constant", "variable"))
    ]
    (root / "VidSTG_0.json").write_text(json.dumps(videos))
    (root / "VidSTG_mask_dict_val_updated.json").write_text(json.dumps({"0": track, "1": track}))
    return root


@pytest.mark.parametrize("name", ["constant", "b_frames"])
def test_both_ways_give_the_same_where_the_rate_is_constant(tmp_path, name):
    ways = cut(CLIPS / f"{name}.mp4", tmp_path / name, "released")
    assert not ways.differ
    assert str(ways) == "both ways give the same"
    assert greys(tmp_path / name) == {file: 4 * place for place, file in enumerate(NAMES)}


def test_seeking_gives_other_frames_where_the_rate_varies(tmp_path):
    ways = cut(CLIPS / "variable.mp4", tmp_path / "released", "released")
    assert cut(CLIPS / "variable.mp4", tmp_path / "exact", "exact") == ways
    assert greys(tmp_path / "exact") == {file: 4 * place for place, file in enumerate(NAMES)}
    seen = greys(tmp_path / "released")
    wrong = [number for number in (4 * place for place in range(6)) if seen[f"frame_{number}.jpg"] != number]
    assert wrong == list(ways.differing) != []
    assert f"frames differ, from frame_{wrong[0]} on" in str(ways)


def test_seeking_repeats_the_last_frame_where_the_end_is_cut_off(tmp_path):
    ways = cut(CLIPS / "cut_off.mp4", tmp_path / "cut", "released")
    assert (ways.released, ways.exact, ways.repeated) == (6, 5, 1)
    seen = list(greys(tmp_path / "cut").values())
    assert seen[-1] < 20
    cut(CLIPS / "cut_off.mp4", tmp_path / "exact", "exact")
    assert len(list((tmp_path / "exact").iterdir())) == 5


def test_a_turned_video_is_turned(tmp_path):
    assert cut(CLIPS / "turned.mp4", tmp_path / "turned", "released").size == (48, 32)
    assert cv2.imread(str(tmp_path / "turned" / "frame_0.jpg")).shape[:2] == (48, 32)


def test_what_ends_on_the_way_leaves_nothing_of_its_folder(tmp_path, monkeypatch):
    encode, count = cutting._jpeg, iter(range(9))

    def full(picture):
        if next(count) == 2:
            raise OSError(28, "No space left on device")
        return encode(picture)

    monkeypatch.setattr(cutting, "_jpeg", full)
    with pytest.raises(OSError, match="No space"):
        cut(CLIPS / "constant.mp4", tmp_path / "constant", "exact")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no mp4"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "is no mp4"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", "is no video that can be read"),
    ],
)
def test_what_is_no_video_is_told(tmp_path, content, words):
    (tmp_path / "x.mp4").write_bytes(content)
    with pytest.raises(UserError, match=words):
        list(pairs(tmp_path / "x.mp4"))


def test_a_header_that_promises_millions_of_frames_is_refused(tmp_path):
    content = bytearray((CLIPS / "constant.mp4").read_bytes())
    table = content.find(b"stts") + 8  # entries, then count and duration of each
    content[table + 4 : table + 8] = (50_000_000).to_bytes(4, "big")
    (tmp_path / "x.mp4").write_bytes(content)
    with pytest.raises(UserError, match="promises 50000000 frames, about 24 can be decoded"):
        list(pairs(tmp_path / "x.mp4"))


def test_frames_that_others_cut_are_compared_and_stay(tmp_path):
    cut(CLIPS / "variable.mp4", tmp_path / "variable", "exact")
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "variable").iterdir()}
    result = frames(CLIPS, "--out", tmp_path)
    assert result.exit_code == 1
    assert f"{tmp_path}/variable: the frames there are as exact; --as released would make other ones" in result.stderr
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "variable").iterdir()} == before


def test_other_pictures_are_of_neither_way(tmp_path):
    cut(CLIPS / "constant.mp4", tmp_path / "constant", "exact")
    cv2.imwrite(str(tmp_path / "constant" / "frame_8.jpg"), np.full((32, 48, 3), 250, np.uint8))
    (tmp_path / "constant" / "frame_4.jpg").write_bytes(b"no picture")
    (tmp_path / "constant" / "frame_12.jpg").unlink()
    _, likeness = compare(CLIPS / "constant.mp4", tmp_path / "constant", "exact")
    assert likeness.unlike == ("frame_4.jpg", "frame_8.jpg")
    assert likeness.missing == 1


def test_another_quality_of_jpeg_is_the_same_picture(tmp_path):
    cut(CLIPS / "variable.mp4", tmp_path / "v", "released")
    for path in (tmp_path / "v").iterdir():
        cv2.imwrite(str(path), cv2.imread(str(path)), [cv2.IMWRITE_JPEG_QUALITY, 60])
    _, likeness = compare(CLIPS / "variable.mp4", tmp_path / "v", "released")
    assert likeness.released
    assert not likeness.exact
    assert not likeness.unlike


def test_a_benchmark_gets_its_frames_from_a_tree_of_vidor(bench, tmp_path):
    for name in ("constant", "variable", "b_frames"):
        place = tmp_path / "vidor" / "training" / "0001"
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(CLIPS / f"{name}.mp4", place)
    result = frames(tmp_path / "vidor", "--bench", bench, "--json", "-")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [video["state"] for video in told["videos"]] == ["made", "made"]
    assert [video["ways"]["differ"] for video in told["videos"]] == [False, True]
    assert sorted(path.name for path in (bench / "VidSTG" / "val" / "variable").iterdir()) == sorted(NAMES)
    again = frames(tmp_path / "vidor", "--bench", bench)
    assert "2 videos: 0 made, 2 kept, 0 compared, 0 failed; seeking and reading in order differ in 1" in again.stdout
    (bench / "VidSTG" / "val" / "variable" / "frame_4.jpg").unlink()
    assert "1 made, 1 kept" in frames(tmp_path / "vidor", "--bench", bench).stdout
    assert "2 made, 0 kept" in frames(tmp_path / "vidor", "--bench", bench, "--as", "exact").stdout


def test_all_that_does_not_fit_a_benchmark_is_told_at_once(bench, tmp_path):
    videos = tmp_path / "videos"
    (videos / "again").mkdir(parents=True)
    shutil.copy(CLIPS / "turned.mp4", videos / "constant.mp4")
    for place in (videos, videos / "again"):
        shutil.copy(CLIPS / "variable.mp4", place)
    listed = json.loads((bench / "VidSTG_0.json").read_text())
    for name in ("absent", "../../outside"):
        listed.append({**listed[0], "video": f"VidSTG/val/{name}", "description_id": {"<obj0>": name}})
    listed[0]["frames"].append("frame_24.jpg")
    (bench / "VidSTG_0.json").write_text(json.dumps(listed))
    result = frames(videos, "--bench", bench)
    assert result.exit_code == 1
    for words in (
        "expected a path that stays below the benchmark's folder",
        "variable.mp4: is there twice",
        "absent.mp4: is not there",
        "1 frames that the split file lists are not in the video, as frame_24.jpg",
        "another aspect ratio",
        "no mask track is as long as its 7 frames (lengths 6)",
    ):
        assert words in result.stderr
    assert not (tmp_path / "outside").exists()


def test_a_damaged_record_is_told(tmp_path):
    (tmp_path / "frames.json").write_text('{"constant": {"way": 3}}')
    result = frames(CLIPS, "--out", tmp_path)
    assert isinstance(result.exception, UserError)
    assert f"{tmp_path}/frames.json: damaged" in str(result.exception)


@pytest.mark.parametrize("arguments", [(), ("--bench", "a", "--out", "b")])
def test_one_place_is_named(arguments):
    assert "expected either --bench ROOT" in str(frames(CLIPS, *arguments).exception)
