"""What a report shows first: one table for each benchmark, whole at any width."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from sama_bench.errors import UserError
from sama_bench.leaderboard.board import boards
from sama_bench.leaderboard.summary import headline, named_metrics, summaries
from sama_bench.leaderboard.summary_table import print_summaries
from sama_bench.score.scores import Scores

from .conftest import fixed_run


def shown(runs, width=80, wanted=None, reported=()):
    found = boards(runs, reported)
    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True, legacy_windows=False)
    print_summaries(summaries(found, wanted or headline), found, console, "report.json")
    return out.getvalue()


def run(number, base=None, **more):
    base = 0.2 + number / 100 if base is None else base
    return fixed_run(f"runs/{number}", f"mine (checkpoint=step-{number}000)", base, **more)


def changed(scored, questions=None, **counts):
    """The run with other counts in all of its blocks; with other `questions` it was asked others, too."""
    protocols = {
        protocol: {
            task: replace(block, questions=questions or block.questions, **counts) for task, block in blocks.items()
        }
        for protocol, blocks in scored.scores.protocols.items()
    }
    signature = {
        protocol: {
            task: {**made_of, **({"questions": questions, "selection": "few"} if questions else {})}
            for task, made_of in by_task.items()
        }
        for protocol, by_task in scored.scores.signature.items()
    }
    return replace(scored, scores=Scores(signature, protocols))


def rows(text):
    """The rank and the name of each row."""
    lines = [line for line in text.splitlines() if "mine" in line]
    return [line.split("mine")[0].strip() for line in lines], lines


def test_ten_runs_at_80_columns_fit_on_one_screen_ranked_with_the_best_marked():
    text = shown([run(number) for number in (3, 0, 9, 1, 2, 4, 5, 6, 7, 8)])
    lines = text.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    ranks, names = rows(text)
    assert ranks == [str(place) for place in range(1, 11)]
    assert [name.split("step-")[1][0] for name in names] == list("9876543210")
    assert "*" in names[0]
    assert "*" not in names[5]
    assert text.count("signature ") == 1
    assert "more numbers a run: --all, or --metric NAME" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_every_value_is_there(width):
    runs = [run(0), run(1), run(2), run(3)]
    text = shown(runs, width)
    assert max(map(len, text.splitlines())) <= width
    for scored in runs:
        for task, name in (("g", "J&F"), ("g", "f1_iou"), ("g", "METEOR"), ("c", "METEOR")):
            assert f"{100 * scored.scores.protocols['strict'][task].mean[name]:.2f}" in text


def test_few_runs_stand_beside_each_other_with_intervals():
    text = shown([run(0), run(1)])
    (line,) = [line for line in text.splitlines() if line.startswith("G J&F")]
    assert line.count("±") == 2
    assert "metric" in [line.split()[0] for line in shown([run(0)]).splitlines()]


def test_only_headline_metrics_of_the_main_protocol_are_shown_unless_others_are_named():
    text = shown([run(0), run(1)])
    assert "BLEU" not in text
    assert "mIoU" not in text
    found = boards([run(0), run(1)])
    text = shown([run(0), run(1)], wanted=named_metrics(["bleu-1", "paper.miou"], found))
    assert "J&F" not in text
    assert [line.split("↑")[0].strip() for line in text.splitlines() if "↑" in line] == [
        "G paper mIoU",
        "G strict BLEU-1",
        "C strict BLEU-1",
    ]
    with pytest.raises(UserError, match="--metric mio: no run here has such a metric, did you mean miou"):
        named_metrics(["mio"], found)


def test_a_run_of_few_questions_is_a_line_as_long_as_there_are_others():
    tiny = changed(run(7), questions=3)
    text = shown([run(0), run(1), tiny])
    assert "step-7000)" not in text.split("not in the table")[0]
    assert "not in the table: mine (checkpoint=step-7000) (runs/7): 3 of 65 questions" in " ".join(text.split())
    alone = shown([tiny])
    assert "not in the table" not in alone
    assert "step-7000" in alone


def test_a_run_most_of_whose_questions_have_no_answer_is_a_line_and_not_the_best():
    broken = changed(run(7, 0.9), errors=60, missing=2)
    text = shown([run(0), run(1), broken])
    told = " ".join(text.split())
    assert "mine (checkpoint=step-7000): 124 of 130 questions have no answer: sama-bench errors runs/7" in told
    best = next(line for line in text.splitlines() if line.startswith("G J&F"))
    assert best.count("*") == 1
    some = shown([run(0), changed(run(1), errors=2)])
    assert "questions without an answer: mine (checkpoint=step-1000) 4" in some


def test_what_is_shown_the_truth_or_reported_is_below_and_not_ranked(others):
    text = shown([run(0), run(1), run(2), run(3, 0.8, sees_truth=True), run(4)], 120, reported=others)
    ranks, _ = rows(text)
    assert ranks == ["1", "2", "3", "4", ""]
    lines = text.splitlines()
    assert next(n for n, line in enumerate(lines) if "Nobody" in line) > next(
        n for n, line in enumerate(lines) if "†" in line
    )


def test_hostile_names_are_shown_and_not_obeyed(fixed):
    text = shown(fixed, 100)
    assert "\x1b" not in text
    assert "<U+001B>" in text
