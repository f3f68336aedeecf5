"""The interface behind which every model stands.

An adapter is a class that an entry point of the group `sama_bench.adapters` names. The runner makes one
object of it, then for each video calls `open(video)`, `predict(question)` for every question of that video,
and `close()`. Model arguments are the constructor's keyword arguments: what the user gives becomes what their
annotations say (bool, int, float, str, Path, `Literal[…]`, `X | None`, `Sequence[X]`), texts where there is none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar, Literal, TypeAlias, get_args

from sama_bench.types import PlainQuestion, Prediction, Question, Truth, Video

# What of earlier turns a model takes in, each with all before it: words, the regions of questions, masks of answers.
HistoryAbility: TypeAlias = Literal["none", "text", "regions", "masks"]
# What grounders make tracks of: boxes and points on frames, phrases of the answer's text.
Cues: TypeAlias = Literal["boxes", "points", "phrases"]
HISTORY_ABILITIES: tuple[HistoryAbility, ...] = get_args(HistoryAbility)


@dataclass(frozen=True)
class Abilities:
    """The abilities of a model; a cell that needs one that it lacks stays empty."""

    regions: bool = True
    """Takes the regions of a video that `<mask>` stands for."""
    masks: bool = True
    """Answers with mask tracks."""
    boxes: bool = False
    """Answers with boxes, points or phrases (`gives`), which a grounder (`grounder=…`) makes tracks of; `masks` is then
    True."""
    text: bool = True
    """Answers in free text."""
    history: HistoryAbility | bool = "none"
    """What it takes of the earlier turns of a dialogue; True and False, as older plug-ins say, mean text and none."""
    truth: bool = False
    """Is shown the truth (baselines that mark the upper end)."""
    plain: bool = False
    """Answers questions of other benchmarks about images or a video (`answer`)."""
    describes_only: bool = False
    """Says what one region is, and answers nothing else: it is asked the questions for a text about one region."""

    def __post_init__(self) -> None:
        if isinstance(self.history, bool):
            object.__setattr__(self, "history", "text" if self.history else "none")
        if self.history not in HISTORY_ABILITIES:
            raise ValueError(f"history is {self.history!r}, expected one of {', '.join(HISTORY_ABILITIES)}")

    def takes(self, part: HistoryAbility) -> bool:
        """Whether it takes this part of earlier turns, or more."""
        return HISTORY_ABILITIES.index(self._history) >= HISTORY_ABILITIES.index(part)

    def suits(self, question: Question) -> bool:
        """Whether the model can be asked this question at all."""
        if self.describes_only and (question.expects != "text" or len(question.regions) != 1):
            return False
        return self.regions or not question.regions

    def to_json(self) -> dict[str, bool | str]:
        """The abilities by name; of history False where there is none, as older versions wrote it.

        `describes_only` is there where it is so: older versions do not know it.
        """
        history: bool | str = self._history if self.takes("text") else False
        values = {name: history if name == "history" else value for name, value in vars(self).items()}
        return values if self.describes_only else {k: v for k, v in values.items() if k != "describes_only"}

    @property
    def _history(self) -> HistoryAbility:
        assert not isinstance(self.history, bool)
        return self.history


@dataclass(frozen=True)
class Need:
    """Something that has to be installed: the module that shows it is there, and the pip line that brings it."""

    module: str
    pip: str

    @property
    def met(self) -> bool:
        """True if the module can be found (it is not imported; what it lies in is)."""
        try:
            return find_spec(self.module) is not None
        except ModuleNotFoundError:
            return False


class Adapter(ABC):
    """A model behind the predict interface. Import what is heavy in `__init__`, not at the top of the module."""

    summary: ClassVar[str] = ""
    can: Abilities = Abilities()
    """On the class what the model can do at best; an object may say less, by the arguments that it was made with."""
    needs: ClassVar[tuple[Need, ...]] = ()
    tells_needs: ClassVar[bool] = False
    """Whether the constructor says itself which of `needs` are not installed, with all else that is missing."""
    free: ClassVar[frozenset[str]] = frozenset()
    """Arguments that decide no answer (limits, time-outs, budgets): a run may go on with other values of them."""
    asking: Mapping[str, str] = {}
    """How the model is asked, where that is a choice: names and values for the signature, e.g. the prompt template."""

    gives: frozenset[Cues] = frozenset({"boxes"})
    """What its answers hold for a grounder, where `can.boxes`; a grounder that takes nothing of it is refused."""
    wording: str = ""
    """The name of the prompt template with which its own code asks for an expression; '' where it has none."""
    forced: str = ""
    """What it is made to answer to an expression, whatever it would say; '' where its answers are free."""

    reveal: Callable[[Question], Truth] | None = None
    """Set by the runner only where `can.truth`: gives the truth of a question of the open video."""

    def open(self, video: Video) -> None:  # noqa: B027 - not every model has work to do once per video
        """Called before the questions of `video`; do here what the video needs once."""

    @abstractmethod
    def predict(self, question: Question) -> Prediction:
        """Answer one question about the open video. An exception becomes this question's error."""

    def close(self) -> None:  # noqa: B027 - see open
        """Called after the last question of the open video, also after an exception; free what it held."""

    def answer(self, question: PlainQuestion) -> str:
        """Answer a question of another benchmark in words; only where `can.plain`. Raises whatever goes wrong."""
        raise NotImplementedError(f"{type(self).__name__} answers no plain questions")

    def notes(self) -> Sequence[str]:
        """Lines that the run shows at its end, such as what it cost; none by default."""
        return ()


class BatchAdapter(Adapter):
    """A model that is asked many questions together, of several videos; it has no `open` and `close` per video.

    The runner hands it the questions of whole videos, at least `at_once` where there are so many left, and stores
    a video when the last of its answers has come.
    """

    at_once: int = 1

    @abstractmethod
    def predict_all(self, questions: Sequence[Question]) -> Iterator[Prediction]:
        """Answer the questions, one Prediction each, in their order, as soon as each is there.

        A question that cannot be answered gets a Prediction with `error`; an exception becomes the error of
        all questions that were not answered yet.
        """

    def predict(self, question: Question) -> Prediction:
        """Answer one question alone."""
        return next(iter(self.predict_all([question])))


class ModelFamily(ABC):
    """A base for adapters where `--model NAME:MODEL` calls one of the models that they stand for."""

    @classmethod
    @abstractmethod
    def of(cls, name: str) -> type[Adapter]:
        """The adapter that is the model `name` alone; raises UserError where there is none."""
