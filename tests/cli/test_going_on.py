"""A killed run of an adapter with a grounder goes on, whatever its free arguments are now."""

import json
import os
import signal
import subprocess
import time

import pytest

from sama_bench.run.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="needs signals of POSIX")]
FINE = '{"answer": "A box.", "objects": [{"phrase": "A box", "bbox_2d": [100, 200, 500, 600]}]}'
QUESTIONS, AT_ONCE = 24, 9


@pytest.fixture
def server(desk):
    """Answers so many requests; the others wait until it is `patient`."""

    class Slow(desk.Desk):
        asked, patient = 0, False

        def answer(self, request):
            self.asked += 1
            seconds = 0 if self.patient or self.asked <= AT_ONCE else 600
            return desk.Answer(desk.said(FINE), seconds=seconds)

    return Slow()


@pytest.fixture
def asking(town, desk, server):
    """The arguments that ask the server about the town, with those of the model."""
    town.environment.update(OPENAI_API_KEY="key", NO_PROXY="127.0.0.1")
    with desk.beside(server) as url:
        yield lambda **more: [
            *("run", "--model", "openai", "--bench", town.bench, "--out", "out"),
            *(f"--model-arg={name}={value}" for name, value in {"model": "m", "base_url": url, **more}.items()),
        ]


def answered(folder):
    """How many questions of a run have an answer; 0 where it is not there yet."""
    if not (folder / "out" / "run.sqlite").exists():
        return 0
    with Store.open(folder / "out") as store:
        assert store.errors() == {}
        return len(store.all_keys())


def test_a_killed_run_goes_on_with_other_free_arguments(town, server, asking):
    first = town.command(*asking(concurrency=2, cache="off", timeout=600), before=town.no_scoring)
    process = subprocess.Popen(first, cwd=town.folder, env=town.environment)
    try:
        end = time.monotonic() + 60
        while answered(town.folder) < AT_ONCE - 1 and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    manifest = town.folder / "out" / "manifest.json"
    before, kept = server.asked, answered(town.folder)
    assert kept == AT_ONCE - 1  # whole videos, of two questions each
    assert json.loads(manifest.read_text())["settings"]["model_args"].keys() == {"model", "base_url"}
    server.patient = True

    done = town(*asking(concurrency=5, cache="off"), before=town.no_scoring)
    assert (done.returncode, answered(town.folder)) == (0, QUESTIONS), done.stderr
    assert server.asked - before == QUESTIONS - kept
    other = town(*asking(max_tokens=9), before=town.no_scoring)
    assert other.returncode == 2
    assert "now asked model args base_url=http" in other.stderr
    assert "concurrency" not in other.stderr


def test_a_run_that_noted_them_goes_on(town, server, asking):
    server.patient = True
    arguments = asking(concurrency=2, cache="off")
    assert town(*arguments, "--limit", 2, before=town.no_scoring).returncode == 0
    manifest = town.folder / "out" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["settings"]["model_args"].update(concurrency="2", cache="off")  # as it was before
    manifest.write_text(json.dumps(content))
    for again in (arguments, asking(concurrency=7), asking()):
        done = town(*again, "--limit", 2, before=town.no_scoring)
        assert (done.returncode, done.stderr.splitlines()[0]) == (
            0,
            "out: all questions were asked before; scoring again",
        )
