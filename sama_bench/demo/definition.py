"""The demo benchmark, as the harness finds it: SAMA-Bench's tasks and form, with data that the program draws itself."""

from pathlib import Path

from sama_bench import demo
from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.sama.definition import EXPECTED
from sama_bench.benchmarks.sama.reader import SamaReader
from sama_bench.benchmarks.sama.tasks import C, G


def _folder() -> Path:
    return demo.demo_root()


DEMO = BenchmarkDefinition(
    name="demo",
    title="nine short scenes that the program draws itself, in SAMA-Bench's form",
    tasks=(G, C),
    read=SamaReader,
    expects=EXPECTED,
    embedded=_folder,
)
