"""Pictures of what a model was shown and what it answered, with the truth below."""

from sama_bench.callable_package import make_callable
from sama_bench.picture.question_picture import AskedRun, paint

__all__ = ["AskedRun", "paint"]

make_callable(__name__)
