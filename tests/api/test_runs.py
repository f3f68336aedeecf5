import math

import pytest

import sama_bench as sb
from sama_bench.run.store import Store
from sama_bench.verdicts.verdict import Verdict

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture
def run(tree):
    """A run with an error, a hostile answer, and a grounded one that is right."""

    def answer(question):
        if question.key.id == "q2":
            raise RuntimeError(HOSTILE)
        text = HOSTILE if question.key.task == "c" else "<p> Box </p> [SEG] is there."
        return sb.Prediction(text, [region.track for region in question.regions] if question.key.task == "g" else ())

    return sb.evaluate(answer, tree, "out", phrases="words")


def test_means_and_intervals_are_those_of_the_file_and_what_is_not_there_is_told(run):
    block = run.scores.kept.protocols["strict"]["g"]
    assert run.scores.mean("g", "strict", "J&F") == block.mean["J&F"]
    assert list(run.scores.interval("g", "strict", "J&F")) == list(block.interval["J&F"])
    assert len(run.scores.by_video("g", "strict", "J&F")) == 3
    assert run.scores.signature("g", "strict").startswith("task:g|protocol:strict|questions:3|videos:3|")
    assert (run.scores.tasks, run.scores.protocols) == (("g", "c"), ("paper", "strict"))
    with pytest.raises(sb.UserError, match=r"strict, task g: no Judge \(no verdicts: .*\); there is: miou, J, F"):
        run.scores.mean("g", "strict", "Judge")
    with pytest.raises(sb.UserError, match="loose, task g: was not scored; there is: paper, g; strict, g; paper, c;"):
        run.scores.mean("g", "loose", "J")
    assert any("1 ended in an error" in note for note in run.scores.notes())


def test_the_table_has_every_mean(run):
    table = run.scores.table()
    assert table.index.names == ["task", "protocol", "metric"]
    means = {
        (task, protocol, name): value
        for protocol, tasks in run.scores.kept.protocols.items()
        for task, block in tasks.items()
        for name, value in block.mean.items()
    }
    assert table["value"].to_dict() == means
    assert table.loc[("g", "strict", "J"), ["questions", "videos", "errors"]].tolist() == [3, 3, 1]


def test_questions_have_their_answers_and_all_values_of_their_own(run):
    questions = run.questions()
    assert list(questions.columns) == [
        "video", "state", "text", "seconds", "error",
        "paper.miou", "paper.ROUGE_L", "strict.miou", "strict.J", "strict.F", "strict.J&F", "strict.ROUGE_L",
    ]  # fmt: skip
    assert list(questions.index) == [("g", "q0"), ("c", "d0"), ("g", "q1"), ("c", "d1"), ("g", "q2"), ("c", "d2")]
    right, failed, described = (questions.loc[key] for key in (("g", "q0"), ("g", "q2"), ("c", "d0")))
    assert (right["state"], right["text"]) == ("answered", "<p> Box </p> [SEG] is there.")
    assert list(questions["error"].isna()) == [True, True, True, True, False, True]
    assert right["strict.J&F"] == 1.0
    assert (failed["state"], failed["text"], failed["strict.miou"]) == ("error", "", 0.0)
    assert math.isnan(failed["paper.miou"])
    assert HOSTILE in failed["error"]
    assert math.isnan(described["strict.J"])
    own = questions.loc["g"].groupby("video")["strict.miou"].mean().to_dict()
    assert own == run.scores.by_video("g", "strict", "miou")


def test_questions_of_a_judged_run_have_the_verdicts(run):
    about = {"column": "Judge", "samples": 1, "model": "m", "template": "dialogue", "temperature": 0, "seed": 1}
    with Store.open(run.path, write=True) as store:
        store.put_judge("key", about)
        store.put_verdicts("key", [(sb.Key("c", "d0"), 0, Verdict(0.75, "fine", model="m").to_json())])
    column = run.questions()["strict.Judge"]
    assert (column["c", "d0"], column["g", "q2"]) == (0.75, 0.0)
    assert math.isnan(column["c", "d1"])


def test_a_run_that_was_not_scored_has_questions_and_says_what_to_do(run):
    (run.path / "scores.json").unlink()
    again = sb.load_run(run.path)
    assert "strict.J" not in again.questions()
    assert again.questions().loc[("g", "q0"), "state"] == "answered"
    with pytest.raises(sb.UserError, match="has no scores yet"):
        again.scores  # noqa: B018
    assert "has no scores yet" in again._repr_html_()
    scores = again.score(phrases="words")
    assert scores == again.scores == run.scores


def test_answers_pictures_and_the_benchmark(run, tree):
    answers = dict(run.predictions())
    assert answers["c", "d0"].text == HOSTILE
    assert sb.score(tree, answers, phrases="words") == run.scores
    assert run.asked == 6
    assert len(list(run.lines())) == 6
    assert len(run.benchmark()) == 6
    assert run.picture("g:q0").size == run.picture(sb.Key("g", "q0")).size
    with pytest.raises(sb.UserError, match="town has no question 'g:9'"):
        run.picture("g:9")


def test_notebooks_show_the_tables_and_nothing_that_a_model_says_is_markup(run):
    shown = run._repr_html_()
    assert "<td" in shown
    assert "J&amp;F ↑" in shown
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown


def test_a_folder_that_is_no_run_is_refused(tree):
    with pytest.raises(sb.UserError, match="is not a run"):
        sb.load_run(tree)
