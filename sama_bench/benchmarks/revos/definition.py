"""ReVOS, as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.revos.reader import EXPECTED, RevosReader, recognise
from sama_bench.benchmarks.revos.tasks import REVOS_TASK

REVOS = BenchmarkDefinition(
    name="revos",
    title="ReVOS: expressions that refer, that ask for reasoning, and that name what is not there",
    tasks=(REVOS_TASK,),
    read=RevosReader,
    expects=EXPECTED,
    recognise=recognise,
)
