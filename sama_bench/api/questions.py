"""Single questions as a table: what was answered, and every value that a question has by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task, tasks
from sama_bench.metric import question_values
from sama_bench.protocol import Protocol
from sama_bench.score.grounding import state_of
from sama_bench.statistics import QuestionStatistics
from sama_bench.types import Key

if TYPE_CHECKING:
    import pandas as pd

    from sama_bench.run.predictions import StoredPrediction
    from sama_bench.verdicts.judge_result import Judged

INDEX = ["task", "question_id"]


@dataclass(frozen=True)
class Answered:
    """A question's answer, and the video that it is of."""

    key: Key
    video: str
    answer: StoredPrediction


def frame(
    statistics: Mapping[Key, QuestionStatistics],
    answers: Iterable[Answered] | None = None,
    judged: Mapping[str, Judged] | None = None,
) -> pd.DataFrame:
    """A row for each question: those that `answers` has first, in their order, then the others.

    Columns: video, state; where there are answers text, seconds and error; then `PROTOCOL.METRIC` for each value, NaN
    where a question has none.
    """
    import pandas as pd

    texts = {"text": "str", "seconds": "float64", "error": "object"} if answers is not None else {}
    rows = {answered.key: _of_answer(answered) for answered in answers or ()}
    for key, question in statistics.items():
        rows.setdefault(key, {"video": question.facts.video if question.facts else "", "text": ""})
        rows[key]["state"] = question.state
        rows[key].update(_values(question, judged or {}))
    columns = ["video", "state", *texts, *_value_names(statistics.values(), judged or {})]
    values = [[*key, *(row.get(name) for name in columns)] for key, row in rows.items()]
    kinds = {**texts, **dict.fromkeys(columns[2 + len(texts) :], "float64")}
    return pd.DataFrame(values, columns=[*INDEX, *columns]).astype(kinds).set_index(INDEX)


def _of_answer(answered: Answered) -> dict[str, object]:
    answer = answered.answer
    values = {"text": answer.text, "seconds": answer.seconds, "error": answer.error}
    return {"video": answered.video, "state": state_of(answer), **values}


def _values(question: QuestionStatistics, judged: Mapping[str, Judged]) -> Iterator[tuple[str, float]]:
    for protocol in load_task(question.key.task).scoring:
        for metric, value in question_values(protocol.metrics, question).items():
            yield f"{protocol.name}.{metric}", value
        column = protocol.judged.name if protocol.judged else ""
        verdict = _verdict(question, protocol, judged[column]) if column in judged else None
        if verdict is not None:
            yield f"{protocol.name}.{column}", verdict


def _verdict(question: QuestionStatistics, protocol: Protocol, judge: Judged) -> float | None:
    """A question's value in a judge's column; without an answer it is none in paper, and 0 in strict."""
    if question.state != "answered":
        return 0.0 if protocol.unanswered == "empty" else None
    return judge.value(question.key)


def _value_names(questions: Iterable[QuestionStatistics], judged: Mapping[str, Judged]) -> list[str]:
    """The names of all values that any question has, in the order of the tables."""
    names = {name for question in questions for name, _ in _values(question, judged)}
    protocols = list(dict.fromkeys(protocol for task in tasks() for protocol in task.protocols))
    metrics = (metric for task in tasks() for metric in task.metrics)
    ordered = {f"{metric.protocol}.{metric.name}": metric.protocol for metric in metrics}
    ranks = {name: (protocols.index(protocol), rank) for rank, (name, protocol) in enumerate(ordered.items())}
    return sorted(names, key=ranks.__getitem__)
