"""What SAMA-239K holds, counted by source in one pass: rounds, objects, frames, masks, words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sama_bench.benchmarks.sama.mask_scan import ScanError
from sama_bench.training_set.layout import EXPECTED_TEXTS, EXPECTED_VIDEOS, SOURCES, samples_file
from sama_bench.training_set.rounds import REASONS, judged, segments
from sama_bench.training_set.samples import NO_OBJECT, Sample, read_samples
from sama_bench.training_set.tracks import Track, TrackFile, read_tracks

ALL = "all"
OTHER = "other"


@dataclass(frozen=True)
class Measure:
    """Something that is counted for each video, round, text or object; `unit` says what a value is."""

    name: str
    title: str
    unit: str


MEASURES = (
    Measure("rounds", "Rounds a video", "rounds"),
    Measure("objects", "Objects a video", "objects"),
    Measure("frames", "Frames a video", "frames"),
    Measure("masks_per_round", "<mask> a round", "marks"),
    Measure("segs_per_round", "[SEG] a round", "marks"),
    Measure("question_words", "Words a question", "words"),
    Measure("answer_words", "Words an answer", "words"),
    Measure("description_words", "Words a description", "words"),
    Measure("mask_area", "Area of an object's masks, of the picture", "per mille"),
    Measure("visible", "Frames in which an object is visible", "percent"),
)


class Distribution:
    """Counts of whole numbers."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    def add(self, value: int) -> None:
        """Count a value."""
        self.counts[value] += 1

    def summary(self) -> dict[str, float]:
        """Count, mean, median, 95th percentile, least and most; {} where nothing was counted."""
        total = sum(self.counts.values())
        if not total:
            return {}
        mean = sum(value * count for value, count in self.counts.items()) / total
        ends = {"least": min(self.counts), "most": max(self.counts)}
        return {"count": total, "mean": mean, "median": self._at(0.5, total), "p95": self._at(0.95, total), **ends}

    def _at(self, share: float, total: int) -> int:
        """The least value that so large a share does not exceed."""
        seen, value = 0, 0
        for value in sorted(self.counts):
            seen += self.counts[value]
            if seen >= share * total:
                break
        return value


@dataclass
class SourceCounts:
    """The counts of one source, or of all."""

    videos: int = 0
    dialogues: int = 0
    rounds: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    descriptions: int = 0
    pairs_elsewhere: int = 0
    measures: dict[str, Distribution] = field(
        default_factory=lambda: {measure.name: Distribution() for measure in MEASURES}
    )

    def to_json(self) -> dict[str, object]:
        """The counts with JSON's own types."""
        return {
            "videos": self.videos,
            "dialogues": self.dialogues,
            "rounds": self.rounds,
            "kept": self.kept,
            "dropped": {reason: self.dropped[reason] for reason in REASONS},
            "descriptions": self.descriptions,
            "pairs_elsewhere": self.pairs_elsewhere,
            "measures": {name: one.summary() for name, one in self.measures.items()},
        }


@dataclass(frozen=True)
class Statistics:
    """The counts by source, those of all of them last; `notes` say what could not be counted."""

    path: Path
    sources: Mapping[str, SourceCounts]
    notes: list[str]

    @property
    def all(self) -> SourceCounts:
        """The counts of all sources together."""
        return self.sources[ALL]

    def to_json(self) -> dict[str, object]:
        """The statistics with JSON's own types."""
        return {
            "path": str(self.path),
            "expected": {"videos": EXPECTED_VIDEOS, "rounds and descriptions": EXPECTED_TEXTS},
            "sources": {name: counts.to_json() for name, counts in self.sources.items()},
            "notes": self.notes,
        }


def count(path: Path, advance: Callable[[int], object] = lambda _: None) -> Statistics:
    """Count what the training data at `path` hold; `advance` is told the bytes that are read.

    Raises UserError where there is no such file; what of it cannot be read is noted.
    """
    file = samples_file(path)
    return _Count(file, read_tracks(file.parent, advance)).run(advance)


