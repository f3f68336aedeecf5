"""A judge on loopback whose verdicts are known, in every mood that a server can be in; and a run for it to judge."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.desk import Answer, Desk, said, trouble
from sama_bench.judge.judge_input import JudgeInput
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import Store
from sama_bench.types import Key

READABLE = ("plain", "slow", "string", "fence", "prose", "twice")
UNREADABLE = ("differing", "out of range", "words", "nothing", "refusal")
TROUBLES = ("429", "429 later", "500", "cut", "hung up", "garbage", "web page")
NUMBER = re.compile(r"candidate number (\d+)\b")
WORDS = "a red dog runs along the long wall and then turns to the left where it waits " * 4

# The moods in which one question is answered, time after time; the last one stays.
Moods = Callable[[int], Sequence[str]]


def cases(count: int) -> list[JudgeInput]:
    """Answers of about 60 words, each with its number."""
    return [
        JudgeInput(Key("c", str(n)), "Describe <mask>.", f"{WORDS}{n}", f"This is candidate number {n}: {WORDS}")
        for n in range(count)
    ]


def score_of(number: int) -> int:
    """What the judge thinks of an answer, in 0…100."""
    return number * 37 % 101


def answered(path: Path, given: Sequence[JudgeInput]) -> Store:
    """A new run with these answers."""
    settings = RunSettings("desk", {}, "f" * 64, ["c"], None, None, {"c": "1" * 64})
    store = Store.create(path, Manifest(settings, "demo", "demo"))
    store.put("v", [(case.key, StoredPrediction(case.candidate)) for case in given])
    return store


class Judges(Desk):
    """The server. `asked` counts requests by an answer's number, `got` those whose whole answer was sent."""

    def __init__(self, moods: Moods = lambda _: ["plain"], seconds: float = 0.0, at_once: int = 1_000_000) -> None:
        super().__init__(at_once)
        self.moods, self.seconds = moods, seconds
        self.asked: Counter[int] = Counter()
        self.got: Counter[int] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def answer(self, request: dict[str, Any]) -> Answer:
        """The verdict on the answer in the request, in the mood whose turn it is."""
        number = number_of(request)
        moods = self.moods(number)
        with self._lock:
            mood = moods[min(self.asked[number], len(moods) - 1)]
            self.asked[number] += 1
            self.bodies.append(request)
        return in_mood(mood, score_of(number), self.seconds)

    def told(self, request: dict[str, Any]) -> None:
        """Count a whole answer."""
        self.got[number_of(request)] += 1


def number_of(request: dict[str, Any]) -> int:
    """Which answer a request is about."""
    found = NUMBER.search(request["messages"][-1]["content"])
    assert found is not None
    return int(found[1])


def in_mood(mood: str, score: int, seconds: float = 0.0) -> Answer:
    """What a server in this mood sends for a score."""
    verdict = json.dumps({"reason": "alike", "score": score})
    texts = {
        "plain": verdict,
        "slow": verdict,
        "string": json.dumps({"score": f"{score}/100", "reason": "alike"}),
        "fence": f"```json\n{verdict}\n```",
        "prose": f"They differ a little. Score: {score}/100",
        "twice": f"{verdict}\n{verdict}",
        "differing": f'{verdict} {{"score": {(score + 50) % 101}}}',
        "out of range": json.dumps({"score": 1000 + score}),
        "words": "I would rather not.",
        "nothing": "",
    }
    if mood in texts:
        return Answer(said(texts[mood]), seconds=seconds + 0.05 * (mood == "slow"))
    return {
        "refusal": Answer(said(None, refusal="I cannot help with that.")),
        "429": Answer(trouble("slow down"), 429),
        "429 later": Answer(trouble("slow down"), 429, {"Retry-After": "0.05"}),
        "500": Answer(trouble("oops"), 500),
        "cut": Answer(said(verdict), cut=120),
        "hung up": Answer(b"", cut=0),
        "garbage": Answer(b"\x00\xff{" * 50),
        "web page": Answer(b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"}),
    }[mood]


def every_mood(number: int) -> list[str]:
    """Now and then a trouble or two, now and then a reply that cannot be read, then one that can."""
    troubles = [TROUBLES[number // 5 % len(TROUBLES)]] if number % 5 == 0 else []
    troubles += [TROUBLES[number // 35 % len(TROUBLES)]] if number % 35 == 0 else []
    unreadable = [UNREADABLE[number // 7 % len(UNREADABLE)]] if number % 7 == 0 else []
    return [*troubles, *unreadable, READABLE[number % len(READABLE)]]
