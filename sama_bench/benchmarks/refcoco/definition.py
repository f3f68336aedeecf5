"""RefCOCO/+/g, as the harness finds them."""

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.refcoco.layout import EXPECTED
from sama_bench.benchmarks.refcoco.reader import RefCocoReader, recognise
from sama_bench.benchmarks.refcoco.tasks import TASKS

REFCOCO = BenchmarkDefinition(
    name="refcoco",
    title="RefCOCO, RefCOCO+, RefCOCOg: expressions for objects in COCO's images",
    tasks=TASKS,
    read=RefCocoReader,
    expects=EXPECTED,
    recognise=recognise,
)