class _Count:
    def __init__(self, file: Path, masks: Mapping[str, TrackFile]) -> None:
        self._file, self._masks = file, masks
        self._counts = {name: SourceCounts() for name in (*(source.name for source in SOURCES), OTHER, ALL)}
        self._pairs: set[bytes] = set()
        self._notes: list[str] = []
        self._unshaped = 0

    def run(self, advance: Callable[[int], object]) -> Statistics:
        try:
            for sample in read_samples(self._file, advance):
                name = sample.source.name if sample.source else OTHER
                self._add(sample, name, [self._counts[name], self._counts[ALL]])
        except ScanError as problem:
            self._notes.append(f"{self._file.name} is counted up to where it can be read: {problem}")
        if self._unshaped:
            self._notes.append(f"{self._unshaped:,} samples are not of the form; what is right of them is counted")
        self._note_masks()
        there = {name: counts for name, counts in self._counts.items() if counts.videos or name == ALL}
        return Statistics(self._file, there, self._notes)

    def _note_masks(self) -> None:
        for source in SOURCES:
            file = self._masks.get(source.name)
            if file is None and self._counts[source.name].videos:
                self._notes.append(f"{source.masks[0]} is not there: no masks of {source.name} are counted")
            elif file is not None and file.problem:
                self._notes.append(f"{file.name} is counted up to where it can be read: {file.problem}")

    def _add(self, sample: Sample, name: str, counts: list[SourceCounts]) -> None:
        self._unshaped += bool(sample.problems)
        tracks = self._tracks(sample, name)
        again = [self._is_again(f"{one.question.value}\0{one.answer.value}") for one in sample.rounds]
        for one in counts:
            one.videos += 1
            one.dialogues += bool(sample.rounds)
            one.rounds += len(sample.rounds)
            one.descriptions += len(sample.descriptions)
            one.pairs_elsewhere += sum(again)
            _count_rounds(sample, one)
            _count_video(sample, tracks, one)

    def _is_again(self, pair: str) -> bool:
        """Whether a question with the same answer was there before, in whichever video."""
        digest = hashlib.blake2b(" ".join(pair.split()).lower().encode(errors="replace"), digest_size=8).digest()
        known = digest in self._pairs
        self._pairs.add(digest)
        return known

    def _tracks(self, sample: Sample, name: str) -> list[Track]:
        known = self._masks[name].tracks if name in self._masks else {}
        ids = dict.fromkeys(id_ for id_ in sample.objects if id_ != NO_OBJECT)
        return [known[id_] for id_ in ids if id_ in known and known[id_].problem is None]


def _count_rounds(sample: Sample, counts: SourceCounts) -> None:
    for group in judged(sample):
        for one in group:
            if one.dropped is None:
                counts.kept += 1
            else:
                counts.dropped[one.dropped] += 1
            counts.measures["masks_per_round"].add(one.round.question.value.count("<mask>"))
            counts.measures["segs_per_round"].add(segments(one.round))
            counts.measures["question_words"].add(len(one.round.question.value.split()))
            counts.measures["answer_words"].add(len(one.round.answer.value.split()))


def _count_video(sample: Sample, tracks: list[Track], counts: SourceCounts) -> None:
    measures = counts.measures
    measures["rounds"].add(len(sample.rounds))
    measures["objects"].add(len({one for one in sample.objects if one != NO_OBJECT}))
    frames = len(sample.files) or max((track.entries for track in tracks), default=0)
    if frames:
        measures["frames"].add(frames)
    for text in sample.descriptions.values():
        measures["description_words"].add(len(text.split()))
    for track in tracks:
        if track.visible:
            measures["mask_area"].add(round(1000 * track.share))
        if track.entries:
            measures["visible"].add(round(100 * track.visible / track.entries))
