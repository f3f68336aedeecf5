"""Where questions come from: the released tree, read, checked and indexed."""

from sama_bench.benchmark.benchmark import Benchmark, Entry, open_benchmark
from sama_bench.benchmark.rounds import Dropped

__all__ = ["Benchmark", "Dropped", "Entry", "open_benchmark"]
