"""Runs of parts put together; what does not fit together is told, all at once."""

from dataclasses import replace

import pytest

from sama_bench.adapter import Abilities
from sama_bench.benchmark import open_benchmark
from sama_bench.benchmark.shards import Shard
from sama_bench.errors import UserError
from sama_bench.run.manifest import Session
from sama_bench.run.merge import merge
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import Store, find
from sama_bench.types import Key


@pytest.fixture
def demo():
    return open_benchmark("demo", limit=20)


@pytest.fixture
def shard(tmp_path, manifest, demo):
    """Makes a run of a shard of the demo with an answer to each question, stored in another order."""

    def make(name, part=None, *, keys=None, asking=None, **settings):
        mine = {"fingerprint": demo.fingerprint, "tasks": list(demo.tasks), "limit": 20, "shard": part}
        made = replace(manifest(**{**mine, **settings}), bench="demo", bench_name="demo")
        asked = demo if part is None else demo.shard(Shard.parse(part))
        with Store.create(tmp_path / name, made) as store:
            store.begin(Session(f"2026-01-0{1 + len(name)}T00:00:00+00:00", {}), Abilities(), asking or {})
            store.arrange(demo.positions)
            for entry in reversed(asked.entries):
                wanted = [key for key in reversed(entry.keys) if keys is None or key in keys]
                store.put(entry.video.id, [(key, StoredPrediction(f"answer to {key}")) for key in wanted])
        return tmp_path / name

    return make


def stored(path):
    with Store.open(path) as store:
        return [(key, one.text) for video in store.videos() for key, one in store.predictions(video).items()]


def test_merged_shards_are_the_run_that_is_not_divided(shard, demo, tmp_path):
    parts = [shard(f"s{n}" * n, f"{n}/3") for n in (3, 1, 2)]
    whole = shard("whole")
    made = merge(parts, tmp_path / "merged")
    assert (made.answers, made.missing) == (len(demo), {})
    assert stored(tmp_path / "merged") == stored(whole) == [(key, f"answer to {key}") for key in demo.where]
    merged = find(tmp_path / "merged")
    assert merged.settings == find(whole).settings
    assert merged.counts == {task: demo.counts(task)[0] for task in demo.tasks}
    assert [one.started for one in merged.sessions] == sorted(one.started for one in merged.sessions)
    with Store.create(tmp_path / "merged", replace(find(whole))) as store:
        assert len(store.all_keys()) == len(demo)


def test_verdicts_come_with_the_answers(shard, tmp_path):
    parts = [shard("a", "1/2"), shard("b", "2/2")]
    for path in parts:
        with Store.open(path, write=True) as store:
            store.put_judge("j", {"model": "m"})
            store.put_verdicts("j", [(key, 0, {"score": 1}) for key in sorted(store.all_keys())[:2]])
    merge(parts, tmp_path / "merged")
    with Store.open(tmp_path / "merged") as store:
        assert (list(store.judges()), len(list(store.verdicts("j")))) == (["j"], 4)


def test_gaps_are_told_by_video(shard, demo, tmp_path):
    made = merge([shard("a", "1/3"), shard("b", "3/3")], tmp_path / "merged")
    left = demo.shard(Shard(2, 3))
    assert {video: len(keys) for video, keys in made.missing.items()} == {
        entry.video.id: len(entry.keys) for entry in left.entries
    }
    entry = left.entries[0]
    assert made.gaps()[0].startswith(f"{entry.video.id}: not asked: {entry.keys[0]}, ")


def test_what_is_unlike_is_refused_all_at_once(shard, tmp_path):
    paths = [shard("a", "1/2"), shard("b", "2/2", model="other"), shard("c", "2/2", limit=10), shard("d", "2/3")]
    paths.append(shard("e", "2/2", asking={"prompt": "x"}))
    with pytest.raises(UserError) as told:
        merge(paths, tmp_path / "merged")
    shown = [problem.rpartition("/")[2] for problem in told.value.problems]
    assert shown == [
        "a: model=other; expected model=square",
        "a: limit=10; expected limit=20",
        "a: shards of 3; expected shards of 2",
        "a: asked with {'prompt': 'x'}; expected asked with {}",
    ]
    assert not (tmp_path / "merged").exists()


def test_answers_that_two_runs_have_are_refused(shard, demo, tmp_path):
    keys = {entry.keys[0] for entry in demo.entries}
    paths = [shard("a", "1/2"), shard("b", "1/2", keys=keys), shard("c", "2/2")]
    with pytest.raises(UserError, match=r"b and .*a both answer .*; leave one of them out"):
        merge(paths, tmp_path / "merged")


def test_a_run_that_is_written_and_one_that_is_there_are_refused(shard, tmp_path):
    path = shard("a", "1/2")
    with Store.open(path, write=True), pytest.raises(UserError, match="is still being written"):
        merge([path], tmp_path / "merged")
    with pytest.raises(UserError, match="is a run already"):
        merge([path], path)
    with pytest.raises(UserError, match="is not a run"):
        merge([path, tmp_path / "nothing"], tmp_path / "merged")


def test_an_older_run_is_put_in_order_and_keeps_its_verdicts(tmp_path, manifest):
    keys = [Key("g", str(n)) for n in range(4)]
    with Store.create(tmp_path / "run", manifest()) as store:
        store.put("v", [(key, StoredPrediction(str(key))) for key in (keys[2], keys[0], Key("c", "gone"))])
        store.put_judge("j", {})
        store.put_verdicts("j", [(keys[2], 0, {"score": 1})])
        for _ in range(2):
            store.arrange({key: place for place, key in enumerate(keys, 1)})
            store.put("v", [(keys[1], StoredPrediction("new"))])
            assert list(store.predictions("v")) == [*keys[:3], Key("c", "gone")]
            assert len(list(store.verdicts("j"))) == 1
    with Store.open(tmp_path / "run") as store:
        assert list(store.predictions("v")) == [*keys[:3], Key("c", "gone")]


def test_a_run_goes_on_with_more_and_its_scores_of_less_are_gone(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest(limit=2)) as store:
        store.put_scores({})
    with pytest.raises(UserError, match="was made with limit=2; now asked limit=3"):
        Store.create(tmp_path / "run", manifest(limit=3))
    with pytest.raises(UserError, match="was made with model=square, limit=2"):
        Store.create(tmp_path / "run", manifest(limit=3, model="other"), covers=lambda _: True)
    with Store.create(tmp_path / "run", manifest(limit=3), covers=lambda settings: settings.limit == 2) as store:
        assert not store.scores_file.exists()
    assert find(tmp_path / "run").settings.limit == 3
