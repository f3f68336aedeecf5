"""Workers that are processes here: what they answer, and what becomes of those that die."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from sama_bench.errors import UserError
from sama_bench.run.progress import Silence
from sama_bench.types import Key, Question
from sama_bench.worker.local_workers import local_workers

pytestmark = pytest.mark.slow
KILL = "os.kill(os.getpid(), signal.SIGKILL)"


class Told(Silence):
    def __init__(self):
        self.lines = []

    def warn(self, line):
        self.lines.append(line)


@pytest.fixture
def ask(plugin, log, video):
    """Asks the plug-in's adapter questions that are codes, by video, with so many workers."""

    def run(codes, name="obeys", workers=2, **args):
        videos = {id_: video(id_) for id_ in codes}
        questions = {
            id_: [Question(Key("g", f"{id_}{n}"), videos[id_], code) for n, code in enumerate(own)]
            for id_, own in codes.items()
        }
        benchmark = SimpleNamespace(questions=questions.__getitem__)
        todo = [
            (SimpleNamespace(video=videos[id_]), [question.key for question in own]) for id_, own in questions.items()
        ]
        team = local_workers(name, args, None, log, 20, False, workers)
        told = Told()
        answered = [one for some in team.answers(benchmark, todo, told) for one in some]
        return {one.key.id: one.prediction for one in answered}, told.lines, team

    return run


def test_answers_errors_and_frames(ask, video):
    code = "answer = Prediction(str(int(question.video.frame(1).sum())))"
    answers, _, team = ask({"a": ["pass", "raise ValueError('no')"], "bb": [code, "sys.exit(3)"]})
    assert answers["a0"].text == "fine"
    assert answers["a1"].error == "ValueError: no"
    assert "predict" in answers["a1"].traceback
    assert answers["bb0"].text == str(int(video("bb").frame(1).sum()))
    assert answers["bb1"].error == "SystemExit: 3"
    assert team.notes() == ["obeyed"]
    assert all(slot.worker is None or not slot.worker.alive for slot in team.slots)
    assert (team.asking, team.at_once, team.versions["obeys"]) == ({"prompt": "obey"}, 0, "1.2")


def test_a_worker_that_dies_once_costs_nothing_and_twice_the_question(ask, once, log):
    answers, told, team = ask({"a": ["pass", once(KILL), "pass"], "b": [f"print('last words'); {KILL}", "pass"]})
    assert [key for key, one in sorted(answers.items()) if one.error is None] == ["a0", "a1", "a2", "b1"]
    how = "killed by signal 9 (SIGKILL, as when memory runs out)"
    assert answers["b0"].error.startswith(f"WorkerDied: the worker died twice ({how}); last lines of its log")
    assert "last words" in answers["b0"].error
    assert len([line for line in told if "the worker died at question" in line]) == 3
    assert sum(slot.deaths for slot in team.slots) == 3
    assert Path(log).exists()


def test_a_video_whose_opening_kills_is_the_error_of_its_questions(ask):
    answers, _, _ = ask({"a": ["pass"], "b": ["pass", "pass"]}, open=f"self.video.id == 'b' and {KILL}")
    assert answers["a0"].error is None
    assert {answers[key].error.partition(" (")[0] for key in ("b0", "b1")} == {"WorkerDied: the worker died twice"}


def test_a_model_that_takes_many_questions_together_gets_them_together(ask):
    answers, _, team = ask({"a": ["x"] * 3, "b": ["x"] * 3, "c": ["x"] * 2}, "together", workers=1)
    assert team.at_once == 1
    assert {one.text for one in answers.values()} == {"3 at once", "2 at once"}
    assert {one.seconds for one in answers.values()} == {1.5}


def test_what_cannot_be_made_is_told(ask):
    with pytest.raises(UserError, match="leave out --workers"):
        ask({}, "sees")
    with pytest.raises(UserError, match="no_such_module"):
        ask({}, "needs")
    with pytest.raises(UserError, match="could not be made"):
        ask({}, make=KILL)
