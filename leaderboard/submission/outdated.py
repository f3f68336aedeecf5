"""Entries that were scored in another way than they would be today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sama_bench import __version__
from sama_bench.benchmark.installed import is_task, load_task
from sama_bench.leaderboard.submission.entry import PACKED, SubmissionEntry
from sama_bench.leaderboard.submission.settings import USUAL, SubmissionSettings
from sama_bench.score.signature import METEOR, SHORT, TOKENIZER
from sama_bench.score.similarity_choice import DEFAULTS
from sama_bench.types import TaskName


def outdated(entry: SubmissionEntry, settings: SubmissionSettings, folder: Path) -> list[str]:
    """A line with what differs and the command that scores the entry anew; empty where nothing would change.

    Of the phrase similarity only the name is compared, for its weights are not read.
    """
    changes = dict.fromkeys(
        f"{part} {then}, now {now}"
        for protocol, tasks in entry.scores.signature.items()
        for task, signature in tasks.items()
        if is_task(task) and protocol in load_task(task).protocols
        for part, then, now in _differences(signature, _today(protocol, task, settings))
    )
    if not changes:
        return []
    command = f"sama-bench leaderboard add {folder / PACKED / entry.packed} --to {folder} --replace --bench PATH"
    return [f"{entry.card.name}: was scored in another way ({'; '.join(changes)}); to add it again: {command}"]


def _today(name: str, key: TaskName, settings: SubmissionSettings) -> dict[str, object]:
    task = load_task(key)
    protocol = next(candidate for candidate in task.scoring if candidate.name == name)
    usual = DEFAULTS.get(protocol.similarity or "")
    depends = {part for metric in protocol.metrics for part in metric.depends_on}
    parts = {
        "tokenizer": TOKENIZER,
        "meteor": METEOR,
        "phrases": usual if settings.phrases == USUAL else settings.phrases,
    }
    return {
        "version": __version__,
        "benchmark": settings.benchmark[:SHORT],
        "definition": task.digest[:SHORT],
        **{part: value if part in depends else None for part, value in parts.items()},
    }


def _differences(signature: Mapping[str, object], today: Mapping[str, object]) -> Iterator[tuple[str, object, object]]:
    for part, now in today.items():
        then = signature.get(part)
        if part == "phrases" and isinstance(then, str):
            then = then.partition("@")[0].partition("/")[0]
        if then != now:
            yield part, then, now
