"""What the adapters of SAMA and Sa2VA do alike: a video's questions together, then the masks of their [SEG]s."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sama_bench.adapters.shared.split_batches import SplittingAdapter
from sama_bench.types import Prediction, Question, Video

if TYPE_CHECKING:
    from sama_bench.adapters.models.sama.generation import Answer

LONGEST = 2048
"""Tokens of an answer, at most: the released code's limit."""


class GroundedAdapter(SplittingAdapter):
    """A model whose language model says [SEG], and whose SAM 2 makes a mask track of it.

    Its constructor sets `_parts` (what was loaded), `_objects` ([SEG]s that are followed together) and `at_once`, and
    calls `_begin_counting` last.
    """

    _parts: Any
    _objects: int
    longest = LONGEST

    def _begin_counting(self) -> None:
        self._asked_at_once = self.at_once
        self._video: Any = None
        self._counts = dict.fromkeys(("unseen", "cut", "offloaded"), 0)

    @abstractmethod
    def _open(self, video: Video) -> Any:  # noqa: ANN401 - a FollowedVideo
        """What no question about the video changes."""

    @abstractmethod
    def _answers(self, video: Any, questions: Sequence[Question]) -> list[Answer]:  # noqa: ANN401 - as `_open` gives it
        """The answers of the language model to questions about the open video, in order."""

    @abstractmethod
    def _text(self, answer: Answer) -> str:
        """The text of an answer as the released code gives it."""

    @abstractmethod
    def _unseen(self, video: Any, question: Question) -> int:  # noqa: ANN401
        """The number of the question's regions that the model does not see."""

    @property
    @abstractmethod
    def _why_unseen(self) -> str:
        """The words that tell, behind their number, which regions were not seen."""

    def predict_all(self, questions: Sequence[Question]) -> Iterator[Prediction]:
        """Answer the questions, in order, those of one video together, `batch` at a time.

        A batch that fails, for want of memory or otherwise, is halved until it does not. Raises UserError where a frame
        cannot be read.
        """
        try:
            for _, video_questions in groupby(questions, key=lambda question: id(question.video)):
                yield from super().predict_all(list(video_questions))
        finally:
            self._close()

    def asked(self, questions: Sequence[Question]) -> list[Prediction]:
        """The answers to questions about one video, in order. Whatever goes wrong is raised."""
        import torch

        with torch.inference_mode():
            video = self._opened(questions[0].video)
            replies = self._answers(video, questions)
            grounded = [
                answer.segs if question.expects != "text" else answer.segs[:0]
                for question, answer in zip(questions, replies, strict=True)
            ]
            tracks = iter(video.tracks(self._parts.seg_vectors(torch.cat(grounded)), self._objects))
            predictions = [
                Prediction(self._text(answer), [next(tracks) for _ in segs], usage=answer.usage)
                for answer, segs in zip(replies, grounded, strict=True)
            ]
        self._counts["unseen"] += sum(self._unseen(video, question) for question in questions)
        self._counts["cut"] += sum(answer.cut for answer in replies)
        return predictions

    def notes(self) -> Sequence[str]:
        """What did not go as usual: regions that were not seen, answers at the limit, memory that was short."""
        counts, lines = self._counts, []
        if counts["unseen"]:
            lines.append(f"{counts['unseen']} {self._why_unseen}")
        if counts["cut"]:
            lines.append(f"{counts['cut']} answers reached {self.longest} tokens, and are cut there")
        if self.at_once < self._asked_at_once:
            lines.append(f"memory was short: batch={self._asked_at_once} went down to {self.at_once}")
        if counts["offloaded"]:
            lines.append(
                f"SAM 2's features of {counts['offloaded']} frames found no room on the GPU, and lay in main memory"
            )
        return lines

    def _opened(self, video: Video) -> Any:  # noqa: ANN401
        """The open video; another one is let go of first."""
        if self._video is None or self._video.video is not video:
            self._close()
            self._video = self._open(video)
        return self._video

    def _close(self) -> None:
        if self._video is not None:
            self._counts["offloaded"] += self._video.features.counts["offloaded"]
        self._video = None
