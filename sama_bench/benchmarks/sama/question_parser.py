"""The questions of one video: rounds of its dialogue (G) and descriptions of its objects (C).

Which rounds are kept is the released loader's rule to the letter, so that numbers compare
(sunye23/SAMA, projects/llava_sam2/evaluation/video_gcg_eval_video_wise.py, json_file_preprocess).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from sama_bench.benchmark.problems import Problem
from sama_bench.benchmark.reader import Dropped
from sama_bench.benchmarks.sama.json_checks import ShapeError, brief, entry, identifier, listing, mapping, text
from sama_bench.benchmarks.sama.splits import AGAIN, Record
from sama_bench.benchmarks.sama.tasks import C, G, as_asked
from sama_bench.metrics import grounding_marks as marks
from sama_bench.types import Key

UNPAIRED = "not human then gpt"
REFERENTS = "<mask> count differs from obj_masks"
GROUNDINGS = "[SEG] count differs from groundtruth"
UNANSWERED = "no answer"
UNANNOTATED = "object without annotation (-1)"


@dataclass(frozen=True)
class KeptQuestion:
    """A kept question: the text that is asked, the reference answer, and annotation ids for its regions.

    `referents` has an id per `<mask>`, `objects` the ids that each list of the data unites (maybe none).
    """

    key: Key
    where: str
    question: str
    answer: str
    referents: tuple[str, ...] = ()
    objects: tuple[tuple[str, ...], ...] = ()

    @property
    def annotations(self) -> Iterable[str]:
        """All annotation ids that the question needs."""
        return chain(self.referents, *self.objects)


@dataclass
class ParsedQuestions:
    """What was found in one video or in several."""

    kept: list[KeptQuestion] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, question: KeptQuestion | Dropped) -> None:
        """Put it where it belongs."""
        if isinstance(question, KeptQuestion):
            self.kept.append(question)
        else:
            self.dropped.append(question)

    def reject(self, record: Record, problem: ShapeError) -> None:
        """Note that a part of the record has a wrong shape; what several rounds need is noted once."""
        rejection = Problem("question", f"{record.where}: {problem}; {AGAIN}", record.source.name)
        if rejection not in self.problems:
            self.problems.append(rejection)


def questions(record: Record) -> ParsedQuestions:
    """The G questions of a video, in turn, then its C questions, as they are listed."""
    parsed = ParsedQuestions()
    _dialogue(record, parsed)
    _descriptions(record, parsed)
    return parsed


def _dialogue(record: Record, parsed: ParsedQuestions) -> None:
    try:
        value = record.raw.get("conversation")
        messages = listing([] if value is None else value, "conversation")
    except ShapeError as problem:
        parsed.reject(record, problem)
        return
    for number in range(len(messages) // 2):
        try:
            parsed.add(_round(record, number, messages[2 * number], messages[2 * number + 1]))
        except ShapeError as problem:
            parsed.reject(record, problem)
    if len(messages) % 2:
        parsed.add(_drop(record, len(messages) // 2, messages[-1], UNANSWERED))


def _round(record: Record, number: int, first: object, second: object) -> KeptQuestion | Dropped:
    """One round, judged in the order in which the released loader looks at it."""
    question = mapping(first, f"conversation[{2 * number}]")
    answer = mapping(second, f"conversation[{2 * number + 1}]")
    if not _is_from(question, 2 * number, "human") or not _is_from(answer, 2 * number + 1, "gpt"):
        return _drop(record, number, first, UNPAIRED)
    question_text = text(question.get("value"), f"conversation[{2 * number}].value")
    answer_text = text(answer.get("value"), f"conversation[{2 * number + 1}].value")
    referents = listing(entry(record.raw.get("obj_masks"), number, "obj_masks"), f"obj_masks[{number}]")
    if question_text.count("<mask>") != len(referents):
        return _drop(record, number, first, REFERENTS)
    objects = _groups(record, number)
    segments = answer_text.count("[SEG]")
    if segments != sum(1 for group in objects if group):
        return _drop(record, number, first, GROUNDINGS)
    return KeptQuestion(
        Key(G.key, identifier(question.get("question_id"), f"conversation[{2 * number}].question_id")),
        f"{record.where}, round {number}",
        as_asked(question_text, grounded=segments > 0),
        marks.modern(answer_text.strip()),
        _ids(referents, f"obj_masks[{number}]"),
        tuple(_ids(group, f"groundtruth[{number}]") for group in objects),
    )


def _is_from(message: dict[str, object], index: int, who: str) -> bool:
    return text(message.get("from"), f"conversation[{index}].from") == who


def _drop(record: Record, number: int, first: object, reason: str) -> Dropped:
    id_value = first.get("question_id") if isinstance(first, dict) else None
    return Dropped(record.video, G.key, f"round {number}", _id(id_value), reason)


def _groups(record: Record, number: int) -> list[list[object]]:
    """The round's lists of annotation ids, one per track."""
    key = f"groundtruth[{number}]"
    groups = listing(entry(record.raw.get("groundtruth"), number, "groundtruth"), key)
    return [listing(group, f"{key}[{index}]") for index, group in enumerate(groups)]


def _ids(values: list[object], key: str) -> tuple[str, ...]:
    return tuple(identifier(value, f"an id in {key}") for value in values)


def _id(value: object) -> str | None:
    try:
        return identifier(value, "id")
    except ShapeError:
        return None


def _descriptions(record: Record, parsed: ParsedQuestions) -> None:
    try:
        descriptions = mapping(
            {} if record.raw.get("description") is None else record.raw["description"], "description"
        )
    except ShapeError as problem:
        parsed.reject(record, problem)
        return
    for name, description in descriptions.items():
        try:
            parsed.add(_description(record, name, description))
        except ShapeError as problem:
            parsed.reject(record, problem)


def _description(record: Record, name: str, description: object) -> KeptQuestion | Dropped:
    part = text(name, "a key of description")
    number = re.search(r"obj([0-9]{1,9})", part)
    if number is None:
        raise ShapeError(f"description has the key {brief(part)}, expected <objN> with an object number N")
    annotation = identifier(entry(record.raw.get("anno_map"), int(number[1]), "anno_map"), f"anno_map[{number[1]}]")
    ids = mapping(record.raw.get("description_id"), "description_id")
    if annotation == "-1":
        return Dropped(record.video, C.key, part, _id(ids.get(name)), UNANNOTATED)
    return KeptQuestion(
        Key(C.key, identifier(ids.get(name), f"description_id[{brief(part)}]")),
        f"{record.where}, {part}",
        C.wording,
        text(description, f"description[{brief(part)}]").strip(),
        (annotation,),
    )
