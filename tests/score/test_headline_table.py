import io
from dataclasses import replace

from rich.console import Console

from sama_bench.score.block import Block, Bootstrap, Fault
from sama_bench.score.headline_table import print_headlines
from sama_bench.score.scores import Partial, Scores

BLOCK = Block({"miou": 0.1, "J&F": 0.25, "METEOR": 0.5}, {"v": {}}, 7)
MADE_OF = {"task": "g", "protocol": "strict", "questions": 7, "benchmark": "4d27", "version": "1.2"}


def shown(block=BLOCK, width=80, partial=None, **more):
    signature = {"paper": {"g": MADE_OF}, "strict": {"g": MADE_OF}}
    paper = replace(BLOCK, errors=block.errors, missing=block.missing)
    scores = Scores(signature, {"paper": {"g": paper}, "strict": {"g": block}}, partial=partial)
    console = Console(file=io.StringIO(), width=width, color_system=None)
    print_headlines(scores, console, **more)
    return console.file.getvalue()


def test_headline_metrics_alone_with_their_intervals_and_where_the_rest_is():
    block = replace(BLOCK, interval={"J&F": (0.2, 0.3)}, bootstrap=Bootstrap(0.95, 10_000, 7))
    lines = shown(block, whole="runs/a/scores.json").splitlines()
    assert lines[0] == "SAMA-Bench-G: 7 questions of 1 videos, strict protocol, percent"
    assert lines[1].split() == ["J&F", "↑", "25.00", "[20.00,", "30.00]"]
    assert [line.split()[0] for line in lines[1:4]] == ["J&F", "F1", "METEOR"]
    assert not any("mIoU" in line for line in lines)
    assert "4 more numbers (protocols paper, strict): --all" in lines
    assert "signature bench:4d27|version:1.2 (whole: runs/a/scores.json)" in lines


def test_what_is_missing_is_a_line_with_the_way_to_get_it():
    lacking = {
        "recall": "phrase similarity minilm needs x (not installed): pip install 'y[minilm]'",
        "f1": "phrase similarity minilm needs x (not installed): pip install 'y[minilm]'",
        "Judge": "no verdicts: sama-bench judge RUN --judge MODEL",
    }
    text = shown(replace(BLOCK, unavailable=lacking), width=200, run="runs/a")
    assert "not computed: Recall, F1: pip install 'y[minilm]'\n" in text
    assert "not computed: Judge: sama-bench judge runs/a --judge MODEL\n" in text


def test_a_command_is_not_broken_into_lines_and_answers_that_are_no_run_are_not_judged():
    lacking = {"f1": f"phrase similarity minilm needs x (not installed): pip install {'very-' * 20}long"}
    assert f"pip install {'very-' * 20}long\n" in shown(replace(BLOCK, unavailable=lacking), width=40)
    judged = {"Judge": "no verdicts: sama-bench judge RUN --judge MODEL"}
    assert "not computed: Judge: only runs are judged" in shown(replace(BLOCK, unavailable=judged), width=200)


def test_a_metric_that_the_model_cannot_have_says_why():
    block = replace(BLOCK, mean={"METEOR": 0.5}, cannot={"J&F": "gives no masks", "f1_iou": "gives no masks"})
    assert shown(block).splitlines()[1].split() == ["J&F", "↑", "–", "the", "model", "gives", "no", "masks"]


def test_open_questions_faults_and_partial_scores_are_told():
    faults = [Fault(f"q{n}", "slow") for n in range(7)]
    text = shown(replace(BLOCK, errors=2, missing=1, text_faults=faults), partial=Partial(7, 9), width=200)
    assert "of 7 questions 1 without an answer and 2 ended in an error: left out in paper, empty in strict" in text
    assert "no text metrics for 7 questions" in text
    assert text.startswith("partial: 7 of 9 questions, as the run is still being asked\n")
