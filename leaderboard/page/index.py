"""The list of all questions: what the page needs to sort, filter and search them, column by column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sama_bench.leaderboard.page.question_data import JUDGE, OVERLAP, TEXT, Known, ReadRun
from sama_bench.score.breakdowns import DIMENSIONS, Dimension
from sama_bench.statistics import Facts
from sama_bench.types import Key

VALUES = ("main", OVERLAP, TEXT, JUDGE)
# In place of a question's state where the run was not asked it.
ABSENT = "-"
CUT = 500  # characters


def index(
    runs: Sequence[ReadRun], keys: Sequence[Key], texts: Mapping[Key, str], shown: Collection[Key]
) -> dict[str, Any]:
    """The questions `keys` in columns; values are per mille, -1 where there is none."""
    about = [_known(runs, key) for key in keys]
    facts = [question.facts for question in about]
    videos = list(dict.fromkeys(question_facts.video for question_facts in facts if question_facts is not None))
    place = {video: n for n, video in enumerate(videos)}
    shown = set(shown)
    return {
        "keys": [str(key) for key in keys],
        "texts": [_cut(texts.get(key, "")) for key in keys],
        "videos": videos,
        "video": [-1 if question_facts is None else place[question_facts.video] for question_facts in facts],
        "parts": {
            dimension.name: _parts([_part(dimension, question_facts) for question_facts in facts])
            for dimension in DIMENSIONS
        },
        "shown": [n for n, key in enumerate(keys) if key in shown],
        "runs": [_run(run, keys) for run in runs],
    }


def _known(runs: Sequence[ReadRun], key: Key) -> Known:
    return next(run.questions[key] for run in runs if key in run.questions)


def _part(dimension: Dimension, facts: Facts | None) -> str:
    return "" if facts is None else dimension.part(facts)


def _parts(labels: Sequence[str]) -> dict[str, Any]:
    """The labels of a dimension, and which of them each question has."""
    names = list(dict.fromkeys(labels))
    place = {name: n for n, name in enumerate(names)}
    return {"names": names, "of": [place[label] for label in labels]}


def _run(run: ReadRun, keys: Sequence[Key]) -> dict[str, Any]:
    questions = [run.questions.get(key) for key in keys]
    return {
        "states": "".join(map(_state, questions)),
        "right": "".join(
            "-" if question is None or question.right is None else "01"[question.right] for question in questions
        ),
        **{name: [_mille(question, name) for question in questions] for name in VALUES},
    }


def _state(question: Known | None) -> str:
    if question is None:
        return ABSENT
    return "u" if question.unread and question.state == "answered" else question.state[0]


def _mille(question: Known | None, name: str) -> int:
    value = None if question is None else question.main if name == "main" else question.values.get(name)
    return -1 if value is None else round(1000 * value)


def details(runs: Sequence[ReadRun], keys: Sequence[Key]) -> list[dict[str, Any]]:
    """Details of each of the questions beside the list: the texts as they were scored, errors, overlaps."""
    return [
        {
            "key": str(key),
            "reference": _known(runs, key).reference,
            "runs": [_detail(run, key) for run in runs],
        }
        for key in keys
    ]


def _detail(run: ReadRun, key: Key) -> dict[str, Any] | None:
    question = run.questions.get(key)
    if question is None:
        return None
    detail: dict[str, Any] = {
        "said": question.said,
        "values": {name: round(value, 4) for name, value in question.values.items()},
    }
    if question.true is not None:
        detail |= {
            "true": question.true,
            "predicted": question.predicted,
            "ious": [round(pair.iou, 3) for pair in question.overlaps],
        }
    return detail | ({"error": _cut(run.reasons[key])} if key in run.reasons else {})


def _cut(text: str) -> str:
    return text if len(text) <= CUT else f"{text[:CUT]} … ({len(text):,} characters)"
