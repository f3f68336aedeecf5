"""Packing a run: its answers and what may be published of its manifest, in one file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sama_bench.errors import UserError
from sama_bench.leaderboard.submission import archive
from sama_bench.leaderboard.submission.published import kind_of, published
from sama_bench.leaderboard.submission.submission_manifest import CAN, Card, from_json
from sama_bench.run.prediction_line import line
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.store import Store
from sama_bench.types import TaskName


@dataclass(frozen=True)
class Packed:
    """A packed file, and what it says of its run."""

    path: Path
    identity: str
    card: Card


def pack(run: Path, out: Path, name: str = "", link: str = "") -> Packed:
    """Pack the answers of `run` into the file `out`; tables show `name`.

    By default that is the run's own name, else the model with its arguments.

    Raises UserError where the run is not of whole tasks, or not finished; where `name` or `link` is no such thing; and
    where `out` cannot be written.
    """
    with Store.open(run) as store:
        _check_whole(run, store)
        card = _card(store, name, link)
        try:
            written = archive.write(out, _text(card), _lines(store))
        except OSError as problem:
            raise UserError(f"{out}: cannot be written ({problem.strerror or problem})") from problem
    return Packed(out, written, card)


def _check_whole(run: Path, store: Store) -> None:
    settings, answers = store.settings, len(store.all_keys())
    problems = []
    parts = {"--limit": settings.limit, "--videos": settings.videos, "--shard": settings.shard}
    if chosen := ", ".join(f"{option} {value}" for option, value in parts.items() if value is not None):
        problems.append(f"{run}: was asked a part of the questions ({chosen}), expected all of a task: run without")
    if answers < (expected := sum(store.manifest.counts.values())):
        problems.append(
            f"{run}: {answers} of {expected} questions have an answer; give the same `sama-bench run` again"
        )
    if problems:
        raise UserError(problems)


def _card(store: Store, name: str, link: str) -> Card:
    settings = store.settings
    args = published(settings.model_args)
    card = Card(
        name=name or store.manifest.name or _model_label(settings.model, args),
        link=link,
        benchmark=settings.fingerprint,
        tasks=cast("dict[TaskName, str]", dict(sorted(settings.task_digests.items()))),
        model=settings.model,
        model_args=args,
        can={ability: bool(getattr(store.can, ability)) for ability in CAN},
        asking=published(store.asking),
        sees_truth=store.manifest.sees_truth,
        versions=published(_versions(store)),
    )
    try:
        return from_json(card.to_json())
    except UserError as problem:
        raise UserError(f"{store.path}: {text}" for text in problem.problems) from problem


def _model_label(model: str, args: Mapping[str, str | None]) -> str:
    """The model with those of its arguments that are published."""
    args_text = ",".join(f"{name}={value}" for name, value in args.items() if value is not None)
    return f"{model} ({args_text})" if args_text else model


def _versions(store: Store) -> dict[str, str]:
    """The versions of what took part; more than one where the run was continued with another."""
    versions: dict[str, dict[str, None]] = {}
    for session in store.manifest.sessions:
        for name, version in session.versions.items():
            versions.setdefault(name, {})[version] = None
    return {name: ", ".join(versions) for name, versions in versions.items()}


def _text(card: Card) -> str:
    return json.dumps(card.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _lines(store: Store) -> Iterator[str]:
    """The answers by video and id, in whatever order they were asked."""
    for video in sorted(store.videos()):
        for key, answer in sorted(store.predictions(video).items()):
            yield line(key, video, _public(answer))


def _public(answer: StoredPrediction) -> StoredPrediction:
    """The parts of an answer that scoring needs, and no more."""
    if answer.error is not None:
        return StoredPrediction("", error=kind_of(answer.error))
    return StoredPrediction(answer.text, answer.tracks, unread=None if answer.unread is None else "yes")
