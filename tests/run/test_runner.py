import threading
from dataclasses import replace

import pytest

from sama_bench.adapter import Abilities
from sama_bench.errors import UserError
from sama_bench.metrics.rle import area
from sama_bench.run.manifest import Session
from sama_bench.run.runner import open_questions, run
from sama_bench.run.store import Store
from sama_bench.types import Key, Prediction, Region


@pytest.fixture
def store(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest()) as opened:
        yield opened


class Told:
    """Progress that writes down what it is told."""

    def __init__(self):
        self.lines, self.questions, self.videos = [], 0, 0

    def begin(self, *counts):
        self.counts = counts

    def question_done(self, error=None):
        self.questions += 1

    def video_done(self):
        self.videos += 1

    def warn(self, line):
        self.lines.append(line)


def test_every_question_is_asked_video_by_video(bench, square, store):
    benchmark, adapter, told = bench(), square(), Told()
    assert run(benchmark, adapter, store, progress=told) == 9
    assert adapter.calls[:6] == ["open v0", "g:0", "g:1", "c:c0", "close", "open v1"]
    assert store.videos() == ["v0", "v1", "v2"]
    answers = store.predictions("v2")
    assert list(answers) == [Key("g", "4"), Key("g", "5"), Key("c", "c2")]
    assert answers[Key("g", "4")].text == "answer to g:4 [SEG]"
    assert [area(mask) for mask in answers[Key("g", "4")].tracks[0]] == [15] * 3
    assert all(one.seconds > 0 for one in answers.values())
    assert (told.counts, told.questions, told.videos) == ((3, 9, 0, 0), 9, 3)


def test_what_is_stored_is_not_asked_again(bench, square, store):
    benchmark = bench()

    def stop(self, question):
        if question.key.id == "4":
            raise KeyboardInterrupt
        return Prediction("before")

    first = square(predict=stop)
    with pytest.raises(KeyboardInterrupt):
        run(benchmark, first, store)
    assert first.calls[-1] == "close"
    assert store.videos() == ["v0", "v1"]
    second, told = square(), Told()
    assert run(benchmark, second, store, progress=told) == 3
    assert second.calls == ["open v2", "g:4", "g:5", "c:c2", "close"]
    assert told.counts == (3, 9, 2, 6)
    assert run(benchmark, square(), store) == 0
    assert open_questions(benchmark, store) == []


@pytest.mark.parametrize("problem", [RuntimeError("no memory"), SystemExit(0), RecursionError(), MemoryError()])
def test_an_exception_is_the_error_of_its_question_alone(bench, square, store, problem):
    def predict(self, question):
        if question.key.id == "2":
            raise problem
        return Prediction("fine")

    run(bench(), square(predict=predict), store)
    assert list(store.errors()) == [Key("g", "2")]
    failed = store.predictions("v1")[Key("g", "2")]
    assert failed.error.startswith(type(problem).__name__)
    assert "raise problem" in failed.traceback
    assert len(store.all_keys()) == 9


def test_errors_are_asked_again_only_when_told_to(bench, square, store):
    benchmark = bench()

    def predict(self, question):
        raise RuntimeError("no memory")

    run(benchmark, square(predict=predict), store)
    assert len(store.errors()) == 9
    assert run(benchmark, square(), store) == 0
    wrong = square(predict=lambda self, question: Prediction("x" if question.key.task == "g" else 7))
    assert run(benchmark, wrong, store, retry_errors=True) == 9
    assert [str(key) for key in store.errors()] == ["c:c0", "c:c1", "c:c2"]
    last = square()
    run(benchmark, last, store, retry_errors=True)
    assert last.calls == [
        f"{what}{n}" if what != "close" else what for n in range(3) for what in ("open v", "c:c", "close")
    ]
    assert store.errors() == {}


def test_a_video_that_cannot_be_opened_is_an_error_of_its_questions(bench, square, store):
    calls = []

    def open_(self, video):
        calls.append(video.id)
        if video.id == "v1":
            raise ValueError("too long")

    run(bench(), square(open=open_, close=lambda self: calls.append("close")), store)
    assert set(store.errors().values()) == {"open: ValueError: too long"}
    assert [str(key) for key in store.errors()] == ["g:2", "g:3", "c:c1"]
    assert calls == ["v0", "close", "v1", "close", "v2", "close"]


