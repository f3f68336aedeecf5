"""Dialogues on the page: what earlier turns do to a model, and the turns of some videos one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sama_bench.dialogue.things import things_of, tracks_of_things
from sama_bench.errors import UserError
from sama_bench.leaderboard.board import ScoredRun
from sama_bench.leaderboard.histories import Conditions, conditions
from sama_bench.leaderboard.page import clip, thumbnails
from sama_bench.leaderboard.page.place import DATA
from sama_bench.metrics.dialogues import Sighting
from sama_bench.metrics.rle import frame_areas
from sama_bench.picture.palette import Palette
from sama_bench.run.predictions import StoredPrediction, fitting
from sama_bench.run.store import Store
from sama_bench.score.dialogue import LATE, Number, Round, RoundsOfRun, over_videos, overall_values
from sama_bench.score.dialogue_conditions import Dialogues, beside_each_other
from sama_bench.score.dialogue_rounds import rounds_of_run
from sama_bench.types import Key, Question, Track, Truth

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

VIDEOS, THINGS = 6, 4
"""So many videos of a model are shown, those in which histories change most, with so many of their objects."""
LABELS = {"miou": "mIoU", "f1_iou": "F1 by IoU", "ROUGE_L": "ROUGE-L"}
OVERALL = {
    "found": "objects found in all of their rounds",
    "agreement": "agreement of the same object's masks, IoU",
    "agreement_jf": "agreement, J&F",
    "accuracy": "accuracy of these masks, IoU",
    "accuracy_jf": "accuracy, J&F",
    "switches": "switches to another object",
    "false_groundings": "false groundings",
    "silent": "rounds without an answer",
    "repeated": "answers that repeat an earlier one",
}
TURNS = (*(str(turn) for turn in range(1, LATE)), f"{LATE}+")


def write(scored: Sequence[ScoredRun], folder: Path, put: Callable[[str, object], None]) -> list[str]:
    """Write the dialogues of the runs with a history into `folder`, and their data by `put`.

    Gives notes of what is left out. Without such a run the data is an empty list, and the page has no part for it.
    """
    shown: list[dict[str, Any]] = []
    notes: list[str] = []
    for number, of_model in enumerate(conditions(scored)):
        try:
            with ExitStack() as context:
                stores = {name: context.enter_context(Store.open(run.path)) for name, run in of_model.runs.items()}
                runs = {name: rounds_of_run(store) for name, store in stores.items()}
                videos = _Videos(number, stores, runs, folder).write(put)
            shown.append({**_numbers(of_model, runs), "videos": videos})
        except UserError as problem:
            notes.append(f"Dialogues of {of_model.model} are left out: {problem.lines(1)[0]}")
    put("dialogues", shown)
    return notes


def _numbers(of_model: Conditions, runs: Mapping[str, RoundsOfRun]) -> dict[str, Any]:
    compared = beside_each_other(list(runs.values()))
    return {
        "model": of_model.model,
        "turns": list(TURNS),
        "runs": [
            {"name": name, "history": run.history, "path": run.name, "truth": of_model.runs[name].sees_truth}
            for name, run in runs.items()
        ],
        "metrics": _effects(compared),
        "overall": _overall(runs),
        "firsts": [[pair.history, pair.instead_of, pair.first_equal, pair.first_rounds] for pair in compared.pairs],
    }


def _effects(compared: Dialogues) -> list[dict[str, Any]]:
    """For each metric a line for each pair of conditions: difference by turn."""
    names = dict.fromkeys(name for pair in compared.pairs for name in pair.metrics)
    return [
        {
            "label": LABELS.get(name, name),
            "lines": [
                {
                    "name": f"{pair.history.split()[0]} – {pair.instead_of.split()[0]}",
                    "later": _number(effect.later),
                    "points": [_number(effect.by_turn.get(turn)) for turn in TURNS],
                }
                for pair in compared.pairs
                if (effect := pair.metrics.get(name)) is not None
            ],
        }
        for name in names
    ]


def _overall(runs: Mapping[str, RoundsOfRun]) -> list[dict[str, Any]]:
    values = [overall_values(run) for run in runs.values()]
    rows = (
        {"label": label, "cells": [_number(over_videos(of_run[name])) for of_run in values]}
        for name, label in OVERALL.items()
    )
    return [row for row in rows if any(row["cells"])]


def _number(number: Number | None) -> list[Any] | None:
    """Value, ends of the interval or None, number of videos."""
    if number is None:
        return None
    ends = None if number.interval is None else [round(end, 5) for end in number.interval]
    return [round(number.value, 5), ends, number.videos]


@dataclass(frozen=True)
class _Videos:
    """The videos of one model that are shown; `number` tells the model's files from others'."""

    number: int
    stores: Mapping[str, Store]
    runs: Mapping[str, RoundsOfRun]
    folder: Path

    def write(self, put: Callable[[str, object], None]) -> list[list[str]]:
        """Write a file for each video: its name on the page, and the file's."""
        benchmark = next(iter(self.stores.values())).open_benchmark()
        written = []
        for place, video in enumerate(self._chosen()):
            name = f"dialogue-{self.number}-{place}"
            put(name, self._video(benchmark, video, f"turns-{self.number}-{place}"))
            written.append([video, name])
        return written

    def _chosen(self) -> list[str]:
        """The videos whose values differ most between the runs."""
        values: dict[str, dict[Key, list[float]]] = {}
        for round_ in (round_ for run in self.runs.values() for round_ in run.rounds):
            main = next(iter(round_.values.values()), None)
            if main is not None:
                values.setdefault(round_.video, {}).setdefault(round_.key, []).append(main)
        spread = {
            video: sum(max(some) - min(some) for some in by_key.values()) / len(by_key)
            for video, by_key in values.items()
        }
        return sorted(spread, key=lambda video: -spread[video])[:VIDEOS]

    def _video(self, benchmark: Benchmark, video: str, frames: str) -> dict[str, Any]:
        questions = {question.key: question for question in benchmark.questions(video)}
        truths = benchmark.truths(video)
        rounds = {
            name: {round_.key: round_ for round_ in run.rounds if round_.video == video}
            for name, run in self.runs.items()
        }
        turns = sorted({(round_.turn, key) for by_key in rounds.values() for key, round_ in by_key.items()})
        kept = questions[turns[0][1]].video
        answers = {name: fitting(store.predictions(video), kept) for name, store in self.stores.items()}
        things = _things(
            [key for _, key in turns], truths, {name: run.sightings.get(video, ()) for name, run in self.runs.items()}
        )
        places = sorted({thing["frame"] for thing in things})
        (self.folder / frames).mkdir()
        size = thumbnails.small_size(kept.size)
        for index in places:
            (self.folder / frames / f"{index}.jpg").write_bytes(thumbnails.jpeg(kept.frame(index), size))
        palette = Palette()
        palette.take(list(tracks_of_things([truths[key] for _, key in turns]).values()))  # each a colour of its own
        turn_data = [
            self._turn(turn, questions[key], truths[key], answers, rounds, (palette, places, f"{DATA}/{frames}"))
            for turn, key in turns
        ]
        for thing in things:
            thing["frame"] = places.index(thing["frame"])
        return {"size": list(size[::-1]), "turns": turn_data, "things": things}

    def _turn(
        self,
        turn: int,
        question: Question,
        truth: Truth,
        answers: Mapping[str, Mapping[Key, StoredPrediction]],
        rounds: Mapping[str, Mapping[Key, Round]],
        shown: tuple[Palette, Sequence[int], str],
    ) -> dict[str, Any]:
        palette, places, frames = shown
        question_clip = clip.Clip(question, truth, palette, list(places))
        of_runs: list[clip.Answer] = [(n, answers[name].get(question.key), []) for n, name in enumerate(self.runs)]
        clip_data = question_clip.to_json(frames, of_runs)
        about = [by_key.get(question.key) for by_key in rounds.values()]
        return {
            "key": str(question.key),
            "turn": turn,
            **{name: clip_data[name] for name in ("frames", "question", "truth", "tracks", "answers")},
            "about": [None if round_ is None else _about(round_) for round_ in about],
        }


