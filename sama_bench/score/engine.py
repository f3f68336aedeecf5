"""Scoring as a whole: statistics video by video, then both protocols from the statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, TypeAlias

from sama_bench.benchmark.installed import load_task
from sama_bench.cache import cache_folder
from sama_bench.errors import UserError
from sama_bench.metric import Metric, question_values
from sama_bench.metrics import grounding_marks as marks
from sama_bench.metrics.java import Java, JavaCalls, JavaError, TextFault
from sama_bench.metrics.rle import as_checked
from sama_bench.protocol import Protocol, ScoringInputs
from sama_bench.run.predictions import StoredPrediction, fitting
from sama_bench.run.progress import Progress, Silence
from sama_bench.score import judge_column
from sama_bench.score.block import Block, block, with_faults
from sama_bench.score.caption_statistics import compare, tokens
from sama_bench.score.facts import facts_of
from sama_bench.score.grounding import grounding_of, state_of
from sama_bench.score.scores import Scores
from sama_bench.score.signature import signature
from sama_bench.score.similarity_choice import Choice, Choices, choose
from sama_bench.score.unsupported_metrics import lacking, of_protocol
from sama_bench.score.workers import video_by_video
from sama_bench.statistics import Facts, Grounding, QuestionStatistics, State
from sama_bench.task import Answer, MeasureVideo, Task
from sama_bench.types import Key, TaskName, Truth

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark, Entry
    from sama_bench.run.answer_sources import Answers
    from sama_bench.verdicts.judge_result import Judged

TEXTS_AT_ONCE = 256

Videos: TypeAlias = dict[str, list[QuestionStatistics]]


def score(
    benchmark: Benchmark,
    answers: Answers,
    *,
    phrases: str | Choices | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
    java: JavaCalls | None = None,
) -> Scores:
    """Score the answers to the selected questions of `benchmark` by all protocols of its tasks.

    `phrases` names the similarity of phrases, or is what `choose` gave. Of a video that is done only small statistics
    and texts are kept. `processes` compare masks, by default one a core (one in all for a small benchmark); their
    number changes no byte. `java` is asked where it is there already; else one is started. Raises UserError where there
    is no such similarity, and where Java does not start.
    """
    choices = choose(phrases) if phrases is None or isinstance(phrases, str) else phrases
    with started(java) as calls:
        statistics = collect(benchmark, answers, calls, progress or Silence(), processes)
        return _score_statistics(benchmark, answers, statistics, choices, calls)


@contextmanager
def started(java: JavaCalls | None = None) -> Iterator[JavaCalls]:
    """The Java that is there, or one that starts when it is first asked and ends with the context.

    What Java cannot do is raised as UserError.
    """
    try:
        if java is not None:
            yield java
        else:
            with Java(cache=cache_folder()) as new:
                yield new
    except JavaError as problem:
        raise UserError(str(problem)) from problem


def collect(
    benchmark: Benchmark, answers: Answers, java: JavaCalls, progress: Progress, processes: int | None = None
) -> dict[TaskName, Videos]:
    """The statistics of all selected questions, by task and video; a task without a question is absent."""
    progress.begin(len(benchmark.entries), sum(len(entry.keys) for entry in benchmark.entries), 0, 0)
    by_task: dict[TaskName, Videos] = {task: {} for task in benchmark.tasks}
    with video_by_video(_drafts_of, benchmark, answers, processes) as drafts:
        for video, question in _with_texts(_drafts(drafts, progress), java, progress):
            by_task[question.key.task].setdefault(video, []).append(question)
    return {task: videos for task, videos in by_task.items() if videos}


@dataclass(frozen=True)
class _Draft:
    """A question whose masks were compared, and whose plain texts wait for their batch."""

    video: str
    key: Key
    state: State
    grounding: Grounding | None
    texts: tuple[str, str] | None
    facts: Facts
    unread: bool
    measures: Mapping[str, float]


def _drafts(videos: Iterator[list[_Draft]], progress: Progress) -> Iterator[_Draft]:
    for drafts in videos:
        yield from drafts
        progress.video_done()


def _drafts_of(benchmark: Benchmark, answers: Answers, entry: Entry) -> list[_Draft]:
    predictions, truths = fitting(answers.predictions(entry.video.id), entry.video), benchmark.truths(entry.video.id)
    keys = sorted(entry.keys, key=lambda key: benchmark.tasks.index(key.task))
    unscored = benchmark.without_truth
    measured_together: dict[Key, Mapping[str, float]] = {}
    for name, group in groupby(keys, key=lambda key: key.task):
        task = load_task(name)
        if task.measure_video is not None and name not in unscored:
            answered_truths = [(key, truths[key], predictions.get(key)) for key in group]
            measured_together |= _measured_together(task.measure_video, answered_truths, entry)
    return [
        _draft(
            entry, truths[key], predictions.get(key), measured_together.get(key, {}), scored=key.task not in unscored
        )
        for key in keys
    ]


def _measured_together(
    measure: MeasureVideo, answered_truths: Sequence[tuple[Key, Truth, StoredPrediction | None]], entry: Entry
) -> dict[Key, Mapping[str, float]]:
    """The benchmark's own measures of all of a video's questions of one task together."""
    measures = measure([(truth, _answer(entry, _existing_answer(stored))) for _, truth, stored in answered_truths])
    return {key: measured for (key, _, _), measured in zip(answered_truths, measures, strict=True)}


def _existing_answer(answer: StoredPrediction | None) -> StoredPrediction:
    """The answer; an empty one where there is none, or an error."""
    return answer if answer is not None and state_of(answer) == "answered" else StoredPrediction("")


def _answer(entry: Entry, answered: StoredPrediction, grounding: Grounding | None = None) -> Answer:
    compared = {} if grounding is None else {(pair.predicted, pair.true): (pair.j, pair.f) for pair in grounding.pairs}
    return Answer(entry.video, answered.text, tuple(as_checked(track) for track in answered.tracks), compared)


def _draft(
    entry: Entry, truth: Truth, answer: StoredPrediction | None, measured_together: Mapping[str, float], *, scored: bool
) -> _Draft:
    task, state = load_task(truth.key.task), state_of(answer)
    answered = _existing_answer(answer)
    grounding = grounding_of(truth, answered, entry.video.size) if task.grounds and scored else None
    texts = (marks.plain(answered.text), plain_reference(task, truth.text)) if task.captions and scored else None
    measures = dict(measured_together)
    if task.measure is not None and scored:
        measures |= task.measure(truth, _answer(entry, answered, grounding))
    unread = answer is not None and answer.unread is not None
    facts = facts_of(truth, entry.video)
    return _Draft(entry.video.id, truth.key, state, grounding, texts, facts, unread, measures)


def plain_reference(task: Task, text: str) -> str:
    """A reference as the caption metrics see it; only in dialogues the older marks mean what the newer ones do."""
    return marks.plain(marks.modern(text) if task.grounds else text)


def _with_texts(
    drafts: Iterator[_Draft], java: JavaCalls, progress: Progress
) -> Iterator[tuple[str, QuestionStatistics]]:
    for groups in _batches(drafts):
        pairs = [[draft.texts for draft in group if draft.texts is not None] for group in groups]
        texts = iter(compare(java, pairs) if any(pairs) else ())  # Java starts where a text is first compared
        for draft in chain(*groups):
            text = next(texts) if draft.texts is not None else None
            yield (
                draft.video,
                QuestionStatistics(
                    draft.key, draft.state, draft.grounding, text, draft.facts, draft.unread, draft.measures
                ),
            )
            progress.question_done()


def _batches(drafts: Iterator[_Draft]) -> Iterator[list[list[_Draft]]]:
    """Batches of groups; a group are the questions of one task of one video."""
    batch: list[list[_Draft]] = []
    for _, group in groupby(drafts, key=lambda draft: (draft.video, draft.key.task)):
        batch.append(list(group))
        if sum(map(len, batch)) >= TEXTS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


@dataclass(frozen=True)
class ScoredTask:
    """The questions of a task, and what they are scored with, whatever the protocol."""

    benchmark: Benchmark
    task: Task
    videos: dict[str, list[QuestionStatistics]]
    java: JavaCalls
    lacking: Mapping[str, str]

    @property
    def questions(self) -> list[QuestionStatistics]:
        """All questions, video by video."""
        return _flat(self.videos)

    def corpus(self) -> list[str]:
        """All references of the task in the whole benchmark, tokenised; one that Java has no value for is left out."""
        texts = [plain_reference(self.task, text) for text in self.benchmark.references(self.task.key)]
        tokenised = tokens(self.java, texts)
        return [tokens_of_text for text in texts if not isinstance(tokens_of_text := tokenised[text], TextFault)]


def _score_statistics(
    benchmark: Benchmark, answers: Answers, statistics: Mapping[TaskName, Videos], choices: Choices, java: JavaCalls
) -> Scores:
    names = dict.fromkeys(protocol.name for key in statistics for protocol in load_task(key).scoring)
    signatures: dict[str, dict[str, dict[str, object]]] = {name: {} for name in names}
    protocols: dict[str, dict[str, Block]] = {name: {} for name in names}
    judges = answers.judged()
    for key, videos in statistics.items():
        task = load_task(key)
        scored_task = ScoredTask(benchmark, task, videos, java, lacking(benchmark, answers.can, task))
        for protocol in task.scoring:
            judge = judge_column.column_judge(judges, protocol, videos)
            choice = choices[protocol.similarity] if protocol.similarity else None
            protocols[protocol.name][key] = _block(scored_task, protocol, choice, judge)
            needed = choice is not None and any("phrases" in metric.needs for metric in protocol.metrics)
            phrases = choice.label if choice is not None and needed else None
            label = None if judge is None else judge.label
            signatures[protocol.name][key] = signature(benchmark, task, protocol.name, phrases, answers.asking, label)
    return Scores(
        signatures, protocols, {question.key: question for videos in statistics.values() for question in _flat(videos)}
    )


def _block(scored_task: ScoredTask, protocol: Protocol, choice: Choice | None, judge: Judged | None) -> Block:
    """The numbers of a task under a protocol, and what is to be said of them."""
    untold = scored_task.benchmark.without_truth.get(scored_task.task.key)
    if untold is not None:
        return replace(
            block((), {}, scored_task.questions), unavailable={metric.name: untold for metric in protocol.metrics}
        )
    inputs = ScoringInputs(scored_task.java.meteor, choice.similarity if choice else None, scored_task.corpus)
    values = protocol.by_video(scored_task.videos, inputs)
    judge_column.fill(values, protocol, scored_task.videos, judge)
    metrics = [metric for metric in protocol.metrics if metric.name not in scored_task.lacking]
    task_block = block(metrics, values, scored_task.questions)
    if scored_task.task.captions:
        task_block = with_faults(task_block, protocol.counted(scored_task.questions))
    if scored_task.task.answer == "track":
        task_block = replace(task_block, per_expression=_per_expression(protocol, metrics, scored_task.videos))
    if (nothing := protocol.nothing(metrics, scored_task.questions)) is not None:
        task_block = replace(task_block, grounding_nothing=nothing.questions, falsely_grounded=nothing.grounded)
    return _with_unavailable(task_block, scored_task, protocol, choice, judge)


def _per_expression(protocol: Protocol, metrics: Sequence[Metric], videos: Videos) -> dict[str, dict[str, float]]:
    """The values of each question that counts and has one, by its id."""
    counted = chain(*(protocol.counted(questions) for questions in videos.values()))
    return {question.key.id: values for question in counted if (values := question_values(metrics, question))}


def _with_unavailable(
    task_block: Block, scored_task: ScoredTask, protocol: Protocol, choice: Choice | None, judge: Judged | None
) -> Block:
    """With what it goes without, as it is not installed, nobody judged or the model cannot do it; what a judge said."""
    cannot = of_protocol(scored_task.lacking, protocol.metrics)
    missing = choice.unavailable(protocol.metrics) if choice is not None else {}
    if judge is not None:
        summary = judge_column.summary(protocol, scored_task.videos, judge)
        task_block = replace(task_block, judge=summary, marked=judge_column.mark(summary))
    elif protocol.judged is not None:
        missing |= judge_column.missing(protocol.judged.name)
    return replace(
        task_block, unavailable={name: reason for name, reason in missing.items() if name not in cannot}, cannot=cannot
    )


def _flat(videos: Videos) -> list[QuestionStatistics]:
    return [question for questions in videos.values() for question in questions]
