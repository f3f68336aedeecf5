"""lmms-eval's files of samples, which hold the answers that it collected for our tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sama_bench.errors import UserError
from sama_bench.files.opening import open_regular
from sama_bench.lmms import answer_text
from sama_bench.lmms.documents import benchmark, key_of
from sama_bench.lmms_yaml import ANSWERED
from sama_bench.run.prediction_line import line


def lines(path: Path) -> list[str]:
    """The answers in a file of samples as lines of predictions, in its order.

    The benchmark has to be the one that was asked ($SAMA_BENCH_ROOT). Raises UserError with every line that is not a
    sample of ours, or cannot be read.
    """
    videos = {entry.video.id: entry.video for entry in benchmark().entries}
    lines_of_answers: list[str] = []
    problems: list[str] = []
    try:
        with open_regular(path) as file:
            for number, raw_line in enumerate(file, 1):
                try:
                    item = _item(raw_line)
                    key, video = key_of(item), videos[item["video"]]
                    answered = answer_text.read(item["answer"], video)
                    if answered is None or benchmark().where.get(key) != video.id:
                        raise KeyError
                    lines_of_answers.append(line(key, video.id, answered.prediction, answered.can))
                except NotScored:
                    raise UserError(
                        f"{path}: its samples have no results ({ANSWERED}): made with --predict_only?"
                    ) from None
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    problems.append(f"{path}:{number}: is no sample of a task of ours on {benchmark().root}")
    except OSError as problem:
        raise UserError(f"{path}: cannot be read ({problem.strerror or problem})") from problem
    if problems:
        raise UserError(problems)
    return lines_of_answers


class NotScored(Exception):
    """A sample of lmms-eval that has an answer but no results."""


def _item(raw_line: bytes) -> dict[str, Any]:
    sample = json.loads(raw_line)
    if "filtered_resps" in sample and "bypass" in sample and ANSWERED not in sample:
        raise NotScored
    item: dict[str, Any] = sample[ANSWERED]
    return item
