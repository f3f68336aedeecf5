"""From scored runs to the rounds of their dialogues, with all that the numbers of dialogues need of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.benchmark.installed import load_task
from sama_bench.dialogue import Condition, window_of
from sama_bench.dialogue.histories import chains
from sama_bench.dialogue.things import recurring, things_of, tracks_of_things
from sama_bench.errors import UserError
from sama_bench.metric import question_values
from sama_bench.metrics.dialogues import Sighting
from sama_bench.metrics.grounding_marks import plain
from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.java import JavaCalls
from sama_bench.metrics.rle import as_checked
from sama_bench.run.predictions import StoredPrediction, fitting
from sama_bench.run.progress import Progress, Silence
from sama_bench.run.store import Store
from sama_bench.score.comparison_inputs import statistics_of
from sama_bench.score.dialogue import Round, RoundsOfRun
from sama_bench.score.question_texts import judged_values, meteor_and_cider
from sama_bench.score.strict import count_matches
from sama_bench.score.unsupported_metrics import lacking
from sama_bench.statistics import Grounding, QuestionStatistics
from sama_bench.types import Key, Truth

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark, Entry
    from sama_bench.verdicts.judge_result import Judged

COMPARED = ("miou", "J&F", "f1_iou", "ROUGE_L")


def check_rounds(benchmark: Benchmark, name: object) -> None:
    """Raise UserError where no task of a benchmark has rounds."""
    if not any(load_task(task).rounds for task in benchmark.tasks):
        raise UserError(f"{name}: has no dialogue among its tasks ({', '.join(benchmark.tasks)})")


def rounds_of_run(
    store: Store,
    bench: str | Path | None = None,
    java: JavaCalls | None = None,
    progress: Progress | None = None,
) -> RoundsOfRun:
    """The rounds of a scored run; without `java` METEOR and CIDEr have no value. Reads masks, but no frame.

    `bench` is where the benchmark lies now, where it moved. Raises UserError where the run is not scored, or has no
    dialogue.
    """
    benchmark = store.open_benchmark(bench)
    check_rounds(benchmark, store.path)
    statistics = statistics_of(store)
    if not statistics:
        raise UserError(f"{store.path}: this run has no scores yet; make them with: sama-bench score {store.path}")
    condition = Condition.read(store.settings.history)
    cannot = {
        name: why
        for task in benchmark.tasks
        if load_task(task).rounds
        for name, why in lacking(benchmark, store.can, load_task(task)).items()
    }
    judges = store.judged()
    run = RunRounds(condition, statistics, _texts(benchmark, statistics, java, cannot), judges, cannot)
    rounds: list[Round] = []
    sightings: dict[str, list[Sighting]] = {}
    progress = progress or Silence()
    progress.begin(len(benchmark.entries), sum(len(entry.keys) for entry in benchmark.entries), 0, 0)
    for entry in benchmark.entries:
        answers = fitting(store.predictions(entry.video.id), entry.video)
        for chain in chains(benchmark, entry.video.id, condition.seed):
            rounds += run.rounds(chain, entry.video.id, {*entry.keys}, answers)
            if store.can.masks:
                of_video = sightings.setdefault(entry.video.id, [])
                of_video.extend(_of_selected(benchmark, entry, chain, answers, statistics))
        for _ in entry.keys:
            progress.question_done()
        progress.video_done()
    labels = {column: judged.label for column, judged in judges.items()}
    return RoundsOfRun(str(store.path), condition.label, rounds, sightings, labels, cannot, grounds=store.can.masks)


def _texts(
    benchmark: Benchmark,
    statistics: Mapping[Key, QuestionStatistics],
    java: JavaCalls | None,
    cannot: Mapping[str, str],
) -> Mapping[Key, Mapping[str, float]]:
    if java is None or {"METEOR", "CIDEr"} <= cannot.keys():
        return {}
    in_rounds = [one for key, one in statistics.items() if load_task(key.task).rounds]
    return meteor_and_cider(benchmark, in_rounds, java)


def _of_selected(
    benchmark: Benchmark,
    entry: Entry,
    chain: Sequence[Key],
    answers: Mapping[Key, StoredPrediction],
    statistics: Mapping[Key, QuestionStatistics],
) -> Iterator[Sighting]:
    truths = benchmark.truths(entry.video.id)
    return sightings_of([key for key in chain if key in truths], truths, answers, statistics)


@dataclass(frozen=True)
class RunRounds:
    """What all rounds of a run have in common; `texts` are METEOR and CIDEr of questions."""

    condition: Condition
    statistics: Mapping[Key, QuestionStatistics]
    texts: Mapping[Key, Mapping[str, float]] = field(default_factory=dict)
    judges: Mapping[str, Judged] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)

    def rounds(
        self, chain: Sequence[Key], video: str, selected: set[Key], answers: Mapping[Key, StoredPrediction]
    ) -> Iterator[Round]:
        """The selected rounds of a dialogue; the turn is the place among all that the video has."""
        for place, key in enumerate(chain):
            if key not in selected or key not in self.statistics:
                continue
            answer, known = answers.get(key), self.statistics[key]
            said = "" if answer is None or answer.error is not None else plain(answer.text)
            grounding = None if "miou" in self.cannot else known.grounding
            nothing = grounding is not None and not grounding.true
            window = () if self.condition.history != "own" else window_of(chain, place, self.condition.window)
            yield Round(
                key,
                video,
                place + 1,
                self._values(key, known),
                said,
                silent=not said,
                false_grounding=grounding.predicted > 0 if nothing and grounding is not None else None,
                incomplete=any(not _is_answered(answers.get(earlier)) for earlier in window),
                same=None if answer is None else (answer.text, answer.tracks, answer.error),
                usage=None if answer is None else answer.usage,
            )

    def _values(self, key: Key, known: QuestionStatistics) -> dict[str, float]:
        values = {**_values(key, known), **self.texts.get(key, {}), **judged_values(known, self.judges)}
        return {name: value for name, value in values.items() if name not in self.cannot}


def _is_answered(answer: StoredPrediction | None) -> bool:
    return answer is not None and answer.error is None and bool(answer.text.strip() or answer.tracks)


def _values(key: Key, known: QuestionStatistics) -> dict[str, float]:
    """The question's scores under the main protocol; F1 by IoU is that of its own tracks."""
    values = question_values(load_task(key.task).main_protocol.metrics, known)
    grounding = known.grounding
    if grounding is not None and grounding.true:
        values["f1_iou"] = 2 * count_matches(grounding, None) / (grounding.true + grounding.predicted)
    return {name: values[name] for name in COMPARED if name in values}


