"""GroundMoRe, as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.groundmore.reader import EXPECTED, GroundMoreReader, recognise
from sama_bench.benchmarks.groundmore.tasks import GROUNDMORE_TASK

GROUNDMORE = BenchmarkDefinition(
    name="groundmore",
    title="GroundMoRe: questions about motion, answered by the mask of who moves while it does",
    tasks=(GROUNDMORE_TASK,),
    read=GroundMoreReader,
    expects=EXPECTED,
    recognise=recognise,
)
