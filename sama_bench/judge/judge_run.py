"""Judging a run as a user asks for it: judge, server, cache of replies, progress bar, and what it would cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sama_bench.benchmark import Benchmark
from sama_bench.cache import cache_folder
from sama_bench.errors import UserError
from sama_bench.judge import DEFAULT_CONCURRENCY, DEFAULT_TEMPLATE, session
from sama_bench.judge.attempts import Sample
from sama_bench.judge.batch import BatchServer, halved
from sama_bench.judge.batch_state import FILE
from sama_bench.judge.estimate import Estimate, estimate
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.judge_input import cases
from sama_bench.judge.spending_bar import SpendingBar
from sama_bench.judge.template import Template
from sama_bench.llm_client import Prices, ResponseCache, Server
from sama_bench.llm_client.cache import unkept
from sama_bench.run.store import Store

REPLIES = "replies.sqlite"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Judge:
    """A judge's settings, and the server that is asked for it."""

    judging: JudgeConfig
    server: Server

    @classmethod
    def usual(cls, model: str, tell: Tell) -> Judge:
        """The judge that `sama-bench judge RUN --judge MODEL` asks. Raises UserError where there is no key for it."""
        return cls(JudgeConfig.of(model, Template.load(DEFAULT_TEMPLATE)), open_server(tell))

    def on(self, store: Store, benchmark: Benchmark, limit: int | None = None) -> session.Done:
        """Judge what of a run has no verdict yet, with a progress bar. Raises UserError as `session.judge` does."""
        todo = without_verdict(self.judging, store, benchmark, limit)
        with SpendingBar(f"judge {self.judging.model}", len(todo), self.server.bill) as bar:
            return session.judge(self.judging, todo, store, self.server, bar.step)


def open_server(
    tell: Tell,
    base_url: str | None = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    budget: float | None = None,
    prices: Path | None = None,
) -> Server:
    """The judge's server, with the cache of replies; `prices` is a file in place of ours, `budget` in US dollars.

    `tell` is given a line where the cache will not outlast the process. Raises UserError where there is no key.
    """
    _warn_of_cache(tell)
    return Server(base_url, concurrency=concurrency, cache=_replies(), budget=budget, prices=Prices.load(prices))


def open_batch_server(
    tell: Tell, run: Path, base_url: str | None = None, budget: float | None = None, prices: Path | None = None
) -> BatchServer:
    """The server of OpenAI's Batch API, whose open batches stand in the folder `run`; else as `open_server`."""
    _warn_of_cache(tell)
    return BatchServer(base_url, run / FILE, _replies(), budget=budget, prices=Prices.load(prices), tell=tell)


def without_verdict(config: JudgeConfig, store: Store, benchmark: Benchmark, limit: int | None = None) -> list[Sample]:
    """The samples of questions that are still to be judged; `limit` is the most of each task.

    Raises UserError where the run's model gives no text of its own.
    """
    if not store.can.text:
        raise UserError(f"{store.path}: its model gives no text of its own; there is nothing to judge")
    return session.missing_samples(config, cases(benchmark, store, limit), store)


def estimate_cost(
    config: JudgeConfig, todo: Sequence[Sample], prices: Path | None, *, batch: bool = False
) -> tuple[Estimate, float | None]:
    """The requests of `todo`, and their cost in US dollars; None where the model's price is not known."""
    table = Prices.load(prices)
    price = (halved(table) if batch else table).of(config.model)
    with closing(_replies()) as cache:
        counted = estimate(config, todo, cache)
    return counted, None if price is None else price.of(counted.tokens_in, counted.tokens_out)


def _warn_of_cache(tell: Tell) -> None:
    """Tell where the cache of replies that are about to be paid for will not outlast the process."""
    if (reason := unkept()) is not None:
        tell(f"warning: {reason}")


def _replies() -> ResponseCache:
    return ResponseCache(cache_folder() / REPLIES)
