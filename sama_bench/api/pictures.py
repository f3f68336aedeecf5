"""Pictures of questions: what was shown, answered, and true."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from sama_bench.benchmark import Benchmark
from sama_bench.errors import UserError
from sama_bench.picture import AnsweredInRun, paint
from sama_bench.prompting.expression_prompts import of_run
from sama_bench.run.predictions import fitting
from sama_bench.run.store import Store
from sama_bench.types import Key, Question

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_FRAMES = 12


def png(benchmark: Benchmark, question: str | Key, store: Store | None = None, frames: int = 5) -> bytes:
    """The picture that `picture` gives, as a PNG file; with a run also what that answered."""
    if not 1 <= frames <= MOST_FRAMES:
        raise UserError(f"frames is {frames}, expected 1 to {MOST_FRAMES}")
    prompt = None if store is None else of_run(store.asking)
    worded = (benchmark if prompt is None else benchmark.worded(prompt.question_for)).question(question)
    run = None if store is None else _answer_in_run(store, worded)
    return paint(worded, benchmark.truth(worded.key), run, frames)


def _answer_in_run(store: Store, question: Question) -> AnsweredInRun:
    answers = {key: answer for key, answer in store.predictions(question.video.id).items() if key == question.key}
    return AnsweredInRun(store.manifest, fitting(answers, question.video).get(question.key))


def picture(benchmark: Benchmark, question: str | Key, frames: int = 5) -> Image:
    """A picture of a question and its truth; `frames` (1 to 12) are shown in a row. A notebook shows it.

    With what a model answered: `Run.picture`. Raises UserError where there is no such question.

    Examples:
        >>> import sama_bench as sb
        >>> sb.picture(sb.load_benchmark("demo"), "g:demo-g-0-1", frames=3).mode
        'RGB'
    """
    return decoded(png(benchmark, question, None, frames))


def decoded(content: bytes) -> Image:
    """A PNG file as an image."""
    from PIL import Image

    image = Image.open(BytesIO(content))
    image.load()
    return image
