"""A judge's result on a run: its verdicts by question, and what they come to."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sama_bench.errors import UserError
from sama_bench.files.json_shapes import at, shaped_value
from sama_bench.types import Key
from sama_bench.verdicts.verdict import Verdict

REASONS_SHOWN = 3
NAME = 80
HUMAN, PEOPLE = "Human", "people"  # the column of ratings by people, and what stands in place of their template
_no_name = re.compile(r"[^\w.+/@-]+")


@dataclass(frozen=True)
class _About:
    """The settings of a judge that a run keeps (`JudgeConfig.to_json`)."""

    column: str
    model: str
    template: str
    temperature: float
    seed: int
    samples: int
    dropped: Sequence[str] = ()


def check_about(content: object) -> _About:
    """The settings of a judge as a run keeps them. Raises UserError where the content is not that."""
    about = shaped_value(_About, content)
    if about.samples < 1:
        raise UserError(f"{about.samples} is not 1 or more{at('samples')}")
    return about


@dataclass(frozen=True)
class Judged:
    """The verdicts of one judge on one run; `verdicts[key]` are those of a question's samples, in order.

    `about` is what `JudgeConfig.to_json` gave. Of samples only the first that were asked for last count.
    """

    about: Mapping[str, Any]
    verdicts: Mapping[Key, Sequence[Verdict]]

    @classmethod
    def of(cls, about: Mapping[str, Any], rows: Iterable[tuple[Key, int, Mapping[str, Any]]]) -> Judged:
        """Put the rows of a run together. Raises UserError where one is no verdict, or has parts of its own."""
        verdicts: dict[Key, list[Verdict]] = {}
        for key, sample, content in rows:
            if sample < about["samples"]:
                verdicts.setdefault(key, []).append(Verdict.from_json(content))
        if len({frozenset(verdict.parts) for samples in verdicts.values() for verdict in samples if verdict.parts}) > 1:
            raise UserError("verdicts of one judge have unlike parts")
        return cls(about, verdicts)

    @property
    def column(self) -> str:
        """The column that it fills: CLAIR or Judge."""
        return str(self.about["column"])

    @property
    def label(self) -> str:
        """The signature's part: the judge as its server names it, template, temperature, seed, samples.

        A temperature that the server does not take is its `own`, such a seed `none`. Of people: who they are called,
        and how many raters.
        """
        if self.column == HUMAN:
            return f"{_no_name.sub('_', str(self.about['model']))[:NAME]},raters={self.about['samples']}"
        models = sorted({verdict.model for verdicts in self.verdicts.values() for verdict in verdicts if verdict.model})
        model_names = "+".join(_no_name.sub("_", model)[:NAME] for model in models or [str(self.about["model"])])
        dropped, about = self.about.get("dropped", ()), self.about
        temperature = "own" if "temperature" in dropped else f"{about['temperature']:g}"
        seed = "none" if "seed" in dropped else about["seed"]
        return f"{model_names}/{about['template']},t={temperature},seed={seed},samples={about['samples']}"

    def says_anything(self, answered: int) -> bool:
        """True if the judge said anything of a run with so many answers.

        Of empty answers nobody is asked: their verdicts alone say nothing of a judge, unless all answers are empty.
        """
        was_asked = any(verdict.tries for verdicts in self.verdicts.values() for verdict in verdicts)
        return was_asked or 0 < answered <= len(self.verdicts)

    def to_json(self) -> dict[str, object]:
        """All verdicts with JSON's own types, in the order of task, id and sample."""
        verdicts = [
            {"task": key.task, "question_id": key.id, "sample": sample, **verdict.to_json()}
            for key, samples in sorted(self.verdicts.items())
            for sample, verdict in enumerate(samples)
        ]
        return {"judge": {**self.about, "label": self.label}, "verdicts": verdicts}

    def value(self, key: Key) -> float | None:
        """The mean of a question's scored samples, in 0…1; None where it has none."""
        scores = self._scores(key)
        return math.fsum(scores) / len(scores) if scores else None

    def summary(self, keys: Sequence[Key]) -> dict[str, Any]:
        """Counts, spread and sub-scores over the questions `keys` that have an answer, with JSON's own types.

        `judged` have a verdict, `unscored` of them none with a score. `spread` is the standard deviation of the
        samples of one question, root mean square over the questions; absent with one sample.
        """
        judged = [key for key in keys if self.verdicts.get(key)]
        scored = [key for key in judged if self.value(key) is not None]
        summary: dict[str, Any] = {
            "of": len(keys),
            "judged": len(judged),
            "unscored": len(judged) - len(scored),
            "samples": self.about["samples"],
        }
        variances = [value for key in scored if (value := self.variance(key)) is not None]
        if variances:
            summary["spread"] = math.sqrt(math.fsum(variances) / len(variances))
        summary["parts"] = self._parts(scored)
        quotes = [quote.found for key in judged for verdict in self.verdicts[key] for quote in verdict.evidence]
        if quotes:
            summary["quotes"] = {"given": len(quotes), "not_found": quotes.count(False)}
        if reasons := self._reasons(judged):
            summary["reasons"] = reasons
        return summary

    def variance(self, key: Key) -> float | None:
        """The variance of a question's scored samples; None where there are fewer than two."""
        scores = self._scores(key)
        if len(scores) < 2:
            return None
        mean = math.fsum(scores) / len(scores)
        return math.fsum((score - mean) ** 2 for score in scores) / (len(scores) - 1)

    def own_error(self, videos: Mapping[str, Sequence[Key]]) -> float | None:
        """The standard error that the judge alone gives the mean over `videos` of the means of their questions.

        None where no question has two scored samples. One that was scored once has the variance that the others have
        on average; one without verdict, or whose answer was empty, has a value that does not vary.
        """
        varying_keys = {video: [key for key in keys if self._varies(key)] for video, keys in videos.items()}
        variances = [
            value for keys in varying_keys.values() for key in keys if (value := self.variance(key)) is not None
        ]
        if not variances:
            return None
        usual_variance = math.fsum(variances) / len(variances)
        counted = [(keys, len(videos[video])) for video, keys in varying_keys.items() if videos[video]]
        total = math.fsum(
            math.fsum(self._error(key, usual_variance) for key in keys) / count**2 for keys, count in counted
        )
        return math.sqrt(total) / len(counted)

    def _error(self, key: Key, usual_variance: float) -> float:
        """The variance of a question's value."""
        variance = self.variance(key)
        return (usual_variance if variance is None else variance) / len(self._scores(key))

    def _varies(self, key: Key) -> bool:
        return bool(self._scores(key)) and self.verdicts[key][0].tries > 0

    def _scores(self, key: Key) -> list[float]:
        return [verdict.score for verdict in self.verdicts.get(key, ()) if verdict.score is not None]

    def _parts(self, keys: Sequence[Key]) -> dict[str, float]:
        """The mean of each of the template's own scores over the questions that the judge was asked about."""
        by_part: dict[str, list[float]] = {}
        for key in keys:
            with_parts = [verdict for verdict in self.verdicts[key] if verdict.parts]
            for name in with_parts[0].parts if with_parts else ():
                by_part.setdefault(name, []).append(
                    math.fsum(verdict.parts[name] for verdict in with_parts) / len(with_parts)
                )
        return {name: math.fsum(values) / len(values) for name, values in by_part.items()}

    def _reasons(self, keys: Sequence[Key]) -> dict[str, int]:
        counted = Counter(verdict.reason for key in keys for verdict in self.verdicts[key] if verdict.score is None)
        return dict(counted.most_common(REASONS_SHOWN))
