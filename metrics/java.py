"""One JVM, in one child process, that serves the PTB tokenizer and METEOR 1.5 as pycocoevalcap 1.2 uses them."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TypeAlias

from sama_bench.metrics.java_files import JavaError, JavaFiles, JavaMissing, java_files, readable_folder
from sama_bench.metrics.paraphrases import Paraphrases, phrases_of, write_table

__all__ = ["Java", "JavaCalls", "JavaError", "JavaMissing", "TextFault"]

CHILD = Path(__file__).with_name("java_server.py")
# Java reads these of itself, some of them after our own options.
IGNORED = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")
START_SECONDS = 180.0  # for the JVM to start, and for METEOR to load its tables
END_SECONDS = 5.0
BATCH_CHARACTERS = 1_000_000
METEOR = ("statistics", "scores")

Request: TypeAlias = tuple[str, ...] | tuple[str, list[str]]


class _NoStart(Exception):
    """The child went away before it was ready."""


class _Late(Exception):
    """No answer within the time limit."""


@dataclass(frozen=True)
class TextFault:
    """A readable reason, in the place of a text's value that could not be had."""

    reason: str


class JavaCalls(Protocol):
    """What `Java` can be asked: by it, or by a process that has it asked elsewhere."""

    def tokenize(self, texts: Sequence[str], /) -> list[str | TextFault]:
        """See `Java.tokenize`."""

    def tokenize_together(self, groups: Sequence[Sequence[str]], /) -> list[list[str | TextFault]]:
        """See `Java.tokenize_together`."""

    def meteor_statistics(self, pairs: Sequence[tuple[str, str]], /) -> list[str | TextFault]:
        """See `Java.meteor_statistics`."""

    def meteor(self, statistics: Sequence[Sequence[str]], /) -> list[tuple[float, list[float]]]:
        """See `Java.meteor`."""


