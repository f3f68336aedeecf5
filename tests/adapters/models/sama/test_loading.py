import json
import shutil

import pytest

from sama_bench.errors import UserError


@pytest.fixture
def changed(checkpoint, tmp_path, torch):
    """A copy of the tiny checkpoint with another config.json, or other weights."""
    from safetensors.torch import load_file, save_file

    def make(weights=None, **config):
        folder = tmp_path / f"copy{len(list(tmp_path.iterdir()))}"
        shutil.copytree(checkpoint, folder)
        content = json.loads((folder / "config.json").read_text("utf-8"))
        for name, value in config.items():
            place = content.setdefault(name, {})
            content[name] = {**place, **value} if isinstance(value, dict) else value
        (folder / "config.json").write_text(json.dumps(content), "utf-8")
        if weights is not None:
            held = load_file(folder / "model.safetensors")
            weights(held)
            save_file(held, folder / "model.safetensors")
        return folder

    return make


def problems(load, folder):
    with pytest.raises(UserError) as refusal:
        load(folder)
    return refusal.value.problems


def test_the_files_are_loaded_as_they_are_with_every_key_used(parts, checkpoint):
    from safetensors.torch import load_file

    held = load_file(checkpoint / "model.safetensors")
    model = parts.model
    layer = model.vision.vit.encoder.layer[1].attention
    joint = held["vision_model.encoder.layers.1.attn.qkv.weight"]
    assert joint.chunk(3)[1].equal(layer.k_proj.weight)
    assert held["temporal_Qformer.bert.embeddings.word_embeddings.weight"].equal(model.aggregator.words.weight)
    assert held["grounding_encoder.sam2_model.maskmem_tpos_enc"].equal(model.sam2.memory_temporal_positional_encoding)
    assert not any(one.is_meta for one in model.parameters())


def test_groups_of_internlm2s_joint_projection_are_taken_apart(torch):
    from sama_bench.adapters.models.sama.key_map import Source, taken

    joint = torch.arange(2 * 4 * 3 * 5).view(24, 5)  # two groups of two query heads, a key and a value, 3 wide
    query, key, value = (taken(Source(("x",), "grouped", place), lambda _: joint, (4, 2)) for place in range(3))
    assert query.equal(torch.cat([joint[:6], joint[12:18]]))
    assert key.equal(torch.cat([joint[6:9], joint[18:21]]))
    assert value.equal(torch.cat([joint[9:12], joint[21:]]))


def test_a_missing_and_an_unknown_key_are_named_together(changed, load):
    def spoil(held):
        held["Qformer_new.weight"] = held.pop("Qformer_final_proj.weight")

    told = problems(load, changed(spoil))
    assert len(told) == 2
    assert "no weights for Qformer_final_proj.weight" in told[0]
    assert "does not have: Qformer_new.weight" in told[1]


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("language_model.base_model.model.layers.0.lora_A.weight", "LoRA"),
        ("grounding_encoder.sam2_model.obj_ptr_tpos_proj.weight", "SAM 2.1"),
    ],
)
def test_what_other_keys_mean_is_told(changed, load, key, word):
    (told,) = problems(load, changed(lambda held: held.update({key: held["Qformer_final_proj.bias"].clone()})))
    assert key in told
    assert word in told


def test_another_width_than_the_config_says_is_named(changed, load):
    told = problems(load, changed(llm_config={"hidden_size": 32}))
    assert any("config.json says" in one and " x " in one for one in told)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"llm_config": {"architectures": ["GemmaForCausalLM"]}}, "llm_config.architectures is GemmaForCausalLM"),
        ({"template": "vicuna"}, "template is vicuna, expected internlm2_chat or phi3_chat or qwen_chat"),
        ({"use_llm_lora": 128}, "use_llm_lora is 128, expected 0"),
        ({"ps_version": "v1"}, "ps_version is v1, expected v2"),
        ({"vision_config": {"qk_normalization": True}}, "vision_config.qk_normalization is True, expected False"),
        ({"llm_config": {"rope_scaling": {"type": "yarn"}}}, "rope_scaling is of type yarn"),
        ({"model_type": "qwen2"}, "model_type is qwen2, expected sa2va_chat"),
        ({"sama_bench_tiny": {"depth": 3}}, "depth"),
    ],
)
def test_a_config_that_is_not_samas_is_refused_by_name(changed, load, config, words):
    (told,) = problems(load, changed(**config))
    assert words in told


def test_all_that_is_wrong_with_a_config_is_told_at_once(changed, load):
    assert len(problems(load, changed(use_llm_lora=1, select_layer=-2, template="x"))) == 3


def test_a_language_model_of_another_class_than_the_config_says_does_not_load(changed, load):
    told = problems(load, changed(llm_config={"architectures": ["InternLM2ForCausalLM"]}))
    assert any("attention.wqkv" in one for one in told)


def test_a_head_may_be_absent_only_where_the_config_ties_it_to_the_embeddings(changed, load):
    def drop(held):
        del held["language_model.lm_head.weight"]

    (told,) = problems(load, changed(drop))
    assert "language_model.lm_head.weight" in told
    model = load(changed(drop, llm_config={"tie_word_embeddings": True})).model.language_model
    assert model.lm_head.weight.equal(model.model.embed_tokens.weight)


def test_rotary_frequencies_are_float32_whatever_the_weights_are(load, checkpoint, torch):
    parts = load(checkpoint, dtype="bfloat16")
    frequencies = [one for name, one in parts.model.named_buffers() if "inv_freq" in name]
    assert frequencies
    assert {one.dtype for one in frequencies} == {torch.float32}
    assert parts.model.language_model.lm_head.weight.dtype == torch.bfloat16
    assert parts.tracker.dtype == torch.float32  # no autocast here to bring types together


def test_rounded_frequencies_are_noticed(torch, load, checkpoint):
    from sama_bench.adapters.models.sama.loading import assert_float32

    model = load(checkpoint).model
    with pytest.raises(AssertionError, match="inv_freq"):
        assert_float32(model.to(torch.bfloat16))


def test_a_tokenizer_that_does_not_go_with_the_embeddings_is_refused(checkpoint, changed, load):
    folder = changed()
    content = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    content["added_tokens"] = [one for one in content["added_tokens"] if one["content"] != "[SEG]"]
    (folder / "tokenizer.json").write_text(json.dumps(content), "utf-8")
    assert any("[SEG]" in one for one in problems(load, folder))


def test_another_vocabulary_than_berts_is_refused(changed, load):
    folder = changed()
    (folder / "bert-base-uncased" / "vocab.txt").write_text("[UNK]\n[CLS]\n[SEP]\n", "utf-8")
    (told,) = problems(load, folder)
    assert "has 3 words" in told
