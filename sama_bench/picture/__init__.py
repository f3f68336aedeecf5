"""Pictures of what a model was shown and what it answered, with the truth below."""

from sama_bench.callable_package import make_callable
from sama_bench.picture.question_picture import AnsweredInRun, paint

__all__ = ["AnsweredInRun", "paint"]

make_callable(__name__)
