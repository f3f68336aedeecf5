"""Metrics against their peers: region (dense arrays), boundary (vos-benchmark, dense), captions (pycocoevalcap)."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import dense, sample
from benchmarks.measure import ratio, seconds
from benchmarks.sample import Texts, Tracks
from sama_bench.metrics import boundary_f, jaccard
from sama_bench.metrics.iou import volume_iou_matrix
from sama_bench.metrics.java import Java
from sama_bench.metrics.rle import Track, check_track
from sama_bench.score.caption_statistics import CAPTION_METRICS, TextStatistics, caption_metrics, compare
from sama_bench.score.strict import cider

Pair = tuple[Track, Track, tuple[int, int]]


def region(tree: Path, videos: int) -> dict[str, Any]:
    """Volume IoU of all predicted with all true tracks of each question: run lengths against dense arrays."""
    benchmark, answers = sample.opened(tree)
    questions = list(sample.tracks(benchmark, answers, sample.every(benchmark, videos)))
    ours, mine = seconds(lambda: [volume_iou_matrix(one.predicted, one.true) for one in questions], 3)
    checked, _ = seconds(lambda: [[check_track(list(track)) for track in one.predicted] for one in questions], 3)
    theirs, dense_values = seconds(lambda: [_dense_ious(one) for one in questions])
    for one, other in zip(mine, dense_values, strict=True):
        np.testing.assert_array_equal(one, other)
    masks = sum(len(track) for one in questions for track in (*one.true, *one.predicted))
    return {
        "what": "volume IoU matrices, decoding included in the peer's time", "questions": len(questions),
        "masks": masks, "values": "identical",
        "lines": [
            ratio("dense arrays (pycocotools decode, numpy)", theirs, ours, 40),
            ratio("the same, ours with checking the predicted tracks", theirs, ours + checked, 0),
        ],
    }  # fmt: skip


def _dense_ious(question: Tracks) -> np.ndarray[Any, Any]:
    predicted, true = (
        [dense.decoded(track, question.size) for track in tracks] for tracks in (question.predicted, question.true)
    )
    return dense.volume_ious(predicted, true)


def boundary(tree: Path, frames: int) -> dict[str, Any]:
    """J and F per object-frame at 480p; the peers get decoded arrays, we get run lengths."""
    import cv2

    cv2.setNumThreads(1)
    pairs = _pairs(tree, frames)
    count = sum(len(true) for true, _, _ in pairs)
    ours, mine = seconds(lambda: [(jaccard(*pair), boundary_f(*pair)) for pair in pairs], 3)
    arrays = [(dense.decoded(true, size), dense.decoded(given, size)) for true, given, size in pairs]
    vos, vos_values = seconds(lambda: [_vos(*pair) for pair in arrays])
    plain, plain_values = seconds(lambda: [dense.j_and_f(*pair) for pair in arrays])
    for theirs in (vos_values, plain_values):
        for one, other in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(np.array(one), np.array(other), rtol=0, atol=1e-12)
    return {
        "what": "J and F, seconds per object-frame at 480p, decoding not included in the peers' time",
        "object_frames": count, "values": "identical (1e-12)",
        "lines": [
            ratio("vos-benchmark 0.1.0, in memory", vos / count, ours / count, 8),
            ratio("dense DAVIS-style", plain / count, ours / count, 8),
        ],
    }  # fmt: skip


def _pairs(tree: Path, frames: int) -> list[Pair]:
    """Pairs of tracks whose first frame is not empty (vos-benchmark counts an object from where it appears)."""
    benchmark, answers = sample.opened(tree)
    pairs: list[Pair] = []
    for question in sample.tracks(benchmark, answers, sample.every(benchmark, 200)):
        for true, given in zip(question.true, question.predicted, strict=False):
            if min(question.size) == 480 and true[0] is not None and given[0] is not None:
                pairs.append((true, given, question.size))
                break
        if sum(len(true) for true, _, _ in pairs) >= frames:
            break
    return pairs


def _vos(true: dense.Masks, given: dense.Masks) -> tuple[list[float], list[float]]:
    from vos_benchmark.evaluator import Evaluator

    evaluator = Evaluator()
    for mask, truth in zip(given.view(np.uint8), true.view(np.uint8), strict=True):
        evaluator.feed_frame(mask, truth)
    return evaluator.object_iou[1], evaluator.boundary_f[1]


def captions(tree: Path, groups: int, peers: int) -> dict[str, Any]:
    """The caption metrics of all videos through one JVM, against pycocoevalcap called for some of them."""
    benchmark, answers = sample.opened(tree)
    texts = sample.texts(benchmark, answers, sample.every(benchmark, groups))
    began = time.perf_counter()
    mine = _ours(list(texts.values()))
    ours = (time.perf_counter() - began) / len(texts)
    chosen = list(range(0, len(texts), max(len(texts) // peers, 1)))[:peers]
    began = time.perf_counter()
    theirs = [_pycocoevalcap(list(texts.values())[number]) for number in chosen]
    peer = (time.perf_counter() - began) / len(chosen)
    for number, values in zip(chosen, theirs, strict=True):
        for name in CAPTION_METRICS:
            np.testing.assert_allclose(mine[number][name], values[name], rtol=0, atol=1e-9)
    return {
        "what": f"caption metrics, wall seconds per video and task; ours of {len(texts)} in one go, the JVM's start "
        f"included; the peer's of {len(chosen)} of them",
        "values": "identical (1e-9)",
        "lines": [ratio("pycocoevalcap 1.2 per video", peer, ours, 150)],
    }  # fmt: skip


def _ours(groups: Sequence[Texts]) -> list[dict[str, float]]:
    with Java() as java:
        found = iter(compare(java, groups))
        videos: dict[str, list[TextStatistics]] = {}
        for number, group in enumerate(groups):
            videos[str(number)] = [one for _ in group if isinstance(one := next(found), TextStatistics)]
        ciders = {
            name: cider([text.candidate for text in own], [text.reference for text in own]).tolist()
            for name, own in videos.items()
        }
        return list(caption_metrics(videos, ciders, java.meteor).values())


def _pycocoevalcap(pairs: Texts) -> dict[str, float]:
    """As the released script does it: a tokenizer, and a METEOR, that are started for this video."""
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.meteor.meteor import Meteor
    from pycocoevalcap.rouge.rouge import Rouge
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    tokenizer = PTBTokenizer()
    with contextlib.redirect_stdout(io.StringIO()):
        given, true = (
            tokenizer.tokenize({number: [{"caption": pair[side]}] for number, pair in enumerate(pairs)})
            for side in (0, 1)
        )
        bleu = Bleu(4).compute_score(true, given)[0]
        meteor = Meteor()
        rest = (
            meteor.compute_score(true, given)[0],
            Rouge().compute_score(true, given)[0],
            Cider().compute_score(true, given)[0],
        )
        meteor.meteor_p.kill()
    return dict(zip(CAPTION_METRICS, (*bleu, *map(float, rest)), strict=True))
