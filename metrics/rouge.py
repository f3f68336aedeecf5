"""ROUGE-L of one text, one reference to a candidate, as pycocoevalcap computes it."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

BETA = 1.2


def rouge_l(candidate: str, reference: str) -> float:
    """F-measure (beta 1.2) of the longest common subsequence of two tokenised texts, in 0…1.

    Words are what lies between single blanks, so an empty text is one empty word and two empty texts score 1.
    Lin 2004; the beta is that of the COCO caption evaluation.
    """
    guessed, true = candidate.split(" "), reference.split(" ")
    common = longest_common_subsequence(guessed, true)
    if not common:
        return 0.0
    precision, recall = common / len(guessed), common / len(true)
    return ((1 + BETA**2) * precision * recall) / (recall + BETA**2 * precision)


def longest_common_subsequence(first: list[str], other: list[str]) -> int:
    """Length of the longest common subsequence of two lists of words; exact.

    Bit-parallel (Hyyrö 2004): a row of the table of differences is one integer, bit i for the i-th word of `first`.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(first):
        places[word].append(place)

    @lru_cache(maxsize=256)  # not all: with 100,000 different words the masks would fill a gigabyte
    def mask(word: str) -> int:
        return _bits(places[word], len(first))

    full = (1 << len(first)) - 1
    row = full
    for word in other:
        if word in places:
            matched = row & mask(word)
            row = (row + matched | row - matched) & full
    return len(first) - row.bit_count()


def _bits(places: list[int], length: int) -> int:
    bits = bytearray(length // 8 + 1)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")
