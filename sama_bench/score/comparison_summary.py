"""What a comparison comes to: a sentence on who is better, on what and how surely, and the questions that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from sama_bench.benchmark.installed import load_task
from sama_bench.metric import Metric, headline_metrics, question_values
from sama_bench.score.rounding import percent
from sama_bench.statistics import QuestionStatistics
from sama_bench.task import Task
from sama_bench.types import Key

if TYPE_CHECKING:
    from sama_bench.score.comparison import Line

ALPHA = 0.05
CHANGED = 3  # questions of each direction

Lines = Mapping[tuple[str, str], "Sequence[Line]"]


@dataclass(frozen=True)
class Change:
    """A question whose value is not the same in both runs; `a` and `b` are fractions."""

    key: Key
    metric: Metric
    a: float
    b: float

    @property
    def gain(self) -> float:
        """What the second run does better; below 0 where it does worse."""
        return (self.b - self.a) * (1 if self.metric.higher_is_better else -1)

    def to_json(self) -> dict[str, object]:
        """With JSON's own types."""
        return {"question": str(self.key), "metric": self.metric.name, "a": self.a, "b": self.b}


class Headline(NamedTuple):
    """A headline metric of the comparison; `sure` where its difference holds beside all others (Holm)."""

    task: Task
    line: Line
    sure: bool

    @property
    def gain(self) -> float:
        """What the second run does better, a fraction."""
        return self.line.difference * (1 if self.line.metric.higher_is_better else -1)


def headlines(lines: Lines) -> list[Headline]:
    """The headline metrics of each task's main protocol, or of the last that was compared, with how sure each is."""
    chosen: list[tuple[Task, Line]] = []
    for key in dict.fromkeys(task for _, task in lines):
        task = load_task(key)
        protocols = [protocol for protocol, known in lines if known == key]
        main = task.main_protocol.name
        compared = lines[main if main in protocols else protocols[-1], key]
        first = headline_metrics([line.metric for line in compared])
        chosen += [(task, line) for line in compared if line.metric in first]
    sure = _sure([line.p for _, line in chosen])
    return [Headline(task, line, certain) for (task, line), certain in zip(chosen, sure, strict=True)]


def _sure(p_values: Sequence[float | None]) -> list[bool]:
    """Which differences hold at 5 %, corrected for their number by Holm's method; one without a p-value does not."""
    order = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    sure = [False] * len(p_values)
    for rank, (p, place) in enumerate(order):
        if p * (len(order) - rank) > ALPHA:
            break
        sure[place] = True
    return sure


def sentence(lines: Lines, labels: tuple[str, str]) -> str:
    """Which of the two is better, on what, and how sure that is."""
    a, b = labels
    known = headlines(lines)
    several = len({headline.task.key for headline in known}) > 1
    better = [headline for headline in known if headline.sure and headline.gain > 0]
    worse = [headline for headline in known if headline.sure and headline.gain < 0]
    open_ones = [headline for headline in known if not headline.sure]
    if not known:
        return f"{a} and {b} share no headline metric; the tables say the rest."
    if all(headline.line.difference == 0 for headline in known):
        numbers = ", ".join(f"{headline.line.metric.label} {percent(headline.line.a)}" for headline in known)
        return f"{b} and {a} have the same headline numbers: {numbers}."
    parts = []
    if better:
        parts.append(f"{b} is better than {a} on {_listed(better, several=several)}")
    if worse:
        than = "" if better else f" than {a}"
        subject = "worse" if better else f"{b} is worse"
        parts.append(f"{subject}{than} on {_listed(worse, several=several)}")
    if not parts:
        parts.append(f"No difference between {a} and {b} is sure")
    text = ", and ".join(parts)
    if open_ones:
        lead = "; not sure: " if better or worse else ": "
        text += f"{lead}{_listed(open_ones, several=several)}"
    tested = sum(headline.line.p is not None for headline in known)
    if not tested:
        return f"{text}. With fewer than two videos nothing can be tested."
    videos = max(headline.line.videos for headline in known)
    if videos < (needed := _videos_needed(tested)):
        of = f"{tested} metric{'s' if tested > 1 else ''}"
        few = f"{videos} videos are too few for a difference of {of} to be sure, whatever it is"
        return f"{text}. ({few}: {needed} are needed at least.)"
    return f"{text}. (Sure: 5 % level, corrected for {tested} metric{'s' if tested > 1 else ''} by Holm's method.)"


def _videos_needed(tests: int) -> int:
    """The fewest videos whose swaps can give a p-value that holds beside those of so many tests: 2 of 2^n of them."""
    return next(videos for videos in count(2) if 2.0 ** (1 - videos) * tests <= ALPHA)


def _listed(headlines: Sequence[Headline], *, several: bool) -> str:
    return ", ".join(_told(headline, several=several) for headline in headlines)


def _told(headline: Headline, *, several: bool) -> str:
    line = headline.line
    where = f" ({headline.task.alias})" if several else ""
    p = "" if line.p is None else f", p {line.p:.2g}" if line.p >= 0.001 else ", p < 0.001"
    change = f"{percent(line.a)} to {percent(line.b)}{p}"
    return f"{line.metric.label}{where} by {percent(line.difference, signed=True)} ({change})"


def changes(
    a: Mapping[Key, QuestionStatistics], b: Mapping[Key, QuestionStatistics], metrics: Mapping[str, Sequence[Metric]]
) -> list[Change]:
    """The questions that changed most by the metric that orders their task: gains first, then losses, by task.

    `metrics` are those of each task's main protocol that were made alike. Where single questions have no value of the
    ordering one, the first that they have counts.
    """
    found: list[Change] = []
    for task, candidates in metrics.items():
        order = load_task(task).orders_by
        able = [metric for metric in candidates if metric.question is not None]
        able.sort(key=lambda metric: metric.name != order)
        if not able:
            continue
        metric, changed = able[0], []
        for key in (key for key in a if key.task == task and key in b):
            first, other = (question_values([metric], side[key]).get(metric.name) for side in (a, b))
            if first is not None and other is not None and percent(first) != percent(other):
                changed.append(Change(key, metric, first, other))
        changed.sort(key=lambda change: (-change.gain, change.key))
        gains = [change for change in changed if change.gain > 0][:CHANGED]
        losses = [change for change in reversed(changed) if change.gain < 0][:CHANGED]
        found += [*gains, *losses]
    return found
