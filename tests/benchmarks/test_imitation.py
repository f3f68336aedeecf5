import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from sama_bench.benchmark import open_benchmark
from sama_bench.benchmarks.sama.layout import QUESTIONS, VIDEOS
from sama_bench.metrics import boundary_f, jaccard, volume_iou
from sama_bench.run.answer_sources import PredictionFile

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def benchmarks():
    """The package of benchmarks, which is not installed."""
    path = pytest.MonkeyPatch()
    path.syspath_prepend(ROOT)
    from benchmarks import dense, imitation, sample

    yield {"dense": dense, "imitation": imitation, "sample": sample}
    path.undo()
    for name in [name for name in sys.modules if name.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def tree(benchmarks, tmp_path_factory, warm_cache):
    cache = pytest.MonkeyPatch()
    cache.setenv("SAMA_BENCH_CACHE", str(warm_cache(tmp_path_factory.mktemp("cache") / "cache")))
    out = tmp_path_factory.mktemp("imitation") / "tree"
    benchmarks["imitation"].make(out, share=0.004)
    yield out
    cache.undo()


def digest(tree):
    files = sorted(path for path in tree.iterdir() if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def test_the_full_size_is_that_of_the_benchmark(benchmarks):
    plans = benchmarks["imitation"].planned(1.0, 0)
    assert len(plans) == VIDEOS
    assert sum(plan.rounds + plan.objects for plan in plans) == QUESTIONS
    assert sum(plan.frames for plan in plans) == 36433
    assert {plan.objects for plan in plans} <= {2, 3, 4, 5}
    assert all(20 <= plan.frames <= 150 for plan in plans[:-3])
    assert [plan.frames for plan in plans[-3:]] == [256, 600, 1500]


def test_what_is_made_is_a_benchmark_with_predictions_and_the_same_from_the_same_seed(benchmarks, tree, tmp_path):
    benchmark = open_benchmark(tree)
    assert not benchmark.dropped
    answers = PredictionFile(tree / "predictions.jsonl", benchmark)
    assert any(answers.predictions(entry.video.id) for entry in benchmark.entries)
    assert [len(entry.video) > 255 for entry in benchmark.entries] == [False, False, False, True]
    benchmarks["imitation"].make(tmp_path / "again", share=0.004)
    assert digest(tmp_path / "again") == digest(tree)


def test_texts_have_10_to_120_words(tree):
    lines = [json.loads(line) for line in (tree / "predictions.jsonl").read_text().splitlines()]
    words = [len(line["text"].split()) for line in lines]
    assert max(words) < 150
    assert min(words) >= 3


def compared(benchmarks, tree, entry):
    """A true and a predicted track of that video, the same as arrays, and the frames' size."""
    benchmark, answers = benchmarks["sample"].opened(tree)
    questions = list(benchmarks["sample"].tracks(benchmark, answers, [benchmark.entries[entry]]))
    question = next(one for one in questions if one.true and one.predicted)
    pair = question.true[0], question.predicted[0]
    return pair, [benchmarks["dense"].decoded(track, question.size) for track in pair], question.size


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of pycocotools
def test_the_dense_peer_agrees(benchmarks, tree):
    pair, arrays, size = compared(benchmarks, tree, 0)
    j, f = benchmarks["dense"].j_and_f(*arrays)
    np.testing.assert_allclose(jaccard(*pair, size), j, atol=1e-12)
    np.testing.assert_allclose(boundary_f(*pair, size), f, atol=1e-12)


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_the_dense_peer_agrees_on_a_long_video(benchmarks, tree):
    pair, arrays, size = compared(benchmarks, tree, -1)
    assert volume_iou(*pair) == benchmarks["dense"].volume_ious(arrays[:1], arrays[1:])[0, 0]
    assert len(boundary_f(*pair, size)) == len(arrays[0]) == 256
