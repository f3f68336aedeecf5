import json

import pytest

from sama_bench.adapters.shared.checkpoint import found_at
from sama_bench.adapters.shared.folder_parts import PROCESSOR, TOKENIZER, WEIGHTS, WEIGHTS_OF_OLD, lacking
from sama_bench.errors import UserError


@pytest.fixture
def folder(tmp_path):
    """Makes files in a folder; an index names the shards that are given for it."""

    def make(*names, **indexes):
        for name in names:
            (tmp_path / name).write_bytes(b"")
        for kind, shards in indexes.items():
            ending = {"safetensors": "model.safetensors", "old": "pytorch_model.bin"}[kind]
            content = {"weight_map": {f"layer.{place}": shard for place, shard in enumerate(shards)}}
            (tmp_path / f"{ending}.index.json").write_text(json.dumps(content))
        return tmp_path

    return make


def shards(count, ending="safetensors"):
    return [f"model-{number:05d}-of-{count:05d}.{ending}" for number in range(1, count + 1)]


def test_all_that_a_folder_lacks_is_told_in_its_order(folder):
    assert lacking(folder(), (WEIGHTS_OF_OLD, TOKENIZER, PROCESSOR)) == [
        "config.json",
        "weights (*.safetensors, *.bin)",
        "tokenizer (tokenizer.json, tokenizer.model, vocab.json, vocab.txt)",
        "processor (preprocessor_config.json, processor_config.json)",
    ]
    whole = folder("config.json", "model.safetensors", "tokenizer.model", "processor_config.json")
    assert lacking(whole, (WEIGHTS, TOKENIZER, PROCESSOR)) == []


def test_shards_that_were_not_downloaded_are_named(folder):
    first, *_, last = names = shards(3)
    there = folder("config.json", first, last, safetensors=names)
    assert lacking(there, (WEIGHTS,)) == ["model-00002-of-00003.safetensors of its 3 files of weights"]
    with pytest.raises(UserError, match="has no model-00002-of-00003"):
        found_at(str(there))
    (there / names[1]).touch()
    assert lacking(there, (WEIGHTS,)) == []


def test_of_many_missing_shards_the_first_are_named_and_the_others_counted(folder):
    names = shards(9)
    (told,) = lacking(folder("config.json", names[0], safetensors=names), (WEIGHTS,))
    assert told.endswith("model-00004-of-00009.safetensors and 5 more of its 9 files of weights")
    assert told.startswith("model-00002-of-00009")


def test_one_whole_set_of_weights_is_enough(folder):
    old = shards(2, "bin")
    both = folder("config.json", *shards(2), safetensors=shards(2), old=old)
    assert lacking(both, (WEIGHTS_OF_OLD,)) == []
    (both / shards(2)[0]).unlink()
    assert "model-00001-of-00002.safetensors of" in lacking(both, (WEIGHTS_OF_OLD,))[0]
    (both / "model.safetensors").touch()
    assert lacking(both, (WEIGHTS_OF_OLD,)) == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"weight_map": 3}'])
def test_an_index_that_cannot_be_read_is_left_to_who_loads_it(folder, content):
    there = folder("config.json", "model-00001-of-00002.safetensors")
    (there / "model.safetensors.index.json").write_text(content)
    assert lacking(there, (WEIGHTS,)) == []
