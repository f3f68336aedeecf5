"""The configs with which transformers' own classes compute SAMA's parts."""

from __future__ import annotations

from typing import Any

from sama_bench.adapters.models.sama.config import LANGUAGE_MODELS, SamaConfig, Sizes

SHARED = (
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "hidden_act",
    "max_position_embeddings", "rms_norm_eps",
)  # fmt: skip


def language_model(config: SamaConfig) -> Any:  # noqa: ANN401 - a config of transformers
    """Qwen2, Llama (which computes what InternLM2 does) or Phi-3. The head is its own; see `loading` for tied ones."""
    from transformers import LlamaConfig, Phi3Config, Qwen2Config

    given = config.language_config
    kind = LANGUAGE_MODELS[config.language]
    values = {name: given[name] for name in SHARED if given.get(name) is not None}
    values["num_key_value_heads"] = given.get("num_key_value_heads") or given["num_attention_heads"]
    # ids of special tokens are the tokenizer's; those of the class may lie beyond a small vocabulary
    values |= {"tie_word_embeddings": False, "pad_token_id": None, "bos_token_id": None, "eos_token_id": None}
    rope = {"rope_type": "default", "rope_theta": float(given.get("rope_theta", 10_000.0))}
    if kind == "llama":
        return LlamaConfig(**values, attention_bias=False, mlp_bias=False, rope_parameters=rope)
    if kind == "qwen2":
        return Qwen2Config(**values, use_sliding_window=False, rope_parameters=rope)
    longest = given.get("original_max_position_embeddings", 4096)
    values |= {"original_max_position_embeddings": longest, "sliding_window": given.get("sliding_window")}
    if scaling := given.get("rope_scaling"):
        factors = {name: scaling[name] for name in ("short_factor", "long_factor")}
        rope |= {"rope_type": "longrope", "original_max_position_embeddings": longest, **factors}
    return Phi3Config(**values, rope_parameters=rope)


def vision(config: SamaConfig) -> Any:  # noqa: ANN401
    """InternViT. With mean pooling there is no norm behind the last layer, as in SAMA."""
    from transformers import InternVLVisionConfig

    given = config.vision_config
    names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")
    return InternVLVisionConfig(
        **{name: given[name] for name in names}, attention_bias=True, use_mean_pooling=True, layer_norm_eps=1e-6
    )


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

    own = sizes.sam2
    widths = [own.hiera_width << stage for stage in range(4)]
    levels = [[own.image // step] * 2 for step in (4, 8, 16)]
    backbone = {
        "model_type": "sam2_hiera_det_model", "hidden_size": own.hiera_width, "image_size": [own.image] * 2,
        "blocks_per_stage": list(own.blocks), "embed_dim_per_stage": widths,
        "num_attention_heads_per_stage": [own.hiera_heads << stage for stage in range(4)],
        "global_attention_blocks": list(own.global_blocks), "window_size_per_stage": list(own.windows),
        "window_positional_embedding_background_size": list(own.background),
    }  # fmt: skip
    return Sam2VideoConfig(
        vision_config={
            "model_type": "sam2_vision_model", "backbone_config": backbone, "fpn_hidden_size": own.width,
            "backbone_channel_list": widths[::-1], "backbone_feature_sizes": levels,
        },
        prompt_encoder_config={"hidden_size": own.width, "image_size": own.image},
        mask_decoder_config={
            "hidden_size": own.width, "iou_head_hidden_dim": own.width, "mlp_dim": own.decoder_feed_forward,
        },
        image_size=own.image, enable_temporal_pos_encoding_for_object_pointers=False,
        enable_occlusion_spatial_embedding=False, memory_attention_hidden_size=own.width,
        memory_attention_num_layers=own.attention_layers,
        memory_attention_feed_forward_hidden_size=own.attention_feed_forward,
        memory_attention_rope_feat_sizes=levels[-1], memory_encoder_hidden_size=own.width,
        mask_downsampler_embed_dim=own.width, memory_fuser_embed_dim=own.width,
        memory_fuser_intermediate_dim=own.fuser_width,
    )  # fmt: skip
