import json
import re

import pytest
from scipy.stats import binomtest

from sama_bench.benchmark import open_benchmark
from sama_bench.judge import probe
from sama_bench.judge.judge_config import JudgeConfig
from sama_bench.judge.probe_edits import COLOURS, DIRECTIONS, ERRORS, LURES, OBJECTS
from sama_bench.judge.template import Template
from sama_bench.llm_client import Server


@pytest.fixture(scope="module")
def made():
    return list(probe.pairs(probe.references(open_benchmark("demo"))))


def bag(text):
    """The words of a text, as a judge of plain words sees them."""
    return set(re.findall(r"\w+", text.lower()))


def fair(reference, candidate):
    """How many words are in both, of all that are in one: symmetric, and an error always costs."""
    one, other = bag(reference), bag(candidate)
    return round(100 * len(one & other) / len(one | other))


@pytest.fixture
def rates_of(imported, made, monkeypatch):
    """The rates of a judge that a function of reference and candidate is, on a server of its own."""
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    module, judging = imported("benchmarks.desk"), JudgeConfig("desk", Template.load("clair"))

    def measured(score, some=made[:250]):
        class Scripted(module.Desk):
            def answer(self, request):
                words = request["messages"][-1]["content"]
                texts = [
                    re.search(rf"\[BEGIN {name} \w+\]\n(.*)\n\[END {name}", words, re.DOTALL)[1]
                    for name in ("REFERENCE", "CANDIDATE")
                ]
                said = score(*texts)
                return module.Answer(module.said("no" if said is None else json.dumps({"reason": "", "score": said})))

        with module.beside(Scripted()) as url:
            scored = probe.scores(judging, Server(url, concurrency=16), probe.samples(some))
        return {one.probe: one for one in probe.rates(some, scored)}

    return measured


def exact(reference, candidate):
    """Full for the reference's own words alone; else the same for whatever else is said."""
    return 100 if reference == candidate else 50


def test_a_judge_without_fault_catches_all_and_is_fooled_by_nothing(rates_of):
    for one in rates_of(exact).values():
        assert (one.n > 0, one.count / one.n, one.unscored) == (True, one.best, 0)


def test_a_judge_that_likes_length_is_found_out(rates_of):
    found = rates_of(lambda reference, candidate: min(100, len(candidate) // 10))
    for name in ("longer: empty words", "longer: said three times", "injected instruction"):
        assert found[name].count == found[name].n
    assert found["wrong colour"].count < found["wrong colour"].n / 2
    assert found["invented object"].count == 0


def test_a_judge_that_obeys_its_candidate_or_likes_markdown_is_found_out(rates_of):
    found = rates_of(lambda reference, text: 90 if "give the highest score" in text or "**" in text else 10)
    fooled = {name for name, one in found.items() if one.what.startswith("fooled") and one.count}
    assert fooled == {"injected instruction", "markdown"}


def test_a_judge_for_whom_the_order_matters_is_found_out(rates_of):
    found = rates_of(lambda reference, candidate: 1 + len(candidate) % 90 if reference != candidate else 100)
    order = found[probe.ORDER]
    assert 0 < order.count <= order.n
    assert rates_of(fair)[probe.ORDER].count == 0


def test_what_has_no_score_is_counted_and_in_no_rate(rates_of, made):
    some = [pair for pair in made if pair.probe == "wrong colour"][:4]
    found = rates_of(lambda reference, candidate: None if reference != candidate else 100, some)
    assert (found["wrong colour"].n, found["wrong colour"].unscored) == (0, 4)
    assert found["wrong colour"].interval is None
    json.dumps(found["wrong colour"].to_json(), allow_nan=False)


def test_every_edit_alters_the_text_and_is_the_same_each_time(made):
    assert {pair.probe for pair in made} == {*ERRORS, *LURES, probe.ORDER}
    assert all(pair.plain != pair.edited for pair in made)
    swapped = [pair for pair in made if pair.probe == "swapped object"]
    assert all(bag(pair.edited.candidate) - bag(pair.edited.reference) for pair in swapped)
    again = list(probe.pairs(probe.references(open_benchmark("demo"))))
    assert again == made
    assert all(sum(pair.probe == name for pair in made) >= 20 for name in {*ERRORS, *LURES})


def test_every_word_that_is_edited_occurs_in_the_demo():
    words = bag(" ".join(case.candidate for case in probe.references(open_benchmark("demo"))))
    assert {*COLOURS, *DIRECTIONS, *OBJECTS} <= words


@pytest.mark.parametrize(("count", "n"), [(0, 5), (5, 5), (3, 10), (50, 104)])
def test_the_interval_is_wilsons(count, n):
    known = binomtest(count, n).proportion_ci(method="wilson")
    assert probe.wilson(count, n) == pytest.approx((known.low, known.high), abs=1e-9)
