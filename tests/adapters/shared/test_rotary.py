"""A model that is cast to half precision has the angles that float32 frequencies give."""

import pytest

torch = pytest.importorskip("torch")

from sama_bench.adapters.shared.rotary import frequencies_kept  # noqa: E402


class Rotary(torch.nn.Module):
    def __init__(self, inv_freq):
        super().__init__()
        self.register_buffer("inv_freq", inv_freq, persistent=False)


@pytest.fixture
def model():
    made = torch.nn.Sequential(Rotary(torch.rand(8)), Rotary(torch.rand(8).half()), Rotary(None), torch.nn.Linear(2, 2))
    made.register_buffer("mean", torch.rand(3))
    return made


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_float32_frequencies_are_kept_to_the_bit_and_all_else_is_cast(model, dtype):
    before = model[0].inv_freq.clone()
    with frequencies_kept(model):
        model.to(dtype)
    assert torch.equal(model[0].inv_freq, before)
    assert model[0].inv_freq.dtype == torch.float32
    assert [model[1].inv_freq.dtype, model.mean.dtype, model[3].weight.dtype] == [dtype] * 3
    assert model[2].inv_freq is None
    assert "0.inv_freq" not in model.state_dict()


def test_a_cast_qwen2_says_what_float32_frequencies_say():
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = transformers.Qwen2Config(
        vocab_size=60, hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=1,
        num_key_value_heads=1, max_position_embeddings=2048, initializer_range=0.5,
    )  # fmt: skip
    model = transformers.Qwen2ForCausalLM(config).eval()
    ids = torch.arange(900)[None] % 60
    frequencies = [name for name, _ in model.named_buffers() if name.endswith("rotary_emb.inv_freq")]
    with frequencies_kept(model):
        model.bfloat16()
    with torch.inference_mode():
        kept = model(ids).logits
        assert frequencies
        assert {model.get_buffer(name).dtype for name in frequencies} == {torch.float32}
        for name in frequencies:  # as a cast alone leaves them
            module = model.get_submodule(name.rpartition(".")[0])
            module.inv_freq = module.inv_freq.bfloat16()
        assert (model(ids).logits - kept).abs().max() > 0.1
