"""Workers that die or hang, and what it costs: nothing, or the question that does it."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sama_bench.errors import UserError
from sama_bench.run.progress import Silence
from sama_bench.run.runner import ask_video
from sama_bench.types import Key, PlainQuestion, Question
from sama_bench.worker import adapter as asker
from sama_bench.worker import process
from sama_bench.worker.supervisor import descendants

pytestmark = pytest.mark.slow

SEGFAULT = "import ctypes; ctypes.string_at(0)"
DEATHS = {
    SEGFAULT: r"killed by signal 11 \(SIGSEGV\)",
    "os._exit(3)": "it ended with status 3",
    "os.kill(os.getpid(), signal.SIGKILL)": r"killed by signal 9 \(SIGKILL, as when memory runs out\)",
    "os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)": "killed by signal 9",
    "os.abort()": r"killed by signal 6 \(SIGABRT\)",
    "os.closerange(3, 1000); time.sleep(60)": "it closed its connection, so it was killed",
    "[os.write(n, b'this is the model speaking') for n in range(3, 30) if os.path.exists(f'/proc/self/fd/{n}')"
    " and 'socket' in os.readlink(f'/proc/self/fd/{n}')]": "it sent what is no message, so it was killed",
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(process, "END_SECONDS", 2)


class Told(Silence):
    """Progress that keeps the warnings."""

    def __init__(self):
        self.lines = []

    def warn(self, line):
        self.lines.append(line)


def asked(adapter, video, codes):
    """What is stored of the answers to questions that are these codes, about one video."""
    questions = [Question(Key("g", str(n)), video, code) for n, code in enumerate(codes)]
    return [answer for _, answer in ask_video(adapter, video, questions, Silence())]


def gone(pids, seconds=10):
    """Whether all processes are gone within some seconds; zombies are."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(_lives(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _lives(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def _command(pid):
    with suppress(OSError):  # it may have ended since
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@pytest.mark.parametrize("code", DEATHS, ids=range(len(DEATHS)))
def test_a_question_that_kills_the_worker_once_is_asked_again_in_the_opened_video(worker, video, once, code, tmp_path):
    opened = tmp_path / "opened"
    adapter = worker(open=f"Path({str(opened)!r}).open('a').write(self.video.id)")
    answers = asked(adapter, video(), ["", once(code), ""])
    assert [(one.text, one.error) for one in answers] == [("fine", None)] * 3
    assert opened.read_text() == "vv"
    assert len(adapter.told) == 1
    assert adapter.notes()[1].startswith("the worker died once and was started again")


@pytest.mark.parametrize(("code", "why"), DEATHS.items(), ids=range(len(DEATHS)))
def test_a_question_that_kills_it_twice_is_its_error_and_the_others_are_asked(worker, video, log, code, why):
    first, killing, last = asked(worker(), video(), ["", f"print('about to')\n{code}", ""])
    assert (first.text, last.text) == ("fine", "fine")
    assert killing.error.startswith("WorkerDied: the worker died twice (")
    assert re.search(why, killing.error)
    assert f"last lines of its log {log}: " in killing.error
    assert "about to" in log.read_text()


def test_where_a_crash_happened_is_in_the_log(worker, video, log):
    asked(worker(), video(), [SEGFAULT])
    assert "Fatal Python error: Segmentation fault" in log.read_text()


@pytest.mark.parametrize("code", ["time.sleep(6000)", "import ctypes; ctypes.CDLL(None).sleep(6000)"])
def test_a_worker_that_hangs_is_killed_after_the_time_limit(worker, video, log, code):
    adapter = worker(timeout=0.5)
    hanging, last = asked(adapter, video(), [code, ""])
    assert hanging.error.startswith("WorkerDied: the worker died twice (no answer within 0.5 s, so it was killed);")
    assert last.text == "fine"
    assert "in does" in log.read_text()  # where it hung
    assert len(adapter.told) == 2


def test_opening_has_a_longer_time_limit(worker, video):
    adapter = worker(timeout=0.3, open="time.sleep(1)")
    assert [one.text for one in asked(adapter, video(), ["", ""])] == ["fine", "fine"]


def test_a_video_that_kills_the_worker_twice_is_an_error_of_its_questions(worker, video):
    adapter = worker(open="if self.video.id == 'bad': os._exit(1)")
    answers = asked(adapter, video("bad"), ["", ""])
    assert {one.error[:43] for one in answers} == {"open: WorkerDied: the worker died twice (it"}
    assert asked(adapter, video("good"), [""])[0].text == "fine"


