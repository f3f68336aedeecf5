from importlib.util import find_spec

import pytest

from sama_bench.benchmarks.sama.tasks import G
from sama_bench.errors import MissingExtra, UserError
from sama_bench.score import engine, paper, similarity_choice, strict
from sama_bench.score.phrases import NotLocal, exact, words
from sama_bench.score.scores import blocks as of_task
from sama_bench.score.similarity_choice import choose
from sama_bench.score.table import notes
from sama_bench.types import Key, Truth

MISSING = "phrase similarity {} needs x (not installed): pip install x"


@pytest.fixture
def nothing_installed(monkeypatch):
    def missing(name, model=None):
        raise MissingExtra(f"phrase similarity {name}", ["x"], "x")

    monkeypatch.setattr(similarity_choice, "find_similarity", missing)


def test_a_named_one_is_for_both_protocols():
    chosen = choose("words")
    assert [chosen[protocol].similarity for protocol in ("paper", "strict")] == [words, words]
    assert [one.label for one in chosen.values()] == ["words@0.5", "words@0.5"]
    assert all(one.unavailable(G.columns(protocol)) == {} for protocol, one in chosen.items())


def test_a_named_one_that_is_missing_is_an_error(nothing_installed):
    with pytest.raises(MissingExtra):
        choose("minilm")


def test_defaults_that_are_missing_say_what_they_need(nothing_installed):
    chosen = choose()
    assert chosen["paper"].unavailable(G.columns("paper")) == {"recall": MISSING.format("bert")}
    needed = MISSING.format("minilm")
    assert chosen["strict"].unavailable(G.columns("strict")) == {"recall": needed, "precision": needed, "f1": needed}
    assert [one.label for one in chosen.values()] == [None, None]


def test_a_default_is_never_fetched(monkeypatch):
    class Far:
        threshold = 0.3

        def check_local(self):
            raise NotLocal("its weights are far")

        def fetch(self):
            self.fetched = True

        def __call__(self, true, predicted):
            raise AssertionError

    monkeypatch.setattr(similarity_choice, "find_similarity", lambda name, model=None: Far())
    assert choose()["paper"].missing == "its weights are far"
    assert choose("bert")["paper"].similarity.fetched


def test_strict_has_the_threshold_of_the_similarity_and_paper_has_not(monkeypatch, grounded, band):
    class Own:
        threshold, model = 0.3, "12345678"

        def __call__(self, true, predicted):
            return exact(true, predicted) * 0 + 0.4

    monkeypatch.setattr(similarity_choice, "find_similarity", lambda name, model=None: Own())
    chosen = choose("own")
    assert [one.label for one in chosen.values()] == ["own/12345678@0.5", "own/12345678@0.3"]
    question = grounded([("a", band(0, 4))], [("b", band(0, 4))])
    assert strict.grounding_metrics([question], Own())["recall"] == 1.0
    assert paper.recall([question], Own()) == 0.0


def test_a_model_is_for_those_that_load_one(tmp_path):
    with pytest.raises(UserError, match=r"--phrase-model .*: phrase similarity words loads no model"):
        choose("words", tmp_path)


@pytest.mark.skipif(find_spec("transformers") is None or find_spec("torch") is None, reason="not installed")
def test_a_model_without_a_name_is_for_bert_and_must_be_there(tmp_path):
    with pytest.raises(UserError, match=r"has no config\.json"):
        choose(None, tmp_path)


def test_only_pairs_of_tracks_that_overlap_are_compared(grounded, band):
    asked = []

    def similarity(true, predicted):
        asked.append((true, predicted))
        return exact(true, predicted)

    a, b = ("a", band(0, 4)), ("b", band(8, 12))
    question = grounded([a, b], [b, a])
    assert strict.grounding_metrics([question], similarity)["recall"] == 1.0
    assert sorted(asked) == [(["a"], ["a"]), (["b"], ["b"])]


@pytest.mark.slow
def test_scores_without_encoders_lack_recall_and_say_so(nothing_installed, bench, band):
    key = Key("g", "1")
    truth = Truth(key, "v", "<p> a dog </p> [SEG]", (band(0, 4),))
    made = bench([truth])
    found = engine.score(made, made.answers)
    blocks = {protocol: tasks["g"] for protocol, tasks in found.to_json()["protocols"].items()}
    assert blocks["paper"]["unavailable"]["recall"] == MISSING.format("bert")
    assert set(blocks["paper"]["unavailable"]) == {"recall", "CLAIR"}
    assert set(blocks["strict"]["unavailable"]) == {"recall", "precision", "f1", "Judge"}
    for block in blocks.values():
        assert not set(block["unavailable"]) & {
            name for own in (block["mean"], *block["videos"].values()) for name in own
        }
    assert blocks["strict"]["mean"]["recall_iou"] == 0.0
    assert [found.signature[protocol]["g"]["phrases"] for protocol in ("paper", "strict")] == [None, None]
    told = notes(G, of_task(found, "g"))
    assert f"paper without recall: {MISSING.format('bert', 'bert')}" in told
    assert f"strict without recall, precision, f1: {MISSING.format('minilm', 'minilm')}" in told
