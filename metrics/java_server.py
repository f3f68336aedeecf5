"""The child process of java.py: holds the JVM, answers one request a line. Run as a script by java.py.

A request is a JSON list [what, argument…], an answer {"value": …} or {"fault": "reason"}, both ASCII, one line each.
The process ends, whatever Java is busy with, as soon as its standard input closes or its parent is gone.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

OPTIONS = (
    "-Xmx2G",  # as pycocoevalcap: METEOR's tables take 0.6 GB, its beam search on a long text much more
    "-Xrs",  # signals are the business of the parent
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # the second compiler costs more than it gives: 6,000 texts take 17 s of CPU, not 26
    "-XX:-UsePerfData",
    "-XX:+ErrorFileToStderr",
    "-Dfile.encoding=UTF-8",
    "-Duser.language=en",  # METEOR lower-cases, and reads its own numbers, by the locale
    "-Duser.country=US",
    "--enable-native-access=ALL-UNNAMED",
)
# What pycocoevalcap 1.2 removes from the tokenizer's output.
PUNCTUATION = frozenset("'' ' `` ` -LRB- -RRB- -LCB- -RCB- . ? ! , : - -- ... ;".split())  # noqa: SIM905 (readable)


BLANKS = str.maketrans("\t\n\r\f", "    ")  # where METEOR parts words


class Fault(Exception):
    """A text that the original would not have survived either."""


class Stanford:
    """Stanford's PTB tokenizer, run as its command line runs it with -preserveLines -lowerCase."""

    def __init__(self, jpype: Any) -> None:  # noqa: ANN401 (JPype has no types)
        self._jpype = jpype
        self._io = jpype.JPackage("java").io
        boolean = jpype.JClass("java.lang.Boolean")
        self._flags = boolean(True), boolean(False), boolean(True)  # preserve lines, no dump, lower case
        self._read = _private(jpype, "edu.stanford.nlp.process.PTBTokenizer", "tokReader")
        jpype.JClass("java.util.logging.LogManager").getLogManager().reset()  # it warns of every emoji

    def tokenize(self, text: str) -> str:
        """One text alone; of several lines the first."""
        return self.tokenize_lines([text])[0]

    def tokenize_lines(self, texts: list[str]) -> list[str]:
        """The lines that come of the texts, joined by line feeds: as many as the texts, unless they hold others."""
        data = self._jpype.JArray(self._jpype.JByte)("\n".join(text.replace("\n", " ") for text in texts).encode())
        reader = self._io.InputStreamReader(self._io.ByteArrayInputStream(data), "utf-8")
        out = self._io.ByteArrayOutputStream()
        writer = self._io.BufferedWriter(self._io.OutputStreamWriter(out, "utf-8"))
        self._read.invoke(None, reader, writer, None, ",tokenizeNLs", *self._flags)
        writer.flush()
        lines = bytes(out.toByteArray()).decode().split("\n")
        return [" ".join(word for word in line.rstrip().split(" ") if word not in PUNCTUATION) for line in lines]


class Meteor:
    """METEOR 1.5, run as its command line runs it with -stdio -l en -norm; loaded when first asked for."""

    def __init__(self, jpype: Any) -> None:  # noqa: ANN401
        self._jpype = jpype
        self._scorer: Any = None

    def load(self, paraphrases: str | None = None) -> None:
        """Read the tables, once: seconds, and 0.6 GB; of paraphrases only those of a file, where that is named."""
        if self._scorer is None:
            arguments = ["-", "-", "-stdio", "-l", "en", "-norm"]
            if paraphrases is not None:
                arguments += ["-a", paraphrases]
            properties = self._jpype.JClass("Meteor").createPropertiesFromArgs(arguments, 2)
            package = self._jpype.JPackage("edu").cmu.meteor.scorer
            self._scorer = package.MeteorScorer(package.MeteorConfiguration(properties))
            self._stdio = _private(self._jpype, "Meteor", "scoreStdio")
            self._system = self._jpype.JClass("java.lang.System")
            self._io = self._jpype.JPackage("java").io

    def words(self, pairs: list[list[str]]) -> list[list[str]]:
        """The words, as METEOR aligns them, of each text of the pairs of a candidate and its references."""
        self.load()
        normalize = self._jpype.JClass("edu.cmu.meteor.util.Normalizer").normalizeLine
        language, punctuation = _field(self._scorer, "langID"), _field(self._scorer, "keepPunctuation")
        string = self._jpype.JClass("java.lang.String")
        texts = [text for candidate, reference in pairs for text in (_cleaned(candidate), *reference.split("|||"))]
        lines = [normalize(string(text).trim(), language, punctuation).toLowerCase() for text in texts]
        return [str(line).translate(BLANKS).split(" ") for line in lines]

    def use_paraphrases(self, path: str) -> None:
        """Look up paraphrases in the table of a file from now on, in place of the one before."""
        address = self._io.File(path).toURI().toURL()
        transducer = self._jpype.JClass("edu.cmu.meteor.aligner.ParaphraseTransducer")(address)
        aligner = _field(self._scorer, "aligner")
        _declared(aligner, "paraphrase").set(aligner, transducer)

    def statistics(self, candidate: str, reference: str) -> str:
        """The answer to SCORE."""
        if "\n" in candidate + reference or "\r" in candidate + reference:
            msg = "METEOR cannot read a text with a line break"
            raise Fault(msg)
        return self._ask(f"SCORE ||| {reference} ||| {_cleaned(candidate)}")[0]

    def scores(self, statistics: list[str]) -> list[str]:
        """The answers to EVAL: a score for each, then their aggregate."""
        return self._ask(" ||| ".join(["EVAL", *statistics]))

    def _ask(self, line: str) -> list[str]:
        self.load()
        out = self._io.ByteArrayOutputStream()
        data = self._jpype.JArray(self._jpype.JByte)(f"{line}\n".encode())
        self._system.setIn(self._io.ByteArrayInputStream(data))
        self._system.setOut(self._io.PrintStream(out, True, "utf-8"))
        self._stdio.invoke(None, self._scorer)
        answers = [answer.strip() for answer in bytes(out.toByteArray()).decode().splitlines()]
        if answers[0].startswith("Error"):
            raise Fault("METEOR: " + answers[0])
        return answers


