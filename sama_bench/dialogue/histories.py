"""The earlier turns that are told with each question of a run, built when the question is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, overload

from sama_bench.benchmark.installed import load_task
from sama_bench.dialogue.condition import ALONE, Condition
from sama_bench.dialogue.order import ordered, window_of
from sama_bench.types import Key, Question, TaskName, Track, Truth, Turn

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

ENDS = ("<|im_end|>", "<|end|>", "<|eot_id|>", "<|endoftext|>", "</s>")
"""Words that end an answer in a model's own language; they are no part of what it said."""


class GivenAnswer(Protocol):
    """What of an answer a history needs: its text with marks, a track for each [SEG], and whether it is an error."""

    @property
    def text(self) -> str:
        """The words; '' where there are none."""

    @property
    def tracks(self) -> Sequence[Track]:
        """One track for each [SEG]."""

    @property
    def error(self) -> str | None:
        """Why there is no answer."""


class TurnAnswer(NamedTuple):
    """An answer as a later turn is told of it."""

    text: str
    tracks: tuple[Track, ...] | None
    source: Literal["true", "own"]


def takes_rounds(task: TaskName) -> bool:
    """Whether a task's questions of a video are the rounds of a dialogue."""
    return load_task(task).rounds


def chains(benchmark: Benchmark, video: str, seed: int | None = None) -> list[list[Key]]:
    """The dialogues of a video, one for each selected task that has rounds: all kept rounds, selected or not."""
    keys = [key for key in benchmark.kept(video) if takes_rounds(key.task)]
    tasks = dict.fromkeys(key.task for key in keys)
    return [ordered((key for key in keys if key.task == task), video, seed) for task in tasks]


@dataclass
class Histories:
    """What is told of earlier turns under a condition, for all videos of a benchmark.

    `regions` is whether the model takes any; earlier questions that have some are not shown to one that does not.
    Answers that were given before are noted with `note`; of new ones `RoundsOfVideo.answered` is told.
    """

    benchmark: Benchmark
    condition: Condition = ALONE
    regions: bool = True
    _answers: dict[str, dict[Key, TurnAnswer]] = field(default_factory=dict)

    def note(self, video: str, key: Key, answer: GivenAnswer) -> None:
        """Take note of an answer of the model itself; one that is an error, or says nothing, leaves the history."""
        self._note(self._answers.setdefault(video, {}), key, answer)

    def _note(self, given_answers: dict[Key, TurnAnswer], key: Key, answer: GivenAnswer) -> None:
        if self.condition.history != "own" or not takes_rounds(key.task):
            return
        text = _without_end(answer.text)
        if answer.error is None and (text or answer.tracks):
            tracks = tuple(answer.tracks) if self.condition.masks_back else None
            given_answers[key] = TurnAnswer(text, tracks, "own")

    def forget(self, video: str) -> None:
        """Let go of a video's answers, when nothing is asked about it any more."""
        self._answers.pop(video, None)

    def of(self, video: str, questions: Sequence[Question]) -> RoundsOfVideo:
        """The questions of one video in the order in which they are to be asked, each with its history when it is."""
        if self.condition.alone or not any(takes_rounds(question.key.task) for question in questions):
            return RoundsOfVideo(questions)
        dialogues = chains(self.benchmark, video, self.condition.seed)
        kept = {question.key: question for question in self.benchmark.kept_questions(video)}
        given_answers = self._answers.setdefault(video, {})
        if self.condition.history == "true":
            given_answers = self._true(self.benchmark.kept_truths(video))
        history = _History(kept, dialogues, given_answers, self.condition.window, self.regions)
        return RoundsOfVideo(
            _in_order(questions, dialogues), history, lambda key, answer: self._note(given_answers, key, answer)
        )

    @property
    def chained(self) -> bool:
        """Whether a question waits for the answers to the ones before it."""
        return self.condition.history == "own"

    def _true(self, truths: Mapping[Key, Truth]) -> dict[Key, TurnAnswer]:
        masks = self.condition.masks_back
        return {
            key: TurnAnswer(truth.text, truth.strict_tracks if masks else None, "true")
            for key, truth in truths.items()
            if takes_rounds(key.task)
        }


