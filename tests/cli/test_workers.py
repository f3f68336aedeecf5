"""`run --workers`, `--shard`, `merge` and `status`: the same run, however it was made."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sama_bench.run.store import Store
from sama_bench.worker.supervisor import descendants

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals of POSIX")
pytestmark = [pytest.mark.slow, posix]


def answers(folder):
    """All that is stored, in order, but for what it took."""
    with Store.open(folder) as store:
        found = [(key, one) for video in store.videos() for key, one in store.predictions(video).items()]
    return [(key, one.text, one.tracks, one.error, one.boxes, one.unread) for key, one in found]


def until(true, seconds=60):
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.02)
    assert found
    return found


def started(town, *arguments):
    command = town.command("run", "--bench", town.bench, "--out", "out", *arguments, before=town.no_scoring)
    return subprocess.Popen(command, cwd=town.folder, env=town.environment, stderr=subprocess.PIPE, text=True)


def stored(town):
    try:
        with Store.open(town.folder / "out") as store:
            return len(store.all_keys())
    except Exception:
        return 0


def gone(pids):
    return not any(Path(f"/proc/{pid}").exists() and "\nState:\tZ" not in _status(pid) for pid in pids)


def _status(pid):
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return "\nState:\tZ"


@pytest.mark.parametrize("model", ["slow", "paid"])
def test_answers_and_scores_are_the_same_bytes_whatever_the_number_of_workers(town, model):
    def run(out, *more, before=""):
        what = ("--model", model, "--bench", town.bench, "--out", out, "--phrases", "words")
        done = town("run", *what, *more, before=before)
        assert done.returncode == 0, done.stderr
        return done

    scoring = town.no_scoring if model == "paid" else ""  # of the same answers scores are the same
    run("alone", before=scoring)
    run("many", "--workers", 3, before=scoring)
    assert answers(town.folder / "many") == answers(town.folder / "alone")
    with Store.open(town.folder / "many") as many, Store.open(town.folder / "alone") as alone:
        assert many.manifest.settings == alone.manifest.settings
        assert many.manifest.sessions[-1].workers == 3
        assert alone.manifest.sessions[-1].workers is None

    if model == "paid":
        return
    assert (town.folder / "many/scores.json").read_bytes() == (town.folder / "alone/scores.json").read_bytes()
    for number in (1, 2, 3):
        run(f"part{number}", "--shard", f"{number}/3", before=town.no_scoring)
    merged = town("merge", "part1", "part2", "part3", "--out", "merged")
    assert merged.returncode == 0, merged.stderr
    assert answers(town.folder / "merged") == answers(town.folder / "alone")
    assert (town.folder / "merged/scores.json").read_bytes() == (town.folder / "alone/scores.json").read_bytes()

    gap = town("merge", "part1", "part3", "--out", "gap")
    assert gap.returncode == 1
    assert "not asked: " in gap.stderr
    assert "8 questions have no answer" in gap.stderr
    twice = town("merge", "part1", "part2", "part3", "merged", "--out", "twice")
    assert (twice.returncode, len(twice.stderr.splitlines())) == (2, 1)
    assert "merged is unlike part1: shards of None; expected shards of 3" in twice.stderr
    assert not (town.folder / "twice").exists()


def test_a_run_in_another_python_has_workers_too(town):
    assert town.predict("--workers", 2, "--python", sys.executable).returncode == 0
    assert len(answers(town.folder / "out")) == 24


def test_workers_see_a_device_each_as_their_first(town):
    arguments = ("--bench", town.bench, "--out", "out", "--devices", "cuda:0,cuda:1")
    done = town(
        "run", "--model", "pinned", *arguments, before=town.no_scoring, CUDA_VISIBLE_DEVICES="GPU-a,GPU-b,GPU-c"
    )
    assert done.returncode == 0, done.stderr
    assert {text for _, text, *_ in answers(town.folder / "out")} <= {"GPU-a", "GPU-b"}
    with Store.open(town.folder / "out") as store:
        session = store.manifest.sessions[-1]
        assert (session.workers, list(session.devices)) == (2, ["cuda:0", "cuda:1"])
        assert "devices" not in store.manifest.settings.to_json()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--model", "oracle", "--workers", 2), "the truth, which does not leave this process: leave out --workers"),
        (("--model", "paid", "--workers", 2, "--budget", 3), "a budget is counted by one process"),
        (("--model", "slow", "--shard", "13/13"), "holds no video, as 12 are selected"),
        (("--model", "slow", "--workers", 2, "--model-arg", "letters=many"), "invalid literal"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(town, arguments, told):
    done = town("run", "--bench", town.bench, "--out", "out", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_ends_all_workers_and_the_run_goes_on(town):
    process = started(town, "--model", "slow", "--model-arg", "seconds=0.3", "--workers", "3")
    until(lambda: stored(town) >= 3)
    children = descendants(process.pid)
    assert len(children) >= 6  # a guard and a worker each
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    kept = re.fullmatch(r"interrupted: (\d+) of 24 answers are kept in out; give the same .*", told.splitlines()[-1])
    assert int(kept[1]) == stored(town)
    until(lambda: gone(children))
    before = stored(town)
    assert before >= 3
    state = json.loads(town("status", "out", "--json").stdout)
    assert (state["state"], state["answered"], state["questions"]) == ("stopped", before, 24)
    assert len(state["workers"]) == 3
    assert town.predict("--model-arg", "seconds=0.3", "--workers", 6).returncode == 0
    assert stored(town) == 24
    assert json.loads(town("status", "out", "--json").stdout)["state"] == "done"


def test_a_killed_driver_leaves_no_worker_behind(town):
    process = started(town, "--model", "slow", "--model-arg", "seconds=0.3", "--workers", "2")
    until(lambda: stored(town) >= 2)
    children = descendants(process.pid)
    process.kill()
    process.communicate()
    until(lambda: gone(children))


def test_a_killed_worker_costs_nothing_but_what_it_was_at(town):
    process = started(town, "--model", "slow", "--model-arg", "seconds=0.2", "--workers", "2")
    until(lambda: stored(town) >= 2)
    leaves = [pid for pid in descendants(process.pid) if not descendants(pid)]
    os.kill(leaves[0], signal.SIGKILL)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert "the worker died" in told
    assert len(answers(town.folder / "out")) == 24
    assert not [error for *_, error, _, _ in answers(town.folder / "out") if error]


def test_a_run_that_is_asked_is_followed_scored_and_reported_as_partial(town):
    process = started(town, "--model", "slow", "--model-arg", "seconds=0.8", "--workers", "1")
    try:
        until(lambda: stored(town) >= 3)
        process.send_signal(signal.SIGSTOP)  # the lock stays held, however slow the scoring is
        shown = town("status", "out")
        assert "out: asking, " in shown.stdout
        scored = town.here("score", "out", "--phrases", "words", "--json", "-")
        assert scored.exit_code == 0, scored.output
        partial = json.loads(scored.stdout)["partial"]
        assert partial["of"] == 24
        assert 3 <= partial["asked"] < 24
        assert not (town.folder / "out/scores.json").exists()
        reported = town.here("report", "out")
        assert reported.exit_code == 0, reported.output
        assert f"partial: {partial['asked']} of 24 questions" in (town.folder / "report/report.md").read_text()
        assert '"refresh":60' in (town.folder / "report/page/board.js").read_text().replace(" ", "")
        process.send_signal(signal.SIGCONT)
        followed = town("status", "out", "--follow", "--json")
        states = [json.loads(line) for line in followed.stdout.splitlines()]
        assert [states[0]["state"], states[-1]["state"]] == ["asking", "done"]
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=120)


def test_a_run_goes_on_when_more_is_selected_and_not_when_less_is(town):
    assert town.predict("--task", "g", "--limit", 3).returncode == 0
    assert town.predict("--task", "g", "--limit", 5).returncode == 0
    assert stored(town) == 5
    assert town.predict("--limit", 5).returncode == 0
    assert stored(town) == 10
    less = town.predict("--limit", 4)
    assert less.returncode == 2
    assert "was made with limit=5; now asked limit=4" in less.stderr
    other = town.predict("--videos", "*v1")
    assert other.returncode == 2
    assert town.predict("--model-arg", "letters=4").returncode == 2
    assert town.predict("--workers", 2).returncode == 0
    assert stored(town) == 24
    assert answers(town.folder / "out")[0][0] == ("g", "q0")
    assert town.predict("--shard", "1/2").returncode == 2


def test_a_run_stops_after_so_many_errors(town):
    fails = "fail=" + " ".join(f"q{n}" for n in range(12))
    for more in ((), ("--workers", 2)):
        done = town.predict("--task", "g", "--model-arg", fails, "--max-errors", 3, "--out", f"out{len(more)}", *more)
        assert done.returncode == 1
        assert "stopped after 3 errors of one kind in a row (--max-errors), the last: RuntimeError: no" in done.stderr


def test_the_recipe_for_slurm_makes_the_run_that_is_not_divided(town):
    page = (Path(__file__).parents[2] / "docs/scaling.md").read_text(encoding="utf-8")
    shard, merge = (block.partition("```")[0] for block in page.split("```bash\n#!/bin/bash\n")[1:])
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    where = {"MODEL": "paid", "BENCH": str(town.bench), "RUNS": "runs"}
    environment = {**town.environment, "PATH": path, **where, "SLURM_ARRAY_TASK_COUNT": "2"}

    def bash(script, **more):
        done = subprocess.run(["bash", "-c", script], cwd=town.folder, env={**environment, **more}, check=False)
        assert done.returncode == 0

    for number in ("1", "2"):
        bash(shard, SLURM_ARRAY_TASK_ID=number)
    bash(merge)
    assert town.predict("--model", "paid").returncode == 0
    assert answers(town.folder / "runs/whole") == answers(town.folder / "out")


def test_random_kills_cost_nothing_but_what_was_in_flight(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    from benchmarks import kills, plugin

    plugin.install(tmp_path / "plugin")
    outcome = kills.endure(tmp_path, kills=4, workers=2, seed=3, scale=0.1)
    assert outcome.kills_of_workers + outcome.kills_of_drivers > 0
    assert (outcome.same, outcome.orphans, outcome.questions) == (True, 0, 104)
    assert outcome.asked_again <= outcome.in_flight + outcome.errors