def test_a_video_that_kills_the_worker_once_costs_nothing(worker, video, once):
    adapter = worker(open=once("os._exit(1)"))
    assert asked(adapter, video(), [""])[0].text == "fine"


def test_a_death_in_close_is_told_and_costs_nothing(worker, video, once):
    adapter, clip, told = worker(close=once("os._exit(5)")), video(), Told()
    for _ in range(2):
        [(_, answer)] = ask_video(adapter, clip, [Question(Key("g", "1"), clip, "")], told)
        assert answer.text == "fine"
    [line] = told.lines
    assert "the adapter's close() failed (WorkerDied: the worker died (it ended with status 5)" in line


def test_a_worker_that_dies_when_it_is_made_is_told_with_its_log(worker):
    with pytest.raises(
        UserError, match=r"could not be made: it ended with status 7; last lines of its log .*: loading"
    ):
        worker(make="print('loading'); os._exit(7)")


def test_a_worker_that_dies_when_it_is_made_again_is_given_some_tries(worker, video, tmp_path):
    count = tmp_path / "count"
    count.touch()
    grow = f"p = Path({str(count)!r}); p.write_text(p.read_text() + 'x'); n = len(p.read_text())\n"
    adapter = worker(make=f"{grow}if n in (2, 3): os._exit(1)")
    assert asked(adapter, video(), ["if n_made == 4: pass", "os._exit(1)", ""])[0].error.startswith("NameError")
    assert asked(adapter, video(), [""])[0].text == "fine"
    with pytest.raises(UserError, match="could be made before and cannot be made again"):
        asked(worker(make=f"{grow}if n > 6: os._exit(1)"), video(), ["os._exit(1)"] * 2)


def test_a_model_that_comes_back_as_another_is_not_asked(worker, video, once):
    adapter = worker(make=f"self.asking = {{'prompt': 'second'}}\n{once('self.asking = {}')}")
    with pytest.raises(UserError, match="says other things of itself"):
        asked(adapter, video(), ["os._exit(1)"])


def test_too_many_losses_in_a_row_end_the_run_but_not_in_one_video(worker, video, monkeypatch):
    monkeypatch.setattr(asker, "IN_A_ROW", 2)
    adapter, killing = worker(), "os._exit(1)"
    assert all(one.error for one in asked(adapter, video("long"), [killing] * 3))
    with pytest.raises(UserError, match=r"given up: 4 questions or videos in a row were lost; the last: .* status 1"):
        asked(adapter, video("second"), [killing] * 2)


def test_too_many_losses_of_questions_in_words_end_the_run_too_and_an_answer_ends_their_row(worker, monkeypatch):
    monkeypatch.setattr(asker, "IN_A_ROW", 2)
    adapter, first, second = worker(), PlainQuestion("os._exit(1)"), PlainQuestion("os._exit(2)")
    for one in (first, PlainQuestion("answer = 'fine'"), second):
        with suppress(asker.WorkerDied):
            adapter.answer(one)
    with pytest.raises(UserError, match=r"given up: 2 questions or videos in a row were lost; the last: .* status 1"):
        adapter.answer(first)


def test_an_answer_or_an_exception_ends_the_row_of_losses(worker, video, monkeypatch):
    monkeypatch.setattr(asker, "IN_A_ROW", 2)
    adapter, killing = worker(), "os._exit(1)"
    for id_ in ("first", "second"):
        assert asked(adapter, video(id_), [killing, "1 / 0"])[-1].error.startswith("ZeroDivisionError")


def test_processes_that_the_model_started_end_with_it(worker, video, tmp_path):
    told = tmp_path / "pids"
    code = (
        "import subprocess\n"
        "one = subprocess.Popen(['sleep', '1000'])\n"
        "two = subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        "orphan = subprocess.Popen(['sh', '-c', 'setsid sleep 1000 & echo $!'], stdout=subprocess.PIPE)\n"
        f"Path({str(told)!r}).write_text(f'{{one.pid}} {{two.pid}} {{int(orphan.stdout.readline())}}')\n"
    )
    adapter = worker()
    assert asked(adapter, video(), [code])[0].text == "fine"
    pids = list(map(int, told.read_text().split()))
    assert all(map(_lives, pids))
    asked(adapter, video(), ["os._exit(1)"])
    assert gone(pids)


