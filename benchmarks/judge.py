"""How fast and how surely a judge is asked: `python -m benchmarks.judge speed`, and `… killed`.

`speed`: a server on loopback, in a process of its own, answers each request after 200 ms and refuses the 33rd at a time
with status 429. 5,067 answers take at least 5,067 · 0.2 / 32 s; measured is from an empty run and an empty cache to the
last kept verdict, and then for another run, when all is in the cache.

`killed`: the server is in every mood there is (slow, 429, 500, cut connections, garbage, refusals, scores in words),
and the process that asks is killed ten times (SIGKILL) on the way; verdicts and requests are counted at the end.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

import click

from benchmarks.desk import beside
from benchmarks.judges import Judges, answered, cases, every_mood, score_of
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.session import judge, missing_samples
from sama_bench.judge.template import Template
from sama_bench.llm_client import ResponseCache, Server
from sama_bench.run.store import Store

QUESTIONS, SECONDS, AT_ONCE, KILLS = 5067, 0.2, 32, 10
ENVIRONMENT = {"OPENAI_API_KEY": "none"}


@click.group()
def main() -> None:
    """How fast and how surely a judge is asked."""


def judging() -> JudgeConfig:
    """The judge that is asked."""
    return JudgeConfig("desk", Template.load("clair"))


def _serve(pipe: Connection, seconds: float, at_once: int) -> None:
    asyncio.run(Judges(seconds=seconds, at_once=at_once).run(pipe.send))


@contextmanager
def apart(seconds: float, at_once: int) -> Iterator[str]:
    """The server in a process of its own: its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, seconds, at_once), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.terminate()
        process.join()


@main.command()
@click.option("--questions", default=QUESTIONS, show_default=True)
@click.option("--seconds", default=SECONDS, show_default=True)
@click.option("--at-once", default=AT_ONCE, show_default=True)
def speed(questions: int, seconds: float, at_once: int) -> None:
    """Print the wall seconds, and their ratio to the least that the server allows."""
    os.environ.update(ENVIRONMENT)
    least = questions * seconds / at_once
    with tempfile.TemporaryDirectory() as folder, apart(seconds, at_once) as url:
        for name in ("asked", "from the cache"):
            answered(Path(folder) / name, cases(questions)).close()
            took = ask(Path(folder) / name, url, Path(folder) / "replies.sqlite", at_once)
            click.echo(
                f"{name}: {questions} verdicts in {took:.1f} s; at least {least:.1f} s, ratio {took / least:.2f}"
            )


def ask(run: Path, url: str, cache: Path, at_once: int) -> float:
    """Judge what has no verdict yet: wall seconds. Raises SystemExit where the server failed for any."""
    with Store.open(run, write=True) as store:
        given = cases(len(store.all_keys()))
        server = Server(url, concurrency=at_once, cache=ResponseCache(cache))
        began = time.perf_counter()
        done = judge(judging(), missing_samples(judging(), given, store), store, server)
        if done.failed:
            raise SystemExit(f"the server failed: {done.failed}")
        return time.perf_counter() - began


@main.command(hidden=True)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("url")
@click.argument("cache", type=click.Path(path_type=Path))
def work(run: Path, url: str, cache: Path) -> None:
    """Be the process that is killed."""
    ask(run, url, cache, AT_ONCE)


@main.command()
@click.option("--questions", default=QUESTIONS, show_default=True)
@click.option("--kills", default=KILLS, show_default=True)
@click.option("--seed", default=0, show_default=True)
def killed(questions: int, kills: int, seed: int) -> None:
    """Print what came of the verdicts, and how many replies were sent again that had been sent as a whole."""
    server = Judges(every_mood, seconds=0.05)
    due = sum(len(every_mood(number)) for number in range(questions))
    with tempfile.TemporaryDirectory() as folder, beside(server) as url:
        run, cache = Path(folder) / "run", Path(folder) / "replies.sqlite"
        answered(run, cases(questions)).close()
        keep_killing([str(run), url, str(cache)], server, moments(due, kills, random.Random(seed)))
        with Store.open(run) as store:
            found = {int(key.id): one["score"] for key, _, one in store.verdicts(judging().key)}
    right = sum(found.get(number) == score_of(number) / 100 for number in range(questions))
    again = server.asked.total() - due
    click.echo(f"killed {kills} times: {len(found)} of {questions} verdicts, {right} of them right")
    click.echo(f"{due} requests were due, {again} more were made: a kill meets up to {AT_ONCE} under way")
    if right != questions or again > kills * AT_ONCE:
        raise SystemExit(1)


def moments(due: int, kills: int, chance: random.Random) -> list[int]:
    """After how many requests to kill, in order."""
    return sorted(chance.sample(range(1, due), kills))


def keep_killing(arguments: list[str], server: Judges, moments: list[int]) -> None:
    """Let the work begin again and again, be killed at each moment, and end at last."""
    command = [sys.executable, "-m", "benchmarks.judge", "work", *arguments]
    root, environment = Path(__file__).parents[1], {**os.environ, **ENVIRONMENT}
    for moment in moments:
        with subprocess.Popen(command, env=environment, cwd=root) as process:
            while process.poll() is None and server.asked.total() < moment:
                time.sleep(0.002)
            with suppress(ProcessLookupError):
                process.kill()
    subprocess.run(command, env=environment, cwd=root, check=True)


if __name__ == "__main__":
    main()
