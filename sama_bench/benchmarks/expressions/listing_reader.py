"""What the video sets have in common whose one task asks for each expression of a `meta_expressions.json`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar

from sama_bench import types
from sama_bench.benchmark.reader import Listed, Opened, Reader, open_frames
from sama_bench.benchmarks.expressions.listing import Expression, VideoListing
from sama_bench.benchmarks.expressions.wording import Wording, reference
from sama_bench.types import Key, Question, TaskName, Video


class ListingReader(Reader):
    """A reader whose `videos` are those of the file; the id of a question is `VIDEO_NUMBER`."""

    task: ClassVar[TaskName]
    wording: ClassVar[Wording]
    videos: Mapping[str, VideoListing]

    def listed(self) -> Iterator[Listed]:
        """All videos with their expressions, in the order of the file."""
        for video in self.videos.values():
            yield Listed(video.id, tuple(self.key(video.id, expression) for expression in video.expressions))

    def open(self, ids: Sequence[str]) -> Opened:
        """The videos of these ids; all of their frames are checked."""
        videos = (self.videos[id_] for id_ in ids)
        frames = ((video.id, self.source(video.id), self.folder(video.id), video.files) for video in videos)
        return open_frames(self.root, frames)

    def questions(self, video: Video, keys: Collection[Key]) -> list[Question]:
        """Those of the video's questions, by the template."""
        selected = self.selected_expressions(video.id, keys)
        return [
            Question(
                key,
                video,
                self.wording.question_for(expression.words),
                expects="track",
                expression=self.expression(expression),
            )
            for key, expression in selected
        ]

    def wordings(self, video_id: str, keys: Collection[Key]) -> dict[Key, tuple[str, str]]:
        """Question and reference answer of each of those questions, as texts."""
        selected = self.selected_expressions(video_id, keys)
        return {
            key: (self.wording.question_for(expression.words), self.reference(expression))
            for key, expression in selected
        }

    def reference(self, expression: Expression) -> str:
        """The reference answer: one `[SEG]` for what the expression means."""
        return reference(expression.words)

    def selected_expressions(self, video_id: str, keys: Collection[Key]) -> Iterator[tuple[Key, Expression]]:
        """Those of the video's expressions, with their keys."""
        for expression in self.videos[video_id].expressions:
            key = self.key(video_id, expression)
            if key in keys:
                yield key, expression

    def key(self, video_id: str, expression: Expression) -> Key:
        """The key of an expression's question."""
        return Key(self.task, f"{video_id}_{expression.number}")

    def expression(self, expression: Expression) -> types.Expression:
        """What an expression's question is made of."""
        return types.Expression(expression.words, self.task)

    def source(self, video_id: str) -> str:  # noqa: ARG002
        """The data set that a video comes from."""
        return self.task

    @abstractmethod
    def folder(self, video_id: str) -> str:
        """The folder of the video's frames, below the root."""
