import pytest

from sama_bench.lmms import documents, prompts
from sama_bench.lmms.results import process_results


@pytest.fixture
def doc(monkeypatch):
    monkeypatch.setattr(prompts, "_ways", {})
    monkeypatch.setattr(prompts, "_unread", set())
    return next(documents.rows("sama_bench_c"))


def test_one_question_in_two_ways_at_a_time_is_refused_and_one_after_the_other_is_not(doc):
    prompts.words(doc, {"frames": "2"})
    prompts.words(doc, {"frames": "2"})
    with pytest.raises(SystemExit, match=r"two tasks ask question c:.* in two ways.*; ask one task, and then"):
        prompts.words(doc, {"frames": "4"})
    process_results(doc, ["a dog"])
    prompts.words(doc, {"frames": "4"})


def test_how_a_question_was_asked_is_not_guessed(doc):
    with pytest.raises(SystemExit, match=r"it is not known how question c:.* was asked: lmms-eval's --cache_requests"):
        process_results(doc, ["a dog"])


def test_an_answer_with_masks_of_its_own_needs_no_way(doc):
    assert process_results(doc, ['{"sama_bench": 1, "text": "a dog", "masks": []}'])
