"""SAMA-Bench, as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.sama.layout import SPLITS
from sama_bench.benchmarks.sama.reader import SamaReader, recognise
from sama_bench.benchmarks.sama.tasks import C, G

EXPECTED = f"the released layout: {SPLITS[0]}, …, {SPLITS[-1]}, mask dictionaries, folders of frames"


SAMA_BENCH = BenchmarkDefinition(
    name="sama-bench",
    title="SAMA-Bench: grounded dialogue and region description",
    tasks=(G, C),
    read=SamaReader,
    expects=EXPECTED,
    recognise=recognise,
)
