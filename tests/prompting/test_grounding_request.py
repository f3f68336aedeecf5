import pytest

from sama_bench.benchmark.installed import load_task
from sama_bench.prompting.grounding_request import grounded, without_request

SUFFIX = load_task("g").definition["suffix"]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (f"What is it?{SUFFIX}", "What is it?"),
        (f"<mask> and <mask>{SUFFIX}", "<mask> and <mask>"),
        ("Please respond with interleaved segmentation masks for each part. What is <mask>?", "What is <mask>?"),
        ("What is it? Answer with interleaved segmentation masks", "What is it?"),
        ("Describe <mask> with interleaved segmentation masks.", "Describe <mask>"),
        ("Give interleaved segmentation masks of <mask>.", "<mask>."),
        ("What is there, with interleaved segmentation masks?", "What is there, with interleaved segmentation masks?"),
    ],
)
def test_the_request_goes_and_every_mask_stays(asked, left):
    assert grounded(asked)
    assert without_request(asked) == left


def test_a_question_without_request_stays():
    assert without_request("  What is it? ") == "What is it?"
    assert not grounded("What is it?")
