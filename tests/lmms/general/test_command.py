"""`sama-bench general` on tiny tasks: lmms-eval's own `dummy`, and a stranger's adapter that looks at pictures."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from sama_bench.cli.general import general
from sama_bench.errors import MissingExtra, UserError
from sama_bench.leaderboard.command import report
from sama_bench.lmms.general.record import FILE, Failed, read

TASKS = Path(__file__).parent / "tasks"
pytestmark = pytest.mark.filterwarnings("ignore")
ADAPTER = """
from sama_bench.adapter import Abilities, Adapter
from sama_bench.errors import UserError

class Seeing(Adapter):
    can = Abilities(plain=True)

    def __init__(self, fail=""):
        self.fail = fail

    def predict(self, question):
        raise NotImplementedError

    def answer(self, question):
        (frame,) = question.frames
        name = ("red", "green", "blue")[int(frame.mean(axis=(0, 1)).argmax())]
        if self.fail == "budget" and name == "green":
            raise UserError("the budget is spent")
        if name == self.fail:
            raise RuntimeError(f"{name} hurts")
        line = next(one for one in question.text.splitlines() if one.endswith(f". {name}"))
        return line[0]

    def notes(self):
        return ["nothing was spent"]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(here, manager, monkeypatch):
    """Runs the command; lmms-eval's tasks are looked for once in all tests."""
    monkeypatch.setattr("sama_bench.lmms.general.names.manager", lambda *_: manager)

    def run(tasks, *arguments, model="lmms:dummy"):
        options = ["--model", model, "--tasks", tasks, *map(str, arguments)]
        return CliRunner().invoke(general, options, catch_exceptions=False, env={"COLUMNS": "150"})

    return run


@pytest.fixture
def seeing(tmp_path_factory, monkeypatch):
    """Lays a distribution with the adapter `seeing` into the import path, as pip would."""
    folder = tmp_path_factory.mktemp("plugin")
    info = folder / "seeing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: seeing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sama_bench.adapters]\nseeing = seeing_plug_in:Seeing\n")
    (folder / "seeing_plug_in.py").write_text(ADAPTER)
    monkeypatch.delitem(sys.modules, "seeing_plug_in", raising=False)
    monkeypatch.syspath_prepend(str(folder))
    return "seeing"


def test_scores_are_shown_and_kept_and_nothing_else_is_printed(command, here):
    told = command("tiny")
    assert told.exit_code == 0
    rows = [line.split() for line in told.stdout.replace("│", "").splitlines()]
    assert ["tiny_colours", "tiny_colours", "exact_match", "↑", "75.00", "%", "4"] in rows
    assert ["tiny_points", "tiny_points", "points", "(as", "given)", "↑", "300", "4"] in rows
    assert told.stdout.splitlines()[0] == "lmms:dummy, lmms-eval 0.7.3"
    assert told.stderr.splitlines() == ["tiny_colours (task 1 of 2)", "tiny_points (task 2 of 2)"]
    folder = here / "runs/lmms_dummy-general"
    assert {one.name for one in folder.iterdir()} == {FILE, "lmms-eval.log", "general.lock"}


def test_failures_are_told_at_the_end_and_tried_again_by_the_same_command(command, here):
    told = command("tiny_raising,tiny_colours")
    assert told.exit_code == 1
    assert "│ tiny_raising │" in told.stdout
    assert told.stderr.splitlines()[-2:] == [
        "task tiny_raising: ended in KeyError: 'no words for green'",
        "1 of 2 tasks failed or have answers that did",
    ]
    again = command("tiny_raising,tiny_colours")
    assert "tiny_raising (task 1 of 1)" in again.stderr
    assert "(tried 2 times)" in again.stderr
    kept = read(here / "runs/lmms_dummy-general")
    assert kept.tasks["tiny_raising"] == Failed("ended in KeyError: 'no words for green'", 2)
    assert len(kept.sessions) == 2


def test_what_has_scores_is_not_asked_again(command):
    command("tiny_colours")
    told = command("tiny_colours")
    assert told.exit_code == 0
    assert "all tasks were asked before" in told.stderr
    assert "75.00 %" in told.stdout


def test_json_alone_goes_to_stdout(command):
    told = command("tiny_colours", "--json", "-", "--limit", 2)
    content = json.loads(told.stdout)
    assert content["tasks"]["tiny_colours"]["questions"] == 2
    assert content["settings"] == {"model": "lmms:dummy", "model_args": {}, "limit": 2, "lmms_eval": "0.7.3"}


@pytest.mark.parametrize("names", ["", " , "])
def test_no_task_is_not_the_whole_suite(command, names):
    with pytest.raises(UserError, match="names no task; expected A,B, or leave it out for the suite paper"):
        command(names)


