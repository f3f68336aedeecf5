"""The tokenizer of InternLM2 without its code: ids and texts are those that the released class gave."""

import json

import pytest

ADDED = ("<|im_start|>", "<|im_end|>", "<IMG_CONTEXT>", "[SEG]", "<p>", "</p>")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    sentencepiece = pytest.importorskip("sentencepiece")
    from sama_bench.adapters.models.sama.tokens import SentencePieces

    folder = tmp_path_factory.mktemp("pieces")
    text = folder / "text.txt"
    text.write_text("\n".join(["Hello world the dog is in the video", "user assistant Hi and a man"] * 20), "utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "tokenizer"), vocab_size=320, model_type="bpe", byte_fallback=True,
        unk_id=0, bos_id=1, eos_id=2, pad_id=-1, minloglevel=2, num_threads=1,
    )  # fmt: skip
    size = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model")).get_piece_size()
    added = {str(size + place): {"content": one} for place, one in enumerate(ADDED)}
    added |= {"1": {"content": "<s>"}, "2": {"content": "</s>"}}
    (folder / "tokenizer_config.json").write_text(json.dumps({"added_tokens_decoder": added}), "utf-8")
    return SentencePieces(folder)


def test_the_start_comes_first_and_added_tokens_are_one_each(tokenizer):
    ids = tokenizer.encode("<|im_start|>Hi<IMG_CONTEXT><IMG_CONTEXT>")
    assert ids[0] == 1
    assert ids.count(tokenizer.id_of("<IMG_CONTEXT>")) == 2
    assert tokenizer.encode("Hi", start=False) == tokenizer.encode("Hi")[1:]
    assert len(tokenizer) == 320 + len(ADDED)
    assert tokenizer.eos == 2


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("Hello world", "Hello world"),
        ("<p> the dog </p> [SEG]<|im_end|>", "<p> the dog </p> [SEG] <|im_end|>"),
        ("[SEG][SEG]", "[SEG] [SEG]"),
        ("", ""),
        ("<s>Hi</s>", " <s> Hi</s>"),
    ],
)
def test_texts_have_the_spaces_that_the_released_class_writes(tokenizer, said, text):
    assert tokenizer.decode(tokenizer.encode(said, start=False)) == text