def _cleaned(candidate: str) -> str:
    return candidate.replace("|||", "").replace("  ", " ")


def _private(jpype: Any, of: str, name: str) -> Any:  # noqa: ANN401
    """A static method that only Java's own command line was meant to call."""
    methods = jpype.JClass("java.lang.Class").forName(of).getDeclaredMethods()
    method = next(method for method in methods if method.getName() == name)
    method.setAccessible(True)
    return method


def _declared(value: Any, name: str) -> Any:  # noqa: ANN401
    """The field of a Java object's class that only its own methods were meant to use."""
    field = value.getClass().getDeclaredField(name)
    field.setAccessible(True)
    return field


def _field(value: Any, name: str) -> Any:  # noqa: ANN401
    return _declared(value, name).get(value)


def _start_java(library: str, class_path: list[str]) -> Any:  # noqa: ANN401
    import jpype

    jpype.startJVM(library, *OPTIONS, classpath=class_path)
    return jpype


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes of the protocol, out of reach of what Java reads and prints."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, answers


def _requests(pipe: BinaryIO, copies: str | None) -> Iterator[list[Any]]:
    """The requests as they come; read by a thread, so that the end of the pipe ends even a busy process."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in pipe:
            lines.put(line)
        _end(copies)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield json.loads(lines.get())


def _end_with(parent: int, copies: str | None) -> None:
    """End when the parent is gone: a process that it forked may hold the pipe open."""
    while os.getppid() == parent:
        time.sleep(1)
    _end(copies)


def _end(copies: str | None) -> None:
    """End at once; the folder of copies is the parent's to remove, who may have been killed."""
    if copies is not None:
        shutil.rmtree(copies, ignore_errors=True)
    os._exit(0)


def _answer(call: Callable[..., Any], arguments: list[Any], java_error: type[Exception]) -> dict[str, Any]:
    try:
        return {"value": call(*arguments)}
    except Fault as fault:
        return {"fault": str(fault)}
    except java_error as error:
        cause: Any = error
        while (inner := cause.getCause()) is not None:
            cause = inner
        return {"fault": f"Java: {cause.toString()}"}


def main() -> None:
    """Serve until the pipe closes."""
    for number in (signal.SIGINT, signal.SIGTERM):  # they reach the parent, too, whose end closes the pipe
        signal.signal(number, signal.SIG_IGN)
    start = json.loads(sys.argv[1])
    # Also takes this script's folder away, whose modules must not pass for others of the same name.
    sys.path[:] = start["path"]
    if sys.platform != "win32":
        threading.Thread(target=_end_with, args=(start["parent"], start["copies"]), daemon=True).start()
    requests, answers = _claim_pipes()
    jpype = _start_java(start["library"], start["class_path"])
    stanford, meteor = Stanford(jpype), Meteor(jpype)
    calls: dict[str, Callable[..., Any]] = {
        "start": lambda: None,
        "tokenize": stanford.tokenize,
        "tokenize lines": stanford.tokenize_lines,
        "load": meteor.load,
        "words": meteor.words,
        "paraphrases": meteor.use_paraphrases,
        "statistics": meteor.statistics,
        "scores": meteor.scores,
    }
    for call, *arguments in _requests(requests, start["copies"]):
        answer = _answer(calls[call], arguments, jpype.JException)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
