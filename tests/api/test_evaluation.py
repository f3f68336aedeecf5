import json
import logging
from importlib.metadata import EntryPoint

import pytest

import sama_bench as sb
from sama_bench.run import registry
from sama_bench.run.manifest import Manifest


def repeat(question):
    if question.key.task == "c":
        return f"A box, {question.key.id}."
    return sb.Prediction("<p> Box </p> [SEG] is there.", [region.track for region in question.regions])


class Square(sb.Adapter):
    """Answers with the regions that it is shown; fails where it is told to."""

    def __init__(self, fail=""):
        self.fail, self.asking, self.asked = fail, {"prompt": "plain"}, []

    def predict(self, question):
        self.asked.append(str(question.key))
        if question.key.id == self.fail:
            raise RuntimeError("no <memory>")
        return repeat(question) if question.key.task == "g" else sb.Prediction("A box.")

    def notes(self):
        return ["3 requests"]


def test_a_function_is_asked_stored_and_scored(tree):
    run = sb.evaluate(repeat, tree, phrases="words")
    assert str(run.path) == "runs/repeat-town"
    assert run.scores.mean("g", "strict", "miou") > 0.5
    assert run.manifest.settings.model == "repeat"
    assert sb.load_run(run.path).scores == run.scores
    assert json.loads((run.path / "manifest.json").read_text())["asked"]["phrases"] == "words"


class Chatty(sb.Adapter):
    """Prints what it is asked."""

    def predict(self, question):
        print("asked", question.key)
        return repeat(question) if question.key.task == "g" else sb.Prediction("A box.")


def test_what_a_named_model_prints_is_in_its_log_and_what_is_handed_over_prints_here(tree, monkeypatch, capfd):
    found = registry.candidates()
    found["chatty"] = [EntryPoint("chatty", "sama_bench.run.registry:Chatty", registry.ADAPTERS.name)]
    monkeypatch.setattr(registry, "candidates", lambda: found)
    monkeypatch.setattr(registry, "Chatty", Chatty, raising=False)
    named = sb.evaluate("chatty", tree, "named", tasks="g", phrases="words")
    assert capfd.readouterr().out == ""
    assert "asked g:q0\n" in (named.path / "worker.log").read_text()
    given = sb.evaluate(Chatty(), tree, "given", tasks="g", phrases="words")
    assert "asked g:q0\n" in capfd.readouterr().out
    assert not (given.path / "worker.log").exists()


def test_the_same_call_goes_on_and_another_one_is_refused(tree, caplog):
    caplog.set_level(logging.INFO, "sama_bench")
    square = Square(fail="q1")
    run = sb.evaluate(square, sb.load_benchmark(tree), "out", phrases="words", name="mine")
    assert run.errors() == {("g", "q1"): "RuntimeError: no <memory>"}
    assert run.manifest.asking == {"prompt": "plain"}
    again = Square()
    mended = sb.evaluate(again, tree, "out", phrases="words", name="mine", retry_errors=True)
    assert (again.asked, mended.errors()) == (["g:q1"], {})
    assert sb.evaluate(Square(), tree, "out", phrases="words", name="mine").scores == mended.scores
    assert [one.getMessage() for one in caplog.records] == [
        "3 requests",
        "3 requests",
        "out: all questions were asked before; scoring again",
    ]
    with pytest.raises(sb.UserError, match=r"was made with model=mine.*now asked model=Square.* model args depth=2"):
        sb.evaluate(Square(), tree, "out", model_args={"depth": 2})


def test_arguments_are_noted_as_texts_and_a_run_goes_on_with_the_same_ones(tree, monkeypatch):
    class Sized(Square):
        def __init__(self, size: int, flag: bool = False):
            super().__init__()
            assert (type(size), type(flag)) == (int, bool)

    monkeypatch.setattr("sama_bench.run.registry.adapter_class", lambda _: Sized)
    for args in ({"size": 8, "flag": True}, {"size": "8", "flag": "True"}):
        run = sb.evaluate("sized", tree, "out", phrases="words", model_args=args)
        assert run.manifest.settings.model_args == {"size": "8", "flag": "True"}
        assert run.manifest.asked["model_args"] == {"size": "8", "flag": "True"}
    with pytest.raises(sb.UserError, match=r"--model-arg size=eight: expected a whole number \(int\)"):
        sb.evaluate("sized", tree, "other", phrases="words", model_args={"size": "eight"})


def test_an_adapter_that_gives_boxes_has_the_grounder_that_is_named(tree):
    def boxes(question):
        return sb.Prediction("<p> Box </p> [SEG]", boxes=[[sb.Box(0, 3, 2, 8, 9)]])

    run = sb.evaluate(boxes, tree, "out", tasks="g", phrases="words", model_args={"grounder": "box"})
    assert run.manifest.asking == {"grounder": "box"}
    tracks = [answer.tracks for _, answer in run.predictions()]
    assert all(len(track) == 1 and track[0][0] is not None for track in tracks)


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        ("nobody", {}, "nobody"),
        ("still", {"name": "mine"}, "name='mine' goes with an adapter or a function; 'still' has its name"),
        ("still", {"timeout": 3}, "--timeout goes with --python"),
        (Square, {}, r"model is the class Square, expected an object of it: Square\(\)"),
        (5, {}, "model is int, expected a name, an Adapter, or a function of a question"),
        (repeat, {"name": "still"}, "'still' is the name of an installed adapter"),
        (repeat, {"budget": 3, "python": "python3"}, "budget, python: only for a model that is named"),
        (repeat, {"phrases": "wrds"}, "words"),
        (repeat, {"bench": "absent"}, "absent"),
        (repeat, {"tasks": "x"}, "there is no task 'x'"),
    ],
)
def test_what_is_asked_wrongly_is_told_and_nothing_is_made(tree, model, options, told):
    with pytest.raises(sb.UserError, match=told):
        sb.evaluate(model, out="out", **{"bench": tree, **options})
    assert not (tree.parent / "out").exists()


def test_an_open_benchmark_is_not_selected_of_again(tree):
    bench = sb.load_benchmark(tree)
    with pytest.raises(sb.UserError, match="tasks, limit: this benchmark is open"):
        sb.evaluate(repeat, bench, "out", tasks="g", limit=1)
    with pytest.raises(sb.UserError, match="was narrowed by hand"):
        sb.evaluate(repeat, bench.only([sb.Key("g", "q1")]), "out")


def test_a_judge_judges_before_the_scoring(tree):
    class Judge:
        name = "friend"

        def judge(self, store, benchmark):
            self.seen = len(store.all_keys()), len(benchmark)

    judge = Judge()
    run = sb.evaluate(repeat, tree, "out", phrases="words", judge=judge)
    assert judge.seen == (6, 6)
    assert Manifest.read(run.path / "manifest.json").asked["judge"] == "friend"
