import pytest

from sama_bench.adapter import Abilities, BatchAdapter
from sama_bench.errors import UserError
from sama_bench.run.progress import Silence
from sama_bench.run.runner import run
from sama_bench.run.store import Store
from sama_bench.types import Key, Prediction


@pytest.fixture
def store(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as opened:
        yield opened


class Many(BatchAdapter):
    """Answers with the key; `stop` is called with each question before its answer."""

    def __init__(self, stop=lambda question: None, at_once=5):
        self.stop, self.at_once = stop, at_once
        self.asked, self.ended = [], 0

    def predict_all(self, questions):
        self.asked.append([str(question.key) for question in questions])
        try:
            for question in questions:
                self.stop(question)
                yield Prediction(f"answer to {question.key}", seconds=0.5)
        finally:
            self.ended += 1


def raising(problem, at):
    def stop(question):
        if question.key.id == at:
            raise problem

    return stop


def test_whole_videos_go_together_until_there_are_enough_questions(bench, store):
    adapter = Many()
    assert run(bench(3), adapter, store) == 9
    assert [len(group) for group in adapter.asked] == [6, 3]
    assert store.videos() == ["v0", "v1", "v2"]
    assert all(one.text == f"answer to {key}" for key, one in store.predictions("v2").items())
    assert store.predictions("v0")[Key("g", "0")].seconds == 0.5
    assert adapter.ended == 2


def test_a_video_is_stored_when_its_last_answer_is_there(bench, store):
    stored = []
    run(bench(3), Many(lambda question: stored.append(len(store.videos())), at_once=100), store)
    assert stored == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("problem", [RuntimeError("no memory"), SystemExit(0)])
def test_an_exception_is_the_error_of_what_was_not_answered_of_that_group(bench, store, problem):
    adapter = Many(raising(problem, "2"))
    run(bench(3), adapter, store)
    assert [str(key) for key in store.errors()] == ["g:2", "g:3", "c:c1"]
    assert next(iter(store.errors().values())).startswith(f"predict_all: {type(problem).__name__}")
    assert len(store.all_keys()) == 9


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), UserError("the budget of 1 USD is spent")])
def test_what_ends_the_run_leaves_whole_videos_and_it_goes_on_from_there(bench, store, problem):
    benchmark, first = bench(3), Many(raising(problem, "4"), at_once=100)
    with pytest.raises(type(problem)):
        run(benchmark, first, store)
    assert store.videos() == ["v0", "v1"]
    assert first.ended == 1
    second = Many()
    assert run(benchmark, second, store) == 3
    assert second.asked == [["g:4", "g:5", "c:c2"]]


def test_too_few_answers_are_errors_and_too_many_are_told(bench, store):
    class Few(Many):
        def predict_all(self, questions):
            return iter([Prediction("one")])

    benchmark = bench(1)
    run(benchmark, Few(), store)
    assert set(store.errors().values()) == {"unusable answer: predict_all gave 1 answers to 3 questions"}

    class Excess(Many):
        def predict_all(self, questions):
            return [Prediction("one")] * 4

    progress = Told()
    run(benchmark, Excess(), store, retry_errors=True, progress=progress)
    assert store.errors() == {}
    assert progress.lines == ["predict_all() gave more than 2 answers; the others are left out"]


class Told(Silence):
    def __init__(self):
        self.lines = []

    def warn(self, line):
        self.lines.append(line)


@pytest.mark.parametrize("given", [None, 7, "text"])
def test_what_is_no_iterator_of_answers_is_an_error_of_all(bench, store, given):
    adapter = Many()
    adapter.predict_all = lambda questions: given
    run(bench(2), adapter, store)
    assert len(store.errors()) == 6


def test_a_failure_after_the_last_answer_costs_none(bench, store):
    class Late(Many):
        def predict_all(self, questions):
            yield from super().predict_all(questions)
            raise OSError("the connection did not close")

    progress = Told()
    run(bench(1), Late(), store, progress=progress)
    assert store.errors() == {}
    assert progress.lines[0].startswith("predict_all() failed after its last answer (OSError")


def test_one_question_alone_is_asked_as_a_group_of_one(bench):
    (question, *_) = bench(1).questions("v0")
    assert Many().predict(question).text == "answer to g:0"


def test_the_truth_of_all_videos_of_a_group_is_shown_to_who_says_so(bench, store):
    class Seeing(Many):
        can = Abilities(truth=True)

        def predict_all(self, questions):
            return [Prediction(self.reveal(question).text) for question in questions]

    adapter = Seeing()
    run(bench(3), adapter, store)
    assert {one.text for one in store.predictions("v1").values()} == {"truth"}
    assert adapter.reveal is None
