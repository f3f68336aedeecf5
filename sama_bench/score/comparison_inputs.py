"""A scored run, or a file of scores, as one side of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sama_bench.errors import UserError
from sama_bench.files.json_files import read_json
from sama_bench.files.json_shapes import damaged
from sama_bench.run.names import Named
from sama_bench.run.store import DATABASE, Store
from sama_bench.score.comparison import Side
from sama_bench.score.scores import of_run, read
from sama_bench.statistics import QuestionStatistics
from sama_bench.types import Key


def load_side(path: Path) -> Side:
    """Read the folder of a scored run, or a file that `score --json` wrote (which knows no single questions).

    A leaderboard's entry is such a file, and called by its own name. Raises UserError where it is neither of these, or
    not scored.
    """
    if path.is_file():
        scores = read(path, f"make it again with: sama-bench score RUN --json {path}")
        return Side(str(path), scores, called=_called_in(path))
    with Store.open(path) as store:
        manifest, settings = store.manifest, store.settings
        called = Named(settings.model, settings.model_args, path, manifest.name)
        statistics = statistics_of(store)
        return Side(str(path), of_run(store), statistics, settings, called=called, sees_truth=manifest.sees_truth)


def _called_in(path: Path) -> Named | None:
    """What the entry of a leaderboard is called; None for a file of scores that says nothing of it."""
    content = read_json(path)
    card = content.get("card") if isinstance(content, dict) else None
    name = card.get("name") if isinstance(card, dict) else None
    return Named("", {}, path, name) if isinstance(name, str) and name else None


def statistics_of(store: Store) -> Mapping[Key, QuestionStatistics]:
    """The statistics of a scored run's questions, by key. Raises UserError with all that is damaged."""
    by_key: dict[Key, QuestionStatistics] = {}
    problems: list[str] = []
    for key, text in store.statistics():
        try:
            by_key[key] = QuestionStatistics.from_text(text)
        except UserError as problem:
            problems += [f"{message} in the statistics of question {key}" for message in problem.problems]
        else:
            problems += [f"statistics of {by_key[key].key} stand at question {key}"] * (by_key[key].key != key)
    if problems:
        raise damaged(store.path / DATABASE, problems, f"make them again with: sama-bench score {store.path}")
    return by_key
