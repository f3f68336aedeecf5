"""The numbers of dialogues: of one run, or of a model's runs under several conditions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sama_bench.api.benchmarks import BenchmarkLike, opened
from sama_bench.api.runs import Run
from sama_bench.benchmark.installed import load_task
from sama_bench.dialogue import Condition, window_of
from sama_bench.dialogue.counts import RoundCounts, count_rounds
from sama_bench.dialogue.histories import chains
from sama_bench.dialogue.things import recurring, things_of, tracks_of_things
from sama_bench.errors import UserError, each
from sama_bench.metric import question_values
from sama_bench.metrics.dialogues import Sighting
from sama_bench.metrics.grounding_marks import plain
from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.rle import as_checked
from sama_bench.run.predictions import StoredPrediction, fitting
from sama_bench.run.store import Store
from sama_bench.score.comparison_inputs import statistics_of
from sama_bench.score.dialogue import HOW, PairSummary, Round, RoundsOfRun, RunSummary, of_pair, of_run
from sama_bench.score.strict import count_matches
from sama_bench.statistics import Grounding, QuestionStatistics
from sama_bench.types import Key, Truth

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

COMPARED = ("miou", "J&F", "f1_iou", "ROUGE_L")


@dataclass(frozen=True)
class Dialogues:
    """The numbers of each run, and what one condition has more than another."""

    runs: Sequence[RunSummary]
    pairs: Sequence[PairSummary]

    def dumps(self) -> bytes:
        """Everything as a JSON file."""
        runs, pairs = ([summary.to_json() for summary in some] for some in (self.runs, self.pairs))
        content = {"how": HOW, "runs": runs, "pairs": pairs}
        return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def rounds(bench: BenchmarkLike = "demo", tasks: str | Sequence[str] | None = None) -> RoundCounts:
    """Count what the rounds of a benchmark have to do with each other: see `RoundCounts`.

    Raises UserError where it has no dialogue.

    Examples:
        >>> from sama_bench.api.dialogues import rounds
        >>> rounds("demo").refer_back
        0
    """
    benchmark = opened(bench, tasks)
    _check_rounds(benchmark, benchmark.name)
    return count_rounds(benchmark)


def dialogues(*runs: Run | str | Path, bench: str | Path | None = None) -> Dialogues:
    """The numbers of a model's scored runs, at most one for each of the histories none, true and own.

    `bench` is where the benchmark lies now, where it moved. Raises UserError where a run is not scored, has no
    dialogue, or where the runs are not the same questions to the same model under conditions that compare.

    Examples:
        >>> import sama_bench as sb
        >>> from sama_bench.api.dialogues import dialogues
        >>> answer = lambda question: "A cat runs."
        >>> run = sb.evaluate(answer, "demo", "runs/words", tasks="g", limit=12, phrases="words", name="words")
        >>> dialogues(run).runs[0].silent["1"].value
        0.0
    """
    if not runs:
        raise UserError("no run is named: expected the folder of one, or more")
    paths = [run.path if isinstance(run, Run) else Path(run) for run in runs]
    with ExitStack() as opened_stores:
        stores = each(lambda path: opened_stores.enter_context(Store.open(path)), paths)
        _check_alike(stores)
        loaded = each(lambda store: _load(store, bench), stores)
    by_history = {
        Condition.read(store.settings.history).history: rounds for store, rounds in zip(stores, loaded, strict=True)
    }
    pairs = [
        of_pair(by_history[history], by_history[base], split=(history, base) == ("own", "true"))
        for history, base in (("true", "none"), ("own", "none"), ("own", "true"))
        if history in by_history and base in by_history
    ]
    return Dialogues([of_run(rounds) for rounds in loaded], pairs)


def _check_alike(stores: Sequence[Store]) -> None:
    """Raise UserError unless the runs differ in the history alone, and conditions with one agree in the rest."""
    problems: list[str] = []
    first = stores[0].settings
    for store in stores[1:]:
        differences = [pair for pair in first.differences(store.settings) if not pair[0].startswith("history=")]
        problems += [f"{store.path}: has {now}, but {stores[0].path} has {then}" for then, now in differences]
    conditions = [Condition.read(store.settings.history) for store in stores]
    if len({condition.history for condition in conditions}) < len(stores):
        labels = ", ".join(condition.label for condition in conditions)
        problems.append(f"{labels}: two runs have the same history; name one of them")
    with_history = [condition for condition in conditions if not condition.alone]
    if len({(condition.window, condition.seed, condition.masks_back) for condition in with_history}) > 1:
        labels = ", ".join(condition.label for condition in with_history)
        problems.append(
            f"{labels}: differ in more than whose answers are shown; compare runs of one window, seed, masks"
        )
    if problems:
        raise UserError(problems)


def _check_rounds(benchmark: Benchmark, name: object) -> None:
    if not any(load_task(task).rounds for task in benchmark.tasks):
        raise UserError(f"{name}: has no dialogue among its tasks ({', '.join(benchmark.tasks)})")


def _load(store: Store, bench: str | Path | None) -> RoundsOfRun:
    benchmark = store.open_benchmark(bench)
    _check_rounds(benchmark, store.path)
    statistics = statistics_of(store)
    if not statistics:
        raise UserError(f"{store.path}: this run has no scores yet; make them with: sama-bench score {store.path}")
    condition = Condition.read(store.settings.history)
    loaded: list[Round] = []
    sightings: dict[str, list[Sighting]] = {}
    for entry in benchmark.entries:
        video = entry.video.id
        answers = fitting(store.predictions(video), entry.video)
        for chain in chains(benchmark, video, condition.seed):
            loaded += _rounds(chain, video, set(entry.keys), answers, statistics, condition)
            truths = benchmark.truths(video)
            with_truth = [key for key in chain if key in truths]
            sightings.setdefault(video, []).extend(_sightings(with_truth, truths, answers, statistics))
    return RoundsOfRun(str(store.path), condition.label, loaded, sightings)


def _rounds(
    chain: Sequence[Key],
    video: str,
    selected: set[Key],
    answers: Mapping[Key, StoredPrediction],
    statistics: Mapping[Key, QuestionStatistics],
    condition: Condition,
) -> Iterator[Round]:
    """The selected rounds of a dialogue; the turn is the place among all that the video has."""
    for place, key in enumerate(chain):
        if key not in selected or key not in statistics:
            continue
        answer, known = answers.get(key), statistics[key]
        text = "" if answer is None or answer.error is not None else plain(answer.text)
        grounding = known.grounding
        nothing = grounding is not None and not grounding.true
        window = () if condition.history != "own" else window_of(chain, place, condition.window)
        yield Round(
            key,
            video,
            place + 1,
            _values(key, known),
            text,
            silent=not text,
            false_grounding=grounding.predicted > 0 if nothing and grounding is not None else None,
            incomplete=any(not _is_answered(answers.get(earlier)) for earlier in window),
            same=None if answer is None else (answer.text, answer.tracks, answer.error),
        )


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


def _sightings(
    chain: Sequence[Key],
    truths: Mapping[Key, Truth],
    answers: Mapping[Key, StoredPrediction],
    statistics: Mapping[Key, QuestionStatistics],
) -> Iterator[Sighting]:
    """The sightings of the objects that more than one round is about."""
    dialogue_truths = [truths[key] for key in chain]
    again = recurring(dialogue_truths)
    true_tracks = tracks_of_things(dialogue_truths)
    names = list(true_tracks)
    for key in chain:
        known = statistics.get(key)
        if known is None or known.grounding is None:
            continue
        assigned = _assigned(known.grounding)
        for thing, place in things_of(truths[key]).items():
            predicted = assigned.get(place)
            if thing not in again:
                continue
            if predicted is None:
                yield Sighting(thing, None, 0.0, None)
                continue
            track = as_checked(answers[key].tracks[predicted])
            likeness = volume_iou_matrix([track], [as_checked(true_tracks[name]) for name in names])[0]
            best = names[int(likeness.argmax())] if likeness.max() > 0 else None
            yield Sighting(thing, track, known.grounding.ious[predicted][place], best)
