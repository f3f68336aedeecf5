"""MeViS as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition, ServerForm
from sama_bench.benchmarks.mevis.reader import EXPECTED, MevisReader, recognise
from sama_bench.benchmarks.mevis.tasks import VALID, VALID_U, VALID_U2

MEVIS = BenchmarkDefinition(
    name="mevis",
    title="MeViS: what moves as an expression says",
    tasks=(VALID_U, VALID_U2, VALID),
    read=MevisReader,
    expects=EXPECTED,
    recognise=recognise,
    server=ServerForm(VALID.key, top="", videos=140),
)
