"""Ref-DAVIS17, as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition, Whole
from sama_bench.benchmarks.davis17.reader import EXPECTED, DavisReader, recognise
from sama_bench.benchmarks.davis17.tasks import DAVIS17

REF_DAVIS17 = BenchmarkDefinition(
    name="davis17",
    title="Ref-DAVIS17: four expressions for each object of DAVIS' validation videos",
    tasks=(DAVIS17,),
    read=DavisReader,
    expects=EXPECTED,
    recognise=recognise,
    # 30 videos by ReferFormer; 244 expressions, four for each of 61 objects, are DAVIS' usual count.
    whole={DAVIS17.key: Whole(30, (244,), "244 is DAVIS' usual count; the released code states none")},
)
