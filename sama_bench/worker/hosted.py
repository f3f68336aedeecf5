"""A worker process with its adapter made, and another one where it ended: what every way of asking it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from sama_bench.adapter import Abilities
from sama_bench.errors import MissingExtra, UserError
from sama_bench.run import model_output
from sama_bench.types import Video
from sama_bench.worker.framing import Block, Garbled, Message
from sama_bench.worker.log import Log
from sama_bench.worker.process import Death, Process
from sama_bench.worker.remote_errors import describe, rebuild, user_error

LONGER = 10
"""Making the adapter and opening a video may take so many times what a question may."""
STARTS = 5
"""So often a worker is started that was made before and now ends while it is made."""
NOTES_SECONDS = 30.0

Reply = tuple[str, dict[str, Any], Sequence[Block]]


class WorkerDied(Exception):
    """The worker died, or hung and was killed, as often as it may at one place."""


@dataclass(frozen=True)
class WorkerSpec:
    """What is to run, and where.

    `python` is an interpreter that can be used, `timeout` in seconds, `environment` what the process has beside this
    one's; `leave_out` is the option that is to be left out for an adapter which does not run as a worker.
    """

    name: str
    args: Mapping[str, object]
    python: str
    log: Path
    timeout: float
    trust: bool
    environment: Mapping[str, str] = field(default_factory=dict)
    leave_out: str = "--python"


class Hosted:
    """A process of a Python with an adapter in it, once `begin` was called.

    `can`, `asking`, `summary`, `wording`, `forced` and `free` are then the adapter's own, `at_once` is how many
    questions it takes together, 0 where it is asked one by one.
    """

    _process: Process

    versions: Mapping[str, str]
    """Versions of what decides its predictions there, as far as it was loaded when it was made."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec
        self.at_once = 0
        self.warn: Callable[[str], None] = _to_stderr
        """Is told, in a line each, of workers that died."""
        self._is_open = False
        self._deaths = 0
        self._begun = False

    def begin(self) -> None:
        """Start the process and have the adapter made; raises UserError where it cannot be."""
        self._process = self._start()
        try:
            self._make(self._process)
        except Death as death:
            raise UserError(f"{self._where} could not be made: {death}; {self._process.log.tail(5)}") from death

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
            lines.append(f"the worker died {times} and was started again; its log: {self.spec.log}")
        return lines

    @property
    def _where(self) -> str:
        return f"{self.spec.python}: adapter {self.spec.name}"

    def _start(self) -> Process:
        spec = self.spec
        log = Log(spec.log, f"{spec.python} -m sama_bench.worker: {spec.name}")
        return Process(spec.python, log, spec.environment)

    def _make(self, process: Process) -> None:
        """Have the adapter made there, and take over what it says of itself; a later one must say the same."""
        spec = self.spec
        body = {"name": spec.name, "args": spec.args, "trust": spec.trust}
        try:
            about = self._ask(process, "make", body=body, limit=LONGER * spec.timeout).body
            self._is_known_as({**about, "can": _abilities(about["can"])}, process.version)
        except BaseException:
            process.kill()
            raise

    def _is_known_as(self, about: Mapping[str, Any], python: str) -> None:
        if about["can"].truth:
            raise UserError(
                f"adapter {self.spec.name} is shown the truth, which does not leave this process: "
                f"leave out {self.spec.leave_out}"
            )
        known = {name: about[name] for name in ("can", "asking", "summary", "wording", "forced")}
        before = {name: vars(self)[name] for name in known if name in vars(self)}
        if before and before != known:
            raise UserError(f"{self._where} says other things of itself ({known}) than before ({before})")
        self.at_once = int(about.get("at_once", 0))
        vars(self).update(known, free=frozenset(about["free"]), versions={"python": python, **about["versions"]})

    def _alive(self) -> Process:
        """The worker that there is, or a new one with the adapter made."""
        process = self._process
        if process.alive:
            return process
        if not process.killed:
            self._note(process, Death(process.how_it_ended()), "rest")
        self._is_open = False
        deaths: list[str] = []
        while len(deaths) < STARTS:
            self._process = process = self._start()
            try:
                self._make(process)
            except Death as death:
                self._note(process, death, "making the adapter")
                deaths.append(str(death))
            else:
                return process
        raise UserError(
            f"{self._where} could be made before and cannot be made again ({'; '.join(dict.fromkeys(deaths))}); "
            f"{process.log.tail(5)}"
        )

    def _ask(
        self,
        process: Process,
        kind: str,
        video: Video | None = None,
        body: dict[str, Any] | None = None,
        blocks: Sequence[Block] = (),
        limit: float | None = None,
        heard: Callable[[Message], bool] = lambda _: False,
    ) -> Message:
        """What the worker says in the end; raises what it raised there, and Death.

        `heard` is whether something that it says on the way is dealt with; else it has to ask for a frame of `video`.
        """
        self._begun = False

        def listen(message: Message) -> Reply | None:
            if message.kind == "begun":
                self._begun = True
                return None
            return None if heard(message) else _frame(message, video)

        answer = process.ask(kind, body or {}, blocks, limit or self.spec.timeout, listen)
        self._replied(kind)
        if answer.kind == "failed":
            problem = rebuild(answer.body)
            theirs = isinstance(problem, MissingExtra) or (kind == "make" and isinstance(problem, UserError))
            raise _with_python(problem, self.spec.python) if theirs else problem
        return answer

    def _replied(self, kind: str) -> None:
        """Called when the worker has come to the end of a request, whatever it says."""

    def _note(self, process: Process, death: Death, during: str) -> None:
        self._deaths += 1
        self.warn(f"the worker died at {during} ({death}); {process.log.tail(1)}")


def _frame(message: Message, video: Video | None) -> Reply:
    """A frame that the worker asks for, or why there is none."""
    index = message.body.get("index")
    if message.kind != "frame" or video is None or type(index) is not int or not 0 <= index < len(video):
        raise Garbled(f"it asked for {message.kind[:20]} {str(index)[:20]}, which there is not")
    try:
        frame = np.ascontiguousarray(video.frame(index))
    except Exception as problem:
        return "failed", describe(problem), ()
    return "frame", {"shape": frame.shape}, [frame.reshape(-1).data]


def _abilities(values: Mapping[str, object]) -> Abilities:
    flags = {field.name: values.get(field.name) is True for field in fields(Abilities) if field.name != "history"}
    history: Any = values.get("history", False)  # an older version there says whether, not what
    try:
        return Abilities(**flags, history=history)
    except ValueError as problem:
        raise Garbled(f"it says of its abilities: {problem}") from problem


def _with_python(problem: Exception, python: str) -> UserError:
    """The same problem of the user's, each line beginning with the interpreter that it is about."""
    assert isinstance(problem, UserError)
    lines = [f"{python}: {line}" for line in problem.problems]
    return user_error(lines, missing=isinstance(problem, MissingExtra), status=problem.status)


def _to_stderr(line: str) -> None:
    model_output.tell(f"warning: {line}")
