"""The configs with which transformers' own classes compute SAMA's parts."""

from __future__ import annotations

from typing import Any

from sama_bench.adapters.models.sama.config import ABSENT_OF_VISION, LANGUAGE_MODELS, SamaConfig, Sizes

SHARED = (
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "hidden_act",
    "max_position_embeddings", "rms_norm_eps",
)  # fmt: skip


def language_model(config: SamaConfig) -> Any:  # noqa: ANN401 - a config of transformers
    """Qwen2, Qwen3, Llama (which computes what InternLM2 does) or Phi-3.

    The head is its own; see `loading` for tied ones.
    """
    from transformers import LlamaConfig, Phi3Config, Qwen2Config, Qwen3Config

    language_config = config.language_config
    kind = LANGUAGE_MODELS[config.language]
    values = {name: language_config[name] for name in SHARED if language_config.get(name) is not None}
    values["num_key_value_heads"] = language_config.get("num_key_value_heads") or language_config["num_attention_heads"]
    # ids of special tokens are the tokenizer's; those of the class may lie beyond a small vocabulary
    values |= {"tie_word_embeddings": False, "pad_token_id": None, "bos_token_id": None, "eos_token_id": None}
    rope = {"rope_type": "default", "rope_theta": float(language_config.get("rope_theta", 10_000.0))}
    if kind == "llama":
        return LlamaConfig(**values, attention_bias=False, mlp_bias=False, rope_parameters=rope)
    if kind == "qwen2":
        return Qwen2Config(**values, use_sliding_window=False, rope_parameters=rope)
    if kind == "qwen3":
        head = language_config.get("head_dim", 128)
        return Qwen3Config(**values, head_dim=head, use_sliding_window=False, rope_parameters=rope)
    longest = language_config.get("original_max_position_embeddings", 4096)
    values |= {"original_max_position_embeddings": longest, "sliding_window": language_config.get("sliding_window")}
    if scaling := language_config.get("rope_scaling"):
        factors = {name: scaling[name] for name in ("short_factor", "long_factor")}
        rope |= {"rope_type": "longrope", "original_max_position_embeddings": longest, **factors}
    return Phi3Config(**values, rope_parameters=rope)


def vision(config: SamaConfig) -> Any:  # noqa: ANN401
    """InternViT. With mean pooling there is no norm behind the last layer, as in the released code."""
    from transformers import InternVLVisionConfig

    vision_config = config.vision_config
    names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")
    kinds = {**ABSENT_OF_VISION, **vision_config}
    return InternVLVisionConfig(
        **{name: vision_config[name] for name in names}, attention_bias=kinds["qkv_bias"],
        use_qk_norm=kinds["qk_normalization"], norm_type=kinds["norm_type"], use_mean_pooling=True, layer_norm_eps=1e-6,
    )  # fmt: skip


def spatial(sizes: Sizes) -> Any:  # noqa: ANN401
    """The Q-Former of single frames: no text enters it, and every second layer looks at the frame."""
    return _qformer(sizes, sizes.spatial_layers, sizes.spatial_input, every=2, text=False)


def temporal(sizes: Sizes) -> Any:  # noqa: ANN401
    """The Q-Former of windows of frames, which reads the question."""
    return _qformer(sizes, sizes.temporal_layers, sizes.width, every=1, text=True)


def _qformer(sizes: Sizes, layers: int, seen: int, *, every: int, text: bool) -> Any:  # noqa: ANN401
    from transformers import Blip2QFormerConfig

    return Blip2QFormerConfig(
        hidden_size=sizes.width, num_hidden_layers=layers, num_attention_heads=sizes.heads,
        intermediate_size=sizes.feed_forward, cross_attention_frequency=every, encoder_hidden_size=seen,
        use_qformer_text_input=text, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip


def sam2(sizes: Sizes) -> Any:  # noqa: ANN401
    """SAM 2.0 (not 2.1: no time code on object pointers, no embedding for absent objects)."""
    from transformers import Sam2VideoConfig

    part = sizes.sam2
    widths = [part.hiera_width << stage for stage in range(4)]
    levels = [[part.image // step] * 2 for step in (4, 8, 16)]
    backbone = {
        "model_type": "sam2_hiera_det_model", "hidden_size": part.hiera_width, "image_size": [part.image] * 2,
        "blocks_per_stage": list(part.blocks), "embed_dim_per_stage": widths,
        "num_attention_heads_per_stage": [part.hiera_heads << stage for stage in range(4)],
        "global_attention_blocks": list(part.global_blocks), "window_size_per_stage": list(part.windows),
        "window_positional_embedding_background_size": list(part.background),
    }  # fmt: skip
    return Sam2VideoConfig(
        vision_config={
            "model_type": "sam2_vision_model", "backbone_config": backbone, "fpn_hidden_size": part.width,
            "backbone_channel_list": widths[::-1], "backbone_feature_sizes": levels,
        },
        prompt_encoder_config={"hidden_size": part.width, "image_size": part.image},
        mask_decoder_config={
            "hidden_size": part.width, "iou_head_hidden_dim": part.width, "mlp_dim": part.decoder_feed_forward,
        },
        image_size=part.image, enable_temporal_pos_encoding_for_object_pointers=False,
        enable_occlusion_spatial_embedding=False, memory_attention_hidden_size=part.width,
        memory_attention_num_layers=part.attention_layers,
        memory_attention_feed_forward_hidden_size=part.attention_feed_forward,
        memory_attention_rope_feat_sizes=levels[-1], memory_encoder_hidden_size=part.width,
        mask_downsampler_embed_dim=part.width, memory_fuser_embed_dim=part.width,
        memory_fuser_intermediate_dim=part.fuser_width,
    )  # fmt: skip
