import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sama_bench.judge import batch
from sama_bench.judge.batch import BatchServer, halved, parts
from sama_bench.judge.judging import Judging
from sama_bench.judge.session import judge, wanted
from sama_bench.run.store import Store
from sama_bench.served import BudgetSpent, Prices, ResponseCache
from sama_bench.served.prices import Price

pytest.importorskip("openai")

WORK = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from sama_bench.judge import batch
from test_batch import work
batch.SECONDS_BETWEEN = 0.01
work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
"""
ROOT = Path(__file__).parents[2]
PRICES = Prices({"desk": Price(1000, 1000)})


def work(folder, url, count, **options):
    """Judge the run in the folder: what the session says, and its server."""
    from benchmarks.judges import cases

    judging = usual()
    with Store.open(folder / "run", write=True) as store:
        server = BatchServer(url, folder / "run" / "batches.json", ResponseCache(folder / "replies.sqlite"), **options)
        return judge(judging, wanted(judging, cases(count), store), store, server), server


def usual():
    from sama_bench.judge.template import Template

    return Judging("desk", Template.load("clair"))


@pytest.fixture
def batches(monkeypatch):
    """The class of the server, in the module beside this one."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("batch_desk").BatchDesk


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(batch, "SECONDS_BETWEEN", 0.01)


@pytest.fixture
def reply(judges):
    """What the server says of each line, the right verdict."""

    def right(body):
        return 200, json.loads(judges.in_mood("plain", judges.score_of(judges.number_of(body))).body)

    return right


def scores(town):
    with Store.open(town.folder / "run") as store:
        return {int(id_): one.score for (id_, _), one in town.verdicts(store, usual()).items()}


def right(judges, count):
    return {n: judges.score_of(n) / 100 for n in range(count)}


def test_a_batch_is_sent_waited_for_and_its_verdicts_are_kept_at_half_the_price(judges, town, reply, batches):
    town.answered(7)[0].close()
    desk = batches(reply)
    with desk.open() as url:
        done, server = work(town.folder, url, 7, prices=PRICES)
        assert (done.verdicts, len(desk.batches), len(desk.lines)) == (7, 1, 7)
        assert server.bill.usd == pytest.approx(7 * 420 * 1000 / 1e6 / 2)
        work(town.folder, url, 7)
    assert scores(town) == right(judges, 7)
    assert len(desk.batches) == 1
    assert json.loads((town.folder / "run" / "batches.json").read_text()) == []


def test_what_cannot_be_read_goes_into_a_second_batch(judges, town, reply, batches):
    town.answered(4)[0].close()

    def unreadable_once(body):
        again = "A program reads your reply" in body["messages"][-1]["content"]
        return reply(body) if again else (200, json.loads(judges.in_mood("words", 0).body))

    desk = batches(unreadable_once)
    with desk.open() as url:
        done, _ = work(town.folder, url, 4)
    assert (done.verdicts, len(desk.batches), scores(town)) == (4, 2, right(judges, 4))


@pytest.mark.parametrize("status", [500, "expired"])
def test_single_errors_are_failures_that_a_later_call_asks_again(judges, town, reply, status, batches):
    town.answered(6)[0].close()
    desk = batches(lambda body: reply(body) if judges.number_of(body) % 2 else (status, {"error": {"message": "no"}}))
    with desk.open() as url:
        done, _ = work(town.folder, url, 6)
        assert (done.verdicts, done.failed.total(), len(desk.lines)) == (3, 3, 6)
        desk.reply = reply
        done, _ = work(town.folder, url, 6)
    assert (done.verdicts, len(desk.lines), scores(town)) == (3, 9, right(judges, 6))


@pytest.mark.parametrize("end", ["expired", "cancelled", "failed"])
def test_a_batch_that_did_not_complete_gives_what_it_has_and_the_rest_is_sent_anew(judges, town, reply, end, batches):
    town.answered(3)[0].close()
    desk = batches(reply, ["validating", end])
    with desk.open() as url:
        done, _ = work(town.folder, url, 3)
        assert done.verdicts == (3 if end == "expired" else 0)
        assert set(done.failed) <= {f"the batch is {end}"}
        desk.steps = ["completed"]
        work(town.folder, url, 3)
    assert scores(town) == right(judges, 3)


@pytest.mark.parametrize("moment", ["files", "batches", "look", "content"])
def test_killed_at_any_moment_the_same_command_goes_on_and_sends_nothing_twice(judges, town, reply, moment, batches):
    town.answered(5)[0].close()
    desk = batches(reply)
    child = []

    def kill_at(name):
        if name == moment and child[0].poll() is None:
            child[0].send_signal(signal.SIGKILL)
            child[0].wait()

    code = WORK.format(paths=[str(ROOT), str(Path(__file__).parent)])
    with desk.open() as url:
        desk.event = kill_at
        command = [sys.executable, "-c", code, str(town.folder), url, "5"]
        child.append(subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL))
        assert child[0].wait() == -signal.SIGKILL
        desk.event = lambda name: None
        done, _ = work(town.folder, url, 5)
    assert done.verdicts == 5
    assert scores(town) == right(judges, 5)
    assert (len(desk.batches), len(set(desk.lines)), len(desk.lines)) == (1, 5, 5)


def test_a_budget_sends_what_it_allows_and_then_says_so(judges, town, reply, batches):
    town.answered(5)[0].close()
    desk = batches(reply)
    with desk.open() as url, pytest.raises(BudgetSpent):
        work(town.folder, url, 5, prices=PRICES, budget=2.7)
    assert 0 < len(desk.lines) < 5
    assert len(scores(town)) == len(desk.lines)


def test_files_keep_to_the_limits_of_the_api(monkeypatch):
    monkeypatch.setattr(batch, "LINES", 3)
    monkeypatch.setattr(batch, "BYTES", 25)
    lines = [(str(n), b"x" * size) for n, size in enumerate([1, 1, 1, 1, 20, 20, 30, 1])]
    assert [keys for keys, _ in parts(lines)] == [["0", "1", "2"], ["3", "4"], ["5"], ["6"], ["7"]]
    assert b"".join(content for _, content in parts(lines)) == b"x" * 75


def test_a_batch_costs_half():
    assert halved(PRICES).of("desk") == Price(500, 500)


def test_neither_key_nor_address_is_in_the_state(town, reply, monkeypatch, batches):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    town.answered(2)[0].close()
    desk = batches(reply)
    seen = []
    state = town.folder / "run" / "batches.json"
    desk.event = lambda name: seen.append(state.read_text()) if name == "look" else None
    with desk.open() as url:
        work(town.folder, url, 2)
    assert all("batch-0" in text and "secret" not in text and url[7:-3] not in text for text in seen)
    assert seen
