import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sama_bench.errors import UserError
from sama_bench.judge import batch
from sama_bench.judge.batch import BatchServer, halved, parts, results
from sama_bench.judge.batch_state import BatchState
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.session import judge, missing_samples
from sama_bench.llm_client import BudgetSpent, Failure, Prices, Reply, ResponseCache
from sama_bench.llm_client.prices import Price
from sama_bench.run.store import Store

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
        return judge(judging, missing_samples(judging, cases(count), store), store, server), server


def usual():
    from sama_bench.judge.template import Template

    return JudgeConfig("desk", Template.load("clair"))


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


def result(id_, score, **more):
    message = {"role": "assistant", "content": score}
    body = {"model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
    return {"custom_id": id_, "error": None, "response": {"status_code": 200, "body": body}, **more}


@pytest.mark.parametrize(
    "line",
    [
        b"", b"null", b"[1]", b"{", b"\xff\xfe", b'{"custom_id": 3}', b'{"custom_id": null}', b'{"response": null}',
        b'{"custom_id": ["a"]}', b"[" * 9999, b'"custom_id"',
    ],
)  # fmt: skip
def test_a_line_that_is_no_result_is_left_out_and_counted(line):
    found, odd = results([line, json.dumps(result("a", "x")).encode()], "key")
    assert found["a"].text == "x"
    assert dict(odd) == {"lines that are no result": 1}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (result("a", "x", response=None), "HTTP -: no reason"), (result("a", "x", response="x"), "HTTP -: no reason"),
        (result("a", "x", response={"status_code": 200}), "not a chat completion"),
        (result("a", "x", response={"status_code": 200, "body": "text"}), "not a chat completion"),
        (result("a", "x", response={"status_code": 200, "body": {"choices": {"a": 1}}}), "not a chat completion"),
        (result("a", "x", response={"status_code": 200, "body": {"error": {"message": "sl\x1b[2J"}}}), "HTTP 200: sl"),
        (result("a", "x", error={"code": "batch_expired"}, response=None), "HTTP -: batch_expired"),
        (result("a", "x", error={"message": "no sk\\u002dsecret-123"}), "HTTP 200: no [key]"),
        (result("a", 3), "not a text"),
    ],
)  # fmt: skip
def test_a_result_of_an_odd_shape_is_a_failure_with_a_reason(line, words):
    found, odd = results([json.dumps(line).encode()], "sk-secret-123")
    assert words in found["a"].reason
    assert "\x1b" not in found["a"].reason
    assert not odd


def test_two_results_of_one_request_that_differ_are_none(judges, town, reply, batches):
    same, other = (json.dumps(result("a", text)).encode() for text in ("x", "y"))
    assert results([same, same], "key") == ({"a": Reply("x", "m")}, {})
    found, odd = results([same, other, same], "key")
    assert found == {"a": Failure("the batch has two results of it that differ", 1)}
    assert odd["requests with two results that differ"] == 2

    town.answered(3)[0].close()
    desk, told = batches(reply), []

    def spoil(name):
        for id_ in [one for one in desk.files if name == "content" and one.endswith("-output")]:
            lines = desk.files[id_].splitlines()
            unlike = lines[0].replace(b"alike", b"other").replace(b'"model": "', b'"model": "x')
            strange = b'{"custom_id": "strange"}'
            desk.files[id_] = b"\n".join([*lines, unlike, strange, b'{"custom_id": "cut off'])

    real = desk.look
    desk.look = lambda id_: (real(id_), spoil("content"))[0]
    with desk.open() as url:
        done, _ = work(town.folder, url, 3, tell=told.append)
    assert (done.verdicts, done.failed.total()) == (2, 1)
    assert [line.partition(": ")[2] for line in told if "left out" in line] == [
        "left out: 1 requests with two results that differ", "left out: 1 lines that are no result",
        "left out: 1 results of requests that were not sent",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content", ["", "{", "null", "{}", "[1]", "[{}]", '[{"tag":"a","server":"b","keys":[{}]}]', "[" * 9999,
                '[{"tag":"a","server":"b","keys":"cd"}]', '[{"tag":1,"server":"b","keys":[]}]', '[NaN]',
                '[{"tag":"a","server":"b","keys":[],"more":1}]'],
)  # fmt: skip
def test_a_damaged_file_of_batches_says_what_to_do(tmp_path, content):
    path = tmp_path / "batches.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"batches\.json: .*move it away") as refusal:
        BatchState.load(path)
    assert len(refusal.value.lines()[0]) < 500
