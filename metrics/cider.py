"""CIDEr(-D) of texts, one reference to a candidate, as pycocoevalcap computes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDERS = 4
SIGMA = 6.0

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def cider(candidates: Sequence[str], references: Sequence[str], corpus: Sequence[str] | None = None) -> Floats:
    """CIDEr of each candidate against its reference (tokenised texts, n of each): float64[n], each in 0…10.

    Document frequencies and the number of documents come from `corpus`, by default from `references`; so a single
    text without a corpus scores 0, and so do texts where a side has no words. Empty for no texts.
    Raises ValueError where the lengths differ or the corpus is empty. Vedantam et al. 2015, with pycocoevalcap's
    clipping, its Gaussian penalty for the difference in length, and its factor 10.
    """
    if len(candidates) != len(references):
        msg = (
            f"expected one reference for each candidate, got {len(candidates)} candidates, {len(references)} references"
        )
        raise ValueError(msg)
    if not candidates:
        return np.zeros(0)
    if corpus is not None and not len(corpus):
        msg = "expected at least one text in the corpus"
        raise ValueError(msg)
    documents = [*candidates, *references, *(corpus or ())]
    counted = slice(2 * len(candidates), None) if corpus else slice(len(candidates), None)
    words, lengths = _words(documents)
    total = np.zeros(len(candidates))
    for bags in _orders(words, lengths):
        total += _cosines(bags, len(candidates), counted)
    guessed, true = np.maximum(lengths - 1, 0)[: 2 * len(candidates)].reshape(2, -1)  # in bigrams, as pycocoevalcap
    penalty: Floats = np.exp(-((guessed - true).astype(np.float64) ** 2) / (2 * SIGMA**2))
    return total / ORDERS * penalty * 10.0


@dataclass(frozen=True)
class _Bags:
    """The n-grams of one order in all documents: `count[i]` times `ngram[i]` in `document[i]`, sorted by both."""

    documents: int
    ngrams: int
    document: Integers
    ngram: Integers
    count: Integers


def _words(documents: Sequence[str]) -> tuple[Integers, Integers]:
    """The words of all documents, one after the other, as numbers; and how many each document has."""
    numbers: dict[str, int] = {}
    split = (document.split() for document in documents)
    coded = [np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64) for words in split]
    return np.concatenate(coded), np.array([len(words) for words in coded], dtype=np.int64)


def _orders(words: Integers, lengths: Integers) -> Iterator[_Bags]:
    """For n = 1…4 the bags of n-grams. An n-gram is numbered by its (n-1)-gram and its last word: exact, compact."""
    document = np.repeat(np.arange(len(lengths)), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(words))  # words from here to the end of the document
    start, code, ngrams = np.arange(len(words)), words, int(words.max(initial=-1)) + 1
    vocabulary = ngrams
    for n in range(1, ORDERS + 1):
        if n > 1:
            inside = left[start] >= n
            start = start[inside]
            unique, code = np.unique(code[inside] * vocabulary + words[start + n - 1], return_inverse=True)
            ngrams = len(unique)
        key, count = np.unique(document[start] * max(ngrams, 1) + code, return_counts=True)
        yield _Bags(len(lengths), ngrams, key // max(ngrams, 1), key % max(ngrams, 1), count)


def _cosines(bags: _Bags, texts: int, counted: slice) -> Floats:
    """Clipped cosine of tf-idf of each candidate (document i) and its reference (document texts + i)."""
    first, last, _ = counted.indices(bags.documents)
    frequency = np.bincount(bags.ngram[(bags.document >= first) & (bags.document < last)], minlength=bags.ngrams)
    rarity = np.log(float(last - first)) - np.log(np.maximum(1.0, frequency))
    weight = bags.count * rarity[bags.ngram]
    norm = np.sqrt(np.bincount(bags.document, weight**2, minlength=bags.documents))
    key = bags.document * max(bags.ngrams, 1) + bags.ngram
    split, end = np.searchsorted(bags.document, [texts, 2 * texts])
    _, own_places, its = np.intersect1d(
        key[:split], key[split:end] - texts * max(bags.ngrams, 1), assume_unique=True, return_indices=True
    )
    products = np.minimum(weight[:split][own_places], weight[split:end][its]) * weight[split:end][its]
    dots = np.bincount(bags.document[:split][own_places], products, minlength=texts)
    norms = norm[:texts] * norm[texts : 2 * texts]
    cosines: Floats = np.divide(dots, norms, out=np.zeros(texts), where=norms != 0)
    return cosines