def _assigned(grounding: Grounding) -> dict[int, int]:
    """The predicted track of each true one: that of the assignment; where none overlaps it, one that is left over."""
    assigned = {pair.true: pair.predicted for pair in grounding.pairs}
    true = (place for place in range(grounding.true) if place not in assigned)
    predicted = (place for place in range(grounding.predicted) if place not in set(assigned.values()))
    return {**assigned, **dict(zip(true, predicted, strict=False))}


def sightings_of(
    chain: Sequence[Key],
    truths: Mapping[Key, Truth],
    answers: Mapping[Key, StoredPrediction],
    statistics: Mapping[Key, QuestionStatistics],
) -> Iterator[Sighting]:
    """The sightings of the objects that more than one round of a dialogue is about, in the order of the rounds."""
    dialogue_truths = [truths[key] for key in chain]
    again = recurring(dialogue_truths)
    true_tracks = tracks_of_things(dialogue_truths)
    names = list(true_tracks)
    for key in chain:
        known = statistics.get(key)
        if known is None or known.grounding is None:
            continue
        grounding, assigned = known.grounding, _assigned(known.grounding)
        jf = {(pair.predicted, pair.true): (pair.j + pair.f) / 2 for pair in grounding.pairs}
        for thing, place in things_of(truths[key]).items():
            predicted = assigned.get(place)
            if thing not in again:
                continue
            if predicted is None:
                yield Sighting(thing, None, 0.0, None, round=key)
                continue
            track = as_checked(answers[key].tracks[predicted])
            likeness = volume_iou_matrix([track], [as_checked(true_tracks[name]) for name in names])[0]
            best = names[int(likeness.argmax())] if likeness.max() > 0 else None
            iou, accuracy = grounding.ious[predicted][place], jf.get((predicted, place), 0.0)
            yield Sighting(thing, track, iou, best, accuracy, key, predicted)