class Java:
    """Tokenizer and METEOR, from entering the context to leaving it: `with Java() as java: java.tokenize(texts)`.

    The child process is started at the first use, and METEOR's tables are loaded when METEOR is first asked for: all of
    them (0.6 GB, seconds), or, with an index of its paraphrases kept in the folder `cache`, those that the texts can
    need; the values are the same. Any text gets an answer: the value, or a TextFault where it takes longer than
    `timeout` seconds, ends the JVM, or is refused where pycocoevalcap would raise. Not for several threads at once.
    Raises JavaMissing where a package is not installed, JavaError where the child does not start.
    """

    def __init__(self, timeout: float = 60.0, cache: Path | None = None) -> None:
        self.timeout = timeout
        self._cache = cache
        self._paraphrases: Paraphrases | None = None
        self._files: JavaFiles | None = None
        self._child: _Child | None = None
        self._left = contextlib.ExitStack()

    def __enter__(self) -> Java:
        self._files = self._left.enter_context(java_files())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files = None
        try:
            self._stop()
        finally:
            self._leave_index()
            self._left.close()

    @property
    def process_id(self) -> int | None:
        """Of the child, None while there is none."""
        return self._child.process.pid if self._child else None

    def tokenize(self, texts: Sequence[str]) -> list[str | TextFault]:
        """Each text as pycocoevalcap's PTBTokenizer gives it alone: lower case, blanks between, no punctuation.

        Line feeds count as blanks. Of a text with another line break (U+0085, U+2028, …) pycocoevalcap keeps what
        comes before it, and so does this: `marks.plain` first. '' gives ''.
        """
        return self._values([("tokenize", text) for text in texts])

    def tokenize_together(self, groups: Sequence[Sequence[str]]) -> list[list[str | TextFault]]:
        """Each group (a video's texts, in order) as pycocoevalcap's PTBTokenizer gives it in one go.

        It joins the texts with line feeds, and how a text ends then depends on how the next one begins: "player A."
        ends in "a." alone, in "a" before a capital letter. Where the lines that come back are not as many as the
        texts (a line break within a text; a tag that spans two), or one is at fault, each text is tokenised alone.
        """
        answers = self._ask([("tokenize lines", list(group)) for group in groups])
        return [
            answer if isinstance(answer, list) and len(answer) == len(group) else self.tokenize(group)
            for group, answer in zip(groups, answers, strict=True)
        ]

    def meteor_statistics(self, pairs: Sequence[tuple[str, str]]) -> list[str | TextFault]:
        """METEOR's statistics of each (candidate, reference), both tokenised: numbers with blanks between.

        As pycocoevalcap: '|||' is cut from a candidate, and parts a reference into several.
        """
        return self._values([("statistics", candidate, reference) for candidate, reference in pairs])

    def meteor(self, statistics: Sequence[Sequence[str]]) -> list[tuple[float, list[float]]]:
        """Per group of statistics METEOR's aggregate and the score of each segment, in 0…1; (0.0, []) for no segment.

        Raises ValueError for what is not METEOR's statistics.
        """
        groups = [list(group) for group in statistics]
        answers = iter(self._ask([("scores", group) for group in groups if group]))
        return [_scores(group, next(answers)) if group else (0.0, []) for group in groups]

    def _values(self, requests: Sequence[Request]) -> list[str | TextFault]:
        return [answer if isinstance(answer, TextFault) else str(answer) for answer in self._ask(requests)]

    def _ask(self, requests: Sequence[Request]) -> list[Any]:
        """One answer a request. The request in hand when the child is late, or dies twice, is the one at fault."""
        answers: list[Any] = []
        died_at = started_at = -1
        while len(answers) < len(requests):
            try:
                for answer in self._converse(requests, len(answers)):
                    answers.append(answer)  # noqa: PERF402 (those before a failure are kept)
            except _Late:
                answers.append(TextFault(f"took longer than {self.timeout:g} seconds in Java"))
            except _NoStart as error:
                if started_at == len(answers):
                    raise JavaError(str(error)) from None
                started_at = len(answers)
            except EOFError:
                if died_at == len(answers):
                    answers.append(TextFault("ended the Java process, twice"))
                else:
                    died_at = len(answers)
        return answers

    def _converse(self, requests: Sequence[Request], first: int) -> Iterator[Any]:
        """Sends the next batch and yields its answers; whatever goes wrong, the child is not used again."""
        batch = _batch(requests, first)
        faults = {place: fault for place, request in enumerate(batch) if (fault := _unreadable(request))}
        sendable = [request for place, request in enumerate(batch) if place not in faults]
        try:
            if sendable:
                child = self._ready(batch[0][0], sendable)
                child.send(sendable)
            for place in range(len(batch)):
                yield faults[place] if place in faults else child.receive(self.timeout)
        except BaseException:
            self._stop(kill=True)
            raise

    def _ready(self, request_name: str, requests: Sequence[Request]) -> _Child:
        """The child, started, with the tables that the requests need."""
        if self._files is None:
            msg = "Java is used outside its context: with Java() as java: …"
            raise JavaError(msg)
        if self._child is None:
            try:
                self._child = _Child(self._files)
            except OSError as problem:  # no temporary folder, too many processes or files
                msg = f"the Java process could not be started: {problem}"
                raise JavaError(msg) from problem
            self._child.await_start("start")
        if request_name in METEOR and not self._child.has_meteor:
            self._load_meteor(self._child)
        if request_name == "statistics" and self._paraphrases is not None:
            return self._with_paraphrases(self._child, self._paraphrases, requests)
        return self._child

    def _load_meteor(self, child: _Child) -> None:
        """Load METEOR's tables: without paraphrases where those of each batch can be found, else with all of them."""
        assert self._files is not None
        if self._paraphrases is None and self._cache is not None:
            with contextlib.suppress(OSError, ValueError, JavaError), readable_folder():
                self._paraphrases = Paraphrases(self._files.paraphrases, self._cache)
        with contextlib.nullcontext() if self._paraphrases is None else _table_of([]) as path:
            child.await_start("load", *([] if path is None else [path]))
        child.has_meteor = True

    def _with_paraphrases(self, child: _Child, index: Paraphrases, requests: Sequence[Request]) -> _Child:
        """A child that has the paraphrases which the pairs of texts can need; where that fails, one that has all."""
        try:
            words = child.ask("words", [request[1:] for request in requests])
            phrases = set[str]().union(*map(phrases_of, words))
            with _table_of(index.among(phrases)) as path:
                child.ask("paraphrases", path)
        except (OSError, ValueError, _Late, EOFError):
            self._stop(kill=True)
            self._leave_index()
            self._cache = None
            return self._ready("statistics", requests)
        return child

    def _leave_index(self) -> None:
        if self._paraphrases is not None:
            self._paraphrases.close()
            self._paraphrases = None

    def _stop(self, *, kill: bool = False) -> None:
        child, self._child = self._child, None
        if child:
            child.end(kill=kill)


