"""ReasonVOS, as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.reasonvos.reader import EXPECTED, ReasonVosReader, recognise
from sama_bench.benchmarks.reasonvos.tasks import REASONVOS_TASK

REASONVOS = BenchmarkDefinition(
    name="reasonvos",
    title="ReasonVOS: phrases and sentences that ask for reasoning about a video",
    tasks=(REASONVOS_TASK,),
    read=ReasonVosReader,
    expects=EXPECTED,
    recognise=recognise,
)
