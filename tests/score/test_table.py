import io
from dataclasses import replace

import pytest
from rich.console import Console

from sama_bench.score.block import Block, Bootstrap, Fault
from sama_bench.score.scores import Scores
from sama_bench.score.table import print_scores


@pytest.fixture
def shown():
    """What a terminal of some width shows of scores with the given counts."""

    def show(width=80, **counts):
        block = Block({"miou": 0.12345, "CIDEr": 1.5}, {"v": {}}, 7, **counts)
        strict = replace(block, mean={**block.mean, "J&F": 0.25})
        made_of = {"task": "g", "protocol": "paper", "judge": None}
        scores = Scores(
            {"paper": {"g": made_of}, "strict": {"g": made_of}}, {"paper": {"g": block}, "strict": {"g": strict}}
        )
        console = Console(file=io.StringIO(), width=width, color_system=None)
        print_scores(scores, console)
        return console.file.getvalue()

    return show


def rows(text):
    return [
        [cell.strip() for cell in line.strip("│┃").split("│")] for line in text.splitlines() if line.startswith("│")
    ]


def test_numbers_are_percent_and_what_is_undefined_is_a_dash(shown):
    assert rows(shown()) == [["mIoU ↑", "12.35", "12.35"], ["J&F ↑", "–", "25.00"], ["CIDEr ↑", "150.00", "150.00"]]


def test_the_signature_stands_below_in_one_line(shown):
    assert shown(width=30).count("task:g|protocol:paper|judge:none") == 2


def test_what_went_unanswered_is_told(shown):
    assert "of 7 questions 2 without an answer and 1 ended in an error" in shown(missing=2, errors=1)
    assert "without an answer" not in shown()


def test_texts_without_a_value_are_named(shown):
    faults = [Fault(f"q{n}", "took too long") for n in range(7)]
    text = shown(text_errors=7, text_faults=faults)
    assert "no text metrics for question q0: took too long" in text
    assert "no text metrics for 2 more questions" in text


def test_intervals_stand_beside_their_values_and_are_explained_once(shown):
    bootstrap = Bootstrap(0.95, resamples=10_000, seed=7)
    text = shown(interval={"miou": (0.01234, 1.0)}, bootstrap=bootstrap)
    assert rows(text)[0] == ["mIoU ↑", "12.35   [1.23, 100.00]", "12.35   [1.23, 100.00]"]
    assert rows(text)[2] == ["CIDEr ↑", "150.00", "150.00"]
    assert text.count("[low, high]: 95 % interval, 10000 resamples of the videos, seed 7") == 1
    assert max(len(line) for line in text.splitlines() if not line.startswith("task:")) <= 80
    assert "interval" not in shown()
