"""A video set of referring expressions as the harness reads it: splits, each one task, with truths or without."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sama_bench import types
from sama_bench.benchmark.reader import Listed, Opened, Reader, open_frames
from sama_bench.benchmarks.expressions.listing import Expression, VideoListing
from sama_bench.benchmarks.expressions.results_form import more_of_order
from sama_bench.benchmarks.expressions.truth import Truths
from sama_bench.benchmarks.expressions.wording import Wording, is_question, reference
from sama_bench.metrics import rle
from sama_bench.types import Key, Question, TaskName, Track, Truth, Video

NOTHING_MEANT = "There is no such object."


@dataclass(frozen=True)
class Split:
    """A split of a set: which task it is, its folder of frame folders below the root, its videos.

    `truths` is None where they are not here; `why_unscored` then says why. `digest` is a SHA-256 of the files that
    list the videos.
    """

    name: str
    task: TaskName
    frames: str
    videos: Sequence[VideoListing]
    digest: str
    truths: Truths | None = None
    why_unscored: str = ""


class ExpressionReader(Reader):
    """Splits of one set below `root`. The id of a video is `SPLIT/VIDEO`, of a question `VIDEO_EXPRESSION`."""

    def __init__(self, root: Path, source: str, wording: Wording, splits: Sequence[Split]) -> None:
        self.root = root
        self._source = source
        self._wording = wording
        self._videos = {f"{split.name}/{video.id}": (split, video) for split in splits for video in split.videos}
        self.without_truth = {split.task: split.why_unscored for split in splits if split.truths is None}
        self.problems = [line for split in splits if split.truths is not None for line in split.truths.problems]
        parts = ((split.name, split.digest, split.truths.digest if split.truths else "") for split in splits)
        self.fingerprint = hashlib.sha256("".join(f"{' '.join(part)}\n" for part in parts).encode()).hexdigest()

    def listed(self) -> Iterator[Listed]:
        """All videos with a question for each expression, split by split, as the files list them."""
        for id_, (split, video) in self._videos.items():
            yield Listed(id_, tuple(_key(split, video, expression) for expression in video.expressions))

    def open(self, ids: Sequence[str]) -> Opened:
        """The videos of these ids; their frames are checked, and whether their true masks fit."""
        chosen = ((id_, *self._videos[id_]) for id_ in ids)
        opened = open_frames(
            self.root,
            ((id_, self._source, f"{split.frames}/{video.id}", video.files) for id_, split, video in chosen),
        )
        if self.problems:
            return opened
        for opened_video in opened.videos:
            split, video = self._videos[opened_video.id]
            opened.problems.extend(split.truths.misfits(video, opened_video.size) if split.truths else ())
        return opened

    def questions(self, video: Video, keys: Collection[Key]) -> list[Question]:
        """Those of the video's questions, in the words of the template."""
        return [
            Question(
                key,
                video,
                self._wording.question_for(expression.words),
                expects="track",
                expression=types.Expression(expression.words, self._source.replace("_", "-")),
            )
            for key, expression in self._selected(video.id, keys).items()
        ]

    def truths(self, video: Video, keys: Collection[Key]) -> dict[Key, Truth]:
        """One track for each expression, none where it means nothing or the truth is not here; raises UserError."""
        split, listed = self._videos[video.id]
        selected = self._selected(video.id, keys)
        meant = {key: expression for key, expression in selected.items() if self._means(split, listed, expression)}
        tracks = split.truths.tracks(listed, meant.values(), video.size) if split.truths else {}
        return {
            key: self._truth(key, video, expression, tracks.get(expression.number, []))
            for key, expression in selected.items()
        }

    def wordings(self, video_id: str, keys: Collection[Key]) -> dict[Key, tuple[str, str]]:
        """Question and reference answer of each of those questions; no mask is read."""
        split, video = self._videos[video_id]
        return {
            key: (
                self._wording.question_for(expression.words),
                _reference(expression) if self._means(split, video, expression) else NOTHING_MEANT,
            )
            for key, expression in self._selected(video_id, keys).items()
        }

    def _selected(self, video_id: str, keys: Collection[Key]) -> dict[Key, Expression]:
        split, video = self._videos[video_id]
        every = ((_key(split, video, expression), expression) for expression in video.expressions)
        return {key: expression for key, expression in every if key in keys}

    @staticmethod
    def _means(split: Split, video: VideoListing, expression: Expression) -> bool:
        """Whether the data name anything for the expression; where they do not say, they do."""
        return split.truths is None or split.truths.objects(video, expression) != 0

    def _truth(self, key: Key, video: Video, expression: Expression, own: Sequence[Track]) -> Truth:
        split, listed = self._videos[video.id]
        objects = split.truths.objects(listed, expression) if split.truths else None
        text = NOTHING_MEANT if objects == 0 else _reference(expression)
        track = rle.union(own) if own else None
        labels = _labels(expression, objects, video, track)
        tracks = () if track is None else (track,)
        return Truth(key, video.id, text, tracks, labels=labels, more={"objects": own, **more_of_order(listed)})


def _key(split: Split, video: VideoListing, expression: Expression) -> Key:
    return Key(split.task, f"{video.id}_{expression.number}")


def _reference(expression: Expression) -> str:
    return reference(expression.words)


def _labels(expression: Expression, objects: int | None, video: Video, track: Track | None) -> Mapping[str, str]:
    """Of which kinds the question is: its form, how many objects it means, and what `shape_labels` say."""
    labels = {"wording": "question" if is_question(expression.words) else "expression"}
    if objects is not None:
        labels["meant"] = "no object" if objects == 0 else "1 object" if objects == 1 else "several objects"
    return {**labels, **shape_labels(video, track)}


def shape_labels(video: Video, track: Track | None) -> dict[str, str]:
    """Where J and F say little: in a single frame, and where what is meant fills one; not known without a track."""
    labels = {"frames": "a single frame" if len(video) == 1 else "several frames"}
    if track is not None:
        full = video.size[0] * video.size[1]
        labels["fills"] = "fills a frame" if full in rle.areas(track) else "never fills a frame"
    return labels


def digest_of(paths: Sequence[Path]) -> str:
    """A SHA-256 of the contents of files, in order."""
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in paths)).hexdigest()
