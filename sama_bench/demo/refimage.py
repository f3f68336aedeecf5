"""The demo of expressions for images, as the harness finds it: in the form and with the numbers of RefCOCO."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.refcoco.layout import INSTANCES, UNC, Part
from sama_bench.benchmarks.refcoco.reader import RefCocoReader
from sama_bench.benchmarks.refcoco.tasks import sentence_task

NAME = "demo-refimage"
SET = "refdemo"
EXPECTED = f"{SET} with {INSTANCES} and {UNC}, and its images in train2014"
PART = Part(SET, "val", NAME, "Demo, image expressions")
TASK: Final = sentence_task(PART, UNC)


class DemoRefimageReader(RefCocoReader):
    """The tree at `root`. Raises UserError where it is not of this kind."""

    refs = {SET: UNC}  # noqa: RUF012 - as its base declares it
    parts = (PART,)
    expected = EXPECTED


def _folder() -> Path:
    from sama_bench.demo.render import refimage_root  # draws with OpenCV, which takes long to import

    return refimage_root()


DEMO_REFIMAGE = BenchmarkDefinition(
    name=NAME,
    title="expressions for single frames of the demo's scenes, in RefCOCO's form",
    tasks=(TASK,),
    read=DemoRefimageReader,
    expects=EXPECTED,
    embedded=_folder,
)
