"""Judging a run: what has no verdict yet is asked, and every verdict is kept as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from sama_bench.judge.attempts import Sample, ask
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.judge_input import JudgeInput
from sama_bench.judge.prompt_guard import harmless, plain
from sama_bench.types import Key
from sama_bench.verdicts.verdict import EMPTY, Verdict

if TYPE_CHECKING:
    from types import TracebackType

    from sama_bench.llm_client import Server
    from sama_bench.run.store import Store

SECONDS_UNKEPT = 0.2


@dataclass
class Done:
    """The result of a session: new verdicts, those without a score, and the server's failures, by reason."""

    verdicts: int = 0
    unscored: int = 0
    failed: Counter[str] = field(default_factory=Counter)


def says_nothing(case: JudgeInput) -> bool:
    """True if the answer has neither a letter nor a digit beside its marks."""
    return not any(map(str.isalnum, harmless(plain(case.candidate))))


def missing_samples(config: JudgeConfig, inputs: Iterable[JudgeInput], store: Store) -> list[Sample]:
    """The samples of questions that `store` has no verdict of this judge for; an empty answer has one."""
    known = {(key, sample) for key, sample, _ in store.verdicts(config.key)}
    return [
        Sample(case, sample)
        for case in inputs
        for sample in range(1 if says_nothing(case) else config.samples)
        if (case.key, sample) not in known
    ]


def judge(
    config: JudgeConfig,
    todo: Sequence[Sample],
    store: Store,
    server: Server,
    report_done: Callable[[], None] = lambda: None,
) -> Done:
    """Ask for `todo` and keep each verdict; `report_done` is called for each that is through.

    An empty answer scores 0 without a request. What the server fails with is no verdict: it is asked again next time.
    The judge becomes the run's last one with its first verdict here, or where there is nothing left to ask: one that
    said nothing leaves no trace. Parameters that the server does not take are noted with it. Raises UserError where the
    budget is spent, or the run cannot be written; what came before is kept.
    """
    done = Done()
    with _Keeper(config, store, server) as keeper:
        to_ask = [sample for sample in todo if not says_nothing(sample.case)]
        for sample, result in ask(config, server, to_ask):
            if isinstance(result, Verdict):
                keeper.keep(sample, result)
                done.verdicts += 1
                done.unscored += result.score is None
            else:
                done.failed[result.reason] += 1
            report_done()
        # Those of empty answers, of which nobody is asked, are kept last: alone they would say that a judge was there.
        for sample in todo if done.verdicts or not to_ask else ():
            if says_nothing(sample.case):
                keeper.keep(sample, EMPTY)
                done.verdicts += 1
                report_done()
        if not todo:
            keeper.use()
    return done


class _Keeper:
    """Puts verdicts into a run, those of a fifth of a second in one transaction, and the last when it is left.

    The first of them puts their judge into the run.
    """

    def __init__(self, config: JudgeConfig, store: Store, server: Server) -> None:
        self._judging, self._store, self._server = config, store, server
        self._unkept: list[tuple[Key, int, Verdict]] = []
        self._kept_at = monotonic()
        self._known = store.judges().get(config.key)
        self._noted: list[str] | None = None

    def keep(self, sample: Sample, verdict: Verdict) -> None:
        self._unkept.append((sample.case.key, sample.sample, verdict))
        if monotonic() - self._kept_at >= SECONDS_UNKEPT:
            self._flush()

    def use(self) -> None:
        """Make the judge, which said all before, the run's last one."""
        if self._known is not None:
            self._note()

    def _flush(self) -> None:
        if not self._unkept:
            return
        self._note()
        rows = [(key, sample, verdict.to_json()) for key, sample, verdict in self._unkept]
        self._store.put_verdicts(self._judging.key, rows)
        self._unkept, self._kept_at = [], monotonic()

    def _note(self) -> None:
        dropped = sorted({*(self._known or {}).get("dropped", []), *self._server.dropped})
        if dropped != self._noted:
            self._store.put_judge(self._judging.key, {**self._judging.to_json(), "dropped": dropped})
            self._noted = dropped

    def __enter__(self) -> _Keeper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
