import numpy as np
import pytest

from sama_bench.adapters.models.sama import Sama
from sama_bench.errors import UserError
from sama_bench.run.predictions import validate
from sama_bench.types import PlainQuestion


@pytest.fixture(scope="module")
def speaking(torch, tmp_path_factory):
    """A tiny checkpoint that answers every question with a phrase and a mask."""
    from sama_bench.adapters.models.sama.tiny import make

    folder = tmp_path_factory.mktemp("speaking") / "tiny"
    make(folder, speaking=True)
    return folder


@pytest.fixture(scope="module")
def adapter(speaking):
    return Sama(str(speaking), device="cpu")


@pytest.fixture
def ask(cases, films):
    """Makes a question about a film of so many frames."""

    def make(text, *regions, frames=6, task="g", number="1"):
        case = cases.Case("x", "qwen2", frames, text, regions, task)
        return cases.asked(case, films(frames), number)

    return make


@pytest.fixture
def words(monkeypatch, adapter):
    """Lets the language model say these tokens, whatever it is asked."""
    from sama_bench.adapters.models.sama.generation import Answer

    def say(*tokens, cut=False):
        import torch

        ids = tuple(place for one in tokens for place in adapter._parts.tokenizer.encode(one, start=False))
        heard = ids[:-1].count(adapter._parts.language.seg)
        vectors = torch.randn(heard, adapter._parts.model.config.width, generator=torch.Generator().manual_seed(2))
        monkeypatch.setattr(
            type(adapter._parts.language),
            "answer",
            lambda _, __, prompts, ___: [Answer(ids, vectors, cut)] * len(prompts),
        )

    return say


def test_a_phrase_has_its_mask_in_the_videos_size(adapter, ask, cases):
    asked = [
        ask(cases.TWO, cases.LEFT, cases.RIGHT),
        ask(cases.NONE, number="2"),
        ask(cases.DESCRIBE, cases.LEFT, task="c"),
    ]
    grounded, plain, described = (validate(one, asked[0].video) for one in adapter.predict_all(asked))
    assert grounded.text == plain.text == described.text == "<p>it</p> [SEG]<|im_end|>"
    assert [len(one.tracks) for one in (grounded, plain, described)] == [1, 1, 0]
    assert len(grounded.tracks[0]) == 6
    assert not any(one.error for one in (grounded, plain, described))


@pytest.mark.parametrize("frames", [1, 2, 4, 5])
def test_short_videos_are_answered(adapter, ask, cases, frames):
    (found,) = adapter.predict_all([ask(cases.ONE, cases.LEFT, frames=frames)])
    assert [len(one) for one in found.tracks] == [frames]


def test_twenty_five_segs_have_a_track_each(adapter, ask, cases, words):
    words(*["<p>a</p> [SEG]"] * 25, "<|im_end|>")
    (found,) = adapter.predict_all([ask(cases.NONE)])
    assert (len(found.tracks), found.text.count("[SEG]")) == (25, 25)


def test_an_empty_answer_is_one_without_tracks(adapter, ask, cases, words):
    words("<|im_end|>")
    (found,) = adapter.predict_all([ask(cases.NONE)])
    assert (found.text, list(found.tracks), found.error) == ("<|im_end|>", [], None)


def test_answers_at_the_limit_and_unseen_regions_are_told_at_the_end(speaking, ask, cases, words):
    words("no end", cut=True)
    fresh = Sama(str(speaking), device="cpu", batch=2)
    assert fresh.notes() == []
    list(fresh.predict_all([ask(cases.ONE, cases.SMALL, frames=6)]))
    assert [line.split()[0] for line in fresh.notes()] == ["1", "1"]
    assert "2048 tokens" in fresh.notes()[1]


def test_a_question_whose_region_is_cut_off_ends_in_an_error_and_the_others_go_on(adapter, ask, cases):
    long = f"Who is <mask>? {'It walks and walks in the video. ' * 40}"
    found = list(adapter.predict_all([ask(long, cases.LEFT), ask(cases.NONE, number="2")]))
    assert "too long for the context aggregator" in found[0].error
    assert found[1].error is None


def test_out_of_memory_halves_the_batch_and_goes_on(speaking, ask, cases, monkeypatch):
    fresh = Sama(str(speaking), device="cpu")
    language = type(fresh._parts.language)
    answer = language.answer

    def short(self, prefix, prompts, longest):
        if len(prompts) > 2:
            raise MemoryError
        return answer(self, prefix, prompts, longest)

    monkeypatch.setattr(language, "answer", short)
    found = list(fresh.predict_all([ask(cases.NONE, number=str(n)) for n in range(6)]))
    assert not any(one.error for one in found)
    assert any("batch=8 went down to" in line for line in fresh.notes())


def test_questions_of_two_videos_are_not_mixed_up(adapter, ask, cases):
    one, other = ask(cases.ONE, cases.LEFT, frames=6), ask(cases.ONE, cases.LEFT, frames=5)
    mixed = list(adapter.predict_all([one, other, one]))
    alone = [next(iter(adapter.predict_all([question]))) for question in (one, other, one)]
    assert [[len(track) for track in found.tracks] for found in mixed] == [[6], [5], [6]]
    assert [found.tracks for found in mixed] == [found.tracks for found in alone]
    assert adapter._video is None


def test_an_image_and_words_are_answered_no_longer_than_is_asked_for(adapter):
    picture = np.zeros((30, 90, 3), np.uint8)
    assert adapter.answer(PlainQuestion("What\nis it?", (picture,), max_new_tokens=2)) == "<p>i"
    assert adapter.answer(PlainQuestion("Who?")) == "<p>it</p> [SEG]"
    with pytest.raises(ValueError, match="several sizes"):
        adapter.answer(PlainQuestion("Which?", (picture, np.zeros((31, 90, 3), np.uint8))))


@pytest.mark.parametrize("argument", ["repo", "reuse"])
def test_arguments_of_the_released_code_are_told_where_they_belong(argument):
    with pytest.raises(UserError) as refusal:
        Sama("nowhere", **{argument: "SAMA"})
    (told,) = [one for one in refusal.value.problems if argument in one]
    assert "belongs to --model sama-released" in told


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(UserError) as refusal:
        Sama(
            "nowhere",
            bert=tmp_path,
            device="tpu",
            dtype="int4",
            batch=0,
            objects=-1,
        )
    text = "\n".join(refusal.value.problems)
    for word in (
        "checkpoint nowhere",
        "bert=",
        "dtype=int4",
        "batch=0",
        "objects=-1",
    ):
        assert word in text, word


def test_half_precision_runs_on_the_cpu_too(speaking, ask, cases):
    (found,) = Sama(str(speaking), device="cpu", dtype="bfloat16").predict_all([ask(cases.ONE, cases.LEFT)])
    assert found.error is None
    assert len(found.tracks) == 1
