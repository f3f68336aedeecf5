"""RefCOCO/+/g, as the harness finds them."""

from sama_bench.benchmark.definition import BenchmarkDefinition, Whole
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
    # Images and sentences of the UNC and UMD splits as they are widely reported; refer's own code states none.
    whole={
        "refcoco-val": Whole(1500, (10834,)),
        "refcoco-testa": Whole(750, (5657,)),
        "refcoco-testb": Whole(750, (5095,)),
        "refcoco-plus-val": Whole(1500, (10758,)),
        "refcoco-plus-testa": Whole(750, (5726,)),
        "refcoco-plus-testb": Whole(750, (4889,)),
        "refcocog-val": Whole(1300, (4896,)),
        "refcocog-test": Whole(2600, (9602,)),
    },
)
