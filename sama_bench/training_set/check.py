"""All that is wrong in SAMA-239K, found in one pass over its mask files and one over its samples."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sama_bench.benchmarks.sama.mask_scan import ScanError
from sama_bench.training_set import texts
from sama_bench.training_set.defects import Defect, Defects
from sama_bench.training_set.frames import Frames, look
from sama_bench.training_set.layout import EXPECTED_TEXTS, EXPECTED_VIDEOS, SOURCES, samples_file
from sama_bench.training_set.rounds import judged
from sama_bench.training_set.samples import NO_OBJECT, Sample, read_samples
from sama_bench.training_set.tracks import Track, TrackFile, read_tracks

SHOWN_IDS = 5


@dataclass(frozen=True)
class Report:
    """What was looked at, and the defects: `videos`, `rounds` and `descriptions` by source."""

    path: Path
    videos: Mapping[str, int]
    rounds: Mapping[str, int]
    descriptions: Mapping[str, int]
    defects: list[Defect]

    @property
    def is_wrong(self) -> bool:
        """Whether any defect is more than a note."""
        return any(defect.kind.wrong for defect in self.defects)

    def to_json(self) -> dict[str, object]:
        """The report with JSON's own types."""
        return {
            "path": str(self.path),
            "videos": dict(self.videos),
            "rounds": dict(self.rounds),
            "descriptions": dict(self.descriptions),
            "expected": {"videos": EXPECTED_VIDEOS, "rounds and descriptions": EXPECTED_TEXTS},
            "wrong": self.is_wrong,
            "defects": [defect.to_json() for defect in self.defects],
        }


def check(path: Path, advance: Callable[[int], object] = lambda _: None) -> Report:
    """Check the training data at `path`, its folder or its JSON file; `advance` is told the bytes that are read.

    Raises UserError where there is no such file. All else that is wrong stands in the report.
    """
    file = samples_file(path)
    return _Check(file, read_tracks(file.parent, advance)).run(advance)


