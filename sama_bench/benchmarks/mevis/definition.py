"""MeViS as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition, ServerForm, Whole
from sama_bench.benchmarks.mevis.reader import EXPECTED, MASKS, PUBLIC, MevisReader, recognise
from sama_bench.benchmarks.mevis.tasks import VALID, VALID_U, VALID_U2

MEVIS = BenchmarkDefinition(
    name="mevis",
    title="MeViS: what moves as an expression says",
    tasks=(VALID_U, VALID_U2, VALID),
    read=MevisReader,
    expects=EXPECTED,
    recognise=recognise,
    server=ServerForm(VALID.key, top="", videos=140),
    # The authors' README (7c0620b, 00691a1), and issue 4 of their repository for the mask file of version 1.
    whole={
        VALID_U.key: Whole(50, (793,)),
        VALID_U2.key: Whole(50, (907,)),
        VALID.key: Whole(140, (2236, 2523)),
    },
    released={f"{PUBLIC}/{MASKS}": "6e711a3f713cd95a825f536323e434b4d80f85a8e4e66d0cd662408e8779db50"},
)
