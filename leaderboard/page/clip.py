"""A question with everything that the viewer shows of it: words, frames, masks, verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from sama_bench.benchmark.installed import load_task
from sama_bench.leaderboard.page import thumbnails
from sama_bench.metrics.grounding_marks import modern
from sama_bench.picture import spans
from sama_bench.picture.palette import Palette
from sama_bench.prompting.colours import RGB
from sama_bench.run.predictions import StoredPrediction
from sama_bench.types import Absence, Box, Cue, Key, Point, Question, Track, Truth, Video
from sama_bench.verdicts.judge_result import Judged

Verdicts: TypeAlias = list[dict[str, Any]]
# The number of a run, its answer, and what judges said of that.
Answer: TypeAlias = tuple[int, StoredPrediction | None, Verdicts]


@dataclass(frozen=True)
class _Grid:
    """The frames (their indices in the video) and the size (height, width) in which masks and boxes are given."""

    indices: Sequence[int]
    size: tuple[int, int]

    def tracks(self, tracks: Sequence[Track], colours: Sequence[RGB]) -> list[dict[str, Any]]:
        """Each track with its colour and its masks on this grid."""
        return [
            {"colour": css(colour), "masks": thumbnails.counts(track, self.indices, self.size)}
            for track, colour in zip(tracks, colours, strict=True)
        ]

    def boxes(self, boxes: Sequence[Sequence[Cue]], colours: Sequence[RGB], width: int) -> list[list[Any]]:
        """Each box as [place among the frames, colour, x, y, width, height], a point as a small box.

        The video's frames are `width` wide.
        """
        across = self.size[1] / width
        place = {index: n for n, index in enumerate(self.indices)}
        return [
            [
                place[box.frame],
                css(colour),
                *(round(v * across, 1) for v in (box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)),
            ]
            for track_boxes, colour in zip(boxes, colours, strict=False)
            for box in (_box(cue, 3 / across) for cue in track_boxes if not isinstance(cue, Absence))
            if box.frame in place
        ]


def _box(cue: Box | Point, reach: float) -> Box:
    """The cue as a box; a point as the square around it, `reach` pixels to each side."""
    if isinstance(cue, Box):
        return cue
    return Box(cue.frame, cue.x - reach, cue.y - reach, cue.x + reach, cue.y + reach)


@dataclass
class Clip:
    """One question's clip in the making; an object has one colour in question, truth and all answers.

    `indices` are the frames that it shows, None for those that pages keep of a video.
    """

    question: Question
    truth: Truth
    palette: Palette = field(default_factory=Palette)
    indices: Sequence[int] | None = None

    def __post_init__(self) -> None:
        video = self.question.video
        indices = thumbnails.places(len(video)) if self.indices is None else self.indices
        self._small = _Grid(indices, thumbnails.small_size(video.size))
        self._regions = [region.track for region in self.question.regions]
        self._region_colours = self.palette.take(self._regions)
        self._true_colours = self.palette.take(self.truth.strict_tracks)
        self._drawn: list[tuple[int, StoredPrediction, Sequence[RGB]]] = []

    def to_json(self, folder: str, answers: Iterable[Answer]) -> dict[str, Any]:
        """The clip with JSON's own types; `folder` is where its frames are, `answers` are the runs'."""
        question, truth, grid = self.question, self.truth, self._small
        names = ["mask"] if len(self._regions) == 1 else [f"mask {n + 1}" for n in range(len(self._regions))]
        text = modern(truth.text) if load_task(truth.key.task).grounds else truth.text
        return {
            "video": question.video.id,
            "frames": [f"{folder}/{index}.jpg" for index in grid.indices],
            "numbers": [index + 1 for index in grid.indices],
            "of": len(question.video),
            "size": list(grid.size[::-1]),
            "earlier": [
                [_pieces(spans.plain(text)) for text in (turn.question, turn.answer)] for turn in question.history
            ],
            "question": _pieces(spans.question_pieces(question.text, names, self._region_colours)),
            "regions": grid.tracks(self._regions, self._region_colours),
            "truth": _pieces(spans.grounded(text, self._true_colours)),
            "tracks": grid.tracks(truth.strict_tracks, self._true_colours),
            "answers": [self._answer(*answer) for answer in answers],
        }

    def sharp(self, folder: str, indices: Sequence[int]) -> dict[str, object]:
        """The masks and boxes that `to_json` gave, on the sharp frames in `folder`; `indices` are some of the kept."""
        grid = _Grid(indices, thumbnails.sharp_size(self.question.video.size))
        place = {index: n for n, index in enumerate(self._small.indices)}
        return {
            "places": [place[index] for index in indices],
            "frames": [f"{folder}/{index}.jpg" for index in indices],
            "size": list(grid.size[::-1]),
            "regions": grid.tracks(self._regions, self._region_colours),
            "tracks": grid.tracks(self.truth.strict_tracks, self._true_colours),
            "answers": [{"run": run, **self._masks(grid, answer, colours)} for run, answer, colours in self._drawn],
        }

    def _masks(self, grid: _Grid, answer: StoredPrediction, colours: Sequence[RGB]) -> dict[str, Any]:
        return {
            "tracks": grid.tracks(answer.tracks, colours),
            "boxes": grid.boxes(answer.boxes or (), colours, self.question.video.size[1]),
        }

    def _answer(self, run: int, answer: StoredPrediction | None, verdicts: Verdicts) -> dict[str, Any]:
        if answer is None:
            return {"run": run, "missing": True}
        colours = self.palette.take(answer.tracks)
        self._drawn.append((run, answer, colours))
        entry = {
            "run": run,
            "text": _pieces(spans.grounded(answer.text, colours)),
            **self._masks(self._small, answer, colours),
            "verdicts": verdicts,
            "seconds": answer.seconds,
        }
        raw = answer.raw if answer.raw is not None and answer.raw.strip() != answer.text.strip() else None
        for name, optional_text in (("error", answer.error), ("unread", answer.unread), ("raw", raw)):
            if optional_text is not None:
                entry[name] = _pieces(spans.plain(optional_text))
        return entry


def css(colour: RGB) -> str:
    """A colour as a style sheet names it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _pieces(pieces: Sequence[spans.Piece]) -> list[list[str]]:
    return [[piece.text] if piece.colour is None else [piece.text, css(piece.colour)] for piece in pieces if piece.text]


