"""Ref-SAV, as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.ref_sav.reader import EXPECTED, RefSavReader, recognise
from sama_bench.benchmarks.ref_sav.tasks import REF_SAV_TASK

REF_SAV = BenchmarkDefinition(
    name="ref-sav",
    title="Ref-SAV: long and short descriptions of objects in SA-V's videos",
    tasks=(REF_SAV_TASK,),
    read=RefSavReader,
    expects=EXPECTED,
    recognise=recognise,
)
