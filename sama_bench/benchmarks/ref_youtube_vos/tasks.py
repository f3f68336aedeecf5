"""Ref-YouTube-VOS' one task."""

from typing import Final

from sama_bench.benchmarks.expressions.tasks import expression_task
from sama_bench.benchmarks.expressions.wording import SAMA

WORDING = SAMA
VALID: Final = expression_task("ref-youtube-vos", "Ref-YouTube-VOS valid", WORDING)
