"""The interface behind which every model stands.

An adapter is a class that an entry point of the group `sama_bench.adapters` names. The runner makes one
object of it (model arguments are its keyword arguments, all strings), then for each video calls
`open(video)`, `predict(question)` for every question of that video, and `close()`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

from sama_bench.types import Prediction, Question, Truth, Video


@dataclass(frozen=True)
class Abilities:
    """What a model can do; a cell that needs what it cannot stays empty."""

    regions: bool = True
    """Takes the regions of a video that `<mask>` stands for."""
    masks: bool = True
    """Answers with mask tracks."""
    text: bool = True
    """Answers in free text."""
    history: bool = False
    """Takes the earlier turns of the dialogue into account."""
    truth: bool = False
    """Is shown the truth (baselines that mark the upper end)."""


@dataclass(frozen=True)
class Need:
    """Something that has to be installed: the module that shows it is there, and the pip line that brings it."""

    module: str
    pip: str

    @property
    def met(self) -> bool:
        """Whether the module can be found (it is not imported; what it lies in is)."""
        try:
            return find_spec(self.module) is not None
        except ModuleNotFoundError:
            return False


class Adapter(ABC):
    """A model behind the predict interface. Import what is heavy in `__init__`, not at the top of the module."""

    summary: ClassVar[str] = ""
    can: ClassVar[Abilities] = Abilities()
    needs: ClassVar[tuple[Need, ...]] = ()

    reveal: Callable[[Question], Truth] | None = None
    """Set by the runner only where `can.truth`: gives the truth of a question of the open video."""

    def open(self, video: Video) -> None:  # noqa: B027 - not every model has work to do once per video
        """Called before the questions of `video`; do here what the video needs once."""

    @abstractmethod
    def predict(self, question: Question) -> Prediction:
        """Answer one question about the open video. An exception becomes this question's error."""

    def close(self) -> None:  # noqa: B027 - see open
        """Called after the last question of the open video, also after an exception; free what it held."""
