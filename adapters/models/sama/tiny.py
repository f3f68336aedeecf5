"""A tiny checkpoint of random weights in the released form. It is no model: its answers are noise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from sama_bench.adapter import Need
from sama_bench.adapters.models.sama.config import TINY, Json, Sam2Sizes, SamaConfig, Sizes
from sama_bench.adapters.models.sama.key_map import DROPPED, heads_of, sources
from sama_bench.adapters.models.sama.random_weights import weight
from sama_bench.errors import MissingExtra, UserError

if TYPE_CHECKING:
    from torch import nn

Kind: TypeAlias = Literal["qwen2", "internlm2", "phi3", "qwen3"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SMALL = Sizes(
    spatial_input=32, width=32, heads=2, feed_forward=48, spatial_layers=2, region_hidden=16,
    sam2=Sam2Sizes(
        image=64, hiera_width=8, hiera_heads=1, blocks=(1, 1, 2, 1), global_blocks=(3,), windows=(4, 4, 2, 2),
        background=(4, 4), width=128, attention_layers=1, attention_feed_forward=32, fuser_width=32,
        decoder_feed_forward=32,
    ),
)  # fmt: skip
LANGUAGE: Mapping[Kind, Mapping[str, Any]] = {
    "qwen2": {"architectures": ["Qwen2ForCausalLM"], "rope_theta": 1_000_000.0, "use_sliding_window": False},
    "internlm2": {
        "architectures": ["InternLM2ForCausalLM"], "rope_theta": 50_000_000.0, "bias": False,
        "rope_scaling": {"type": "dynamic", "factor": 2.0},
    },
    "phi3": {"architectures": ["Phi3ForCausalLM"], "rope_theta": 10_000.0, "rope_scaling": None},
    "qwen3": {"architectures": ["Qwen3ForCausalLM"], "rope_theta": 1_000_000.0, "head_dim": 24, "rope_scaling": None},
}  # fmt: skip
"""Of SAMA there is none on Qwen3."""
TEMPLATE: Mapping[Kind, str] = {
    "qwen2": "qwen_chat", "internlm2": "internlm2_chat", "phi3": "phi3_chat", "qwen3": "qwen_chat",
}  # fmt: skip
BERT = "bert-base-uncased"
"""The folder in the checkpoint that has the vocabulary of the questions' other tokenizer."""
CHAT = ("<s>", "<|endoftext|>", "<|im_start|>", "<|im_end|>")
"""The same for all kinds: SAMA_4B's template, too, has words that are no tokens of its tokenizer."""
SPECIAL = ("<img>", "</img>", "<IMG_CONTEXT>")
ADDED = ("[SEG]", "<p>", "</p>", "<vp>", "</vp>")
SAID = ("Ċ", "<p>", "i", "t", "</p>", "Ġ", "[SEG]", "<|im_end|>")
HEADS = (("lm_head.weight", ".output.weight"), ("embed_tokens.weight", "tok_embeddings.weight"))
SILENT = ("o_proj.weight", "down_proj.weight", "wo.weight", "w2.weight")
WORDS = [
    "the",
    "a",
    "of",
    "is",
    "in",
    "video",
    "man",
    "woman",
    "dog",
    "left",
    "right",
    "white",
    "black",
    "what",
    "who",
    "does",
    "do",
    "hold",
    "walk",
    "and",
    "region",
    "describe",
]


