"""A stand-in for UniPixel's repository looks at all that it is given, in an interpreter of its own."""

import numpy as np
import pytest

from sama_bench.adapters.models.unipixel import UniPixel, cells, numbered, said, sampled, words_of_turns
from sama_bench.adapters.shared.first_visible import Seen
from sama_bench.errors import UserError
from sama_bench.metrics import rle


@pytest.fixture
def asked(there, checkout, weights, numbered, in_a_dialogue):
    def run(turns=(), last=None, **about):
        adapter = there(
            "unipixel", checkpoint=weights(model_type="pixel_qwen2_5_vl"), repo=checkout("UniPixel"), device="cpu"
        )
        assert adapter.can.history == "regions"
        question = in_a_dialogue(numbered(**about), turns, last)
        adapter.open(question.video)
        told = adapter.predict(question)
        adapter.close()
        return told

    return run


def _pixels(track):
    return [0 if one is None else rle.area(one) for one in track]


def test_masks_are_of_every_frame_and_the_language_model_sees_sixteen(asked):
    told = asked(frames=20, text="What is it?")
    assert told.text == "user: What is it?\nassistant:  cells [] It is [SEG]"
    assert told.raw.endswith("It is <|seg|>")
    assert [_pixels(track) for track in told.tracks] == [list(range(20))]


def test_a_region_is_given_as_the_tokens_that_it_touches_on_the_frame_that_shows_it_first(asked):
    told = asked(frames=20, begins=(0, 9))
    assert told.text.startswith(
        "user: Here is a video with 16 frames denoted as <1> to <16>. The highlighted regions are as follows:\n"
        "[0]: <1>-<2> (mem)\n[1]: <7>-<8> (mem)\n[0] and [1]\n"
    )
    touched = np.array(eval(told.text.partition("cells ")[2].rpartition(" It is")[0]))
    assert [np.flatnonzero(region).tolist() for region in touched.T] == [[0], [3]]


def test_earlier_turns_are_messages_and_the_first_lists_the_regions_of_all_once(asked):
    turns = [("What is <mask>?", [0], "<p> The cat </p> [SEG] runs."), ("And there?", [], "Nothing.")]
    told = asked(frames=20, begins=(0, 9), text="Is <mask> next to <mask>?", turns=turns, last=[1, 0])
    assert told.text.startswith(
        "user: Here is a video with 16 frames denoted as <1> to <16>. The highlighted regions are as follows:\n"
        "[0]: <1>-<2> (mem)\n[1]: <7>-<8> (mem)\nWhat is [0]?\nassistant: The cat (seg) runs.\n"
        "user: And there?\nassistant: Nothing.\nuser: Is [1] next to [0]?\nassistant:  cells ["
    )
    assert [_pixels(track) for track in told.tracks] == [list(range(20))]  # of the answer's [SEG] alone


def test_tokens_are_those_that_the_resized_mask_touches():
    torch, torchvision = pytest.importorskip("torch"), pytest.importorskip("torchvision")
    mask = np.zeros((60, 80), np.bool_)
    mask[20:34, 31:57] = True
    found = cells([Seen(4, mask)], (0, 4), (1, 12, 20))
    resized = torchvision.transforms.functional.resize(torch.from_numpy(mask).float()[None, None], [168, 280])
    expected = [
        [bool((resized[0, 0, y : y + 28, x : x + 28] > 0).any()) for x in range(0, 280, 28)] for y in range(0, 168, 28)
    ]
    assert found[0, 0].tolist() == expected
    assert 0 < int(found.sum()) < found.numel()


def seen(frame, pixel):
    mask = np.zeros((4, 6), np.bool_)
    mask.flat[pixel] = True
    return Seen(frame, mask)


def test_regions_of_all_turns_are_numbered_together_and_keep_their_numbers():
    cat, dog, late = seen(0, 1), seen(0, 2), seen(9, 1)
    listed, numbers = numbered([[cat, None], [], [dog, seen(0, 1), late]])
    assert [(region.frame, int(np.flatnonzero(region.mask)[0])) for region in listed] == [(0, 1), (0, 2), (9, 1)]
    assert numbers == [[0, None], [], [1, 0, 2]]
    assert numbered([[cat, seen(0, 1)]])[1] == [[0, 1]]  # two regions of one turn are two, even where they are alike
    assert numbered([[], [None]]) == ([], [[], [None]])


