"""A benchmark of full size in the released layout, with predictions: everything from a seed, nothing real in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import words
from benchmarks.blobs import Blob, new_blob, predicted, track
from sama_bench.benchmarks.sama.layout import SOURCES, Source, folder_of
from sama_bench.types import RLE

PREDICTIONS = "predictions.jsonl"
SHARES = {"mevis": 50, "lvvis": 172, "ref_youtube_vos": 100, "VidSTG": 200}
FOLDERS = {
    "mevis": "mevis/val_u/JPEGImages", "lvvis": "lvvis/val/JPEGImages",
    "ref_youtube_vos": "ref_youtube_vos/valid/JPEGImages", "VidSTG": "VidSTG/val",
}  # fmt: skip
# (height, width) and how often; a few are 720p.
SIZES, ODDS = ((480, 854), (480, 640), (854, 480), (720, 1280)), (0.66, 0.2, 0.1, 0.04)
FULL_VIDEOS, FULL_DIALOGUE, FULL_DESCRIPTIONS, FULL_FRAMES = 522, 3527, 1540, 36433
SHORT, USUAL = (20, 150), 70  # frames of nearly all videos
LONG = (256, 600, 1500)  # frames of the last videos: longer than what a byte can count
Track = list[RLE | None]


@dataclass(frozen=True)
class Plan:
    """One video to make: everything but its content."""

    seed: tuple[int, int]
    source: str
    name: str
    size: tuple[int, int]
    frames: int
    objects: int
    rounds: int

    @property
    def id(self) -> str:
        """The video's path as the data has it."""
        return f"{FOLDERS[self.source]}/{self.name}"


@dataclass(frozen=True)
class Made:
    """One video: its record of the split file, its tracks and its predictions as text of the files they go to."""

    record: dict[str, Any]
    masks: list[str]
    predictions: list[str]


def make(out: Path, *, share: float = 1.0, seed: int = 0) -> None:
    """Write the tree to `out`, and predictions.jsonl into it; `share` of the videos, the same proportions."""
    plans = planned(share, seed)
    out.mkdir(parents=True)
    pictures = _pictures(out)
    with ProcessPoolExecutor() as pool, (out / PREDICTIONS).open("w", encoding="utf-8") as predictions:
        videos = zip(plans, pool.map(made, plans, chunksize=4), strict=True)
        by_source: dict[str, list[Made]] = {}
        for plan, one in videos:
            _write_frames(out, plan, one.record, pictures[plan.size])
            predictions.writelines(f"{line}\n" for line in one.predictions)
            by_source.setdefault(plan.source, []).append(one)
    for source in SOURCES:
        _write_source(out, source, by_source.get(source.name, []))


def planned(share: float, seed: int) -> list[Plan]:
    """The videos of the benchmark, in its order; with share 1 as many questions and frames as the real one has."""
    rng = np.random.default_rng(seed)
    shares = {name: max(round(count * share), 1) for name, count in SHARES.items()}
    videos = sum(shares.values())
    part = videos / FULL_VIDEOS
    frames = _lengths(rng, videos, part)
    objects = _spread(rng, videos, round(FULL_DESCRIPTIONS * part), 2, 5)
    rounds = _spread(rng, videos, round(FULL_DIALOGUE * part), 3, 12)
    sizes = rng.choice(len(SIZES), videos, p=ODDS)
    names = [(source.name, number) for source in SOURCES for number in range(shares[source.name])]
    return [
        Plan((seed, n), source, str(number) if source == "lvvis" else f"video{number:04}", SIZES[size], *counts)
        for n, ((source, number), size, *counts) in enumerate(zip(names, sizes, frames, objects, rounds, strict=True))
    ]


