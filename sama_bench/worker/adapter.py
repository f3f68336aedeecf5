"""The adapter that asks a worker, and starts another one where it dies."""

from __future__ import annotations

from collections.abc import Sequence

from sama_bench.adapter import Adapter
from sama_bench.errors import UserError
from sama_bench.types import PlainQuestion, Prediction, Question, Video
from sama_bench.worker.framing import Garbled
from sama_bench.worker.hosted import LONGER, Hosted, WorkerDied, WorkerSpec
from sama_bench.worker.process import Death, Process
from sama_bench.worker.serialization import pack_plain, pack_question, pack_video, unpack_prediction

TRIES = 2
"""So often a question is asked, or a video opened, that ends the worker; then it is an error."""
IN_A_ROW = 5
"""After so many lost questions in a row, of more than one video, the environment is taken to be broken."""
NOT_ITS_OWN = 10
"""So often a question is given to workers that end before they begin with it."""

__all__ = ["Remote", "WorkerDied", "WorkerSpec"]


class Remote(Hosted, Adapter):
    """An adapter that runs in a process of another Python.

    `can`, `asking`, `summary`, `wording`, `forced` and `free` are its own.
    An exception that it raises there is raised here under the same name. Where the process ends, is killed or hangs,
    another one is started, the video opened again, and the question asked again; what ends it twice raises WorkerDied.
    Raises UserError as `remote` says; from `predict` and `open` also where questions of several videos are lost in a
    row, so that a broken environment does not make an error of every question.
    """

    def __init__(self, spec: WorkerSpec) -> None:
        self._video: Video | None = None
        self._lost: list[str] = []
        super().__init__(spec)
        self.begin()

    def open(self, video: Video) -> None:
        """Open `video` there; frames are handed over when they are asked for."""
        self._video, self._is_open = video, False
        self._reopen()

    def predict(self, question: Question) -> Prediction:
        """The answer of the worker; see the class."""
        if self._video is None:
            raise RuntimeError("predict() before open()")
        deaths: list[str] = []
        for _ in range(NOT_ITS_OWN):
            process = self._reopen()
            try:
                answer = self._answer(process, question)
            except Death as death:
                self._note(process, death, f"question {question.key}")
                deaths += [str(death)] if self._begun else []
            else:
                return answer
            if len(deaths) == TRIES:
                break
        raise self._loss(deaths or ["each time before it began with the question"], process, self._video.id)

    def answer(self, question: PlainQuestion) -> str:
        """The worker's answer in words; where the question ends two workers it is lost, as in `predict`."""
        body, blocks = pack_plain(question)
        deaths: list[str] = []
        for _ in range(TRIES):
            process = self._alive()
            try:
                return str(self._ask(process, "answer", None, body, blocks).body.get("text", ""))
            except Death as death:
                self._note(process, death, "a question in words")
                deaths.append(str(death))
        raise self._loss(deaths, process, question.text)

    def close(self) -> None:
        """Close the open video there; a worker that is gone has nothing to close."""
        video, self._video = self._video, None
        process, self._is_open = self._process, False
        if video is None or not process.alive:
            return
        try:
            self._ask(process, "close", video)
        except Death as death:
            raise WorkerDied(f"the worker died ({death}); {process.log.tail()}") from None

    def _reopen(self) -> Process:
        """A worker with the adapter made and the video open, whatever of it there is already."""
        assert self._video is not None
        deaths: list[str] = []
        while len(deaths) < TRIES:
            process = self._alive()
            if self._is_open:
                return process
            try:
                self._ask(process, "open", self._video, pack_video(self._video), limit=LONGER * self.spec.timeout)
            except Death as death:
                self._note(process, death, f"opening {self._video.id}")
                deaths.append(str(death))
            else:
                self._is_open = True
        raise self._loss(deaths, process, self._video.id)

    def _answer(self, process: Process, question: Question) -> Prediction:
        assert self._video is not None
        body, blocks = pack_question(question)
        message = self._ask(process, "predict", self._video, body, blocks)
        try:
            return unpack_prediction(message, self._video)
        except Garbled as problem:
            process.kill()
            raise Death(f"{problem}, so it was killed") from problem

    def _replied(self, kind: str) -> None:
        if kind in {"predict", "answer"}:
            self._lost.clear()

    def _loss(self, deaths: Sequence[str], process: Process, about: str) -> Exception:
        """WorkerDied; UserError where so much was lost in a row that nothing better is to be expected.

        `about` is the video's id, or what a question in words says.
        """
        self._lost.append(about)
        why = f"the worker died twice ({'; '.join(dict.fromkeys(deaths))}); {process.log.tail()}"
        if len(self._lost) < IN_A_ROW or len(set(self._lost)) == 1:
            return WorkerDied(why)
        return UserError(
            f"{self._where} was given up: {len(self._lost)} questions or videos in a row were lost; the last: "
            f"{why}. What was stored is kept; mend it and give the same command again"
        )