def test_the_first_turn_lists_every_region_with_the_pair_of_frames_that_shows_it():
    places = (0, 3, 6, 9, 12)
    first, last = words_of_turns(
        ["Where is <mask>?", "Is <mask> by <mask>?"], [[seen(9, 1)], [seen(3, 2), seen(9, 1)]], places
    )
    assert first == (
        "Here is a video with 5 frames denoted as <1> to <5>. The highlighted regions are as follows:\n"
        "[0]: <3>-<4> <|mem|>\n[1]: <1>-<2> <|mem|>\nWhere is [0]?"
    )
    assert last == "Is [1] by [0]?"


def test_without_a_region_that_is_seen_the_words_stand_alone():
    told = words_of_turns(["Where is <mask>?", "Why?"], [[None], []], (0, 1))
    assert "<mask>" not in told[0]
    assert "Here is a video" not in told[0]
    assert told[1] == "Why?"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("<p> The cat </p> [SEG] and <p>a dog</p> [SEG].", "The cat <|seg|> and a dog <|seg|>."),
        ("Nothing.", "Nothing."),
        ("", ""),
    ],
)
def test_an_earlier_answer_has_the_models_own_token_and_no_marks_of_phrases(answer, told):
    assert said(answer) == told


def test_a_description_is_asked_without_the_segmenter(asked):
    told = asked(begins=(3,), task="c", text="Describe the region <mask>.")
    assert "Describe the region [0]." in told.text
    assert "[SEG]" not in told.text
    assert not told.tracks


def test_a_region_that_is_never_seen_is_told_so_and_has_no_mask(asked):
    told = asked(frames=5, begins=(99, 2))
    assert "an object that is not visible and [0]" in told.text
    assert "[0]: <3>-<4> (mem)\n" in told.text


@pytest.mark.parametrize("frames", [1, 2, 3, 16, 17])
def test_videos_of_any_length_have_a_mask_for_each_frame(asked, frames):
    (track,) = asked(frames=frames, begins=(frames - 1,)).tracks
    assert _pixels(track) == list(range(frames))


def test_masks_for_segments_of_the_question_are_left_out(asked):
    told = asked(text="You said <|seg|>. Why?")
    assert told.text.count("[SEG]") == 1
    assert len(told.tracks) == 1


def test_frames_are_spread_evenly_and_those_with_regions_always_seen():
    assert sampled(5, 16) == (0, 1, 2, 3, 4)
    assert sampled(31, 16) == tuple(range(0, 31, 2))
    assert sampled(31, 16, {7}) == tuple(7 if place == 6 else place for place in range(0, 31, 2))
    assert len(sampled(100, 16, range(50))) == 16
    assert set(range(16)) == set(sampled(100, 16, range(50)))


def test_everything_that_is_missing_is_told_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("sama_bench.adapter.Need.met", property(lambda need: False))
    with pytest.raises(UserError) as raised:
        UniPixel(str(tmp_path / "nowhere" / "at" / "all"), dtype="int4")
    told = "\n".join(raised.value.problems)
    assert "torch, transformers: pip install torch==2.7.1 transformers==4.53.3" in told
    assert "git clone https://github.com/PolyU-ChenLab/UniPixel" in told
    assert "checkpoint" in told
    assert "dtype=int4" in told


def test_a_folder_that_is_no_checkout_is_told_so(tmp_path, weights):
    with pytest.raises(UserError, match=r"has no module unipixel\.model\.builder"):
        UniPixel(weights(), repo=tmp_path)


def test_what_its_code_imports_and_is_not_there_is_told_at_once(tmp_path, weights):
    for name in ("model/builder", "dataset/utils", "utils/transforms"):
        path = tmp_path / "unipixel" / f"{name}.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"import no_such_{path.stem}\nfrom unipixel.more import one\n")
    (tmp_path / "unipixel" / "more.py").write_text("from no_such_deep.one import two")
    (tmp_path / "requirements.txt").write_text("")
    with pytest.raises(UserError) as raised:
        UniPixel(weights(), repo=tmp_path)
    lacking = "no_such_builder, no_such_deep, no_such_transforms, no_such_utils"
    assert any(f"{lacking}: pip install -r {tmp_path}/requirements.txt" in one for one in raised.value.problems)