class _Child:
    """The process of java_server.py and its two pipes."""

    def __init__(self, files: JavaFiles) -> None:
        self.has_meteor = False
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed by end)
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, str(CHILD), _start(files)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=Path(sys.executable).anchor,  # Java does not start in a folder that was removed
            env={name: value for name, value in os.environ.items() if name not in IGNORED},
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, requests: Sequence[Sequence[object]]) -> None:
        """Raises EOFError where the process is gone."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write("".join(json.dumps(request) + "\n" for request in requests).encode())
            self.process.stdin.flush()
        except OSError:
            raise EOFError from None

    def receive(self, timeout: float) -> Any:  # noqa: ANN401
        """The next answer's value or TextFault. Raises _Late after `timeout` seconds, EOFError for a dead process."""
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            raise _Late from None
        if line is None:
            raise EOFError
        answer = json.loads(line)
        return TextFault(answer["fault"]) if "fault" in answer else answer["value"]

    def ask(self, call: str, argument: object) -> Any:  # noqa: ANN401
        """The answer to one request. Raises ValueError for a fault, else as `receive` does after minutes."""
        self.send([(call, argument)])
        answer = self.receive(START_SECONDS)
        if isinstance(answer, TextFault):
            raise ValueError(answer.reason)
        return answer

    def await_start(self, call: str, *arguments: str) -> None:
        """Ask for `call` and await it. Raises _NoStart, with the end of the log, where it does not come."""
        try:
            self.send([(call, *arguments)])
            answer = self.receive(START_SECONDS)
        except (EOFError, _Late) as error:
            self.end(kill=True)
            reason = "went away" if isinstance(error, EOFError) else f"gave no answer in {START_SECONDS:g} seconds"
            msg = f"the Java process {reason} at its start: {self.log_end}"
            raise _NoStart(msg) from None
        if isinstance(answer, TextFault):
            msg = f"the Java process could not start: {answer.reason}"
            raise _NoStart(msg)

    def end(self, *, kill: bool) -> None:
        """Closes the pipe, which ends the process; kills one that does not. Nothing of it is left."""
        if kill:
            self.process.kill()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        self._keep_log_end()

    def _keep_log_end(self) -> None:
        self.log_end = ""
        if not self._log.closed:
            self._log.seek(0)
            self.log_end = " ".join(self._log.read().decode(errors="replace").split())[-1000:]
            self._log.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)


def _start(files: JavaFiles) -> str:
    """The child's settings, in ASCII. It finds modules where this process does, however Python was started."""
    folders = [] if files.copies is None else [files.copies]
    for folder in sys.path:
        with contextlib.suppress(OSError):  # a relative one, in a folder that was removed
            folders.append(str(Path(folder).absolute()))
    return json.dumps({"parent": os.getpid(), "path": folders} | asdict(files))


@contextlib.contextmanager
def _table_of(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The path of a temporary table of paraphrases that METEOR can read."""
    with readable_folder() as folder:
        path = folder / "paraphrases.gz"
        with path.open("wb") as file:
            write_table(pairs, file)
        yield str(path)


def _batch(requests: Sequence[Request], first: int) -> Sequence[Request]:
    """The requests from `first` on, as many as fill a batch; one at least."""
    size = 0
    for place in range(first, len(requests)):
        size += sum(len("".join(texts)) for texts in requests[place][1:])
        if size > BATCH_CHARACTERS:
            return requests[first : max(place, first + 1)]
    return requests[first:]


def _unreadable(request: Request) -> TextFault | None:
    """A fault where a text cannot be written as UTF-8; pycocoevalcap raises there. None where it can."""
    for text in request[1:]:
        try:
            "".join(text).encode()
        except UnicodeEncodeError as error:
            place, code = error.start, ord(error.object[error.start])
            return TextFault(f"is not valid Unicode: half a surrogate pair (U+{code:04X}) at character {place}")
    return None


def _scores(group: list[str], answer: Any) -> tuple[float, list[float]]:  # noqa: ANN401
    if isinstance(answer, TextFault) or len(answer) != len(group) + 1:
        msg = f"expected METEOR's statistics, got {group[:3]}: {getattr(answer, 'reason', answer)}"
        raise ValueError(msg)
    *segments, total = map(float, answer)
    return total, segments
