"""Scoring as a whole: statistics video by video, then both protocols from the statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import TYPE_CHECKING

from sama_bench.cache import cache_folder
from sama_bench.errors import UserError
from sama_bench.metrics import grounding_marks as marks
from sama_bench.metrics.java import Java, JavaError, TextFault
from sama_bench.run.predictions import fitting
from sama_bench.run.progress import Progress, Silence
from sama_bench.score import judge_column, paper, strict
from sama_bench.score.choice import Choice, Choices, choose
from sama_bench.score.facts import Facts, facts_of
from sama_bench.score.lacking import lacking
from sama_bench.score.scores import Block, Scores, block
from sama_bench.score.signature import signature
from sama_bench.score.statistics import Grounding, QuestionStatistics, State, grounding_of, state_of
from sama_bench.score.texts import compare, tokens
from sama_bench.score.workers import video_by_video
from sama_bench.types import Key, TaskName, Truth

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark, Entry
    from sama_bench.judge.judged import Judged
    from sama_bench.run.answers import Answers
    from sama_bench.run.predictions import StoredPrediction

TEXTS_AT_ONCE = 256

# The questions of one task, by video, in the order of the benchmark.
Videos = dict[str, list[QuestionStatistics]]


def score(
    benchmark: Benchmark,
    answers: Answers,
    *,
    phrases: str | Choices | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
) -> Scores:
    """Score the answers to the selected questions of `benchmark` by both protocols.

    `phrases` names the similarity of phrases, or is what `choose` gave. Of a video that is done only small statistics
    and texts are kept. `processes` compare masks, by default one a core (one in all for a small benchmark); their
    number changes no byte. Raises UserError where there is no such similarity, and where Java does not start.
    """
    choices = choose(phrases) if phrases is None or isinstance(phrases, str) else phrases
    try:
        with Java(cache=cache_folder()) as java:
            statistics = collect(benchmark, answers, java, progress or Silence(), processes)
            return _scored(benchmark, answers, statistics, choices, java)
    except JavaError as problem:
        raise UserError(str(problem)) from problem


def collect(
    benchmark: Benchmark, answers: Answers, java: Java, progress: Progress, processes: int | None = None
) -> dict[TaskName, Videos]:
    """The statistics of all selected questions, by task and video; a task without a question is absent."""
    progress.begin(len(benchmark.entries), sum(len(entry.keys) for entry in benchmark.entries), 0, 0)
    found: dict[TaskName, Videos] = {task: {} for task in benchmark.tasks}
    with video_by_video(_drafts_of, benchmark, answers, processes) as drafts:
        for video, one in _with_texts(_drafts(drafts, progress), java, progress):
            found[one.key.task].setdefault(video, []).append(one)
    return {task: videos for task, videos in found.items() if videos}


@dataclass(frozen=True)
class _Draft:
    """A question whose masks were compared, and whose plain texts wait for their batch."""

    video: str
    key: Key
    state: State
    grounding: Grounding | None
    texts: tuple[str, str]
    facts: Facts
    unread: bool


def _drafts(videos: Iterator[list[_Draft]], progress: Progress) -> Iterator[_Draft]:
    for drafts in videos:
        yield from drafts
        progress.video_done()


def _drafts_of(benchmark: Benchmark, answers: Answers, entry: Entry) -> list[_Draft]:
    given, truths = fitting(answers.predictions(entry.video.id), entry.video), benchmark.truths(entry.video.id)
    keys = sorted(entry.keys, key=lambda key: benchmark.tasks.index(key.task))
    return [_draft(entry, truths[key], given.get(key)) for key in keys]


def _draft(entry: Entry, truth: Truth, answer: StoredPrediction | None) -> _Draft:
    state = state_of(answer)
    grounding = grounding_of(truth, answer, entry.video.size) if truth.key.task == "g" else None
    candidate = answer.text if answer is not None and state == "answered" else ""
    texts = marks.plain(candidate), plain_reference(truth.key.task, truth.text)
    unread = answer is not None and answer.unread is not None
    return _Draft(entry.video.id, truth.key, state, grounding, texts, facts_of(truth, entry.video), unread)


def plain_reference(task: TaskName, text: str) -> str:
    """A reference as the caption metrics see it; only in dialogues the older marks mean what the newer ones do."""
    return marks.plain(marks.modern(text) if task == "g" else text)


def _with_texts(drafts: Iterator[_Draft], java: Java, progress: Progress) -> Iterator[tuple[str, QuestionStatistics]]:
    for groups in _batches(drafts):
        texts = compare(java, [[draft.texts for draft in group] for group in groups])
        for draft, text in zip(chain(*groups), texts, strict=True):
            one = QuestionStatistics(draft.key, draft.state, draft.grounding, text, draft.facts, draft.unread)
            yield draft.video, one
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
class _Means:
    """What a protocol has to score a task with: a similarity of phrases, a judge; and what it cannot have."""

    choice: Choice
    judged: Judged | None
    cannot: Mapping[str, str]

    @property
    def protocol(self) -> str:
        return self.choice.protocol

    def metrics(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name not in self.cannot]


def _scored(
    benchmark: Benchmark, answers: Answers, statistics: dict[TaskName, Videos], choices: Choices, java: Java
) -> Scores:
    signatures: dict[str, dict[str, dict[str, object]]] = {paper.NAME: {}, strict.NAME: {}}
    protocols: dict[str, dict[str, Block]] = {paper.NAME: {}, strict.NAME: {}}
    without, judged = lacking(benchmark, answers.can), judge_column.by_protocol(answers.judged())
    for task, videos in statistics.items():
        means = {
            one: _Means(choices[one], judge_column.heard(judged[one], videos), without[one][task]) for one in protocols
        }
        protocols[paper.NAME][task] = _paper(videos, means[paper.NAME], java)
        protocols[strict.NAME][task] = _strict(videos, means[strict.NAME], java, _corpus(benchmark, task, java))
        for protocol, own in means.items():
            phrases = own.choice.label if task == "g" else None
            judge = None if own.judged is None else own.judged.label
            signatures[protocol][task] = signature(benchmark, task, protocol, phrases, answers.asking, judge)
            protocols[protocol][task].update(_explained(task, videos, own))
    return Scores(signatures, protocols, {one.key: one for videos in statistics.values() for one in _flat(videos)})


def _explained(task: TaskName, videos: Videos, means: _Means) -> Block:
    """What a block goes without, as it is not installed, nobody judged or the model cannot do it; what a judge said."""
    missing = means.choice.unavailable if task == "g" else {}
    told: Block = {}
    if means.judged is None:
        missing = {**missing, **judge_column.missing(means.protocol)}
    else:
        told = judge_column.explained(means.protocol, videos, means.judged)
    if missing := {name: need for name, need in missing.items() if name not in means.cannot}:
        told["unavailable"] = missing
    if means.cannot:
        told["cannot"] = dict(means.cannot)
    return told


def _paper(videos: Videos, means: _Means, java: Java) -> Block:
    values = paper.by_video(videos, means.choice.similarity, java.meteor)
    judge_column.fill(values, means.protocol, videos, means.judged)
    questions = _flat(videos)
    return block(means.metrics(paper.METRICS), values, questions, faults_among=paper.counted(questions))


def _strict(videos: Videos, means: _Means, java: Java, corpus: Sequence[str]) -> Block:
    values = strict.by_video(videos, means.choice.similarity, java.meteor, corpus)
    judge_column.fill(values, means.protocol, videos, means.judged)
    questions = _flat(videos)
    found = block(means.metrics(strict.METRICS), values, questions, faults_among=questions)
    groundings = [] if "false_groundings" in means.cannot else strict.groundings(questions)
    if groundings:
        nothing = strict.count_nothing(groundings)
        found.update(grounding_nothing=nothing.questions, falsely_grounded=nothing.grounded)
    return found


def _corpus(benchmark: Benchmark, task: TaskName, java: Java) -> list[str]:
    """All references of the task in the whole benchmark, tokenised; one that Java has no value for is left out."""
    texts = [plain_reference(task, text) for text in benchmark.references(task)]
    tokenised = tokens(java, texts)
    return [found for text in texts if not isinstance(found := tokenised[text], TextFault)]


def _flat(videos: Videos) -> list[QuestionStatistics]:
    return [one for questions in videos.values() for one in questions]
