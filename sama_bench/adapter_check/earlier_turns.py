"""Earlier turns of a dialogue: an adapter that takes some is told true answers, and its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from sama_bench.adapter_check.finding import Finding, finding
from sama_bench.adapter_check.sameness import same_but_for_rounding
from sama_bench.adapter_check.trial import Answers, Trial, pairs
from sama_bench.adapter_check.trial_questions import Material
from sama_bench.benchmark.installed import load_task
from sama_bench.dialogue import Condition
from sama_bench.dialogue.condition import HISTORIES
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Key, Question, TaskName, Track, Turn


def with_history(trial: Trial, trial_questions: Material, answers: Answers) -> Finding:
    """Earlier turns end in no error, and asked again in the same answer; no turn changes nothing.

    They have true answers, then the adapter's own; for one that takes masks of earlier answers, both with masks, too.
    """
    can = trial.adapter.can
    if not can.takes("text"):
        return Finding("history", "skipped", "it takes no earlier turns: run --history none alone")
    problems: list[str] = []
    turns = 0
    conditions = [
        Condition(history, None, masks_back=masks)
        for masks in (False, True)[: 1 + can.takes("masks")]
        for history in HISTORIES
        if history != "none"
    ]
    for condition in conditions:
        told = [
            told_before(questions, _said(trial, questions, video_answers, condition), condition)
            for questions, video_answers in zip(trial_questions, answers, strict=True)
        ]
        turns += sum(len(question.history) for questions in told for question in questions)
        problems += _with_turns(trial, told, trial_questions, answers, condition.label)
    labels = ", ".join(condition.label.replace(" window=all", "") for condition in conditions)
    return finding(
        "history", problems, f"{can.history} of {turns} earlier turns ({labels}), and the same when asked again"
    )


def _said(
    trial: Trial, questions: Sequence[Question], answers: Sequence[StoredPrediction], condition: Condition
) -> dict[Key, tuple[str, tuple[Track, ...]]]:
    """What was said to each question of a video: the true answer, or the adapter's own, where it has one."""
    if condition.history == "true":
        truths = trial.benchmark.truths(questions[0].video.id)
        return {question.key: (truths[question.key].text, truths[question.key].strict_tracks) for question in questions}
    return {
        question.key: (answer.text, tuple(answer.tracks))
        for question, answer in zip(questions, answers, strict=True)
        if answer.error is None and (answer.text.strip() or answer.tracks)
    }


def _with_turns(trial: Trial, told: Material, trial_questions: Material, answers: Answers, label: str) -> Iterator[str]:
    """What goes wrong with these earlier turns."""
    first, again = trial.ask(told), trial.ask(told)
    for question, answer in pairs(told, first):
        if answer.error:
            yield f"{question.key}: with earlier turns ({label}): {answer.error}"
    for (question, answer), (_, two) in zip(pairs(told, first), pairs(told, again), strict=True):
        if not same_but_for_rounding(answer, two):
            yield f"{question.key}: another answer when asked twice with the same earlier turns ({label})"
    for (question, answer), (_, two) in zip(pairs(told, first), pairs(trial_questions, answers), strict=True):
        if not question.history and not same_but_for_rounding(answer, two):
            yield f"{question.key}: another answer than before, though it has no earlier turn ({label})"


def told_before(
    questions: Sequence[Question], said: Mapping[Key, tuple[str, tuple[Track, ...]]], condition: Condition
) -> list[Question]:
    """The questions of a video, each round with the answers of those before it, as far as `said` has one."""
    told: list[Question] = []
    turns: dict[TaskName, tuple[Turn, ...]] = {}
    source: Literal["true", "own"] = "true" if condition.history == "true" else "own"
    for question in questions:
        task = question.key.task
        if not load_task(task).rounds:
            told.append(question)
            continue
        before = turns.get(task, ())
        told.append(replace(question, history=before))
        if question.key in said:
            text, tracks = said[question.key]
            turn = Turn(question.text, text, question.regions, tracks if condition.masks_back else None, source)
            turns[task] = (*before, turn)
    return told
