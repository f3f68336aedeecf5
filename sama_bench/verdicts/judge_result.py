"""What a judge said of a run: its verdicts by question, and what they come to."""

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
_no_name = re.compile(r"[^\w.+/@-]+")


@dataclass(frozen=True)
class _About:
    """What has to be known of a judge (`JudgeConfig.to_json`)."""

    column: str
    model: str
    template: str
    temperature: float
    seed: int
    samples: int
    dropped: Sequence[str] = ()


def check_about(content: object) -> _About:
    """What a run keeps of a judge. Raises UserError where it is not that."""
    found = shaped_value(_About, content)
    if found.samples < 1:
        raise UserError(f"{found.samples} is not 1 or more{at('samples')}")
    return found


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
        found: dict[Key, list[Verdict]] = {}
        for key, sample, content in rows:
            if sample < about["samples"]:
                found.setdefault(key, []).append(Verdict.from_json(content))
        if len({frozenset(one.parts) for own in found.values() for one in own if one.parts}) > 1:
            raise UserError("verdicts of one judge have unlike parts")
        return cls(about, found)

    @property
    def column(self) -> str:
        """The column that it fills: CLAIR or Judge."""
        return str(self.about["column"])

    @property
    def label(self) -> str:
        """What goes into a signature: the judge as its server names it, template, temperature, seed, samples.

        A temperature that the server does not take is its `own`, such a seed `none`.
        """
        models = sorted({one.model for verdicts in self.verdicts.values() for one in verdicts if one.model})
        named = "+".join(_no_name.sub("_", one)[:NAME] for one in models or [str(self.about["model"])])
        dropped, about = self.about.get("dropped", ()), self.about
        temperature = "own" if "temperature" in dropped else f"{about['temperature']:g}"
        seed = "none" if "seed" in dropped else about["seed"]
        return f"{named}/{about['template']},t={temperature},seed={seed},samples={about['samples']}"

    def says_anything(self, answered: int) -> bool:
        """Whether the judge said anything of a run with so many answers.

        Of empty answers nobody is asked: their verdicts alone say nothing of a judge, unless all answers are empty.
        """
        asked = any(one.tries for verdicts in self.verdicts.values() for one in verdicts)
        return asked or 0 < answered <= len(self.verdicts)

    def to_json(self) -> dict[str, object]:
        """All verdicts with JSON's own types, in the order of task, id and sample."""
        verdicts = [
            {"task": key.task, "question_id": key.id, "sample": sample, **one.to_json()}
            for key, own in sorted(self.verdicts.items())
            for sample, one in enumerate(own)
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
        found: dict[str, Any] = {
            "of": len(keys),
            "judged": len(judged),
            "unscored": len(judged) - len(scored),
            "samples": self.about["samples"],
        }
        variances = [one for key in scored if (one := self.variance(key)) is not None]
        if variances:
            found["spread"] = math.sqrt(math.fsum(variances) / len(variances))
        found["parts"] = self._parts(scored)
        quotes = [one.found for key in judged for verdict in self.verdicts[key] for one in verdict.evidence]
        if quotes:
            found["quotes"] = {"given": len(quotes), "not_found": quotes.count(False)}
        if reasons := self._reasons(judged):
            found["reasons"] = reasons
        return found

    def variance(self, key: Key) -> float | None:
        """The variance of a question's scored samples; None where there are fewer than two."""
        scores = self._scores(key)
        if len(scores) < 2:
            return None
        mean = math.fsum(scores) / len(scores)
        return math.fsum((one - mean) ** 2 for one in scores) / (len(scores) - 1)

    def own_error(self, videos: Mapping[str, Sequence[Key]]) -> float | None:
        """The standard error that the judge alone gives the mean over `videos` of the means of their questions.

        None where no question has two scored samples. One that was scored once has the variance that the others have
        on average; one without verdict, or whose answer was empty, has a value that does not vary.
        """
        asked = {video: [key for key in keys if self._varies(key)] for video, keys in videos.items()}
        known = [one for keys in asked.values() for key in keys if (one := self.variance(key)) is not None]
        if not known:
            return None
        usual = math.fsum(known) / len(known)
        counted = [(own, len(videos[video])) for video, own in asked.items() if videos[video]]
        total = math.fsum(math.fsum(self._error(key, usual) for key in own) / count**2 for own, count in counted)
        return math.sqrt(total) / len(counted)

    def _error(self, key: Key, usual: float) -> float:
        """The variance of a question's value."""
        variance = self.variance(key)
        return (usual if variance is None else variance) / len(self._scores(key))

    def _varies(self, key: Key) -> bool:
        return bool(self._scores(key)) and self.verdicts[key][0].tries > 0

    def _scores(self, key: Key) -> list[float]:
        return [one.score for one in self.verdicts.get(key, ()) if one.score is not None]

    def _parts(self, keys: Sequence[Key]) -> dict[str, float]:
        """The mean of each of the template's own scores over the questions that the judge was asked about."""
        found: dict[str, list[float]] = {}
        for key in keys:
            asked = [one for one in self.verdicts[key] if one.parts]
            for name in asked[0].parts if asked else ():
                found.setdefault(name, []).append(math.fsum(one.parts[name] for one in asked) / len(asked))
        return {name: math.fsum(values) / len(values) for name, values in found.items()}

    def _reasons(self, keys: Sequence[Key]) -> dict[str, int]:
        counted = Counter(one.reason for key in keys for one in self.verdicts[key] if one.score is None)
        return dict(counted.most_common(REASONS_SHOWN))
