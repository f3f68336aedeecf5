"""What the rounds of a benchmark have to do with each other, counted on its questions and truths."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from sama_bench.dialogue.back_reference import may_lean_back, refers_back
from sama_bench.dialogue.histories import chains
from sama_bench.dialogue.things import content, recurring
from sama_bench.metrics.rle import filled_box
from sama_bench.types import Key, Question, Track, Truth

if TYPE_CHECKING:
    from sama_bench.benchmark import Benchmark

EXAMPLES = 5


@dataclass
class RoundCounts:
    """Counts over the dialogues of a benchmark; all but the first four are of rounds behind the first.

    `refer_back` have no `<mask>` and a pronoun or "the other"; `may_lean_back` such, or "also", "then" and the like:
    more than those that need the past. `region_again` are about a region that an earlier question was about,
    `region_of_an_answer` about one that an earlier true answer pointed at, and no earlier question. `things_again` are
    objects that stand alone in a [SEG] of more than one round, in so many `videos_with_things_again`.
    """

    dialogues: int = 0
    rounds: int = 0
    longest: int = 0
    later_rounds: int = 0
    refer_back: int = 0
    may_lean_back: int = 0
    region_again: int = 0
    region_of_an_answer: int = 0
    things_again: int = 0
    videos_with_things_again: int = 0
    by_length: dict[int, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """With JSON's own types; `by_length` has the number of dialogues for each number of rounds."""
        return {**asdict(self), "by_length": {str(rounds): count for rounds, count in sorted(self.by_length.items())}}


def count_rounds(benchmark: Benchmark) -> RoundCounts:
    """Count over the selected videos of a benchmark; all of their kept rounds count. Reads masks, but no frame."""
    counts = RoundCounts()
    for entry in benchmark.entries:
        video = entry.video.id
        questions = {question.key: question for question in benchmark.kept_questions(video)}
        truths = benchmark.kept_truths(video)
        for chain in chains(benchmark, video):
            _count_dialogue(counts, [questions[key] for key in chain], [truths[key] for key in chain])
    return counts


def _count_dialogue(counts: RoundCounts, questions: Sequence[Question], truths: Sequence[Truth]) -> None:
    counts.dialogues += 1
    counts.rounds += len(questions)
    counts.longest = max(counts.longest, len(questions))
    counts.by_length[len(questions)] = counts.by_length.get(len(questions), 0) + 1
    counts.later_rounds += len(questions) - 1
    regions_before: set[Hashable] = set()
    answered: set[Hashable] = set()
    for turn, (question, truth) in enumerate(zip(questions, truths, strict=True)):
        regions = {content(region.track) for region in question.regions}
        if turn:
            _count_words(counts, question.key, question.text)
            counts.region_again += bool(regions & regions_before)
            counts.region_of_an_answer += bool((regions & answered) - regions_before)
        regions_before |= regions
        answered |= {form for track in truth.strict_tracks for form in (content(track), content(_boxed(track)))}
    again = recurring(truths)
    counts.things_again += len(again)
    counts.videos_with_things_again += bool(again)


def _boxed(track: Track) -> Track:
    """The track as regions of tasks are told that show boxes."""
    return [None if mask is None else filled_box(mask) for mask in track]


def _count_words(counts: RoundCounts, key: Key, text: str) -> None:
    counts.refer_back += refers_back(text)
    counts.may_lean_back += may_lean_back(text)
    if may_lean_back(text) and len(counts.examples) < EXAMPLES:
        counts.examples.append(f"{key}: {' '.join(text.split())}")
