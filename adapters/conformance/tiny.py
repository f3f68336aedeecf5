"""Parts of tiny random models: a tokenizer, and what stands in for FlashAttention on a CPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from sama_bench.adapters.conformance.recipe import Loaded

CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""A chat template for messages of plain text."""


def tokenizer(folder: Path, special: Sequence[str], end: str, template: str = "") -> int:
    """Save a byte-level tokenizer with the special tokens and a chat template into `folder`, and give its size."""
    import tokenizers
    from transformers import PreTrainedTokenizerFast

    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    letters = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=letters, special_tokens=list(special), show_progress=False
    )
    bpe.train_from_iterator(["the"], trainer)
    words = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token=end, pad_token=special[0], additional_special_tokens=list(special[1:])
    )
    if template:
        words.chat_template = template
    words.save_pretrained(folder)
    return len(words)


@contextmanager
def in_place_of_the_hub(name: str, folder: Path, kinds: Sequence[Loaded]) -> Iterator[None]:
    """While the context is open, the classes load from `folder` what they would load from the hub as `name`."""
    with ExitStack() as patches:
        for kind in kinds:
            inherited = kind.from_pretrained

            def from_pretrained(source: str, *args: Loaded, real: Loaded = inherited, **more: Loaded) -> Loaded:
                return real(folder if source == name else source, *args, **more)

            patches.enter_context(patch.object(kind, "from_pretrained", staticmethod(from_pretrained)))
        yield


def computing_in_float32(model: Loaded) -> None:
    """Let a float16 model compute in float32 where PyTorch cannot do it in float16 on a CPU, as old ones cannot.

    What `generate` is given stays as it is.
    """
    import torch

    try:
        torch.nn.functional.layer_norm(torch.zeros(2, 2, dtype=torch.float16), (2,))
    except RuntimeError:
        real = model.float().generate
        model.generate = lambda *args, **more: real(*_as_float32(args), **_as_float32(more))


def _as_float32(value: Loaded) -> Loaded:
    if isinstance(value, dict):
        return {key: _as_float32(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_as_float32(part) for part in value)
    return value.float() if str(getattr(value, "dtype", "")) == "torch.float16" else value


def attention_by_lengths(queries: Loaded, keys: Loaded, values: Loaded, ends: Loaded, *_: Loaded) -> Loaded:
    """What `flash_attn_varlen_func` computes, by PyTorch: sequences behind one another, (tokens, heads, width)."""
    import torch

    result = torch.empty_like(queries)
    places = ends.tolist()
    for start, stop in pairwise(places):
        parts = [part[start:stop].transpose(0, 1)[None] for part in (queries, keys, values)]
        result[start:stop] = torch.nn.functional.scaled_dot_product_attention(*parts)[0].transpose(0, 1)
    return result
