"""RefCOCO/+/g, as the harness finds them."""

from sama_bench.benchmark.definition import BenchmarkDefinition, Whole
from sama_bench.benchmarks.refcoco.layout import EXPECTED
from sama_bench.benchmarks.refcoco.reader import RefCocoReader, recognise
from sama_bench.benchmarks.refcoco.tasks import TASKS

REPORTED = "sizes as papers report them; refer's own code states none"

REFCOCO = BenchmarkDefinition(
    name="refcoco",
    title="RefCOCO, RefCOCO+, RefCOCOg: expressions for objects in COCO's images",
    tasks=TASKS,
    read=RefCocoReader,
    expects=EXPECTED,
    recognise=recognise,
    whole={
        "refcoco-val": Whole(1500, (10834,), REPORTED),
        "refcoco-testa": Whole(750, (5657,), REPORTED),
        "refcoco-testb": Whole(750, (5095,), REPORTED),
        "refcoco-plus-val": Whole(1500, (10758,), REPORTED),
        "refcoco-plus-testa": Whole(750, (5726,), REPORTED),
        "refcoco-plus-testb": Whole(750, (4889,), REPORTED),
        "refcocog-val": Whole(1300, (4896,), REPORTED),
        "refcocog-test": Whole(2600, (9602,), REPORTED),
    },
)