def test_with_another_limit_the_folder_is_not_gone_on_with(command):
    command("tiny_colours", "--limit", 2)
    with pytest.raises(UserError, match=r"was made with limit=2; now asked limit=none; give --out another folder"):
        command("tiny_colours")


def test_names_that_there_are_not_are_told_all_before_a_folder_is_made(command, here):
    with pytest.raises(UserError) as caught:
        command("tiny_colour,mmm")
    assert [problem.split(",")[0] for problem in caught.value.problems] == [
        "lmms-eval has no task 'tiny_colour'",
        "lmms-eval has no task 'mmm'",
    ]
    assert list(here.iterdir()) == []


def test_a_model_that_lmms_eval_does_not_know_is_told(command):
    with pytest.raises(UserError, match="no model 'dumy', did you mean lmms:dummy"):
        command("tiny_colours", model="lmms:dumy")


def test_an_adapter_that_answers_no_plain_questions_is_told_with_those_that_do(command, here):
    with pytest.raises(UserError, match=r"adapter motion answers no plain questions .*; these do: .*lmms:NAME"):
        command("tiny_colours", model="motion")
    assert list(here.iterdir()) == []


def test_an_adapter_sees_the_pictures_and_its_notes_are_told(command, seeing):
    told = command("tiny_colours", model=seeing)
    assert "100.00 %" in told.stdout
    assert "nothing was spent" in told.stderr


def test_an_adapters_errors_are_counted_and_no_score_hides_them(command, seeing, here):
    told = command("tiny_colours", "--model-arg", "fail=green", model=seeing)
    assert told.exit_code == 1
    found = read(here / "runs/seeing-general").tasks["tiny_colours"]
    assert (found.errors, found.values[0].value) == (1, 0.75)
    assert "task tiny_colours: 1 of 4 answers failed and count as wrong, the first: " in told.stderr
    assert "green hurts" in told.stderr
    assert "(task 1 of 1)" not in command("tiny_colours", "--model-arg", "fail=green", model=seeing).stderr
    again = command("tiny_colours", "--model-arg", "fail=green", "--retry-errors", model=seeing)
    assert "(task 1 of 1)" in again.stderr


def test_a_budget_that_is_spent_ends_the_command_and_fails_no_task(command, seeing, here):
    with pytest.raises(UserError, match=r"^the budget is spent$"):
        command("tiny_colours", "--model-arg", "fail=budget", model=seeing)
    assert not (here / "runs/seeing-general" / FILE).exists()


def test_the_report_has_the_scores_beside_other_models(command, seeing, here):
    command("tiny")
    command("tiny", model=seeing)
    told = CliRunner().invoke(report, [], catch_exceptions=False, env={"COLUMNS": "150"})
    assert told.exit_code == 0
    rows = [line.split() for line in told.output.splitlines()]
    assert ["metric", "1.", "seeing", "2.", "lmms:dummy"] in rows
    assert [row[-2:] for row in rows if "↑" in row] == [["100.00*", "75.00"], ["400.00*", "300.00"]]


def test_a_missing_lmms_eval_is_told_with_the_pip_line(here, monkeypatch):
    monkeypatch.setattr("sama_bench.cli.general.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"needs lmms_eval .not installed.: pip install .*lmms-eval"):
        CliRunner().invoke(general, ["--model", "chat"], catch_exceptions=False)


def test_a_suite_that_there_is_not_is_told(here):
    with pytest.raises(UserError, match="there is no suite 'papr', did you mean paper"):
        CliRunner().invoke(general, ["--model", "chat", "--suite", "papr"], catch_exceptions=False)


@pytest.fixture
def process(here):
    """Starts the real command in a process of its own, and ends it if a test does not."""
    pytest.importorskip("lmms_eval")
    started = []

    def start(*arguments):
        code = "from sama_bench.cli.main import main; main()"
        options = ["general", "--model", "lmms:dummy", "--include-path", TASKS, *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen([sys.executable, "-c", code, *map(str, options)], **pipes))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


@pytest.mark.parametrize(("signal_", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_what_was_asked_before_an_end_is_kept_and_the_same_command_goes_on(
    process, command, here, monkeypatch, signal_, status
):
    run = process("--tasks", "tiny_colours,tiny_held")
    file = here / "runs/lmms_dummy-general" / FILE
    while not (file.exists() and "tiny_colours" in file.read_text()):
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    run.send_signal(signal_)
    run.communicate(timeout=60)
    assert run.returncode == status
    monkeypatch.setenv("MENDED", "1")
    told = command("tiny_colours,tiny_held")
    assert told.exit_code == 0
    assert told.stderr.splitlines() == ["tiny_held (task 1 of 1)"]
    assert "75.00 %" in told.stdout