PARENT = """
import sys
from pathlib import Path
from sama_bench.types import Key, Question, Video
from sama_bench.worker import remote

adapter = remote("obeys", {}, Path(sys.executable), Path(sys.argv[1]), 600, False)
video = Video("v", "mevis", (12, 16), (Path("0.png"),))
adapter.open(video)
adapter.predict(Question(Key("g", "1"), video, sys.argv[2]))
"""


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_asker_ends(plugin, log, tmp_path, signal_):
    told = tmp_path / "pids"
    code = (
        "import ctypes, subprocess\n"
        "own = subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        f"Path({str(told)!r}).write_text(f'{{os.getpid()}} {{os.getppid()}} {{own.pid}}')\n"
        "ctypes.PyDLL(None).sleep(1000)"  # in C, with the lock of the interpreter held
    )
    parent = subprocess.Popen([sys.executable, "-c", PARENT, log, code], stderr=subprocess.DEVNULL)
    while not told.exists() or len(told.read_text().split()) < 3:
        assert parent.poll() is None
        time.sleep(0.02)
    pids = list(map(int, told.read_text().split()))
    assert all(map(_lives, pids))
    parent.send_signal(signal_)
    parent.wait(100)
    assert gone(pids, 100)  # they would sleep for 1000 seconds


def test_a_worker_ends_by_itself_when_it_is_no_longer_needed(worker, tmp_path):
    marker = tmp_path / "ended"
    adapter = worker(make=f"import atexit; atexit.register(Path({str(marker)!r}).touch)")
    adapter._process.end()
    assert marker.exists()
    assert adapter._process._process.returncode == 0


class Killer(Silence):
    """Kills the worker, or its guard, soon after each of some questions was answered."""

    def __init__(self, chance, questions, times):
        self.chance, self.done, self.timers = chance, 0, []
        # so far apart that no question is met twice, which would rightly be its error
        self.at = set(chance.sample(range(0, questions - 1, 3), times))
        self.killed = 0

    def question_done(self, error=None):
        if self.done in self.at:
            self.timers.append(threading.Timer(self.chance.uniform(0, 0.06), self._kill))
            self.timers[-1].start()
        self.done += 1

    def _kill(self):
        found = [
            pid for pid in descendants(os.getpid()) if b"sama_bench.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        if found:
            os.kill(self.chance.choice(found), signal.SIGKILL)
            self.killed += 1


@pytest.mark.parametrize("seed", [4])
def test_killed_at_ten_random_moments_the_predictions_are_the_same(worker, video, seed):
    code = (
        "time.sleep(0.03); m = np.zeros((3, 12, 16), bool); n = int(question.key.id);"
        "m[:, : 1 + int(question.video.frame(n % 3)[0, 0, 0]) % 12, n % 16] = True;"
        "answer = Prediction(f'<p>it</p> [SEG] {n}', [m])"
    )
    videos = [video("a" * n) for n in range(1, 6)]

    def answers(adapter, progress):
        found = []
        for clip in videos:
            questions = [Question(Key("g", str(n)), clip, code) for n in range(8)]
            found += [
                (key, one.text, one.tracks, one.error) for key, one in ask_video(adapter, clip, questions, progress)
            ]
        return json.dumps(found)

    undisturbed = answers(worker(), Silence())
    killer = Killer(random.Random(seed), 40, 10)
    disturbed = worker()
    assert answers(disturbed, killer) == undisturbed
    for timer in killer.timers:
        timer.join()
    assert killer.killed == 10
    assert "null" in undisturbed
    assert len(disturbed.told) >= 8  # a death that nobody waited for may be told with the next one


def test_a_death_before_the_question_was_begun_is_not_its_fault(worker, video, monkeypatch):
    """Killed each time that a question is on its way, it is asked more than twice."""
    adapter, clip = worker(), video()
    reopen, kills = adapter._reopen, iter(range(4))

    def killed():
        opened = reopen()
        if next(kills, None) is not None:
            os.killpg(opened._process.pid, signal.SIGKILL)
            opened._process.wait()
        return opened

    adapter.open(clip)
    monkeypatch.setattr(adapter, "_reopen", killed)
    assert adapter.predict(Question(Key("g", "1"), clip, "")).text == "fine"
    assert len(adapter.told) == 4
    kills = iter(range(100))
    with pytest.raises(asker.WorkerDied, match="each time before it began with the question"):
        adapter.predict(Question(Key("g", "1"), clip, ""))