def _lengths(rng: np.random.Generator, videos: int, part: float) -> list[int]:
    """The frames of each video, in sum those of that part of the benchmark where it is large enough."""
    long = LONG[: max(round(len(LONG) * part), 1)]
    others = videos - len(long)
    total = max(round(FULL_FRAMES * part) - sum(long), others * USUAL // 2)
    return [*_spread(rng, others, total, *SHORT), *long]


def _spread(rng: np.random.Generator, parts: int, total: int, least: int, most: int) -> list[int]:
    """`parts` whole numbers of that range with that sum."""
    middle = total / parts
    numbers = np.clip(np.exp(rng.normal(np.log(middle), 0.45, parts)).round(), least, most).astype(int)
    while (missing := total - int(numbers.sum())) != 0:
        movable = np.flatnonzero(numbers < most if missing > 0 else numbers > least)
        chosen = rng.choice(movable, min(abs(missing), movable.size), replace=False)
        numbers[chosen] += np.sign(missing)
    return [int(number) for number in numbers]


def made(plan: Plan) -> Made:
    """Make one video."""
    rng = np.random.default_rng(plan.seed)
    blobs = [new_blob(rng, plan.size, plan.frames) for _ in range(plan.objects)]
    talk = Random(repr(plan.seed))
    names = [words.phrase(talk) for _ in blobs]
    ids = [plan.seed[1] * 10 + number for number in range(plan.objects)]
    rounds = [_round(rng, talk, plan, number, names) for number in range(plan.rounds)]
    described = {
        f"<obj{n}>": words.text(talk, [name], talk.randrange(30, 115), marked=False) for n, name in enumerate(names)
    }
    record = {
        "video": plan.id, "height": plan.size[0], "width": plan.size[1], "frames": _frame_names(plan), "anno_map": ids,
        "obj_masks": [[ids[0]] for _ in rounds],
        "groundtruth": [[[ids[n]] for n in one.objects] for one in rounds],
        "conversation": [message for one in rounds for message in one.messages],
        "description": described,
        "description_id": {name: f"c{plan.seed[1]}-{n}" for n, name in enumerate(described)},
    }  # fmt: skip
    masks = [
        _annotation(plan, id_, track(rng, blob, plan.size, plan.frames)) for id_, blob in zip(ids, blobs, strict=True)
    ]
    lines = [_grounded(rng, talk, plan, one, blobs) for one in rounds]
    lines += [
        _line("c", f"c{plan.seed[1]}-{n}", words.answered(talk, text)) for n, text in enumerate(described.values())
    ]
    return Made(record, masks, [line for line in lines if rng.random() > 0.003])


@dataclass(frozen=True)
class _Round:
    id: str
    objects: list[int]
    messages: list[dict[str, str]]


def _round(rng: np.random.Generator, talk: Random, plan: Plan, number: int, names: Sequence[str]) -> _Round:
    count = min(int(rng.choice(4, p=(0.06, 0.6, 0.26, 0.08))), len(names))
    objects = [int(n) for n in rng.permutation(len(names))[:count]]
    said = words.text(talk, [names[n] for n in objects], talk.randrange(10, 90), marked=True)
    id_ = f"g{plan.seed[1]}-{number}"
    asked = {"from": "human", "value": words.question(talk), "question_id": id_}
    return _Round(id_, objects, [asked, {"from": "gpt", "value": said}])


def _grounded(rng: np.random.Generator, talk: Random, plan: Plan, question: _Round, blobs: Sequence[Blob]) -> str:
    """The line of a dialogue's question: mostly right tracks, some of another object, missing or invented."""
    text = words.answered(talk, question.messages[1]["value"])
    chosen = [blobs[n] if rng.random() > 0.12 else blobs[int(rng.integers(len(blobs)))] for n in question.objects]
    if chosen and rng.random() < 0.06:
        chosen.pop()
        text = "".join(text.rsplit("[SEG]", 1))
    if rng.random() < 0.06:
        chosen.append(new_blob(rng, plan.size, plan.frames))
        text += f" <p> {words.phrase(talk)} </p> [SEG]"
    tracks = [track(rng, predicted(rng, blob), plan.size, plan.frames) for blob in chosen]
    return _line("g", question.id, text, tracks)


def _line(task: str, id_: str, text: str, tracks: Sequence[Track] = ()) -> str:
    return json.dumps({"task": task, "question_id": id_, "text": text, "tracks": list(tracks)}, separators=(",", ":"))


def _annotation(plan: Plan, id_: int, masks: Track) -> str:
    value = {"segmentations": masks} if plan.source == "lvvis" else masks
    return f'"{id_}": {json.dumps(value)}'


def _frame_names(plan: Plan) -> list[str]:
    if plan.source == "VidSTG":
        return [f"frame_{4 * n}.jpg" for n in range(plan.frames)]
    return [f"{n:05}" for n in range(plan.frames)]


def _pictures(out: Path) -> dict[tuple[int, int], Path]:
    """A picture of each size, of which all frames are hard links: scoring looks at no pixel of a frame."""
    found = {}
    for size in SIZES:
        found[size] = out / f"{size[0]}x{size[1]}.jpg"
        Image.new("RGB", size[::-1], (90, 120, 90)).save(found[size], quality=10)
    return found


def _write_frames(out: Path, plan: Plan, record: dict[str, Any], picture: Path) -> None:
    folder = out / folder_of(plan.id)
    folder.mkdir(parents=True)
    for name in record["frames"]:
        os.link(picture, folder / f"{name.removesuffix('.jpg')}.jpg")


def _write_source(out: Path, source: Source, videos: Sequence[Made]) -> None:
    for split, part in zip(source.splits, _parts(videos, len(source.splits)), strict=True):
        (out / split).write_text(json.dumps([one.record for one in part]), encoding="utf-8")
    entries = ",\n".join(mask for one in videos for mask in one.masks)
    (out / source.masks).write_text(f"{{{entries}}}", encoding="utf-8")


def _parts(videos: Sequence[Made], count: int) -> Iterator[Sequence[Made]]:
    bounds = [len(videos) * part // count for part in range(count + 1)]
    for begin, end in pairwise(bounds):
        yield videos[begin:end]
