"""Parts of tiny random models: a tokenizer, and what stands in for FlashAttention on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from sama_bench.adapters.conformance.recipe import Loaded


def tokenizer(folder: Path, special: Sequence[str], end: str) -> int:
    """Save a byte-level tokenizer with the special tokens into `folder`, and give its size."""
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
    words.save_pretrained(folder)
    return len(words)


def attention_by_lengths(queries: Loaded, keys: Loaded, values: Loaded, ends: Loaded, *_: Loaded) -> Loaded:
    """What `flash_attn_varlen_func` computes, by PyTorch: sequences behind one another, (tokens, heads, width)."""
    import torch

    result = torch.empty_like(queries)
    places = ends.tolist()
    for start, stop in pairwise(places):
        parts = [part[start:stop].transpose(0, 1)[None] for part in (queries, keys, values)]
        result[start:stop] = torch.nn.functional.scaled_dot_product_attention(*parts)[0].transpose(0, 1)
    return result