@dataclass(frozen=True)
class _History:
    """The rounds of a video, and what was said in them so far."""

    questions: Mapping[Key, Question]
    dialogues: Sequence[Sequence[Key]]
    answers: Mapping[Key, TurnAnswer]
    window: int | None
    regions: bool

    def before(self, key: Key) -> tuple[Turn, ...]:
        """The turns that are told before a question; one without an answer is left out."""
        chain = next((chain for chain in self.dialogues if key in chain), ())
        recent = window_of(chain, chain.index(key), self.window) if chain else ()
        return tuple(self._turn(earlier) for earlier in recent if self._can_tell(earlier))

    def _can_tell(self, key: Key) -> bool:
        return key in self.answers and (self.regions or not self.questions[key].regions)

    def _turn(self, key: Key) -> Turn:
        question, answer = self.questions[key], self.answers[key]
        return Turn(question.text, answer.text, question.regions, answer.tracks, answer.source)


class RoundsOfVideo(Sequence[Question]):
    """Questions of one video, in the order in which they are asked; each gets its history when it is taken out.

    Under the condition `own` a question has to be taken out when the ones before it are answered, and not before.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        history: _History | None = None,
        note: Callable[[Key, GivenAnswer], None] = lambda *_: None,
    ) -> None:
        self._questions, self._history = questions, history
        self.answered = note

    def __len__(self) -> int:
        return len(self._questions)

    @overload
    def __getitem__(self, place: int) -> Question: ...
    @overload
    def __getitem__(self, place: slice) -> list[Question]: ...
    def __getitem__(self, place: int | slice) -> Question | list[Question]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        question = self._questions[place]
        return question if self._history is None else self._with_history(question, self._history)

    @property
    def keys(self) -> list[Key]:
        """The questions' keys in order; no history is built for them."""
        return [question.key for question in self._questions]

    def wave(self, number: int) -> list[int]:
        """The places of the questions that can be asked together when `number` waves were: one round of each dialogue.

        Questions that are no rounds are all in the first.
        """
        rounds_seen: dict[TaskName, int] = {}
        places = []
        for place, key in enumerate(self.keys):
            turn = rounds_seen.get(key.task, 0) if takes_rounds(key.task) else 0
            rounds_seen[key.task] = turn + 1
            if turn == number:
                places.append(place)
        return places

    def _with_history(self, question: Question, history: _History) -> Question:
        turns = history.before(question.key)
        return replace(question, history=turns) if turns else question


def waves(videos: Sequence[RoundsOfVideo], *, chained: bool) -> Iterator[list[list[Question]]]:
    """The questions of several videos, in as many parts as have to be asked one after the other: all, where none do.

    The next part is to be asked for when all questions of the one before are answered.
    """
    if not chained:
        yield [list(video) for video in videos]
        return
    number = 0
    while places := [(video, video.wave(number)) for video in videos if video.wave(number)]:
        yield [[video[place] for place in of_video] for video, of_video in places]
        number += 1


def _in_order(questions: Sequence[Question], dialogues: Sequence[Collection[Key]]) -> list[Question]:
    """The questions, rounds in the order of their dialogue, on the places that rounds have."""
    places = {key: place for chain in dialogues for place, key in enumerate(chain)}
    rounds = {
        task: iter(
            sorted(
                (question for question in questions if question.key.task == task),
                key=lambda question: places[question.key],
            )
        )
        for task in {question.key.task for question in questions if question.key in places}
    }
    return [next(rounds[question.key.task]) if question.key in places else question for question in questions]


def _without_end(text: str) -> str:
    text = text.strip()
    while end := next((end for end in ENDS if text.endswith(end)), ""):
        text = text.removesuffix(end).rstrip()
    return text