class _Check:
    """The pass over the samples."""

    def __init__(self, file: Path, masks: Mapping[str, TrackFile]) -> None:
        self._file, self._root, self._masks = file, file.parent, masks
        self._defects = Defects()
        self._seen: set[bytes] = set()
        self._needed: set[str] = set()  # the sources of the samples
        self._counts: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())

    def run(self, advance: Callable[[int], object]) -> Report:
        try:
            for sample in read_samples(self._file, advance):
                self._look_at(sample)
        except ScanError as problem:
            self._defects.add("json", f"{self._file.name}: {problem}")
        self._look_at_mask_files()
        videos, rounds, descriptions = self._counts
        return Report(self._file, videos, rounds, descriptions, self._defects.ordered())

    def _add(self, kind: str, sample: Sample, told: str = "") -> None:
        self._defects.add(kind, f"{sample.where}{f': {told}' if told else ''}")

    def _look_at(self, sample: Sample) -> None:
        name = sample.source.name if sample.source else "other"
        for counter, count in zip(self._counts, (1, len(sample.rounds), len(sample.descriptions)), strict=True):
            counter[name] += count
        for problem in sample.problems:
            self._add("shape", sample, problem)
        if sample.source is None and sample.video:
            self._add("source", sample)
        self._once(sample)
        self._dialogue(sample)
        self._texts(sample)
        self._objects(sample)
        frames, defects = look(self._root, sample)
        for kind, told in defects:
            self._add(kind, sample, told)
        if sample.source is not None:
            self._needed.add(name)
            if name in self._masks:
                self._tracks(sample, self._masks[name], frames)

    def _once(self, sample: Sample) -> None:
        digest = hashlib.blake2b(sample.video.encode(errors="replace"), digest_size=16).digest()
        if sample.video and digest in self._seen:
            self._add("video twice", sample)
        self._seen.add(digest)

    def _dialogue(self, sample: Sample) -> None:
        for group in judged(sample):
            for one in group:
                if one.dropped is not None:
                    self._add(one.dropped, sample, f"round {one.number}")
        if sample.odd:
            self._add("odd message", sample)

    def _texts(self, sample: Sample) -> None:
        pairs: dict[tuple[str, str], int] = {}
        for number, one in enumerate(sample.rounds):
            for kind in texts.of_round(one):
                self._add(kind, sample, f"round {number}")
            pair = _plain(one.question.value), _plain(one.answer.value)
            if pair in pairs:
                self._add("pair twice", sample, f"rounds {pairs[pair]} and {number}")
            pairs.setdefault(pair, number)
        for number, text in sample.descriptions.items():
            for kind in [*texts.leftovers(text), *(["empty text"] if not text.strip() else [])]:
                self._add(kind, sample, f"<obj{number}>")

    def _objects(self, sample: Sample) -> None:
        counts = Counter(one for one in sample.objects if one != NO_OBJECT)
        if twice := [one for one, count in counts.items() if count > 1]:
            self._add("object twice", sample, _shown("id", twice))
        for number in sample.descriptions:
            if number >= len(sample.objects):
                self._add("no such object", sample, f"<obj{number}>, anno_map has {len(sample.objects)} entries")
            elif sample.objects[number] == NO_OBJECT:
                self._add("no such object", sample, f"<obj{number}> is -1")
        for number, one in enumerate(sample.rounds):
            if strange := sorted({id_ for id_ in one.ids if id_ not in counts}):
                self._add("id not listed", sample, f"round {number}, {_shown('id', strange)}")
            if any(one.groups) and not all(one.groups):
                first = not one.groups[0]
                self._add("empty group", sample, f"round {number}{', the first of its lists' * first}")

    def _tracks(self, sample: Sample, file: TrackFile, frames: Frames) -> None:
        needed = _needed(sample)
        missing = [id_ for id_ in needed if id_ not in file.tracks]
        if missing:
            self._add("track missing", sample, _shown("id", missing))
        used = {id_ for one in sample.rounds for id_ in one.ids} | set(_described(sample))
        for id_ in needed:
            if id_ in file.tracks:
                for kind, told in _of_track(file.tracks[id_], frames, is_used=id_ in used):
                    self._add(kind, sample, f"id {id_}{told}")

    def _look_at_mask_files(self) -> None:
        for source in SOURCES:
            file = self._masks.get(source.name)
            if file is None and source.name in self._needed:
                self._defects.add("mask file", f"{source.masks[0]}: no such file beside {self._file.name}")
            elif file is not None and file.problem:
                self._defects.add("mask file", f"{file.name}: {file.problem}")


def _plain(text: str) -> str:
    return " ".join(text.removeprefix(texts.BEGINNING).split()).lower()


def _described(sample: Sample) -> Iterator[str]:
    """The ids of the objects that are described."""
    yield from (sample.objects[number] for number in sample.descriptions if number < len(sample.objects))


def _needed(sample: Sample) -> list[str]:
    """The ids of all tracks that a sample names, each once."""
    ids: Iterable[str] = (*sample.objects, *(id_ for one in sample.rounds for id_ in one.ids))
    return [id_ for id_ in dict.fromkeys(ids) if id_ != NO_OBJECT]


def _of_track(track: Track, frames: Frames, *, is_used: bool) -> Iterator[tuple[str, str]]:
    if track.problem is not None:
        yield "track broken", f": {track.problem}"
        return
    if frames.size is not None and any(size != frames.size for size in track.sizes):
        sizes = ", ".join(f"{width}x{height}" for height, width in track.sizes)
        yield "track size", f": {sizes}, the frames are {frames.size[1]}x{frames.size[0]}"
    if frames.count is not None and track.entries != frames.count:
        kind = "track short" if track.entries < frames.count else "track long"
        yield kind, f": {track.entries} entries, {frames.count} frames"
    if is_used and not track.visible:
        yield "empty track", ""


def _shown(what: str, ids: list[str]) -> str:
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return f"{what}{'s' * (len(ids) > 1)} {', '.join(ids[:SHOWN_IDS])}{more}"
