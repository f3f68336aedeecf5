"""SAMA-Bench, and the demo that has its form, as the harness finds them."""

from pathlib import Path

from sama_bench import demo
from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.sama.layout import SPLITS
from sama_bench.benchmarks.sama.reader import SamaReader, recognise
from sama_bench.benchmarks.sama.tasks import C, G

EXPECTED = f"the released layout: {SPLITS[0]}, …, {SPLITS[-1]}, mask dictionaries, folders of frames"


def _demo_folder() -> Path:
    return demo.demo_root()


SAMA_BENCH = BenchmarkDefinition(
    name="sama-bench",
    title="SAMA-Bench: grounded dialogue and region description",
    tasks=(G, C),
    read=SamaReader,
    expects=EXPECTED,
    recognise=recognise,
)
DEMO = BenchmarkDefinition(
    name="demo",
    title="nine short scenes that the program draws itself, in SAMA-Bench's form",
    tasks=(G, C),
    read=SamaReader,
    expects=EXPECTED,
    embedded=_demo_folder,
)
