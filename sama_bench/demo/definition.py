"""The demo benchmark, as the harness finds it: SAMA-Bench's tasks and form, with data that the program draws itself."""

from pathlib import Path

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.sama.definition import EXPECTED
from sama_bench.benchmarks.sama.reader import SamaReader
from sama_bench.benchmarks.sama.tasks import C, G


def _folder() -> Path:
    from sama_bench.demo.render import demo_root  # draws with OpenCV, which takes long to import

    return demo_root()


DEMO = BenchmarkDefinition(
    name="demo",
    title="nine short scenes that the program draws itself, in SAMA-Bench's form",
    tasks=(G, C),
    read=SamaReader,
    expects=EXPECTED,
    embedded=_folder,
)
