"""ReVOS, as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.expressions.typed_reader import MASKS
from sama_bench.benchmarks.revos.foreground import FOREGROUND
from sama_bench.benchmarks.revos.reader import EXPECTED, LISTING, RevosReader, recognise
from sama_bench.benchmarks.revos.tasks import REVOS_TASK

REVOS = BenchmarkDefinition(
    name="revos",
    title="ReVOS: expressions that refer, that ask for reasoning, and that name what is not there",
    tasks=(REVOS_TASK,),
    read=RevosReader,
    expects=EXPECTED,
    recognise=recognise,
    released={  # ReVOS-api's README
        LISTING: "291d1854eb860ebac5dd3870451bfc9a2bf002765efabf39bf5496bcb8e1f4b6",
        MASKS: "e9b4310661495ddd47dedcac1e289621cf8f5dff89c0bb8b65f7699f748d5cff",
        FOREGROUND: "05d9be5d7bbed03b216a457274022ad1c9e683b4ffdc32b19c60c5e797fd8f01",
    },
)
