"""The results that lmms-eval keeps of an answer, and its means: those of our own scoring, of all answers together.

lmms-eval wants a value for each answer, and then makes one of them all. Our metrics are not made of values of single
questions (BLEU and CIDEr are of whole videos and sets), so what is kept of an answer is the answer. It is kept once,
with the first metric, `answered`, whose turn scores them all; the other metrics look up what came out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sama_bench.benchmark.installed import load_task, tasks
from sama_bench.lmms import answer_text
from sama_bench.lmms.documents import benchmark, key_of, question_of
from sama_bench.lmms.prompts import came, way_of
from sama_bench.lmms_yaml import ANSWERED
from sama_bench.run.abilities import cannot, without
from sama_bench.run.predictions import StoredPrediction, validate
from sama_bench.types import Key

if TYPE_CHECKING:
    from sama_bench.score.scores import Scores
    from sama_bench.verdicts.judge_result import Judged

PHRASES = "SAMA_BENCH_PHRASES"
# Scores of so many sets of questions are kept: of a run of all tasks by source data set.
KEPT = 16

Item = dict[str, Any]


def process_results(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Item]:
    """lmms-eval's `process_results`: for each metric which question it is of, with the first metric the answer too.

    An answer that cannot be used, or says that it is an error, is kept as an error with its reason.
    """
    key, video = key_of(doc), doc["video"]
    fields = {"task": key.task, "question_id": key.id, "video": video}
    names = [f"{metric.protocol}_{metric.name}" for metric in load_task(key.task).metrics]
    return {ANSWERED: {**fields, "answer": _kept(doc, results[0])}, **{name: dict(fields) for name in names}}


def _kept(doc: Mapping[str, Any], text: str) -> str:
    question = question_of(doc)
    came(question.key)
    answered = answer_text.read(text, question.video)
    if answered is None:
        prediction = way_of(question.key).read(text, question)
        return answer_text.written(validate(prediction, question.video))
    return answer_text.written(answered.prediction, answered.can)


def __getattr__(name: str) -> Callable[[list[Item]], float | None]:
    """lmms-eval's `aggregation` of the metric `name`, as `strict_J&F`; `answered` is the share that has an answer."""
    if name == ANSWERED:
        return _score
    protocol, _, metric = name.partition("_")
    if not metric or all(protocol not in task.protocols for task in tasks()):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return partial(_look_up, protocol, metric)


class _KeptAnswers:
    """The answers that lmms-eval collected, as the scorer takes them."""

    asking: Mapping[str, str] = MappingProxyType({})

    def __init__(self, items: Sequence[Item]) -> None:
        videos = {entry.video.id: entry.video for entry in benchmark().entries}
        self._predictions: dict[str, dict[Key, StoredPrediction]] = {}
        lacking: set[str] = set()
        for item in items:
            answered = answer_text.read(item["answer"], videos[item["video"]])
            assert answered is not None  # it was written by `_kept`
            self._predictions.setdefault(item["video"], {})[key_of(item)] = answered.prediction
            lacking |= set(cannot(answered.can))
        self.can = without(lacking)

    def judged(self) -> Mapping[str, Judged]:
        """Nothing: lmms-eval's answers are not judged here."""
        return {}

    def predictions(self, video_id: str) -> dict[Key, StoredPrediction]:
        """The answers to questions of one video."""
        return self._predictions.get(video_id, {})


_scored: dict[frozenset[Key], Scores] = {}


def _score(items: list[Item]) -> float:
    """Score the answers, for the other metrics to look up; gives the share of questions that have an answer."""
    from sama_bench.score.engine import score

    keys = frozenset(key_of(item) for item in items)
    scores = score(benchmark().only(keys), _KeptAnswers(items), phrases=os.environ.get(PHRASES) or None)
    _scored.pop(keys, None)
    while len(_scored) >= KEPT:
        _scored.pop(next(iter(_scored)))
    _scored[keys] = scores
    is_answered = [scores.statistics[key_of(item)].state == "answered" for item in items]
    for item, has_answer in zip(items, is_answered, strict=True):
        item["score"] = float(has_answer)
    return sum(is_answered) / len(is_answered)


def _look_up(protocol: str, metric: str, items: list[Item]) -> float | None:
    """The mean of a metric over videos, None where it is defined nowhere.

    Where questions have values of their own, the items get them as `score`; lmms-eval makes standard errors of them.
    """
    from sama_bench.metric import question_values

    keys = [key_of(item) for item in items]
    scores = _scored.get(frozenset(keys))
    if scores is None:
        raise RuntimeError(f"{protocol}_{metric}: these answers were not scored; `{ANSWERED}` is to come first")
    block = scores.protocols[protocol][keys[0].task]
    mean = block.mean.get(metric)
    if mean is None:
        return None
    columns = load_task(keys[0].task).columns(protocol)
    for key, item in zip(keys, items, strict=True):
        value = question_values(columns, scores.statistics[key]).get(metric)
        if value is not None:
            item["score"] = value
    return mean
