"""BLEU-1 to BLEU-4 of a corpus, one reference to a candidate, as pycocoevalcap computes it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

Counts: TypeAlias = tuple[int, int, int, int]

ORDERS = 4
TINY, SMALL = 1e-15, 1e-9  # pycocoevalcap's: keep 0 / 0 at 0


@dataclass(frozen=True)
class BleuStatistics:
    """The counts that BLEU needs of one text, or of many: `sum(statistics, BleuStatistics())`.

    Lengths in words; `guesses[n - 1]` n-grams in the candidates, `matches[n - 1]` of them in the references (clipped).
    """

    candidate: int = 0
    reference: int = 0
    guesses: Counts = (0, 0, 0, 0)
    matches: Counts = (0, 0, 0, 0)

    def __add__(self, other: BleuStatistics) -> BleuStatistics:
        return BleuStatistics(
            self.candidate + other.candidate,
            self.reference + other.reference,
            _plus(self.guesses, other.guesses),
            _plus(self.matches, other.matches),
        )


def bleu_statistics(candidate: str, reference: str) -> BleuStatistics:
    """The counts of one pair of tokenised texts (words are what `str.split` finds); all 0 for two empty texts."""
    guessed, true = candidate.split(), reference.split()
    matches = [(_ngrams(guessed, n) & _ngrams(true, n)).total() for n in range(1, ORDERS + 1)]
    guesses = [max(0, len(guessed) - n + 1) for n in range(1, ORDERS + 1)]
    return BleuStatistics(len(guessed), len(true), _counts(guesses), _counts(matches))


def bleu(total: BleuStatistics) -> tuple[float, float, float, float]:
    """BLEU-1, -2, -3, -4 in 0…1 from the summed counts, with the brevity penalty; 0 without words.

    Papineni et al. 2002; with one reference a candidate, pycocoevalcap's "closest" length is that reference's.
    """
    ratio = (total.candidate + TINY) / (total.reference + SMALL)
    penalty = math.exp(1 - 1 / ratio) if ratio < 1 else 1.0
    product, values = 1.0, []
    for n, (matches, guesses) in enumerate(zip(total.matches, total.guesses, strict=True), start=1):
        product *= (matches + TINY) / (guesses + SMALL)
        values.append(product ** (1.0 / n) * penalty)
    return values[0], values[1], values[2], values[3]


def _ngrams(words: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[start:] for start in range(n)), strict=False))


def _plus(first: Counts, other: Counts) -> Counts:
    return _counts([a + b for a, b in zip(first, other, strict=True)])


def _counts(values: list[int]) -> Counts:
    return values[0], values[1], values[2], values[3]
