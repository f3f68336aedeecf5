"""The adapter that asks a worker, and starts another one where it dies."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from sama_bench.adapter import Abilities, Adapter
from sama_bench.errors import MissingExtra, UserError
from sama_bench.types import PlainQuestion, Prediction, Question, Video
from sama_bench.worker.framing import Block, Garbled, Message
from sama_bench.worker.log import Log
from sama_bench.worker.process import Death, Process
from sama_bench.worker.remote_errors import raised, told, user_error
from sama_bench.worker.serialization import pack_plain, pack_question, pack_video, unpack_prediction

LONGER = 10
"""Making the adapter and opening a video may take so many times what a question may."""
TRIES = 2
"""So often a question is asked, or a video opened, that ends the worker; then it is an error."""
STARTS = 5
"""So often a worker is started that was made before and now ends while it is made."""
IN_A_ROW = 5
"""After so many lost questions in a row, of more than one video, the environment is taken to be broken."""
NOTES_SECONDS = 30.0
NOT_ITS_OWN = 10
"""So often a question is given to workers that end before they begin with it."""

Reply = tuple[str, dict[str, Any], Sequence[Block]]


class WorkerDied(Exception):
    """The worker died, or hung and was killed, as often as it may at one place."""


@dataclass(frozen=True)
class WorkerSpec:
    """What is to run, and where: `python` is an interpreter that can be used, `timeout` in seconds."""

    name: str
    args: Mapping[str, object]
    python: str
    log: Path
    timeout: float
    trust: bool


class Remote(Adapter):
    """An adapter that runs in a process of another Python.

    `can`, `asking`, `summary`, `wording`, `forced` and `free` are its own.
    An exception that it raises there is raised here under the same name. Where the process ends, is killed or hangs,
    another one is started, the video opened again, and the question asked again; what ends it twice raises WorkerDied.
    Raises UserError as `remote` says; from `predict` and `open` also where questions of several videos are lost in a
    row, so that a broken environment does not make an error of every question.
    """

    versions: Mapping[str, str]
    """Versions of what decides its predictions there, as far as it was loaded when it was made."""

    def __init__(self, wanted: WorkerSpec) -> None:
        self.wanted = wanted
        self.warn: Callable[[str], None] = _to_stderr
        """Is told, in a line each, of workers that died."""
        self._video: Video | None = None
        self._is_open = False
        self._lost: list[str] = []
        self._deaths = 0
        self._begun = False
        self._process = self._start()
        try:
            self._make(self._process)
        except Death as death:
            raise UserError(f"{self._where} could not be made: {death}; {self._process.log.told(5)}") from death

    def open(self, video: Video) -> None:
        """Open `video` there; frames are handed over when they are asked for."""
        self._video, self._is_open = video, False
        self._reopen()

    def predict(self, question: Question) -> Prediction:
        """The answer of the worker; see the class."""
        if self._video is None:
            raise RuntimeError("predict() before open()")
        hows: list[str] = []
        for _ in range(NOT_ITS_OWN):
            process = self._reopen()
            try:
                answer = self._answer(process, question)
            except Death as death:
                self._note(process, death, f"question {question.key}")
                hows += [str(death)] if self._begun else []
            else:
                return answer
            if len(hows) == TRIES:
                break
        raise self._loss(hows or ["each time before it began with the question"], process, self._video.id)

    def answer(self, question: PlainQuestion) -> str:
        """The worker's answer in words; where the question ends two workers it is lost, as in `predict`."""
        body, blocks = pack_plain(question)
        hows: list[str] = []
        for _ in range(TRIES):
            process = self._alive()
            try:
                return str(self._ask(process, "answer", None, body, blocks).body.get("text", ""))
            except Death as death:
                self._note(process, death, "a question in words")
                hows.append(str(death))
        raise self._loss(hows, process, question.text)

    def close(self) -> None:
        """Close the open video there; a worker that is gone has nothing to close."""
        video, self._video = self._video, None
        process, self._is_open = self._process, False
        if video is None or not process.alive:
            return
        try:
            self._ask(process, "close", video)
        except Death as death:
            raise WorkerDied(f"the worker died ({death}); {process.log.told()}") from None

    def notes(self) -> Sequence[str]:
        """What the adapter says there, as long as it lives, and how often a worker died."""
        lines: list[str] = []
        process = self._process
        if process.alive:
            try:
                lines += map(str, self._ask(process, "notes", limit=NOTES_SECONDS).body.get("notes", []))
            except (Death, TypeError) as problem:
                lines.append(f"the worker had no more to say: {problem}")
        if self._deaths:
            times = "once" if self._deaths == 1 else f"{self._deaths} times"
            lines.append(f"the worker died {times} and was started again; its log: {self.wanted.log}")
        return lines

    @property
    def _where(self) -> str:
        return f"{self.wanted.python}: adapter {self.wanted.name}"

    def _start(self) -> Process:
        wanted = self.wanted
        return Process(wanted.python, Log(wanted.log, f"{wanted.python} -m sama_bench.worker: {wanted.name}"))

    def _make(self, process: Process) -> None:
        """Have the adapter made there, and take over what it says of itself; a later one must say the same."""
        wanted = self.wanted
        body = {"name": wanted.name, "args": wanted.args, "trust": wanted.trust}
        try:
            about = self._ask(process, "make", body=body, limit=LONGER * wanted.timeout).body
            self._is_known_as({**about, "can": _abilities(about["can"])}, process.version)
        except BaseException:
            process.kill()
            raise

    def _is_known_as(self, about: Mapping[str, Any], python: str) -> None:
        if about["can"].truth:
            raise UserError(
                f"adapter {self.wanted.name} is shown the truth, which does not leave this process: leave out --python"
            )
        known = {name: about[name] for name in ("can", "asking", "summary", "wording", "forced")}
        before = {name: vars(self)[name] for name in known if name in vars(self)}
        if before and before != known:
            raise UserError(f"{self._where} says other things of itself ({known}) than before ({before})")
        vars(self).update(known, free=frozenset(about["free"]), versions={"python": python, **about["versions"]})

    def _reopen(self) -> Process:
        """A worker with the adapter made and the video open, whatever of it there is already."""
        assert self._video is not None
        hows: list[str] = []
        while len(hows) < TRIES:
            process = self._alive()
            if self._is_open:
                return process
            try:
                self._ask(process, "open", self._video, pack_video(self._video), limit=LONGER * self.wanted.timeout)
            except Death as death:
                self._note(process, death, f"opening {self._video.id}")
                hows.append(str(death))
            else:
                self._is_open = True
        raise self._loss(hows, process, self._video.id)

    def _alive(self) -> Process:
        """The worker that there is, or a new one with the adapter made."""
        process = self._process
        if process.alive:
            return process
        if not process.killed:
            self._note(process, Death(process.how_it_ended()), "rest")
        self._is_open = False
        hows: list[str] = []
        while len(hows) < STARTS:
            self._process = process = self._start()
            try:
                self._make(process)
            except Death as death:
                self._note(process, death, "making the adapter")
                hows.append(str(death))
            else:
                return process
        raise UserError(
            f"{self._where} could be made before and cannot be made again ({'; '.join(dict.fromkeys(hows))}); "
            f"{process.log.told(5)}"
        )

    def _answer(self, process: Process, question: Question) -> Prediction:
        assert self._video is not None
        body, blocks = pack_question(question)
        message = self._ask(process, "predict", self._video, body, blocks)
        try:
            return unpack_prediction(message, self._video)
        except Garbled as problem:
            process.kill()
            raise Death(f"{problem}, so it was killed") from problem

    def _ask(
        self,
        process: Process,
        kind: str,
        video: Video | None = None,
        body: dict[str, Any] | None = None,
        blocks: Sequence[Block] = (),
        limit: float | None = None,
    ) -> Message:
        """What the worker says in the end; raises what it raised there, and Death."""
        self._begun = False

        def listen(message: Message) -> Reply | None:
            if message.kind == "begun":
                self._begun = True
                return None
            return _frame(message, video)

        answer = process.ask(kind, body or {}, blocks, limit or self.wanted.timeout, listen)
        if kind in {"predict", "answer"}:
            self._lost.clear()
        if answer.kind == "failed":
            problem = raised(answer.body)
            theirs = isinstance(problem, MissingExtra) or (kind == "make" and isinstance(problem, UserError))
            raise _from_there(problem, self.wanted.python) if theirs else problem
        return answer

    def _note(self, process: Process, death: Death, during: str) -> None:
        self._deaths += 1
        self.warn(f"the worker died at {during} ({death}); {process.log.told(1)}")

    def _loss(self, hows: Sequence[str], process: Process, about: str) -> Exception:
        """WorkerDied; UserError where so much was lost in a row that nothing better is to be expected.

        `about` is the video's id, or what a question in words says.
        """
        self._lost.append(about)
        why = f"the worker died twice ({'; '.join(dict.fromkeys(hows))}); {process.log.told()}"
        if len(self._lost) < IN_A_ROW or len(set(self._lost)) == 1:
            return WorkerDied(why)
        return UserError(
            f"{self._where} was given up: {len(self._lost)} questions or videos in a row were lost; the last: "
            f"{why}. What was stored is kept; mend it and give the same command again"
        )


def _frame(message: Message, video: Video | None) -> Reply:
    """A frame that the worker asks for, or why there is none."""
    index = message.body.get("index")
    if message.kind != "frame" or video is None or type(index) is not int or not 0 <= index < len(video):
        raise Garbled(f"it asked for {message.kind[:20]} {str(index)[:20]}, which there is not")
    try:
        frame = np.ascontiguousarray(video.frame(index))
    except Exception as problem:
        return "failed", told(problem), ()
    return "frame", {"shape": frame.shape}, [frame.reshape(-1).data]


def _abilities(given: Mapping[str, object]) -> Abilities:
    return Abilities(**{one.name: given.get(one.name) is True for one in fields(Abilities)})


def _from_there(problem: Exception, python: str) -> UserError:
    """The same problem of the user's, each line beginning with the interpreter that it is about."""
    assert isinstance(problem, UserError)
    lines = [f"{python}: {line}" for line in problem.problems]
    return user_error(lines, missing=isinstance(problem, MissingExtra), status=problem.status)


def _to_stderr(line: str) -> None:
    print(f"warning: {line}", file=sys.stderr)
