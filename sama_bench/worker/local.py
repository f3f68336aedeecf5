"""A worker on this machine that is asked whole units: one of many beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sama_bench.adapter import Adapter
from sama_bench.run.dispatch import Lost
from sama_bench.run.predictions import StoredPrediction, validate
from sama_bench.run.progress import Silence
from sama_bench.run.runner import ask_video
from sama_bench.types import Key, Prediction, Question, Video
from sama_bench.worker.framing import Block, Garbled, Message
from sama_bench.worker.hosted import LONGER, Hosted, WorkerDied, WorkerSpec
from sama_bench.worker.process import Death, Process
from sama_bench.worker.serialization import pack_question, pack_video, unpack_prediction


class LocalWorker(Hosted, Adapter):
    """A process with the model, as `sama_bench.run.dispatch.Worker` says; it reads the frames itself.

    To the code that asks a video's questions it is an adapter, whose methods raise Lost where the process dies.
    """

    def __init__(self, spec: WorkerSpec) -> None:
        self._video: Video | None = None
        self._ended = False
        super().__init__(spec)

    @property
    def alive(self) -> bool:
        """Whether the process is there, as far as is known."""
        return self._process.alive

    def ask(
        self,
        videos: Sequence[Sequence[Question]],
        answered: Callable[[Key, StoredPrediction], None],
        warn: Callable[[str], None],
    ) -> None:
        """Answer all questions; see the class, and `Worker.ask`."""
        self.warn = warn
        if self.at_once:
            self._ask_together(self._alive(), videos, answered)
            return
        for questions in videos:
            for key, prediction in ask_video(self, questions[0].video, questions, _Warnings(warn)):
                answered(key, prediction)

    def open(self, video: Video) -> None:
        """Open `video` in the process, which is started where it is gone."""
        process = self._alive()
        self._video, self._is_open = video, False
        about = pack_video(video, at_hand=True)
        try:
            self._ask(process, "open", video, about, limit=LONGER * self.spec.timeout)
        except Death as death:
            self._note(process, death, f"opening {video.id}")
            raise Lost(str(death), process.log.tail(), opening=True) from None
        self._is_open = True

    def predict(self, question: Question) -> Prediction:
        """The answer of the process."""
        process, video = self._process, question.video
        body, blocks = pack_question(question)
        try:
            message = self._ask(process, "predict", video, body, blocks)
            return self._unpacked(process, message, video)
        except Death as death:
            self._note(process, death, f"question {question.key}")
            key = question.key if self._begun else None
            raise Lost(str(death), process.log.tail(), key=key) from None

    def close(self) -> None:
        """Close the open video in the process; one that is gone has nothing to close."""
        video, self._video = self._video, None
        process, is_open, self._is_open = self._process, self._is_open, False
        if video is None or not (is_open and process.alive):
            return
        try:
            self._ask(process, "close", video)
        except Death as death:
            self._deaths += 1
            raise WorkerDied(f"the worker died ({death}); {process.log.tail()}") from None

    def end(self) -> None:
        """Let the process end by itself, and kill what is left of it."""
        self._ended = True
        if "_process" in vars(self):
            self._process.end()

    def kill(self) -> None:
        """End the process now, with all that it started, whatever another thread does with it."""
        self._ended = True
        if "_process" in vars(self):
            self._process.kill()

    def _start(self) -> Process:
        if self._ended:
            raise Lost("it was ended")
        return super()._start()

    def _ask_together(
        self, process: Process, videos: Sequence[Sequence[Question]], answered: Callable[[Key, StoredPrediction], None]
    ) -> None:
        questions = [question for of_video in videos for question in of_video]
        body, blocks = _pack_questions(videos)

        def heard(message: Message) -> bool:
            if message.kind == "warning":
                self.warn(str(message.body.get("line"))[:1000])
            elif message.kind == "one":
                answered(*self._one(process, message, questions))
            return message.kind in {"warning", "one"}

        try:
            self._ask(process, "predict_all", None, body, blocks, len(questions) * self.spec.timeout, heard)
        except Death as death:
            self._note(process, death, f"{len(questions)} questions from {questions[0].key} on")
            raise Lost(str(death), process.log.tail(), together=self._begun) from None

    def _one(self, process: Process, message: Message, questions: Sequence[Question]) -> tuple[Key, StoredPrediction]:
        """One of the answers to many questions; what it took only the model itself can say."""
        number = message.body.get("number")
        if type(number) is not int or not 0 <= number < len(questions):
            raise Garbled("it answered a question that it was not asked")
        question = questions[number]
        prediction = self._unpacked(process, message, question.video)
        return question.key, validate(prediction, question.video, prediction.seconds)

    def _unpacked(self, process: Process, message: Message, video: Video) -> Prediction:
        try:
            return unpack_prediction(message, video)
        except Garbled as problem:
            process.kill()
            raise Death(f"{problem}, so it was killed") from problem


class _Warnings(Silence):
    """Progress that only warns."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def warn(self, line: str) -> None:
        """Pass the line on."""
        self._tell(line)


def _pack_questions(videos: Sequence[Sequence[Question]]) -> tuple[dict[str, Any], list[Block]]:
    """The questions of several videos as one request."""
    listed: list[tuple[int, Mapping[str, Any]]] = []
    blocks: list[Block] = []
    for number, questions in enumerate(videos):
        for question in questions:
            body, question_blocks = pack_question(question)
            listed.append((number, body))
            blocks += question_blocks
    about = [pack_video(questions[0].video, at_hand=True) for questions in videos]
    return {"videos": about, "questions": listed}, blocks
