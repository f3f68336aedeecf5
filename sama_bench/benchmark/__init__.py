"""What benchmarks have in common: how they are defined, named, opened, and asked for their questions."""

from sama_bench.benchmark.benchmark import Benchmark, Entry, open_benchmark
from sama_bench.benchmark.definition import BenchmarkDefinition, ServerForm
from sama_bench.benchmark.reader import Dropped, LabelPlace, Listed, Opened, Place, Reader, not_here, open_frames

__all__ = [
    "Benchmark",
    "BenchmarkDefinition",
    "Dropped",
    "Entry",
    "LabelPlace",
    "Listed",
    "Opened",
    "Place",
    "Reader",
    "ServerForm",
    "not_here",
    "open_benchmark",
    "open_frames",
]
