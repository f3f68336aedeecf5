"""Choice of the questions that are shown with their frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from sama_bench.leaderboard.page.question_data import ReadRun
from sama_bench.types import Key

# So many questions, all of them, or the 24 that went worst.
Samples: TypeAlias = int | Literal["all", "worst"]
SAMPLES = 24


def choose(runs: Sequence[ReadRun], samples: Samples) -> list[Key]:
    """The questions to show, in their order in the runs.

    A number of them is half the worst of the models' mean, a quarter those in which two models differ most, and the
    rest evenly over the range from bad to good. Who is shown the truth counts only where nobody else is there.
    """
    questions = _questions(runs)
    if samples == "all":
        return list(questions)
    means = {key: sum(values) / len(values) for key, values in questions.items() if values}
    worst = sorted(means, key=lambda key: means[key])
    if samples == "worst":
        return _in_order(questions, worst[:SAMPLES])
    gaps = {key: max(questions[key]) - min(questions[key]) for key in means}
    furthest = sorted((key for key in means if gaps[key] > 0), key=lambda key: -gaps[key])
    chosen = list(dict.fromkeys([*worst[: samples - samples // 2], *furthest[: samples // 4]]))
    chosen += _spread([key for key in worst if key not in set(chosen)], samples - len(chosen))
    return _in_order(questions, chosen)


def _questions(runs: Sequence[ReadRun]) -> dict[Key, list[float]]:
    """All questions with the values that the ranked runs have of them."""
    ranked = [run for run in runs if not run.sees_truth] or runs
    values: dict[Key, list[float]] = {key: [] for run in runs for key in run.questions}
    for run in ranked:
        for key, question in run.questions.items():
            if question.main is not None:
                values[key].append(question.main)
    return values


def _spread(keys: Sequence[Key], count: int) -> list[Key]:
    """`count` of the keys, evenly from the first to the last."""
    if count >= len(keys):
        return list(keys)
    return [keys[round(n * (len(keys) - 1) / max(1, count - 1))] for n in range(count)]


def _in_order(questions: Mapping[Key, object], chosen: Iterable[Key]) -> list[Key]:
    chosen_keys = set(chosen)
    return [key for key in questions if key in chosen_keys]