@dataclass(frozen=True)
class TinyLanguage:
    """Sizes of the language model, and of the vision tower beside it."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    key_heads: int = 2
    feed_forward: int = 96
    vision_width: int = 32
    vision_layers: int = 2
    vision_heads: int = 2
    vision_feed_forward: int = 64


def make(
    out: Path,
    kind: Kind = "qwen2",
    sizes: Sizes = SMALL,
    language: TinyLanguage | None = None,
    *,
    speaking: bool = False,
    seed: int = 0,
) -> SamaConfig:
    """Write a checkpoint to the new folder `out`: config.json, model.safetensors, the tokenizer, BERT's vocabulary.

    Weights are float32, and random. With `speaking` each token of SAID calls for the next, so that there are masks.
    Raises UserError where there is something at `out` already.
    """
    config = write_all_but_weights(out, kind, sizes, language or TinyLanguage())
    tensors = {name: weight(name, shape, seed) for name, shape in released_shapes(config).items()}
    if speaking:
        teach(tensors, out)
    _save(out / "model.safetensors", tensors, sizes)
    return config


def write_all_but_weights(
    out: Path, kind: Kind, sizes: Sizes, language: TinyLanguage, *, tokens: int = 0
) -> SamaConfig:
    """Write config.json, tokenizer and BERT's vocabulary to the new folder `out`; at least so many `tokens`.

    Raises UserError where there is something at `out` already.
    """
    content = write_config_and_tokenizer(out, kind, language, sizes.to_json(), tokens=tokens)
    _bert(out / BERT, sizes)
    return SamaConfig.read(content)


def write_config_and_tokenizer(
    out: Path,
    kind: Kind,
    language: TinyLanguage,
    sizes: Json,
    *,
    tokens: int = 0,
    vision: Json | None = None,
) -> Json:
    """Write config.json, whose content is returned, and the tokenizer to the new folder `out`.

    `sizes` are those that no released config names, `vision` what differs in the config of the vision tower. Raises
    UserError where there is something at `out` already.
    """
    if out.exists():
        raise UserError(f"{out}: exists; expected a new folder")
    out.mkdir(parents=True)
    content = _config(kind, sizes, language, _tokenizer(out, kind, tokens))
    content["vision_config"].update(vision or {})
    (out / "config.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return content


def _config(kind: Kind, sizes: Mapping[str, Any], language: TinyLanguage, vocabulary: int) -> dict[str, Any]:
    return {
        "architectures": ["Sa2VAChatModel"], "model_type": "sa2va_chat", "template": TEMPLATE[kind],
        "select_layer": -1, "downsample_ratio": 0.5, "ps_version": "v2", "force_image_size": 448,
        "use_llm_lora": 0, "use_backbone_lora": 0, "tie_word_embeddings": False,
        "llm_config": {
            **LANGUAGE[kind], "vocab_size": vocabulary, "hidden_size": language.width,
            "intermediate_size": language.feed_forward, "num_hidden_layers": language.layers,
            "num_attention_heads": language.heads, "num_key_value_heads": language.key_heads, "hidden_act": "silu",
            "max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "tie_word_embeddings": False,
            "pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 0,
        },
        "vision_config": {
            "hidden_size": language.vision_width, "num_hidden_layers": language.vision_layers,
            "num_attention_heads": language.vision_heads, "intermediate_size": language.vision_feed_forward,
            "patch_size": 14, "image_size": 448, "qkv_bias": True, "qk_normalization": False, "norm_type": "layer_norm",
            "layer_norm_eps": 1e-6, "hidden_act": "gelu",
        },
        TINY: sizes,
    }  # fmt: skip


def _tokenizer(out: Path, kind: Kind, tokens: int) -> int:
    """Write a tokenizer of single bytes and the special tokens of its family; returns how many tokens it has.

    Where it is to have more, the others are never said.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    letters = {letter: place for place, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    special = len(CHAT) + len(SPECIAL) + len(ADDED)
    letters |= {f"unused{place}": place for place in range(len(letters), tokens - special)}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in (*CHAT, *SPECIAL, *ADDED)])
    if kind == "internlm2":
        start = [("<s>", tokenizer.token_to_id("<s>"))]
        tokenizer.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A $B", start)
    tokenizer.save(str(out / "tokenizer.json"))
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
        "clean_up_tokenization_spaces": False,
    }  # fmt: skip
    (out / "tokenizer_config.json").write_text(json.dumps(tokenizer_config) + "\n", encoding="utf-8")
    return int(tokenizer.get_vocab_size())


def _bert(folder: Path, sizes: Sizes) -> None:
    """A vocabulary of BERT's size and form: letters, some words, and as many that are never said."""
    folder.mkdir()
    first = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    signs = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    words = [*first, *signs, *(f"##{sign}" for sign in signs if sign.isalnum()), *WORDS]
    count = sizes.words - 8
    lines = [*dict.fromkeys(words), *(f"[unused{place}]" for place in range(count))][:count]
    (folder / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sayings = {
        "model_type": "bert", "hidden_size": sizes.width, "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.feed_forward, "num_hidden_layers": sizes.spatial_layers,
        "max_position_embeddings": sizes.positions, "vocab_size": count,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(sayings) + "\n", encoding="utf-8")


def teach(tensors: dict[str, Any], folder: Path) -> None:
    """Let the language model say SAID behind its first token, which ends every prompt.

    Its layers fall almost silent, and its head finds in each token's embedding the token that comes next.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    said_ids = [tokenizer.token_to_id(token) for token in SAID]
    head, table = (next(tensors[name] for name in tensors if name.endswith(end)) for end in HEADS)
    for token, following in pairwise(said_ids):
        head[following] += 8 * table[token]
    for name in tensors:
        if "language_model." in name and name.endswith(SILENT):
            tensors[name] *= np.float32(0.05)


def _save(path: Path, tensors: Mapping[str, NDArray[np.float32]], sizes: Sizes) -> None:
    from safetensors.numpy import save_file

    numbers = {name: np.arange(sizes.positions, dtype=np.int64)[None] for name in DROPPED}
    save_file({**tensors, **numbers}, path)


def released_shapes(config: SamaConfig) -> dict[str, tuple[int, ...]]:
    """The released keys of a SAMA of this config, and their shapes."""
    from sama_bench.adapters.models.sama.model import SamaModel

    return shapes_of(lambda: SamaModel(config), config)


def shapes_of(make_model: Callable[[], nn.Module], config: SamaConfig) -> dict[str, tuple[int, ...]]:
    """The released keys of what `make_model` makes, and their shapes."""
    import torch

    from sama_bench.adapters.models.sama.loading import whole_shape

    with torch.device("meta"):
        model_shapes = make_model().state_dict()
    heads = heads_of(config)
    return {
        name: whole_shape(tuple(model_shapes[key].shape), source, heads)
        for key, source in sources(model_shapes, config).items()
        for name in source.names
    }


def make_for_user(out: Path) -> None:
    """Write a tiny SAMA (`sama-bench make-tiny sama OUT`). Raises MissingExtra without PyTorch or transformers."""
    from sama_bench.adapters.models.sama.adapter import Sama

    check_installed(Sama.needs, "sama")
    make(out, speaking=True)


def check_installed(needs: Sequence[Need], model: str) -> None:
    """Raise MissingExtra where something is not installed that making a tiny `model` needs."""
    if unmet := [need for need in needs if not need.met]:
        raise MissingExtra(f"make-tiny {model}", [need.module for need in unmet], unmet[0].pip)
