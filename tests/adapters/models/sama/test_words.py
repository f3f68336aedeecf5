import pytest

from sama_bench.adapters.models.sama.prompts import Turn, fitting, ids
from sama_bench.adapters.models.sama.templates import TEMPLATES, Template


@pytest.fixture
def words(parts):
    return parts.words


def test_a_region_is_four_tokens_with_the_ids_that_the_aggregator_looks_for(words):
    found = words("Who is <mask>?")
    start = found.index(30528)
    assert found[start : start + 4] == [30528, 30523, 30524, 30529]


def test_special_tokens_are_looked_for_in_small_letters(words):
    assert words("A [SEG], THE Dog") == words("a [SEG], the dog")
    assert 30525 in words("a [SEG]")
    assert 30525 not in words("a [seg]")
    assert words("<MASK>")[1:-1] == [30523]  # as the released tokenizer takes it, which is no place for a region


def test_what_is_longer_than_256_tokens_loses_its_beginning(words):
    long = words(" ".join(["dog"] * 300) + " man")
    short = words("dog man")
    assert len(long) == 256
    assert (long[0], long[-3:]) == (short[0], short[-3:])


def test_texts_are_wordpieces_of_small_letters_without_accents(words):
    assert words("Thé  DOG,a") == words("the dog , a")


class Letters:
    """A tokenizer of single characters, and `<s>` before a text."""

    def encode(self, text, *, start=True):
        return ["<s>"] * start + list(text)


TEMPLATE = Template("U:", "A:", ".", (".", "!"))


def test_one_turn_is_encoded_as_a_whole():
    assert "".join(ids([Turn("x", "x")], TEMPLATE, Letters())) == "<s>U:xA:"


def test_several_turns_are_joined_as_in_training_and_an_answer_ends_once():
    said = [Turn("a", "a", answer="<p>one</p> [SEG]!"), Turn("b", "b", answer="two"), Turn("c", "c")]
    assert "".join(ids(said, TEMPLATE, Letters())) == "<s>U:aA:<p>one</p> [SEG].\nU:bA:two.\nU:cA:"


def test_the_oldest_turns_are_left_out_of_a_dialogue_that_is_too_long_and_frames_stay():
    said = [Turn("a", "FRAMES a", answer="x" * 9000), Turn("b", "b", answer="two"), Turn("c", "c")]
    left = fitting(said, TEMPLATE, Letters(), "FRAMES ")
    assert [turn.words for turn in left] == ["FRAMES b", "c"]
    assert fitting(said[1:], TEMPLATE, Letters(), "FRAMES ") == said[1:]


def test_the_templates_are_those_of_training():
    assert TEMPLATES["qwen_chat"].asked("Hi") == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert TEMPLATES["phi3_chat"].asked("Hi") == "<|user|>\nHi<|end|>\n<|assistant|>\n"
    assert TEMPLATES["phi3_chat"].stops == ("<|end|>",)


def test_an_answer_ends_by_its_text_where_the_stop_word_is_many_tokens(parts):
    from sama_bench.adapters.models.sama.generation import Language

    language = Language(None, parts.tokenizer, ("<|end|>",), 0)
    said = parts.tokenizer.encode("yes<|e\nnd|>", start=False)
    assert language.ended(said)
    assert not language.ended(said[:-1])
    assert language.ended([parts.tokenizer.eos])


def test_a_folder_without_its_own_vocabulary_says_where_to_have_one(tmp_path, monkeypatch):
    pytest.importorskip("huggingface_hub")
    from sama_bench.adapters.models.sama.question_words import vocabulary
    from sama_bench.adapters.shared import checkpoint
    from sama_bench.errors import UserError

    def unreachable():
        raise OSError("no network")

    monkeypatch.setattr(checkpoint, "reach_hub", unreachable)
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: None)
    with pytest.raises(UserError, match="--model-arg bert=BERT"):
        vocabulary(None, tmp_path)
    with pytest.raises(UserError, match=r"has no vocab\.txt"):
        vocabulary(tmp_path, tmp_path)
