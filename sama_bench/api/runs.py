"""A run on disk, to be looked at: its scores, questions, answers and errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.api.questions import Answered, frame
from sama_bench.api.rescoring import Rescoring
from sama_bench.api.scores import Scores
from sama_bench.benchmark import Benchmark
from sama_bench.errors import UserError
from sama_bench.notebook import lines
from sama_bench.run.bar import bar
from sama_bench.run.failures import failures
from sama_bench.run.manifest import Manifest
from sama_bench.run.prediction_line import line
from sama_bench.run.store import Store
from sama_bench.score.comparison_inputs import load_side
from sama_bench.types import Key, Prediction

if TYPE_CHECKING:
    import pandas as pd
    from PIL.Image import Image

_log = logging.getLogger("sama_bench")


def load_run(path: str | Path) -> Run:
    """A run by its folder. Raises UserError where it is none.

    Examples:
        >>> import sama_bench as sb
        >>> try:
        ...     sb.load_run("nowhere")
        ... except sb.UserError as problem:
        ...     print(problem.problems[0].partition(";")[0])
        nowhere: is not a run (no manifest.json)
    """
    with Store.open(Path(path)):
        return Run(Path(path))


class Run:
    """A run on disk. It is read when asked for, and never changed but by `score`.

    Its methods raise UserError where the folder is damaged, or cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def manifest(self) -> Manifest:
        """The run's questions, model and versions."""
        with Store.open(self.path) as store:
            return store.manifest

    @property
    def name(self) -> str:
        """What the run is called in tables: the name that it was given, else its model."""
        manifest = self.manifest
        return manifest.name or manifest.settings.model

    @cached_property
    def scores(self) -> Scores:
        """The scores that the run keeps; raises UserError where it was not scored."""
        side = load_side(self.path)
        return Scores(side.scores.with_statistics(side.statistics))

    def questions(self) -> pd.DataFrame:
        """The results of the questions, one row each, in the order of the benchmark.

        The index is (task, question_id). Columns:

        - `video`: the id of its video; `state`: answered, error or missing,
        - `text`: the answer; `seconds`: what it took (NaN where unknown); `error`: why there is no answer
          (missing where there is one),
        - where the run was scored, `PROTOCOL.METRIC` for each value that a question has by itself, in 0…1:
          `paper.miou`, `paper.ROUGE_L`, `strict.miou`, `strict.J`, `strict.F`, `strict.J&F`, `strict.ROUGE_L`, and
          `paper.CLAIR`, `strict.Judge` where a judge was asked. NaN where a question has none: in paper one without
          an answer, in strict one that grounds nothing. Other metrics are of whole videos only (`Scores.by_video`).
        """
        with Store.open(self.path) as store:
            statistics = load_side(self.path).statistics if store.scores_file.exists() else {}
            return frame(statistics, _answers(store), store.judged())

    def errors(self) -> dict[Key, str]:
        """The questions that ended in an error, each with its reason, in the order of the benchmark."""
        with Store.open(self.path) as store:
            return store.errors()

    def error_place(self, key: Key) -> str:
        """Where the model's code raised the error of a question, `FILE:LINE`; '' where there is none."""
        with Store.open(self.path) as store:
            return next((failure.place for failure in failures(store) if failure.key == key), "")

    @property
    def asked(self) -> int:
        """The number of questions that have an answer, or ended in an error."""
        with Store.open(self.path) as store:
            return len(store.all_keys())

    def predictions(self) -> Iterator[tuple[Key, Prediction]]:
        """The answers in the order of the benchmark, their tracks as RLE; `score` takes them as they come."""
        with Store.open(self.path) as store:
            for answered in _answers(store):
                yield answered.key, Prediction(**vars(answered.answer))

    def lines(self) -> Iterator[str]:
        """The answers as lines of JSON, as `sama-bench export` writes them."""
        with Store.open(self.path) as store:
            for answered in _answers(store):
                yield line(answered.key, answered.video, answered.answer, store.can)

    def benchmark(self, root: str | Path | None = None) -> Benchmark:
        """The questions that were asked, from where the run found them, or from `root`.

        Raises UserError where they cannot be read, or are no longer the same.
        """
        with Store.open(self.path) as store:
            return store.open_benchmark(root)

    def picture(self, question: str | Key, frames: int = 5, bench: str | Path | None = None) -> Image:
        """A picture of a question: what the model was shown, what it answered, the truth. A notebook shows it.

        `question` is a key, or its name, such as "g:17"; `frames` (1 to 12) are shown in a row; `bench` is where the
        benchmark is, by default where the run found it. Raises UserError where there is no such question.
        """
        from sama_bench.api.pictures import decoded

        return decoded(self.png(question, frames, bench))

    def png(self, question: str | Key, frames: int = 5, bench: str | Path | None = None) -> bytes:
        """The picture of a question as a PNG file; as `picture`."""
        from sama_bench.api.pictures import png  # what draws takes long to import, and most of runs are not drawn

        with Store.open(self.path) as store:
            return png(store.open_benchmark(bench), question, store, frames)

    def score(
        self,
        bench: str | Path | None = None,
        *,
        phrases: str | None = None,
        phrase_model: str | Path | None = None,
        breakdowns: bool = False,
        processes: int | None = None,
        tell: Callable[[str], object] = _log.warning,
    ) -> Scores:
        """Score the answers again, and keep the scores in the run.

        `bench` is where the benchmark is, by default where the run found it; the other arguments are those of
        `sama_bench.score`. Of a run that another process is asking now the answers that it has by now are scored, the
        scores are marked as partial, and not kept.
        """
        how = Rescoring(bench, phrases, phrase_model, breakdowns=breakdowns, processes=processes)
        with bar("scoring") as progress:
            scores = Scores(how.scores(self.path, progress, tell))
        if scores.kept.partial is None:
            vars(self)["scores"] = scores
        return scores

    def __repr__(self) -> str:
        return f"<run {self.path}>"

    def _repr_html_(self) -> str:
        """The HTML for notebooks: model, questions and scores."""
        manifest, errors = self.manifest, self.errors()
        counts = ", ".join(f"{count} of task {task}" for task, count in manifest.counts.items())
        heading_lines = [f"{self.path}: {manifest.settings.model} on {manifest.bench_name}, questions: {counts}"]
        if errors:
            key, reason = next(iter(errors.items()))
            heading_lines.append(f"{len(errors)} ended in an error, the first ({key}): {' '.join(reason.split())}")
        try:
            return lines(heading_lines) + self.scores._repr_html_()
        except UserError as problem:
            return lines([*heading_lines, *problem.lines()])


def _answers(store: Store) -> Iterator[Answered]:
    for video in store.videos():
        for key, answer in store.predictions(video).items():
            yield Answered(key, video, answer)
