"""`python -m benchmarks.kills`: kill workers and drivers of a run at random, and look what it cost.

In the end the answers are those of a run that nobody killed, and nothing was asked twice but what was in flight.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from benchmarks import plugin
from sama_bench.errors import UserError
from sama_bench.run.store import Store
from sama_bench.worker.supervisor import descendants

# Scoring takes Java, and is no part of this.
NO_SCORING = (
    "import sama_bench.api.evaluation as e, sama_bench.cli.run as r; e.scored = e.keep = r._show = lambda *_: None"
)


@dataclass
class Outcome:
    """What became of a run with kills: `same` is whether its answers are those of one without."""

    kills_of_workers: int = 0
    kills_of_drivers: int = 0
    questions: int = 0
    asked: int = 0
    asked_again: int = 0
    in_flight: int = 0
    errors: int = 0
    same: bool = False
    orphans: int = 0


def endure(folder: Path, kills: int, workers: int = 3, seed: int = 0, scale: float = 0.05) -> Outcome:
    """Run the demo with that many kills, of workers and of the driver by turns of a coin, until all is asked."""
    draw, log, outcome = random.Random(seed), folder / "asked.log", Outcome()
    left, ever = kills, set()
    while True:
        driver = _start(folder, "killed", workers, scale, log)
        while driver.poll() is None and left:
            time.sleep(draw.uniform(0.3, 0.9))
            children = descendants(driver.pid)
            ever.update(children)
            leaves = [pid for pid in children if not descendants(pid)]
            if not leaves or not log.exists():
                continue
            left -= 1
            if draw.random() < 0.25:
                outcome.kills_of_drivers += 1
                outcome.in_flight += workers
                driver.kill()
                break
            outcome.kills_of_workers += 1
            outcome.in_flight += 1
            with suppress(ProcessLookupError):
                os.kill(draw.choice(leaves), signal.SIGKILL)
        if driver.wait() in {0, 1}:
            break
    time.sleep(1)
    outcome.orphans = sum(_lives(pid) for pid in ever)
    return _compared(folder, log, outcome, workers, scale)


def _compared(folder: Path, log: Path, outcome: Outcome, workers: int, scale: float) -> Outcome:
    with Store.open(folder / "killed") as store:
        outcome.errors = len(store.errors())
    if outcome.errors:  # killed twice at the same question, from outside
        _start(folder, "killed", workers, scale, log, "--retry-errors").wait()
    _start(folder, "whole", workers, 0.0, folder / "whole.log").wait()
    asked = Counter(log.read_text(encoding="utf-8").split())
    outcome.questions, outcome.asked = len(asked), asked.total()
    outcome.asked_again = outcome.asked - outcome.questions
    outcome.same = _answers(folder / "killed") == _answers(folder / "whole")
    return outcome


def _start(folder: Path, out: str, workers: int, scale: float, log: Path, *more: str) -> subprocess.Popen[bytes]:
    code = f"{NO_SCORING}\nfrom sama_bench.cli.main import main; main()"
    arguments = [f"--model-arg=scale={scale}", f"--model-arg=log={log}", f"--workers={workers}", f"--out={out}", *more]
    command = [sys.executable, "-c", code, "run", "--model", "sleeper", *arguments]
    with (folder / "commands.log").open("ab") as told:
        return subprocess.Popen(command, cwd=folder, stdout=told, stderr=told)


def _answers(path: Path) -> list[object]:
    try:
        with Store.open(path) as store:
            found = [(key, one) for video in store.videos() for key, one in store.predictions(video).items()]
    except UserError:
        return []
    return [(key, one.text, one.tracks, one.error) for key, one in found]


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


@click.command()
@click.option("--kills", default=50, show_default=True)
@click.option("--workers", default=3, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--scale", default=0.3, show_default=True, help="Seconds of sleep for a second of a GPU's work.")
def main(kills: int, workers: int, seed: int, scale: float) -> None:
    """Kill so many times, and print what it cost as JSON; the status is 1 where an answer is another one."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        plugin.install(folder / "plugin")
        outcome = endure(folder, kills, workers, seed, scale)
        click.echo(json.dumps(asdict(outcome)))
        if not outcome.same:
            click.echo((folder / "commands.log").read_text(encoding="utf-8")[-3000:], err=True)
    sys.exit(0 if outcome.same and not outcome.orphans else 1)


if __name__ == "__main__":
    main()
