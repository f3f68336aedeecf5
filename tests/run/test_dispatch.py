"""A model in several workers, which here are threads that answer, fail and die as they are told."""

import queue
import threading
import time

import pytest

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.run.dispatch import Lost, Slot, Workers
from sama_bench.run.fail_fast import FailFast, TooManyErrors, kind_of
from sama_bench.run.predictions import StoredPrediction
from sama_bench.run.progress import Silence
from sama_bench.run.runner import run
from sama_bench.run.store import Store
from sama_bench.types import Key


class Hand:
    """A worker; `plan` is asked before each question what happens to it."""

    def __init__(self, team, name):
        self.team, self.name, self.alive = team, name, True
        self.ended = self.killed = False

    def begin(self):
        self.team.begun.append(self.name)

    def ask(self, videos, answered, warn):
        self.alive = True
        for questions in videos:
            for question in questions:
                with self.team.lock:
                    self.team.asked.append(question.key)
                try:
                    answer = self.team.plan(self, question)
                except Lost:
                    self.alive = False
                    raise
                answered(question.key, answer or StoredPrediction(f"answer to {question.key}"))

    def notes(self):
        return [f"{self.name} is done"] if self.team.talks else []

    def end(self):
        self.ended = True

    def kill(self):
        self.killed = True


class Team:
    def __init__(self, plan=lambda *_: None, talks=False):
        self.plan, self.talks = plan, talks
        self.lock, self.asked, self.begun, self.hands = threading.Lock(), [], [], []

    def workers(self, count, at_once=0):
        def make(slot):
            self.hands.append(Hand(self, slot.name))
            return self.hands[-1]

        slots = [Slot(str(n + 1)) for n in range(count)]
        slots[0].worker = make(slots[0])
        return Workers(slots, make, Abilities(), {}, at_once=at_once)


class Told(Silence):
    def __init__(self):
        self.warnings, self.questions, self.videos = [], 0, 0

    def question_done(self, error=None):
        self.questions += 1

    def video_done(self):
        self.videos += 1

    def warn(self, line):
        self.warnings.append(line)


