"""MeViS' tasks: its public split of version 1 and of version 2, and the split that a server scores."""

from typing import Final

from sama_bench.benchmarks.expressions.tasks import expression_task
from sama_bench.benchmarks.expressions.wording import SAMA

WORDING = SAMA
VALID_U: Final = expression_task("mevis", "MeViS valid_u", WORDING)
VALID_U2: Final = expression_task("mevis2", "MeViS v2 valid_u", WORDING)
VALID: Final = expression_task("mevis-valid", "MeViS valid", WORDING)