def _about(answered: Round) -> dict[str, Any]:
    usage = (
        {}
        if answered.usage is None
        else {name: value for name, value in vars(answered.usage).items() if value is not None}
    )
    values = {LABELS.get(name, name): round(value, 4) for name, value in answered.values.items()}
    return {"values": values, "silent": answered.silent, "incomplete": answered.incomplete, "usage": usage}


def _things(
    keys: Sequence[Key], truths: Mapping[Key, Truth], sightings: Mapping[str, Sequence[Sighting]]
) -> list[dict[str, Any]]:
    """The objects that recur: a frame that shows them, and where each run's track of it is, turn by turn.

    `cells` has for each turn that is about the object its place among `keys`, the true track's place, and for each run
    the predicted track's place and IoU, None where there is none.
    """
    names = list(dict.fromkeys(sighting.thing for some in sightings.values() for sighting in some))[:THINGS]
    things: list[dict[str, Any]] = []
    for name in names:
        places = {key: place for key in keys if (place := things_of(truths[key]).get(name)) is not None}
        cells = [
            [keys.index(key), place, [_sighted(some, name, key) for some in sightings.values()]]
            for key, place in places.items()
        ]
        first_key = next(iter(places))
        things.append({"frame": _middle_frame(truths[first_key].strict_tracks[places[first_key]]), "cells": cells})
    return things


def _sighted(sightings: Sequence[Sighting], name: str, key: Key) -> list[Any] | None:
    for sighting in sightings:
        if sighting.thing == name and sighting.round == key and sighting.place is not None:
            return [sighting.place, round(sighting.iou, 4)]
    return None


def _middle_frame(track: Track) -> int:
    """The one in the middle of the frames in which a track has something; 0 where it has nothing anywhere."""
    visible = np.flatnonzero(frame_areas(track))
    return int(visible[len(visible) // 2]) if len(visible) else 0
