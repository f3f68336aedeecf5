"""All checks of an adapter, in the order in which they are told."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from sama_bench.adapter import Adapter, BatchAdapter
from sama_bench.adapter_check import leaks
from sama_bench.adapter_check.earlier_turns import with_history
from sama_bench.adapter_check.finding import Finding, finding
from sama_bench.adapter_check.sameness import same, same_but_for_rounding
from sama_bench.adapter_check.trial import Answers, Trial, pairs
from sama_bench.adapter_check.trial_questions import (
    Material,
    backwards,
    first_seen_only,
    material,
    on_a_copy,
    twice,
    unreadable,
)
from sama_bench.errors import UserError
from sama_bench.metrics.grounding_marks import SEGMENT, groundings
from sama_bench.run.code_place import place_in
from sama_bench.run.predictions import FAILURES, StoredPrediction, reason
from sama_bench.types import PlainQuestion, Question

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

Check = Callable[[Trial, Material, Answers], Finding]


def check_adapter(adapter: Adapter, benchmark: Benchmark) -> Iterator[Finding]:
    """Try the adapter on a few questions of the demo `benchmark`; each check's finding as soon as it is there.

    The adapter is asked some 60 questions. What it raises as UserError passes, as in a run.
    """
    trial = Trial(adapter, benchmark)
    yield declared(adapter)
    trial_questions = material(benchmark, adapter.can)
    yield nothing_to_do(adapter, trial_questions)
    regions_before = _regions(trial_questions)
    answers = trial.ask(trial_questions)
    yield unchanged(regions_before, _regions(trial_questions))
    for check in CHECKS:
        yield check(trial, trial_questions, answers)
    if isinstance(adapter, BatchAdapter):
        yield together(trial, trial_questions, answers)
    if adapter.can.plain:
        yield in_words(adapter, trial_questions)
    yield finding("closing", trial.warnings, "nothing went wrong in close()")


def declared(adapter: Adapter) -> Finding:
    """Check that the object's description of itself has the types that a run stores."""
    problems = []
    asking: object = adapter.asking
    if not isinstance(asking, Mapping) or not all(isinstance(text, str) for pair in asking.items() for text in pair):
        problems.append(f"asking is {asking!r}, expected a mapping of names to strings")
    if adapter.can.boxes and not adapter.can.masks:
        problems.append("can.boxes without can.masks: boxes become masks, so masks is True too")
    if isinstance(adapter, BatchAdapter) and (not isinstance(adapter.at_once, int) or adapter.at_once < 1):
        problems.append(f"at_once is {adapter.at_once!r}, expected a whole number from 1 on")
    return finding("declared", problems, ", ".join(name for name, able in adapter.can.to_json().items() if able))


def nothing_to_do(adapter: Adapter, trial_questions: Material) -> Finding:
    """A video without a question, or no question at all, is no trouble."""
    try:
        if isinstance(adapter, BatchAdapter):
            answers = list(adapter.predict_all([]))
            return finding("no question", [f"{len(answers)} answers"] if answers else [], "no answer")
        adapter.open(trial_questions[0][0].video)
        adapter.close()
    except FAILURES as problem:
        return Finding("no question", "broken", reason(problem))
    return Finding("no question", "fine", "open() and close() alone are no trouble")


def answered(_: Trial, trial_questions: Material, answers: Answers) -> Finding:
    """Every question has an answer that a run can keep: types, shapes, sizes and values are as they should be."""
    errors = [
        f"{question.key}: {_told(answer)}" for question, answer in pairs(trial_questions, answers) if answer.error
    ]
    return finding("answers", errors, f"{sum(map(len, trial_questions))} questions of {len(trial_questions)} videos")


def _told(answer: StoredPrediction) -> str:
    """An answer's error, behind the file and line of the adapter's code: what is long is cut at its end."""
    place = place_in(answer.traceback or "")
    return f"{place}: {answer.error}" if place else str(answer.error)


def texts(_: Trial, trial_questions: Material, answers: Answers) -> Finding:
    """Answers have words, and each [SEG] its phrase."""
    problems = []
    for question, answer in _answered_pairs(trial_questions, answers):
        if not answer.text.strip():
            problems.append(f"{question.key}: the text is empty")
        if question.expects == "phrases" and "" in groundings(answer.text):
            problems.append(f"{question.key}: a [SEG] without <p>a phrase</p> before it")
        if answer.unread is not None:
            problems.append(f"{question.key}: could not be read: {answer.unread}")
    return finding("texts", problems, state="warning")


def tracks(trial: Trial, trial_questions: Material, answers: Answers) -> Finding:
    """One track for each [SEG] where the model gives masks, and none where it does not."""
    can = trial.adapter.can
    dialogues = [pair for pair in _answered_pairs(trial_questions, answers) if pair[0].expects == "phrases"]
    if not can.masks:
        problems = [f"{q.key}: gives tracks, but can.masks is False" for q, answer in dialogues if answer.tracks]
        return finding("tracks", problems, "none, as declared")
    problems = [
        f"{question.key}: {len(answer.tracks)} tracks for {answer.text.count(SEGMENT)} [SEG]"
        for question, answer in dialogues
        if len(answer.tracks) != answer.text.count(SEGMENT)
    ]
    if not can.boxes:
        problems += [
            f"{q.key}: gives boxes, but can.boxes is False" for q, answer in dialogues if answer.boxes is not None
        ]
    if not problems and not any(answer.tracks for _, answer in dialogues):
        return Finding("tracks", "warning", "no answer has a [SEG], so nothing is known of its tracks")
    return finding("tracks", problems, f"{sum(len(answer.tracks) for _, answer in dialogues)}, one for each [SEG]")