def test_a_close_that_fails_costs_no_answer(bench, square, store):
    def close(self):
        raise OSError("cache is gone")

    told = Told()
    run(bench(1), square(close=close), store, progress=told)
    assert store.errors() == {}
    assert told.lines == ["v0: the adapter's close() failed (OSError: cache is gone); its answers are kept"]


def test_a_broken_frame_stops_the_run_and_finished_videos_stay(bench, square, store):
    benchmark, adapter = bench(), square()
    benchmark.entries[1].video.frames[2].write_bytes(b"not an image")
    with pytest.raises(UserError, match="cannot be read"):
        run(benchmark, adapter, store)
    assert adapter.calls[-1] == "close"
    assert store.videos() == ["v0"]


def test_a_broken_frame_that_the_adapter_meets_is_bad_input_not_its_error(bench, square, store):
    def predict(self, question):
        raise UserError("7.jpg: this frame cannot be read")

    adapter = square(predict=predict)
    with pytest.raises(UserError, match=r"7\.jpg"):
        run(bench(), adapter, store)
    assert adapter.calls[-1] == "close"
    assert store.all_keys() == set()


def test_the_truth_is_shown_only_to_those_who_say_so(bench, square, store):
    def predict(self, question):
        return Prediction(self.reveal(question).text)

    benchmark = bench()
    run(benchmark, square(predict=predict), store)
    assert len(store.errors()) == 9
    seeing = square(predict=predict, can=Abilities(truth=True))
    run(benchmark, seeing, store, retry_errors=True)
    assert {one.text for one in store.predictions("v1").values()} == {"truth"}
    assert seeing.reveal is None


def test_questions_with_a_region_are_not_asked_of_a_model_that_takes_none(bench, square, store):
    benchmark, told = bench(), Told()
    plain = benchmark.questions

    def questions(video_id):
        """Those of the first video have a region, as have the descriptions."""
        region = Region([None] * 3, (12, 16))
        return [
            replace(one, regions=(region,)) if video_id == "v0" or one.key.task == "c" else one
            for one in plain(video_id)
        ]

    benchmark.questions = questions
    adapter = square(can=Abilities(regions=False))
    assert run(benchmark, adapter, store, progress=told) == 4
    assert adapter.calls == ["open v1", "g:2", "g:3", "close", "open v2", "g:4", "g:5", "close"]
    assert told.counts == (3, 9, 1, 5)
    assert open_questions(benchmark, store, can=Abilities(regions=False)) == []
    assert len(open_questions(benchmark, store)) == 3


def test_a_model_that_only_describes_is_asked_texts_about_one_region_and_nothing_else(bench, square, store):
    benchmark = bench()
    plain = benchmark.questions
    region = Region([None] * 3, (12, 16))

    def questions(video_id):
        """Each has a region; the description of the last video has two."""
        return [
            replace(one, regions=(region,) * (2 if one.key == Key("c", "c2") else 1), expects=expects)
            for one, expects in ((one, "text" if one.key.task == "c" else "phrases") for one in plain(video_id))
        ]

    benchmark.questions = questions
    adapter = square(can=Abilities(describes_only=True))
    assert run(benchmark, adapter, store) == 2
    assert adapter.calls == ["open v0", "c:c0", "close", "open v1", "c:c1", "close"]
    assert open_questions(benchmark, store, can=adapter.can) == []


@pytest.mark.parametrize("can", [Abilities(), Abilities(describes_only=True, masks=False)])
def test_what_a_model_only_describes_is_kept_where_it_is_so(manifest, tmp_path, can):
    assert ("describes_only" in can.to_json()) is can.describes_only
    path = tmp_path / "kept"
    with Store.create(path, manifest()) as opened:
        opened.begin(Session.now(), can, {})
    with Store.open(path) as opened:
        assert opened.can == can


def test_an_answer_made_of_strange_objects_is_an_error_and_the_run_goes_on(bench, square, store):
    class Strange(list):
        def __iter__(self):
            raise SystemExit(3)

    def predict(self, question):
        return Prediction("[SEG]", Strange([1])) if question.key.id == "2" else Prediction("fine")

    assert run(bench(), square(predict=predict), store) == 9
    assert store.errors() == {Key("g", "2"): "unusable answer: SystemExit: 3"}


def test_a_run_leaves_no_thread_and_no_frames(bench, square, store):
    benchmark = bench(4)
    run(benchmark, square(), store)
    assert not any(entry.video._kept for entry in benchmark.entries)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("frames")]
