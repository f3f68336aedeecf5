"""Question-answer pairs and descriptions of the training data that are those of SAMA-Bench, or nearly."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GRAM = 5  # words
NEARLY = 0.6  # of all five-word parts of both texts
KEPT = 1000
_marks = re.compile(r"<[^<>]{0,20}>|\[SEG\]")
_words = re.compile(r"\w+")


@dataclass(frozen=True)
class BenchmarkText:
    """A text of SAMA-Bench: the question it is of, its video, and whether it is a description."""

    key: str
    video: str
    text: str
    is_description: bool


@dataclass(frozen=True)
class TextPair:
    """A text of the training data (its place and video) that is one of the benchmark's.

    `similarity` is the share of five-word parts of both that both have (Jaccard), 1 where the words are the same.
    """

    where: str
    video: str
    of: BenchmarkText
    text: str
    similarity: float
    words: int

    def to_json(self) -> dict[str, object]:
        """The pair with JSON's own types."""
        return {
            "training": self.where,
            "question": self.of.key,
            "video": self.of.video,
            "similarity": self.similarity,
            "words": self.words,
            "text": self.text,
        }


def words(text: str) -> list[str]:
    """The words of a text in lower case, without marks such as <mask> and [SEG]."""
    return _words.findall(_marks.sub(" ", text).lower())


class TextIndex:
    """SAMA-Bench's texts by their parts of five words; a text of the training data is looked up as it passes."""

    def __init__(self, texts: Sequence[BenchmarkText]) -> None:
        self._texts = texts
        self._grams: dict[int, list[int]] = defaultdict(list)
        self._sizes: list[int] = []
        self._equal: dict[tuple[bool, str], list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            parts = words(text.text)
            self._equal[text.is_description, " ".join(parts)].append(number)
            grams = _grams(parts)
            self._sizes.append(len(grams))
            for gram in grams:
                self._grams[gram].append(number)
        self.pairs: list[TextPair] = []
        self.count = 0

    def look_up(self, where: str, video: str, text: str, *, is_description: bool) -> None:
        """Note the texts of the benchmark that this one is, or nearly is; of the pairs the first 1000 are kept."""
        parts = words(text)
        for number, similarity in self._alike(parts, is_description=is_description):
            self.count += 1
            if len(self.pairs) < KEPT:
                self.pairs.append(TextPair(where, video, self._texts[number], text, similarity, len(parts)))

    def _alike(self, parts: list[str], *, is_description: bool) -> Iterator[tuple[int, float]]:
        equal = self._equal.get((is_description, " ".join(parts)), ()) if parts else ()
        yield from ((number, 1.0) for number in equal)
        grams = _grams(parts)
        shared = Counter(number for gram in grams for number in self._grams.get(gram, ()))
        for number, count in shared.items():
            similarity = count / (len(grams) + self._sizes[number] - count)
            if similarity >= NEARLY and number not in equal and self._texts[number].is_description == is_description:
                yield number, similarity


def _grams(parts: Sequence[str]) -> set[int]:
    return {hash(tuple(parts[place : place + GRAM])) for place in range(len(parts) - GRAM + 1)}
