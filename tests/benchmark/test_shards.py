"""Shards: whole videos, of about equal cost, each video in one of them."""

import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.benchmark.shards import Shard, cost, shared_out
from sama_bench.errors import UserError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch, warm_cache):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(warm_cache(tmp_path / "cache")))


class Video:
    def __init__(self, frames):
        self.frames = frames

    def __len__(self):
        return self.frames


@pytest.mark.parametrize("count", [1, 2, 3, 5, 11])
def test_each_video_is_in_one_shard_and_no_shard_has_much_more_than_another(count):
    videos = [(Video(5 + 7 * n % 40), [None] * (1 + n % 9)) for n in range(60)]
    shards = shared_out(videos, count)
    assert sorted(number for shard in shards for number in shard) == list(range(60))
    assert all(shard == sorted(shard) for shard in shards)
    loads = [sum(cost(videos[number][0], len(videos[number][1])) for number in shard) for shard in shards]
    assert max(loads) - min(loads) <= max(cost(video, len(keys)) for video, keys in videos)
    assert shared_out(videos, count) == shards


def test_shards_of_the_demo_are_the_demo():
    whole = open_benchmark("demo", limit=20)
    parts = [whole.shard(Shard(number, 3)) for number in (1, 2, 3)]
    assert sorted(key for part in parts for key in part.where) == sorted(whole.where)
    assert [part.selection.shard for part in parts] == ["1/3", "2/3", "3/3"]
    assert parts[0].positions == whole.positions
    again = open_benchmark("demo", limit=20, shard=Shard.parse("2/3"))
    assert again.where == parts[1].where


def test_places_are_those_of_the_whole_benchmark_whatever_is_selected():
    whole, few = open_benchmark("demo"), open_benchmark("demo", tasks=["c"], limit=2)
    assert few.positions == whole.positions
    assert list(whole.positions) == [key for entry in whole.entries for key in entry.keys]
    assert [question.key for question in whole] == list(whole.positions)
    assert few.selected(["c"], None, 2) == set(few.where)
    assert few.selected(["c"], None, 2) < few.selected(["c", "g"], None, None) == set(whole.where)


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "a/b", "1/2/3", "-1/2", "1/9999999"])
def test_what_names_no_shard_is_told(text):
    with pytest.raises(UserError, match="expected NUMBER/COUNT"):
        Shard.parse(text)


def test_a_shard_without_a_video_is_told():
    with pytest.raises(UserError, match="holds no video, as 1 are selected; expected COUNT to be 1"):
        open_benchmark("demo", limit=1, tasks=["g"], shard=Shard(2, 2))
