"""The page of what training data and benchmark have in common: frames side by side, texts, scores without."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from sama_bench.training_set.overlap import Overlap, Pair
from sama_bench.training_set.page import write_page
from sama_bench.training_set.picture_hash import Look, thumbnail
from sama_bench.training_set.scores_without import Row
from sama_bench.training_set.text_overlap import NEARLY

MOST_PAIRS, MOST_TEXTS = 200, 200


def write_overlap(overlap: Overlap, out: Path, run: str = "", scores: Sequence[Row] = ()) -> None:
    """Write the page to the file `out`, with the scores of a run where there are any. Raises UserError."""
    values = {
        "training": str(overlap.training),
        "benchmark": str(overlap.benchmark),
        "videos": overlap.videos,
        "count": len(overlap.pairs),
        "bits": overlap.bits,
        "unread": overlap.unread,
        "pairs": [_shown(pair) for pair in overlap.pairs[:MOST_PAIRS]],
        "other_names": list(overlap.other_names.items()),
        "texts": overlap.texts[:MOST_TEXTS],
        "text_count": overlap.text_count,
        "nearly": f"{NEARLY:.0%}",
        "run": run,
        "scores": list(scores),
    }
    write_page(out, "overlap.html", values)


def _shown(pair: Pair) -> dict[str, object]:
    looks: Sequence[Look | None] = pair.pictures or (None, None)
    sides = [
        {"video": video, "picture": _encoded(look)}
        for video, look in zip((pair.training, pair.benchmark), looks, strict=True)
    ]
    return {"certain": pair.is_certain, "evidence": ", ".join(pair.evidence), "sides": sides}


def _encoded(look: Look | None) -> str:
    content = None if look is None else thumbnail(look)
    return "" if content is None else base64.b64encode(content).decode("ascii")
