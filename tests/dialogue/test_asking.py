"""Which turns a model is told, in one process, in batches and in workers; and that a chain stays true."""

import threading
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from sama_bench.adapter import Abilities, Adapter, BatchAdapter
from sama_bench.dialogue import Condition, ordered
from sama_bench.metrics.rle import encode
from sama_bench.run.dispatch import Lost, Slot, Workers
from sama_bench.run.manifest import Manifest, RunSettings
from sama_bench.run.predictions import StoredPrediction, validate
from sama_bench.run.runner import open_questions, run
from sama_bench.run.store import Store
from sama_bench.types import Key, Prediction, Question, Region, Truth, Turn, Video

SIZE, FRAMES = (12, 16), 2


def track(column):
    """Two columns of the picture, on each frame."""
    mask = np.zeros(SIZE, bool)
    mask[:, column : column + 2] = True
    return [encode(mask)] * FRAMES


class Bench:
    """Videos of `rounds` dialogue rounds and a description; round n is about the object in column 4 (n % 2)."""

    name, fingerprint, tasks = "talks", "f" * 64, ("g", "c")

    def __init__(self, folder, videos, rounds, selected=None):
        self.rounds = rounds
        self.all = {f"v{n}": self._video(folder / f"v{n}") for n in range(videos)}
        self.entries = tuple(
            SimpleNamespace(
                video=video, keys=tuple(key for key in self.kept(id_) if selected is None or key in selected)
            )
            for id_, video in self.all.items()
        )
        self.where = {key: entry.video.id for entry in self.entries for key in entry.keys}
        everything = [key for id_ in self.all for key in self.kept(id_)]
        self.positions = {key: place for place, key in enumerate(everything, 1)}

    def _video(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        paths = tuple(folder / f"{frame}.png" for frame in range(FRAMES))
        for path in paths:
            Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(path)
        return Video(folder.name, "mevis", SIZE, paths)

    def kept(self, id_):
        return (*(Key("g", f"{id_}-{n}") for n in range(1, self.rounds + 1)), Key("c", f"{id_}-c"))

    def kept_questions(self, id_):
        return [self._question(self.all[id_], key) for key in self.kept(id_)]

    def kept_truths(self, id_):
        return {key: Truth(key, id_, f"<p>true {key.id}</p> [SEG]", (track(4),)) for key in self.kept(id_)}

    def _question(self, video, key):
        if key.task == "c":
            return Question(key, video, "Describe <mask>.", (Region(track(0), SIZE),), expects="text")
        number = int(key.id.rpartition("-")[2])
        return Question(key, video, f"What does <mask> do in {key.id}?", (Region(track(4 * (number % 2)), SIZE),))

    def questions(self, id_):
        entry = next(entry for entry in self.entries if entry.video.id == id_)
        return [one for one in self.kept_questions(id_) if one.key in entry.keys]

    def truths(self, id_):
        return {key: one for key, one in self.kept_truths(id_).items() if key in self.where}


class Remembers(Adapter):
    """Says what it was told before: the ids of earlier turns with what was said in them. `plan` may fail."""

    can = Abilities(history="masks")

    def __init__(self, plan=lambda question: None):
        self.plan, self.asked = plan, []

    def predict(self, question):
        self.asked.append(question)
        self.plan(question)
        return Prediction(answer(question), [track(4)] * (question.expects == "phrases"))


class RemembersMany(BatchAdapter):
    """The same, asked many at once; `groups` are the ids that were asked together."""

    can = Abilities(history="masks")

    def __init__(self, at_once=100):
        self.at_once, self.groups, self.asked = at_once, [], []

    def predict_all(self, questions):
        self.groups.append([question.key.id for question in questions])
        self.asked += questions
        for question in questions:
            yield Prediction(answer(question), [track(4)] * (question.expects == "phrases"))


def answer(question):
    """What it is asked, and what it was told, so that a whole chain stands in its last answer."""
    if question.expects == "text":
        return "a thing"
    return f"<p>{question.key.id}</p> [SEG] after ({', '.join(turn.answer for turn in question.history)})"


def history(questions, id_):
    """The turns that were told with the question of this id, when it was asked last."""
    return [one for one in questions if one.key.id == id_][-1].history


@pytest.fixture
def bench(tmp_path):
    return lambda videos=2, rounds=5, selected=None: Bench(tmp_path / "talks", videos, rounds, selected)


@pytest.fixture
def manifest():
    settings = RunSettings("remembers", {}, "f" * 64, ["g", "c"], None, None, {"g": "1" * 64, "c": "2" * 64})
    return Manifest(settings, "/data/talks", "talks", counts={"g": 10, "c": 2}, asked={})


@pytest.fixture
def store(tmp_path, manifest):
    with Store.create(tmp_path / "run", manifest) as opened:
        yield opened


OWN, TRUE = Condition.of("own"), Condition.of("true")


def answers(store):
    return {key.id: one.text for video in store.videos() for key, one in store.predictions(video).items()}


def fresh(tmp_path, manifest, bench, condition, name="fresh"):
    """What a run says that nothing ever went wrong in."""
    with Store.create(tmp_path / name, manifest) as store:
        run(bench, Remembers(), store, condition=condition)
        return answers(store)


def test_without_a_history_nothing_is_told(bench, store):
    adapter = Remembers()
    run(bench(), adapter, store)
    assert all(question.history == () for question in adapter.asked)


def test_true_answers_are_told_with_questions_and_regions(bench, store):
    adapter, talks = Remembers(), bench()
    run(talks, adapter, store, condition=TRUE)
    told = history(adapter.asked, "v0-5")
    assert [turn.question for turn in told] == [f"What does <mask> do in v0-{n}?" for n in (2, 3, 4)]
    assert [turn.answer for turn in told] == [f"<p>true v0-{n}</p> [SEG]" for n in (2, 3, 4)]
    assert [turn.regions[0].track for turn in told] == [track(0), track(4), track(0)]
    assert {(turn.tracks, turn.source) for turn in told} == {(None, "true")}
    assert history(adapter.asked, "v0-1") == history(adapter.asked, "v0-c") == ()


def test_own_answers_are_told_as_a_chain_by_video(bench, store):
    adapter = Remembers()
    run(bench(), adapter, store, condition=Condition.of("own", 1))
    said = "<p>v1-3</p> [SEG] after (<p>v1-2</p> [SEG] after (<p>v1-1</p> [SEG] after ()))"
    assert history(adapter.asked, "v1-4") == (
        Turn("What does <mask> do in v1-3?", said, history(adapter.asked, "v1-4")[0].regions, None, "own"),
    )


@pytest.mark.parametrize("history_of", ["true", "own"])
def test_masks_come_back_only_where_they_are_asked_for(bench, store, history_of):
    adapter = Remembers()
    run(bench(1), adapter, store, condition=Condition.of(history_of, masks_back=True))
    assert [turn.tracks for turn in history(adapter.asked, "v0-3")] == [(track(4),)] * 2


def test_a_round_without_an_answer_leaves_the_history_whole(bench, store):
    def plan(question):
        if question.key.id == "v0-2":
            raise ValueError("no")

    class Silent(Remembers):
        def predict(self, question):
            if question.key.id == "v0-3":
                self.asked.append(question)
                return Prediction(" <|im_end|>")
            return super().predict(question)

    adapter = Silent(plan)
    run(bench(1), adapter, store, condition=OWN)
    assert [turn.question[-5:-1] for turn in history(adapter.asked, "v0-4")] == ["v0-1"]
    assert [turn.question[-5:-1] for turn in history(adapter.asked, "v0-5")] == ["v0-4"]


def test_words_that_end_an_answer_are_cut(bench, store):
    class Ends(Remembers):
        def predict(self, question):
            self.asked.append(question)
            return Prediction("It runs.<|end|> <|im_end|>\n")

    adapter = Ends()
    run(bench(1), adapter, store, condition=OWN)
    assert history(adapter.asked, "v0-2")[0].answer == "It runs."


def test_a_model_without_regions_is_told_of_no_question_that_has_some(bench, store):
    adapter = Remembers()
    adapter.can = Abilities(history="text", regions=False)
    run(bench(1), adapter, store, condition=TRUE)
    assert adapter.asked == []


def test_a_seed_shuffles_the_rounds_and_nothing_else(bench, store):
    adapter, condition = Remembers(), Condition.of("own", "all", seed=4)
    run(bench(1), adapter, store, condition=condition)
    asked = [question.key for question in adapter.asked]
    rounds = [Key("g", f"v0-{n}") for n in range(1, 6)]
    assert asked == [*ordered(rounds, "v0", 4), Key("c", "v0-c")] != [*rounds, Key("c", "v0-c")]
    assert [len(question.history) for question in adapter.asked] == [0, 1, 2, 3, 4, 0]
    assert list(store.predictions("v0")) == [*rounds, Key("c", "v0-c")]


def test_true_history_has_rounds_that_are_not_selected(bench, store):
    adapter = Remembers()
    run(bench(1, selected={Key("g", "v0-4")}), adapter, store, condition=TRUE)
    assert len(history(adapter.asked, "v0-4")) == 3


def test_batches_ask_round_by_round_videos_together(bench, store, tmp_path, manifest):
    adapter, talks = RemembersMany(), bench()
    run(talks, adapter, store, condition=OWN)
    assert adapter.groups == [["v0-1", "v0-c", "v1-1", "v1-c"], *([f"v0-{n}", f"v1-{n}"] for n in (2, 3, 4, 5))]
    assert answers(store) == fresh(tmp_path, manifest, talks, OWN)


def test_batches_ask_all_together_where_nothing_waits(bench, store, tmp_path, manifest):
    adapter, talks = RemembersMany(), bench()
    run(talks, adapter, store, condition=TRUE)
    assert [len(group) for group in adapter.groups] == [12]
    assert answers(store) == fresh(tmp_path, manifest, talks, TRUE)


@pytest.mark.parametrize("window", [1, 2, "all"])
@pytest.mark.parametrize("many", [False, True])
def test_a_round_that_is_asked_again_has_later_ones_asked_again(bench, store, tmp_path, manifest, window, many):
    condition = Condition.of("own", window)

    def plan(question):
        if question.key.id == "v1-2":
            raise ValueError("not now")

    run(talks := bench(), Remembers(plan), store, condition=condition)
    assert open_questions(talks, store, condition=condition) == []
    adapter = RemembersMany() if many else Remembers()
    run(talks, adapter, store, retry_errors=True, condition=condition)
    assert sorted(question.key.id for question in adapter.asked) == ["v1-2", "v1-3", "v1-4", "v1-5"]
    assert answers(store) == fresh(tmp_path, manifest, talks, condition)


def test_without_own_answers_only_the_error_is_asked_again(bench, store):
    run(talks := bench(), Remembers(lambda question: 1 / (question.key.id != "v1-2")), store, condition=TRUE)
    adapter = Remembers()
    assert run(talks, adapter, store, retry_errors=True, condition=TRUE) == 1


def test_rounds_that_are_selected_later_make_the_ones_behind_them_stale(bench, store, tmp_path, manifest):
    condition = Condition.of("own", 2, seed=1)
    chain = ordered([Key("g", f"v0-{n}") for n in range(1, 6)], "v0", 1)
    run(bench(1, selected={chain[0], *chain[3:]}), Remembers(), store, condition=condition)
    adapter = Remembers()
    run(whole := bench(1), adapter, store, condition=condition)
    assert [question.key for question in adapter.asked if question.key.task == "g"] == chain[1:]
    assert answers(store) == fresh(tmp_path, manifest, whole, condition)


class Stopped(BaseException):
    pass


@pytest.mark.parametrize("after", range(4))
def test_stopped_anywhere_a_retry_ends_the_same(bench, tmp_path, manifest, after):
    """With workers, whose answers are stored one by one: the third round failed, is asked again, and all is stopped."""
    talks = bench()

    def fails(question):
        if question.key.id == "v0-3":
            return StoredPrediction("", error="ValueError: no")
        return None

    with Store.create(tmp_path / "run", manifest) as store:
        run(talks, Team(fails).workers(2), store, condition=OWN)
        assert store.errors().keys() == {Key("g", "v0-3")}
        puts, put_all = [], store.put_all

        def put(answered):
            for one in answered:
                if len(puts) == after:
                    raise Stopped
                puts.append(one)
                put_all([one])

        store.put_all = put
        with suppress(Stopped):
            run(talks, Team().workers(2), store, condition=OWN, retry_errors=True)
    with Store.create(tmp_path / "run", manifest) as store:
        run(talks, Team().workers(2), store, condition=OWN)
        assert answers(store) == fresh(tmp_path, manifest, talks, OWN)


class Hand:
    """A worker that answers as the models here do; `plan` may give another answer, or end it."""

    alive = True

    def __init__(self, team):
        self.team = team

    def begin(self):
        pass

    def ask(self, videos, answered, warn):
        if self.team.at_once:
            together = [question for questions in videos for question in questions]
            with self.team.lock:
                self.team.groups.append([question.key.id for question in together])
            for question in together:
                self._answer(question, answered)
            return
        for questions in videos:
            for question in questions:
                self._answer(question, answered)

    def _answer(self, question, answered):
        kept = self.team.plan(question)
        tracks = [track(4)] * (question.expects == "phrases")
        answered(question.key, kept or validate(Prediction(answer(question), tracks), question.video))

    def notes(self):
        return []

    def end(self):
        pass

    def kill(self):
        pass


class Team:
    def __init__(self, plan=lambda question: None, at_once=0):
        self.plan, self.at_once, self.lock, self.groups = plan, at_once, threading.Lock(), []

    def workers(self, count):
        slots = [Slot(str(n + 1)) for n in range(count)]
        slots[0].worker = Hand(self)
        return Workers(slots, lambda slot: Hand(self), Abilities(history="masks"), {}, at_once=self.at_once)


@pytest.mark.parametrize("at_once", [0, 100])
@pytest.mark.parametrize("condition", [OWN, TRUE, Condition.of("own", "all", seed=3, masks_back=True)])
def test_workers_are_told_the_same(bench, store, tmp_path, manifest, at_once, condition):
    team = Team(at_once=at_once)
    run(talks := bench(4), team.workers(2), store, condition=condition)
    assert answers(store) == fresh(tmp_path, manifest, talks, condition)


@pytest.mark.parametrize("at_once", [0, 100])
@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_that_dies_keeps_the_chain(bench, store, tmp_path, manifest, at_once, times):
    """Once it costs nothing; twice the question is an error, and leaves the history of later ones."""
    left, lock = [times], threading.Lock()

    def dies(question):
        if question.key.id == "v0-3":
            with lock:
                left[0] -= 1
                if left[0] >= 0:
                    raise Lost("killed", key=None if at_once else question.key, together=bool(at_once))

    # together with others one more death is needed, as nobody knows whose it was
    left[0] += bool(at_once and times == 2)
    run(talks := bench(3), Team(dies, at_once).workers(2), store, condition=OWN)
    if times == 1:
        assert answers(store) == fresh(tmp_path, manifest, talks, OWN)
        return
    assert store.errors().keys() == {Key("g", "v0-3")}
    assert "v0-3" not in answers(store)["v0-4"]
    assert "v0-2" in answers(store)["v0-4"]


def test_dropped_answers_take_verdicts_and_statistics_with_them(bench, store):
    run(bench(1), Remembers(), store, condition=OWN)
    first, second = Key("g", "v0-1"), Key("g", "v0-2")
    store.put_statistics([(first, {"a": 1}), (second, {"a": 2})])
    store.put_judge("j", {})
    store.put_verdicts("j", [(first, 0, {}), (second, 0, {})])
    store.drop([second])
    assert second not in store.all_keys()
    assert [key for key, _ in store.statistics()] == [key for key, *_ in store.verdicts("j")] == [first]
