"""Tiny tasks, asked by the real lmms-eval."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("lmms_eval")

from loguru import logger

from sama_bench.errors import UserError
from sama_bench.lmms.general.evaluation import ask_all
from sama_bench.lmms.general.record import FILE, Failed, GeneralSettings, Record, Scored, read
from sama_bench.lmms.general.suites import SuiteMetric, SuiteTask

pytestmark = pytest.mark.filterwarnings("ignore")
SETTINGS = GeneralSettings("lmms:dummy", {}, None, "0.7.3")


def test_a_task_gives_its_metrics_with_what_they_rest_on(evaluation, tiny):
    found = evaluation().ask(tiny)
    (value,) = found.values
    assert (value.metric, value.value, value.scale, value.higher_is_better) == ("exact_match", 0.75, "fraction", True)
    assert (found.questions, found.of, found.version, found.prompt, found.errors) == (4, 4, "1.0", "default", 0)


def test_a_limit_asks_so_many_and_says_of_how_many(evaluation, tiny):
    found = evaluation(limit=2).ask(tiny)
    assert (found.questions, found.of, found.values[0].value) == (2, 4, 0.5)


def test_what_is_asked_and_how_is_in_the_definition_and_the_limit_is_not(evaluation, tiny):
    whole, part, other = (
        evaluation().ask(tiny),
        evaluation(limit=1).ask(tiny),
        evaluation().ask(SuiteTask("tiny_points")),
    )
    assert whole.definition == part.definition != other.definition


def test_a_suites_metric_has_its_label_and_scale_and_one_without_a_number_is_told(evaluation):
    wanted = (SuiteMetric("points", "Points", "points", True), SuiteMetric("undefined", "None", "percent", True))
    found = evaluation().ask(SuiteTask("tiny_points", wanted, "a caveat"))
    assert [(one.label, one.value, one.scale) for one in found.values] == [("Points", 300.0, "points")]
    assert found.lacking == {"undefined": "lmms-eval gave no number"}
    assert found.caveat == "a caveat"


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ("tiny_raising", "ended in KeyError: 'no words for green'"),
        ("tiny_submission", "lmms-eval gave no number for it, only points = None"),
        ("tiny_unscored", "ended in KeyError: 'no result for "),
        ("tiny_gone", "ended in video path: a.mp4 does not exist"),
    ],
)
def test_a_task_that_fails_has_a_reason_and_no_score(evaluation, dummy, task, reason):
    log = io.StringIO()
    found = evaluation(lambda: dummy(read_bytes=1), log=log).ask(SuiteTask(task))
    assert isinstance(found, Failed)
    assert reason in found.reason
    assert "Traceback" in log.getvalue()


def test_a_data_set_that_is_not_there_is_told_before_a_model_is_made(evaluation, at_once):
    def never():
        raise AssertionError("a model was made")

    found = evaluation(never).ask(SuiteTask("tiny_no_data"))
    assert found.reason.startswith("its data set json could not be loaded (FileNotFoundError: Unable to find")


def test_a_data_set_of_the_hub_is_told_with_what_to_do(evaluation, at_once, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    found = evaluation().ask(SuiteTask("mme"))
    assert found.reason.startswith("its data set lmms-lab-encoder/MME could not be loaded (")
    brings = (
        "bring it into HF_HOME where there is internet: `sama-bench general --model lmms:dummy --tasks mme --limit 2`"
    )
    assert found.reason.endswith(brings)
    assert "RetryError" not in found.reason


def test_a_task_that_needs_a_key_is_not_asked_without(evaluation, monkeypatch):
    monkeypatch.delenv("SOME_KEY", raising=False)
    found = evaluation().ask(SuiteTask("tiny_colours", caveat="it guesses", key="SOME_KEY"))
    assert found == Failed("needs $SOME_KEY in the environment; it guesses")


def test_one_model_is_made_for_all_tasks_and_keeps_its_weights(evaluation, dummy, tiny):
    import torch

    made = []

    def model():
        made.append(dummy())
        made[0].weights = torch.nn.Linear(1, 1)
        return made[0]

    asked = evaluation(model)
    outcomes = [asked.ask(tiny), asked.ask(SuiteTask("tiny_points"))]
    assert all(isinstance(one, Scored) for one in outcomes)
    assert len(made) == 1
    assert made[0].weights.in_features == 1


def test_a_model_that_cannot_be_made_ends_all(evaluation, tiny, tmp_path):
    def model():
        raise MemoryError("8 GB")

    log = io.StringIO()
    with pytest.raises(UserError, match=r"the model cannot be made .MemoryError: 8 GB.; see .*lmms-eval.log"):
        evaluation(model, log=log).ask(tiny)
    assert "Traceback" in log.getvalue()


def answering(dummy, *answers):
    """A model that gives these answers, one after the other; of those that are exceptions it logs and says nothing."""
    left = iter(answers)

    class Told(dummy):
        def generate_until(self, requests):
            return [self._one(next(left)) for _ in requests]

        def _one(self, answer):
            if not isinstance(answer, Exception):
                return answer
            logger.error(f"{answer}")
            return ""

    return Told


def test_a_model_that_takes_messages_is_given_the_task_in_that_form(evaluation, dummy, tiny):
    class Chat(dummy):
        is_simple = False

        def generate_until(self, requests):
            _, messages, _, number, task, split = requests[0].args
            (message,) = messages(self.task_dict[task][split][number])
            assert [part["type"] for part in message["content"]] == ["image", "text"]
            return super().generate_until(requests)

    asked = evaluation(Chat)
    assert [asked.ask(tiny).values[0].value for _ in range(2)] == [0.75, 0.75]


def test_answers_that_failed_are_counted_with_the_first_reason(evaluation, dummy, tiny):
    model = answering(dummy, "A", RuntimeError("out of memory"), "[LMMS_EVAL_REQUEST_FAILED after 3 retries] 429", "B")
    found = evaluation(model).ask(tiny)
    assert (found.errors, found.first_error, found.values[0].value) == (2, "out of memory", 0.25)


def test_an_empty_answer_is_an_answer_where_nothing_went_wrong(evaluation, dummy, tiny):
    assert evaluation(answering(dummy, "A", "", "", "A")).ask(tiny).errors == 0


def test_a_model_that_gives_too_few_answers_is_a_failure(evaluation, dummy, tiny):
    class Short(dummy):
        def generate_until(self, requests):
            return ["A"]

    found = evaluation(Short).ask(tiny)
    assert found == Failed("ended in ValueError: the model gave 1 answers to 4 questions")


def test_the_first_task_of_a_process_hears_what_a_model_logs():
    code = """
