"""Ref-DAVIS17, as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.davis17.reader import EXPECTED, DavisReader, recognise
from sama_bench.benchmarks.davis17.tasks import DAVIS17

REF_DAVIS17 = BenchmarkDefinition(
    name="davis17",
    title="Ref-DAVIS17: four expressions for each object of DAVIS' validation videos",
    tasks=(DAVIS17,),
    read=DavisReader,
    expects=EXPECTED,
    recognise=recognise,
)
