from functools import partial
from types import SimpleNamespace

import pytest

from sama_bench.adapter import Abilities
from sama_bench.benchmark.installed import load_task
from sama_bench.run.predictions import StoredPrediction
from sama_bench.score import engine
from sama_bench.score.scores import blocks
from sama_bench.score.table import notes
from sama_bench.types import Key, Question, Region, Truth

score = partial(engine.score, phrases="words")
TEXTS = ["Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr"]
TRACKS = ["miou", "J", "F", "J&F", "recall_iou", "precision_iou", "f1_iou", "false_groundings"]
OF_PHRASES = ["recall", "precision", "f1"]


@pytest.fixture
def dialogue(bench, band):
    """Questions of both tasks that are answered without a track; those of task C have a region."""
    truths = [
        Truth(Key("g", "1"), "v", "<p> The dog </p> [SEG] runs.", (band(0, 4),)),
        Truth(Key("g", "2"), "v", "Nothing is there."),
        Truth(Key("c", "3"), "v", "A dog."),
    ]
    made = bench(truths, {truth.key: StoredPrediction("The dog runs.") for truth in truths})

    def questions(video_id):
        region = Region([None] * 2, (12, 16))
        video = made.entries[0].video
        return [Question(truth.key, video, "", (region,) if truth.key.task == "c" else ()) for truth in truths]

    made.questions = questions
    return made


@pytest.fixture
def scored(dialogue):
    """The scores of a model that can do so much, the answers being the same."""

    def make(asking=None, **can):
        given = SimpleNamespace(
            predictions=dialogue.answers.predictions, can=Abilities(**can), asking=asking or {}, judged=dict
        )
        return score(dialogue, given)

    return make


def test_a_model_that_can_all_has_a_value_of_all_and_no_reason(scored):
    found = scored()
    strict = found.to_json()["protocols"]["strict"]["g"]
    assert set(TEXTS) < set(strict["mean"])
    assert strict["mean"]["miou"] == 0.0
    assert not {"cannot", "unread"} & strict.keys()


def test_without_masks_no_metric_of_tracks_is_there_and_none_is_0(scored):
    found = scored(masks=False).to_json()["protocols"]
    for protocol in ("paper", "strict"):
        assert list(found[protocol]["g"]["mean"]) == TEXTS
        assert list(found[protocol]["g"]["interval"]) == []
        assert list(found[protocol]["g"]["videos"]["v"]) == TEXTS
    assert sorted(found["strict"]["g"]["cannot"]) == sorted([*TRACKS, *OF_PHRASES])
    assert "grounding_nothing" not in found["strict"]["g"]
    assert "cannot" not in found["paper"]["c"]


def test_without_text_no_metric_of_texts_or_phrases_is_there(scored):
    found = scored(text=False).to_json()["protocols"]
    assert list(found["paper"]["g"]["mean"]) == ["miou"]
    assert not set(found["strict"]["g"]["mean"]) & {*TEXTS, *OF_PHRASES}
    assert found["strict"]["g"]["cannot"]["Judge"] == "gives no text of its own"
    assert not found["strict"]["g"].get("unavailable", {}).keys() & found["strict"]["g"]["cannot"].keys()
    assert found["strict"]["c"]["mean"] == found["strict"]["c"]["videos"] == {}


def test_without_regions_a_task_whose_questions_have_some_is_empty_and_another_is_not(scored):
    found = scored(regions=False).to_json()["protocols"]
    assert set(TEXTS) < set(found["strict"]["g"]["mean"])
    assert found["strict"]["c"]["mean"] == {}
    assert set(found["strict"]["c"]["cannot"].values()) == {"takes no regions"}
    assert found["strict"]["c"]["questions"] == 1


def test_the_table_says_what_the_model_cannot_and_what_was_not_read(scored, dialogue):
    dialogue.given[Key("g", "1")] = StoredPrediction("", unread="no JSON")
    scores = scored(masks=False)
    found = scores.to_json()["protocols"]
    lines = notes(load_task("g"), blocks(scores, "g"))
    assert [line for line in lines if "verdicts" not in line] == [
        "of 2 answers 1 could not be read, or only in part",
        "paper without miou, recall: the model gives no masks",
        f"strict without {', '.join(found['strict']['g']['cannot'])}: the model gives no masks",
    ]
    assert found["paper"]["g"]["unread"] == 1


def test_how_the_model_was_asked_is_in_the_signature_and_changes_no_number(scored):
    plain, asked = scored(), scored({"prompt": "marks@1a2b", "frames": "8"})
    assert plain.signature["strict"]["g"]["asked"] is None
    assert asked.signature["strict"]["g"]["asked"] == "prompt=marks@1a2b,frames=8"
    assert asked.protocols == plain.protocols