import io, lmms_eval
from loguru import logger
from sama_bench.lmms.general import log_capture
from sama_bench.lmms.general.failed_answers import Unanswered

class Model:
    def generate_until(self, requests):
        logger.error("no memory")
        return [""] * len(requests)

model, unanswered = Model(), Unanswered()
with log_capture.into(io.StringIO()), unanswered.counted(model):
    from lmms_eval.evaluator import simple_evaluate
    model.generate_until([1, 2])
print(unanswered.count, unanswered.first)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "2 no memory\n", done.stderr


def test_a_task_all_of_whose_answers_failed_has_no_score(evaluation, dummy, tiny):
    found = evaluation(answering(dummy, *[RuntimeError("no device")] * 4)).ask(tiny)
    assert found == Failed("all 4 answers failed, the first: no device")


def test_what_cannot_go_on_ends_all_and_what_was_done_is_kept(evaluation, dummy, tiny, tmp_path):
    class Spent(dummy):
        asked = 0

        def generate_until(self, requests):
            Spent.asked += 1
            if Spent.asked == 2:
                raise UserError("the budget is spent")
            return super().generate_until(requests)

    with pytest.raises(UserError, match="the budget is spent"):
        ask_all(evaluation(Spent), [tiny, SuiteTask("tiny_points")], Record(SETTINGS), tmp_path, lambda line: None)
    assert list(read(tmp_path).tasks) == ["tiny_colours"]


def test_all_tasks_are_asked_and_told_and_written_though_one_fails(evaluation, tiny, tmp_path):
    told = []
    entries = [SuiteTask("tiny_raising"), tiny]
    record = ask_all(evaluation(), entries, Record(SETTINGS), tmp_path, told.append)
    assert told == ["tiny_raising (task 1 of 2)", "tiny_colours (task 2 of 2)"]
    assert [type(one) for one in record.tasks.values()] == [Failed, Scored]
    assert read(tmp_path) == record
    assert {one.name for one in Path(tmp_path).iterdir()} == {FILE}


def test_nothing_of_lmms_eval_reaches_the_terminal(evaluation, tiny, capfd):
    log = io.StringIO()
    evaluation(log=log).ask(tiny)
    assert capfd.readouterr() == ("", "")
    assert "Running generate_until requests" in log.getvalue()
