"""The demo on disk: the released layout, its counts, and that its parts fit together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.benchmarks.sama.layout import SOURCES, SPLITS, folder_of, frame_file, source_of
from sama_bench.frames import frame_size
from sama_bench.metrics import rle


@pytest.fixture(scope="session")
def videos(demo: Path) -> list[dict]:
    return [
        video for split in SPLITS if (demo / split).exists() for video in json.loads((demo / split).read_text("utf-8"))
    ]


@pytest.fixture(scope="session")
def masks(demo: Path) -> dict[str, dict]:
    return {source.name: json.loads((demo / source.masks).read_text("utf-8")) for source in SOURCES}


def _rounds(video: dict) -> list[tuple[str, str, list, list]]:
    messages = video["conversation"]
    texts = zip(messages[::2], messages[1::2], strict=True)
    lists = zip(texts, video["obj_masks"], video["groundtruth"], strict=True)
    return [(human["value"], gpt["value"], asked, truth) for (human, gpt), asked, truth in lists]


def _track(masks: dict[str, dict], video: dict, name: object) -> list:
    found = masks[source_of(video["video"]).name][str(name)]
    return found["segmentations"] if isinstance(found, dict) else found


@pytest.mark.slow
def test_two_renderings_are_the_same_bytes(demo, again, digest):
    one, other = digest(demo), digest(again[0])
    assert one.pop("demo.json")
    assert other.pop("demo.json")
    assert one == other
    assert len(one) > 200


def test_it_has_what_the_issue_asks_for(videos, demo):
    assert len(videos) >= 8
    assert all(24 <= len(video["frames"]) <= 40 for video in videos)
    assert sum(len(_rounds(video)) + len(video["description"]) for video in videos) >= 60
    assert {source_of(video["video"]).name for video in videos} == {source.name for source in SOURCES}
    assert len({(video["height"], video["width"]) for video in videos}) >= 3
    rounds = [one for video in videos for one in _rounds(video)]
    assert any(len(asked) == 2 for _, _, asked, _ in rounds)
    assert any(len(truth) == 3 for *_, truth in rounds)
    assert any(len(group) == 2 for *_, truth in rounds for group in truth)
    assert sum(truth == [] for *_, truth in rounds) >= 8
    assert any(asked == [] and truth for *_, asked, truth in rounds)


def test_it_is_small(demo):
    assert sum(path.stat().st_size for path in demo.rglob("*")) < 15e6


def test_the_quirks_of_the_released_data_occur(videos, masks):
    kinds = {type(name) for video in videos for name in video["anno_map"]}
    assert kinds == {int, str}
    assert any(-1 in video["anno_map"] for video in videos)
    assert any(video["video"].split("/")[-1] != folder_of(video["video"]).split("/")[-1] for video in videos)
    assert all(isinstance(frame, dict) for v in videos if "VidSTG" in v["video"] for frame in v["frames"])
    assert all(set(found) == {"segmentations"} for found in masks["lvvis"].values())
    short = [
        name
        for video in videos
        for name in video["anno_map"]
        if str(name) != "-1" and len(_track(masks, video, name)) < len(video["frames"])
    ]
    assert short
    assert any(one is None for track in masks["VidSTG"].values() for one in track)


def test_marks_and_lists_have_the_same_number(videos):
    for video in videos:
        for question, answer, asked, truth in _rounds(video):
            assert question.count("<mask>") == len(asked), question
            assert answer.count("[SEG]") == len(truth), answer
            assert answer.count("<p>") == answer.count("</p>") == len(truth), answer
            assert all(truth), answer


def test_what_is_referred_to_exists(videos, masks):
    for video in videos:
        named = {*video["anno_map"]} - {-1, "-1"}
        for _, _, asked, truth in _rounds(video):
            assert {*asked, *(one for group in truth for one in group)} <= named
        for name in named:
            assert rle.check_track(
                _track(masks, video, name) + [None] * (len(video["frames"]) - len(_track(masks, video, name))),
                len(video["frames"]),
                (video["height"], video["width"]),
            )
        assert list(video["description"]) == list(video["description_id"])
        assert all(str(video["anno_map"][int(key[4:-1])]) != "-1" for key in video["description"])


def test_ids_are_unique(videos):
    asked = [message["question_id"] for video in videos for message in video["conversation"][::2]]
    described = [name for video in videos for name in video["description_id"].values()]
    assert len(set(asked)) == len(asked)
    assert len(set(described)) == len(described)


def test_frames_are_all_there_and_of_the_size_told(videos, demo):
    for video in videos:
        folder = demo / folder_of(video["video"])
        names = [one["raw_filename"] if isinstance(one, dict) else one for one in video["frames"]]
        files = {folder / frame_file(name, video["video"]) for name in names}
        assert files == set(folder.iterdir())
        assert {frame_size(path) for path in files} == {(video["height"], video["width"])}


def test_tracks_are_what_was_measured(videos, masks, again, scenes):
    facts = again[1]
    for scene in scenes:
        video = next(one for one in videos if one["video"] == scene.video)
        for actor, name in zip(scene.cast, video["anno_map"], strict=True):
            if actor.about:
                areas = [0 if one is None else rle.area(one) for one in _track(masks, video, name)]
                assert areas == facts[scene.name].actors[actor.name].area[: len(areas)].tolist()
                assert not facts[scene.name].actors[actor.name].area[len(areas) :].any()


def test_most_objects_really_move(videos, masks):
    """A baseline that repeats the first mask must not do well."""
    overlaps = []
    for video in videos:
        for name in {*video["anno_map"]} - {-1, "-1"}:
            track = [one for one in _track(masks, video, name) if one is not None]
            size = (video["height"], video["width"])
            first, last = rle.decode(track[0], size), rle.decode(track[-1], size)
            overlaps.append((first & last).sum() / (first | last).sum())
    assert np.median(overlaps) < 0.05


def test_the_reader_finds_the_same_questions(demo, videos):
    benchmark = open_benchmark(demo)
    assert benchmark.dropped == []
    assert [entry.video.id for entry in benchmark.entries] == [video["video"] for video in videos]
    assert benchmark.counts("g") == (sum(len(_rounds(video)) for video in videos), len(videos))
    assert benchmark.counts("c") == (sum(len(video["description"]) for video in videos), len(videos))
    assert len(benchmark.entries[0].video) == len(videos[0]["frames"])
    for entry in benchmark.entries:
        truths = benchmark.truths(entry.video.id)
        for question in benchmark.questions(entry.video.id):
            assert all(region.visible for region in question.regions)
            assert all(len(track) == len(entry.video) for track in truths[question.key].strict_tracks)
