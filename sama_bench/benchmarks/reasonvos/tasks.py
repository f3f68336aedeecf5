"""ReasonVOS' one task: as VideoLISA scores it, and strictly."""

from typing import Final

from sama_bench.benchmarks.expressions.protocols import RELEASED, RELEASED_METRICS, Strict
from sama_bench.benchmarks.expressions.tasks import expression_task
from sama_bench.benchmarks.expressions.wording import SA2VA_VIDEO
from sama_bench.benchmarks.reasonvos.reader import TASK
from sama_bench.protocol import QuestionProtocol

# The released script leaves out what it does not find, and prints a line.
SCORING = (
    QuestionProtocol(RELEASED, RELEASED_METRICS, unanswered="left out"),
    Strict(),
)
REASONVOS_TASK: Final = expression_task(TASK, "ReasonVOS", SA2VA_VIDEO, SCORING)