@pytest.fixture
def store(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as opened:
        yield opened


def stored(store):
    answers = (answer for video in store.videos() for answer in store.predictions(video).items())
    return [(key, answer.text, answer.error) for key, answer in answers]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_what_is_stored_depends_on_no_number_of_workers(bench, store, count):
    benchmark, team, told = bench(6), Team(talks=True), Told()
    workers = team.workers(count)
    assert run(benchmark, workers, store, progress=told) == 18
    keys = [key for entry in benchmark.entries for key in entry.keys]
    assert stored(store) == [(key, f"answer to {key}", None) for key in keys]
    assert sorted(team.asked) == sorted(keys)
    assert (told.questions, told.videos) == (18, 6)
    assert all(hand.ended and not hand.killed for hand in team.hands if hand.name in team.begun[:1])
    said = workers.notes()
    assert said[0] == "1 is done" if count == 1 else "worker 1: 1 is done" in said


def test_answers_that_come_in_another_order_are_stored_in_that_of_the_benchmark(bench, store):
    benchmark = bench(4)
    with_delay = Team(lambda _, question: time.sleep(0.03 * (question.video.id == "v0")))
    run(benchmark, with_delay.workers(4), store)
    assert [key for key, *_ in stored(store)] == [key for entry in benchmark.entries for key in entry.keys]
    assert list(store.videos()) == ["v0", "v1", "v2", "v3"]


class Counting:
    """A store that notes how many answers it is given at a time."""

    def __init__(self, store):
        self.store, self.sizes = store, []

    def __getattr__(self, name):
        return getattr(self.store, name)

    def put_all(self, answered):
        self.sizes.append(len(answered))
        self.store.put_all(answered)


def test_answers_that_come_fast_share_a_transaction_and_others_do_not_wait(bench, store):
    fast = Counting(store)
    run(bench(20), Team().workers(2), fast)
    assert sum(fast.sizes) == 60
    assert len(fast.sizes) < 20


def test_answers_that_come_slowly_are_stored_one_by_one(bench, store):
    slow = Counting(store)
    run(bench(1), Team(lambda *_: time.sleep(0.4)).workers(1), slow)
    assert slow.sizes == [1, 1, 1]


def test_what_was_answered_before_an_interrupt_is_stored(bench, store, monkeypatch):
    """The interrupt comes while answers are gathered for one transaction."""
    team, gathered = Team(), []
    get = queue.Queue.get

    def interrupted(self, block=True, timeout=None):
        if len(gathered) == 4:
            gathered.append(None)
            raise KeyboardInterrupt
        answer = get(self, block, timeout)
        gathered.append(answer)
        return answer

    monkeypatch.setattr(queue.Queue, "get", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(bench(), team.workers(1), store)
    assert {key for key, *_ in stored(store)} == {answer.key for answer in gathered if answer is not None}
    assert len(stored(store)) == 4


def once(key, fail):
    """A plan that fails at a question the first time."""
    seen = []

    def plan(hand, question):
        if question.key == key and key not in seen:
            seen.append(key)
            fail(hand, question)

    return plan


def dies(_, question):
    raise Lost("killed by signal 9", "its log says nothing", key=question.key)


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_dead_worker_left_is_asked_again_and_nothing_else(bench, store, count):
    benchmark, key = bench(), Key("g", "3")
    team = Team(once(key, dies))
    run(benchmark, team.workers(count), store)
    assert [error for *_, error in stored(store)] == [None] * 9
    assert sorted(team.asked) == sorted([*benchmark.where, key])


def test_a_question_that_ends_two_workers_is_an_error_with_its_reason(bench, store):
    key = Key("g", "3")
    team = Team(lambda hand, question: dies(hand, question) if question.key == key else None)
    run(bench(), team.workers(2), store)
    assert store.errors() == {key: "WorkerDied: the worker died twice (killed by signal 9); its log says nothing"}
    assert team.asked.count(key) == 2


def test_a_video_that_cannot_be_opened_twice_is_the_error_of_its_questions(bench, store):
    def plan(_, question):
        if question.video.id == "v1":
            raise Lost("killed by signal 9", opening=True)

    run(bench(), Team(plan).workers(2), store)
    assert [str(key) for key in store.errors()] == ["g:2", "g:3", "c:c1"]


def test_of_many_questions_together_the_one_that_kills_is_found(bench, store):
    key = Key("g", "3")

    def plan(hand, question):
        if question.key == key:
            raise Lost("killed by signal 9", together=True)

    team = Team(plan)
    run(bench(), team.workers(1, at_once=100), store)
    assert list(store.errors()) == [key]
    assert all(team.asked.count(other) == 1 for other in team.asked if other != key and other < key)


class Homeless(Hand):
    """Its machine goes at the first question; it begins again when it is killed, or never."""

    def __init__(self, team, name):
        super().__init__(team, name)
        self.gone = threading.Event()
        self.begins = 0

    def begin(self):
        self.begins += 1
        if self.begins > 1:
            self.gone.wait()
            raise Lost("it was ended")

    def ask(self, videos, answered, warn):
        self.alive = False
        raise Lost("its machine is gone", begin_again=True)

    def kill(self):
        super().kill()
        self.gone.set()


def test_a_worker_whose_machine_is_gone_holds_no_question_while_it_waits_for_another(bench, store):
    benchmark, team = bench(), Team()
    workers = team.workers(2)
    homeless = workers.slots[0].worker = Homeless(team, "1")
    homeless.begin()
    run(benchmark, workers, store)
    assert [error for *_, error in stored(store)] == [None] * 9
    assert (homeless.begins, homeless.killed) == (2, True)
    assert workers.slots[0].deaths == 1


def test_a_worker_that_never_begins_with_a_question_loses_it_in_the_end(bench, store):
    def plan(_, question):
        if question.key == Key("g", "0"):
            raise Lost("it ended with status 3")

    run(bench(1), Team(plan).workers(1), store)
    assert "10 times, each before it began with the question" in store.errors()[Key("g", "0")]


def test_an_environment_that_loses_all_is_given_up(bench, store):
    team = Team(dies)
    with pytest.raises(UserError, match="5 questions or videos in a row were lost"):
        run(bench(8), team.workers(1), store)
    assert len(store.errors()) >= 4
    assert all(hand.killed for hand in team.hands)


def test_an_interrupt_ends_all_workers_and_keeps_what_is_stored(bench, store):
    def plan(hand, question):
        while question.video.id != "v0" and not hand.killed:
            time.sleep(0.01)
        if hand.killed:
            raise Lost("killed")

    class Interrupted(Told):
        def video_done(self):
            raise KeyboardInterrupt

    team = Team(plan)
    with pytest.raises(KeyboardInterrupt):
        run(bench(4), team.workers(3), store, progress=Interrupted())
    assert all(hand.killed for hand in team.hands)
    assert len(store.all_keys()) >= 3
    assert store.errors() == {}
    assert not [one for one in threading.enumerate() if one.name.startswith("worker ")]


def test_what_stops_one_worker_stops_the_run(bench, store):
    def plan(_, question):
        if question.video.id == "v2":
            raise UserError("a frame is broken")

    with pytest.raises(UserError, match="a frame is broken"):
        run(bench(4), Team(plan).workers(2), store)


def test_a_run_stops_after_so_many_errors_of_a_kind_in_a_row(bench, store):
    team = Team(lambda *_: time.sleep(0.02) or StoredPrediction("", error="RuntimeError: no kernel 17"))
    with pytest.raises(TooManyErrors, match=r"stopped after 4 errors of one kind in a row .* RuntimeError: no") as stop:
        run(bench(8), team.workers(1), store, progress=FailFast(Silence(), 4))
    assert stop.value.status == 1
    assert 4 <= len(store.errors()) < 24


def test_errors_of_other_kinds_and_answers_in_between_stop_nothing(bench, store, square):
    errors = iter(["RuntimeError: a", "ValueError: b", None] * 9)

    def predict(self, question):
        error = next(errors)
        if error:
            raise RuntimeError if error[0] == "R" else ValueError
        return type(self).__bases__[0].predict(self, question)

    run(bench(), square(predict=predict), store, progress=FailFast(Silence(), 2))
    assert len(store.errors()) == 6


def test_without_workers_the_errors_that_a_run_ends_for_are_stored_too(bench, store, square):
    def predict(self, question):
        raise RuntimeError(f"no kernel for {question.key}")

    with pytest.raises(TooManyErrors):
        run(bench(), square(predict=predict), store, progress=FailFast(Silence(), 2))
    assert [str(key) for key in store.errors()] == ["g:0", "g:1"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("RuntimeError: CUDA out of memory, 17 MB", "RuntimeError"),
        ("open: OSError: no such file", "open: OSError"),
        ("unusable answer: text is int, expected str", "unusable answer: text"),
        ("torch.cuda.OutOfMemoryError", "torch.cuda.OutOfMemoryError"),
        ("grounder sam2: ValueError: x", "grounder sam2: ValueError"),
        ("", ""),
        ("…", "…"),
    ],
)
def test_the_kind_of_an_error(error, kind):
    assert kind_of(error) == kind