class JPEGs(NamedTuple):
    """The frame at a place in the video as JPEG files; `sharp` is None where there is none."""

    place: int
    small: bytes
    sharp: bytes | None


def sharp_indices(video: Video, videos: int) -> list[int]:
    """The frames that are sharp, on a page of so many videos; none where the small ones are as large as the video's."""
    if thumbnails.sharp_size(video.size) == thumbnails.small_size(video.size):
        return []
    return thumbnails.sharp_places(thumbnails.places(len(video)), videos)


def frames(video: Video, sharp: Collection[int] = ()) -> Iterable[JPEGs]:
    """The kept frames of a video, the `sharp` ones in both sizes; raises UserError where one cannot be read."""
    size, sharp_size, sharp = thumbnails.small_size(video.size), thumbnails.sharp_size(video.size), set(sharp)
    for index in thumbnails.places(len(video)):
        frame = video.frame(index)
        yield JPEGs(
            index,
            thumbnails.jpeg(frame, size),
            thumbnails.jpeg(frame, sharp_size, thumbnails.SHARP_QUALITY) if index in sharp else None,
        )


def verdicts(by_column: Mapping[str, Judged], key: Key) -> Verdicts:
    """The judges' verdicts on a question's answer: column, judge, score and reason of each sample, with its quotes."""
    return [
        {
            "column": column,
            "judge": judged.label,
            "score": verdict.score,
            "reason": _pieces(spans.plain(verdict.reason)),
            "parts": dict(verdict.parts),
            "quotes": [[quote.part, _pieces(spans.plain(quote.quote)), quote.found] for quote in verdict.evidence],
        }
        for column, judged in by_column.items()
        for verdict in judged.verdicts.get(key, ())
    ]