def repeatable(trial: Trial, trial_questions: Material, answers: Answers) -> Finding:
    """A question gives the same answer when it is asked again, and whatever was asked before.

    A few pixels may differ, as numbers are rounded in another way in another batch.
    """
    answers_again = trial.ask(twice(trial_questions))
    problems = [
        f"{question.key}: another answer when asked twice"
        for video, first, repeated in zip(trial_questions, answers, answers_again, strict=True)
        for question, answer, pair in zip(video, first, zip(repeated[::2], repeated[1::2], strict=True), strict=True)
        if not all(same_but_for_rounding(answer, other) for other in pair)
    ]
    turned = trial.ask(backwards(trial_questions))[::-1]
    problems += [
        f"{question.key}: another answer in another order of questions"
        for video, first, other in zip(trial_questions, answers, turned, strict=True)
        for question, answer, two in zip(video, first, other[::-1], strict=True)
        if not same_but_for_rounding(answer, two)
    ]
    return finding("repeatable", problems, "asked again and in another order, the answers are the same")


def no_truth(trial: Trial, trial_questions: Material, answers: Answers) -> Finding:
    """The regions of later frames, which are the truth in disguise, do not change an answer."""
    if trial.adapter.can.truth:
        return Finding("no truth", "skipped", "it declares that it is shown the truth")
    if not trial.adapter.can.regions:
        return Finding("no truth", "skipped", "it takes no regions")
    answers_without = trial.ask(
        [[first_seen_only(question) for question in questions] for questions in trial_questions]
    )
    problems = [
        f"{question.key}: looks at later frames of the region, where it is the truth"
        for (question, answer), (_, other) in zip(
            pairs(trial_questions, answers), pairs(trial_questions, answers_without), strict=True
        )
        if not same(answer, other)
    ]
    return finding("no truth", problems, "later frames of a region change no answer", state="warning")


def isolated(trial: Trial, trial_questions: Material, answers: Answers) -> Finding:
    """A video that cannot be read costs no answer to questions about others."""
    first, *others = trial_questions
    other_answers = trial.ask([unreadable(first), *others])
    problems = [
        f"{question.key}: another answer after a video that could not be read ({two.error or 'no error'})"
        for (question, answer), (_, two) in zip(
            pairs(others, answers[1:]), pairs(others, other_answers[1:]), strict=True
        )
        if not same_but_for_rounding(answer, two)
    ]
    return finding("errors", problems, "a video that cannot be read harms no other")


def nothing_left(trial: Trial, trial_questions: Material, answers: Answers) -> Finding:  # noqa: ARG001 - as all checks
    """After close() the adapter holds no video, and leaves no file and no thread behind, video by video."""
    counts = []
    leaks_found: list[str] = []
    for _ in range(3):
        copies = on_a_copy(trial_questions)
        videos = [weakref.ref(questions[0].video) for questions in copies]
        trial.ask(copies)
        del copies
        counts.append(leaks.now())
        leaks_found += [
            f"still holds the video {video.id} after close()" for ref in videos if (video := ref()) is not None
        ]
        gc.collect()
    problems = [*leaks_found, *(f"{grown} after each round" for grown in leaks.growing(counts))]
    return finding("left over", problems, "no video, file or thread after close()")


def together(trial: Trial, trial_questions: Material, answers: Answers) -> Finding:
    """Questions that are asked together have the answers that they have alone, in their order, but for rounding."""
    answers_alone = trial.ask_alone(trial_questions)
    problems = [
        f"{question.key}: another answer alone than together with others"
        for (question, answer), (_, two) in zip(
            pairs(trial_questions, answers), pairs(trial_questions, answers_alone), strict=True
        )
        if not same_but_for_rounding(answer, two)
    ]
    return finding("together", problems, "the same answers as alone, in order")


def in_words(adapter: Adapter, trial_questions: Material) -> Finding:
    """A question about a picture, while no video is open, has a text for an answer, the same when asked again."""
    question = PlainQuestion("What is in the picture?", (trial_questions[0][0].video.frame(0),), max_new_tokens=16)
    try:
        replies: list[object] = [adapter.answer(question), adapter.answer(question)]
    except UserError:
        raise
    except FAILURES as problem:
        return Finding("in words", "broken", reason(problem))
    problems = [
        f"answer() gave {type(reply).__name__}, expected str" for reply in replies if not isinstance(reply, str)
    ]
    if not problems and replies[0] != replies[1]:
        problems.append("another answer when asked twice")
    return finding("in words", problems, "answers a question about a picture, the same each time")


def unchanged(before: Mapping[str, str], after: Mapping[str, str]) -> Finding:
    """The adapter changes nothing of what it is given, which others get after it."""
    problems = [f"changes {name}" for name, text_before in before.items() if after[name] != text_before]
    return finding("as given", problems, "what it is given stays as it was")


CHECKS: tuple[Check, ...] = (answered, texts, tracks, repeatable, no_truth, with_history, isolated, nothing_left)


def _regions(trial_questions: Material) -> dict[str, str]:
    """The regions of each question, as text; frames need no watch, as they are read-only."""
    return {
        f"the regions of {question.key}": json.dumps([region.track for region in question.regions])
        for questions in trial_questions
        for question in questions
    }


def _answered_pairs(trial_questions: Material, answers: Answers) -> list[tuple[Question, StoredPrediction]]:
    return [(question, answer) for question, answer in pairs(trial_questions, answers) if answer.error is None]
