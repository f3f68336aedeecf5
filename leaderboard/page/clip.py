"""A question with everything that the viewer shows of it: words, frames, masks, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

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


@dataclass
class Clip:
    """One question's clip in the making; an object has one colour in question, truth and all answers."""

    question: Question
    truth: Truth
    palette: Palette = field(default_factory=Palette)

    def __post_init__(self) -> None:
        self.indices = thumbnails.places(len(self.question.video))
        self.size = thumbnails.small_size(self.question.video.size)

    def to_json(self, folder: str, answers: Iterable[Answer]) -> dict[str, Any]:
        """The clip with JSON's own types; `folder` is where its frames are, `answers` are the runs'."""
        question, truth = self.question, self.truth
        tracks = [region.track for region in question.regions]
        regions = self.palette.take(tracks)
        true = self.palette.take(truth.strict_tracks)
        names = ["mask"] if len(tracks) == 1 else [f"mask {n + 1}" for n in range(len(tracks))]
        text = modern(truth.text) if load_task(truth.key.task).grounds else truth.text
        return {
            "video": question.video.id,
            "frames": [f"{folder}/{index}.jpg" for index in self.indices],
            "numbers": [index + 1 for index in self.indices],
            "of": len(question.video),
            "size": list(self.size[::-1]),
            "earlier": [
                [_pieces(spans.plain(text)) for text in (turn.question, turn.answer)] for turn in question.history
            ],
            "question": _pieces(spans.question_pieces(question.text, names, regions)),
            "regions": self._tracks(tracks, regions),
            "truth": _pieces(spans.grounded(text, true)),
            "tracks": self._tracks(truth.strict_tracks, true),
            "answers": [self._answer(*answer) for answer in answers],
        }

    def _answer(self, run: int, answer: StoredPrediction | None, verdicts: Verdicts) -> dict[str, Any]:
        if answer is None:
            return {"run": run, "missing": True}
        colours = self.palette.take(answer.tracks)
        entry = {
            "run": run,
            "text": _pieces(spans.grounded(answer.text, colours)),
            "tracks": self._tracks(answer.tracks, colours),
            "boxes": self._boxes(answer.boxes or (), colours),
            "verdicts": verdicts,
            "seconds": answer.seconds,
        }
        raw = answer.raw if answer.raw is not None and answer.raw.strip() != answer.text.strip() else None
        for name, optional_text in (("error", answer.error), ("unread", answer.unread), ("raw", raw)):
            if optional_text is not None:
                entry[name] = _pieces(spans.plain(optional_text))
        return entry

    def _tracks(self, tracks: Sequence[Track], colours: Sequence[RGB]) -> list[dict[str, Any]]:
        return [
            {"colour": css(colour), "masks": thumbnails.counts(track, self.indices, self.size)}
            for track, colour in zip(tracks, colours, strict=True)
        ]

    def _boxes(self, boxes: Sequence[Sequence[Cue]], colours: Sequence[RGB]) -> list[list[Any]]:
        """Each box, a point as a small one: [place of the kept frame, colour, x, y, width, height] on small frames."""
        across = self.size[1] / self.question.video.size[1]
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


def css(colour: RGB) -> str:
    """A colour as a style sheet names it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _pieces(pieces: Sequence[spans.Piece]) -> list[list[str]]:
    return [[piece.text] if piece.colour is None else [piece.text, css(piece.colour)] for piece in pieces if piece.text]


def frames(video: Video) -> Iterable[tuple[int, bytes]]:
    """The kept frames of a video as (index, JPEG file); raises UserError where one cannot be read."""
    size = thumbnails.small_size(video.size)
    for index in thumbnails.places(len(video)):
        yield index, thumbnails.jpeg(video.frame(index), size)


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
