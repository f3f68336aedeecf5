"""The imitation of MeViS valid_u, and that its peer of the released kind agrees with us."""

import sys
from pathlib import Path

import numpy as np
import pytest

import sama_bench as sb

ROOT = Path(__file__).parents[2]


@pytest.fixture
def expressions(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks import expressions

    yield expressions
    for name in [name for name in sys.modules if name.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]


def test_the_whole_has_the_size_of_valid_u(expressions):
    own = [
        expressions.EXPRESSIONS * (number + 1) // expressions.VIDEOS
        - expressions.EXPRESSIONS * number // expressions.VIDEOS
        for number in range(expressions.VIDEOS)
    ]
    assert (len(own), sum(own)) == (50, 793)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of pycocotools
def test_the_peer_agrees_on_pictures_and_on_results(expressions, tmp_path, monkeypatch):
    monkeypatch.setenv("SAMA_BENCH_CACHE", str(tmp_path / "cache"))
    made = expressions.make(tmp_path / "made", 0.02)
    assert made["videos"] == 1
    for name in ("Annotations", "results.json"):
        theirs = expressions._released(tmp_path / "made", name, 0.1)["values"]
        found = sb.score(f"mevis:{tmp_path / 'made/mevis'}", tmp_path / "made" / name, processes=1, tell=print)
        values = found.kept.block("mevis", "released").per_expression
        for id_, pair in theirs.items():
            np.testing.assert_allclose([values[id_]["J"], values[id_]["F"]], pair, rtol=0, atol=1e-12)
