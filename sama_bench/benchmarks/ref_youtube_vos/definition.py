"""Ref-YouTube-VOS as the harness finds it."""

from sama_bench.benchmark.definition import BenchmarkDefinition, ServerForm, Whole
from sama_bench.benchmarks.ref_youtube_vos.reader import EXPECTED, RefYoutubeVosReader, recognise
from sama_bench.benchmarks.ref_youtube_vos.tasks import VALID

REF_YOUTUBE_VOS = BenchmarkDefinition(
    name="ref-youtube-vos",
    title="Ref-YouTube-VOS: objects of YouTube-VOS that an expression names",
    tasks=(VALID,),
    read=RefYoutubeVosReader,
    expects=EXPECTED,
    recognise=recognise,
    server=ServerForm(VALID.key, top="Annotations", videos=202),
    whole={VALID.key: Whole(202)},  # ReferFormer and VISA assert it
)
