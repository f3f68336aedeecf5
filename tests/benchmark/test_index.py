"""What is kept in the cache folder saves work and never changes what is found."""

import json
import os
import subprocess
import sys

import pytest

from sama_bench import cache as kept
from sama_bench.benchmark import frame_index, open_benchmark
from sama_bench.benchmarks.sama import mask_index
from sama_bench.errors import UserError

VIDEO = "mevis/val_u/JPEGImages/a"


def described(benchmark):
    return [
        (question.text, [region.track for region in question.regions])
        for entry in benchmark.entries
        for question in benchmark.questions(entry.video.id)
    ]


@pytest.fixture
def work(monkeypatch):
    """Counts the mask dictionaries that are scanned and the frames whose headers are read."""
    done = {"masks": 0, "frames": 0}

    def counting(name, function):
        def count(*arguments):
            done[name] += 1
            return function(*arguments)

        return count

    monkeypatch.setattr(mask_index, "build", counting("masks", mask_index.build))
    monkeypatch.setattr(frame_index, "frame_size", counting("frames", frame_index.frame_size))
    return done


def test_the_second_opening_reads_nothing_again(tree, work):
    first = described(tree.open())
    assert work == {"masks": 4, "frames": 12}
    assert described(open_benchmark(tree.root)) == first
    assert work == {"masks": 4, "frames": 12}


def test_only_what_changed_is_read_again(tree, work):
    tree.open()
    tree.masks["lvvis"]["10"]["segmentations"] = [None]
    (tree.root / "LVVIS_mask_dict_val.json").write_text(json.dumps(tree.masks["lvvis"]))
    os.utime(tree.root / VIDEO / "frame_1.jpg", ns=(1, 1))
    benchmark = open_benchmark(tree.root)
    assert work == {"masks": 5, "frames": 15}
    assert benchmark.questions("lvvis/val/JPEGImages/7")[0].regions[0].track == [None] * 3


def test_a_frame_that_breaks_later_is_found(tree):
    tree.open()
    path = tree.root / VIDEO / "frame_1.jpg"
    path.write_bytes(path.read_bytes()[:-5])
    assert "frame_1.jpg: this frame cannot be read" in tree.only_problem()


@pytest.mark.parametrize(
    "damage", [lambda _: b"", lambda old: old[:-3], lambda old: old.replace(b"null", b"true"), lambda _: b"\xff\n[1]"]
)
def test_a_damaged_index_is_made_anew(tree, cache, work, damage):
    first = described(tree.open())
    for file in cache.iterdir():
        file.write_bytes(damage(file.read_bytes()))
    assert described(open_benchmark(tree.root)) == first
    assert work["masks"] == 8 or damage(b"null") == b"true"


@pytest.mark.parametrize("content", [None, 3, [], {}, [0, [1, 2], "", {}, None], [1, 2, 3, 4, 5]])
def test_an_index_of_another_version_is_made_anew(tree, cache, work, content):
    first = described(tree.open())
    for file in list(cache.iterdir()):
        kept.save(file.name, content)
    assert described(open_benchmark(tree.root)) == first
    assert work == {"masks": 8, "frames": 24}


def test_without_a_usable_cache_folder_everything_still_works(tree, monkeypatch, tmp_path):
    first = described(tree.open())
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path / "file" / "below"))
    assert described(open_benchmark(tree.root)) == first
    assert kept.cache_folder().is_dir()


def test_a_full_disk_does_not_stop_the_reading(tree, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept.atomic, "write_bytes", full)
    assert described(tree.open())


def test_a_mask_dictionary_that_changes_while_it_is_in_use_is_told(tree):
    benchmark = tree.open()
    path = tree.root / "Mevis_mask_dict_val.json"
    path.write_text(" " + path.read_text())
    with pytest.raises(UserError, match="changed while it is in use"):
        benchmark.questions(VIDEO)
    path.unlink()
    with pytest.raises(UserError, match="cannot be read any more"):
        benchmark.truths(VIDEO)


def test_a_broken_mask_dictionary_is_remembered_as_broken(tree, work):
    tree.write()
    (tree.root / "Mevis_mask_dict_val.json").write_text('{"0": oops}')
    assert tree.only_problem() == tree.only_problem()
    assert work["masks"] == 4


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "no such frame"),
        (lambda path: path.write_bytes(b""), "empty or not a picture"),
        (lambda path: (path.unlink(), path.mkdir()), "not a file"),
    ],
)
def test_a_frame_that_cannot_be_used_is_named(tree, spoil, said):
    tree.write()
    path = tree.root / VIDEO / "frame_2.jpg"
    spoil(path)
    problem = tree.only_problem()
    assert problem.startswith(f"{path}: ")
    assert said in problem


def test_frames_of_another_size_and_missing_folders_are_named(tree):
    tree.write()
    wide = {**tree.mevis, "frames": ["frame_1"]}
    tree.write_frames(wide, size=(12, 20))
    (tree.root / "VidSTG/val/99").rename(tree.root / "VidSTG/val/98")
    problems = tree.problems()
    assert len(problems) == 2
    assert "frame_1.jpg: this frame is 20x12, the video's first one is 16x12 (width x height)" in problems[0]
    assert "99: no such folder, expected the video's 3 frames" in problems[1]


def test_only_the_frames_of_selected_videos_are_needed(tree):
    tree.write()
    (tree.root / "VidSTG/val/99").rename(tree.root / "VidSTG/val/98")
    assert open_benchmark(tree.root, videos="a").counts("g") == (2, 1)


def test_a_video_path_that_is_too_long_is_a_missing_folder(tree):
    tree.write()
    tree.mevis["video"] = "mevis/" + "x" * 5000
    (tree.root / "mevis.json").write_text(json.dumps(tree.splits["mevis.json"]))
    assert "no such folder" in tree.only_problem()


def test_processes_that_open_at_once_find_the_same(tree):
    tree.write()
    code = "import sys; from sama_bench.benchmark import open_benchmark; print(open_benchmark(sys.argv[1]).fingerprint)"
    command = [sys.executable, "-c", code, str(tree.root)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found = {process.communicate()[0].strip() for process in running}
    assert found == {open_benchmark(tree.root).fingerprint}
