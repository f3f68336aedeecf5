"""The demo of expressions for videos, as the harness finds it: in the form and with the numbers of MeViS v2."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmark.reader import not_here
from sama_bench.benchmarks.expressions.listing import FILE, read_listing
from sama_bench.benchmarks.expressions.reader import ExpressionReader, Split, digest_of
from sama_bench.benchmarks.expressions.sources import Sources
from sama_bench.benchmarks.expressions.tasks import expression_task
from sama_bench.benchmarks.expressions.truth import MaskDictionary
from sama_bench.benchmarks.mevis.reader import FRAMES, MASKS, PUBLIC
from sama_bench.benchmarks.mevis.tasks import SCORING_2, WORDING

NAME = "demo-refvos"
EXPECTED = f"{PUBLIC} with {FRAMES}, {FILE} and {MASKS}"
TASK: Final = expression_task(NAME, "Demo, video expressions", WORDING, SCORING_2)


class DemoRefvosReader(ExpressionReader):
    """The tree at `root`. Raises UserError where it is not of this kind."""

    def __init__(self, root: Path) -> None:
        path = root / PUBLIC / FILE
        if not path.is_file():
            raise not_here(root, EXPECTED)
        videos = [*read_listing(Sources(root).content(f"{PUBLIC}/{FILE}"), path).checked().values()]
        truths = MaskDictionary(root / PUBLIC / MASKS, videos)
        split = Split(PUBLIC, TASK.key, f"{PUBLIC}/{FRAMES}", videos, digest_of([path]), truths)
        super().__init__(root, "demo", WORDING, [split])


def _folder() -> Path:
    from sama_bench.demo.render import refvos_root  # draws with OpenCV, which takes long to import

    return refvos_root()


DEMO_REFVOS = BenchmarkDefinition(
    name=NAME,
    title="expressions for six of the demo's scenes, in MeViS' form",
    tasks=(TASK,),
    read=DemoRefvosReader,
    expects=EXPECTED,
    embedded=_folder,
)
