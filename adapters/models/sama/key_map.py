"""Under which names the released files hold each of our weights.

Most names differ only in spelling. Where one tensor of theirs is several of ours or the other way round, a `Source`
says which part it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sama_bench.adapters.models.sama.config import SamaConfig

Part: TypeAlias = Literal["whole", "third", "grouped", "stacked"]
Rule: TypeAlias = tuple[str, "str | Callable[[re.Match[str]], str]"]
DROPPED = tuple(f"{which}_Qformer.bert.embeddings.position_ids" for which in ("spatial", "temporal"))
"""Numbers from 0 on that the files hold and nobody needs."""
DECODER, FINDER = ".sam_mask_decoder.", ".sam_mask_decoder_modified."
"""SAM 2's mask decoder, and the second one that Sa2VA-i has: trained with the language model, it finds objects."""


@dataclass(frozen=True)
class Source:
    """The place of one of our weights in the files: as the `whole` of `names`, or a part of it.

    `third`: part `place` of three equal ones (query, key, value). `grouped`: InternLM2's joint projection, each group
    of query heads with its key and its value head, of which `place` is 0, 1 or 2. `stacked`: rows that the files hold
    one by one, under several names.
    """

    names: tuple[str, ...]
    part: Part = "whole"
    place: int = 0


# Each list is tried in order, and the first rule that fits the whole name is taken.
_VISION: tuple[Rule, ...] = (
    (r"vit\.embeddings\.cls_token", "vision_model.embeddings.class_embedding"),
    (r"vit\.embeddings\.position_embeddings", "vision_model.embeddings.position_embedding"),
    (r"vit\.embeddings\.patch_embeddings\.projection\.(.+)", r"vision_model.embeddings.patch_embedding.\1"),
    (r"vit\.encoder\.layer\.(\d+)\.attention\.([qkv])_proj\.(.+)", r"vision_model.encoder.layers.\1.attn.qkv.\3"),
    (r"vit\.encoder\.layer\.(\d+)\.attention\.([qk]_norm\..+)", r"vision_model.encoder.layers.\1.attn.\2"),
    (r"vit\.encoder\.layer\.(\d+)\.attention\.projection_layer\.(.+)", r"vision_model.encoder.layers.\1.attn.proj.\2"),
    (r"vit\.encoder\.layer\.(\d+)\.layernorm_before\.(.+)", r"vision_model.encoder.layers.\1.norm1.\2"),
    (r"vit\.encoder\.layer\.(\d+)\.layernorm_after\.(.+)", r"vision_model.encoder.layers.\1.norm2.\2"),
    (r"vit\.encoder\.layer\.(\d+)\.lambda_(\d)", r"vision_model.encoder.layers.\1.ls\2"),
    (r"vit\.encoder\.layer\.(\d+)\.(mlp\..+)", r"vision_model.encoder.layers.\1.\2"),
    (r"projector\.(.+)", r"mlp1.\1"),
)
_QFORMER: tuple[Rule, ...] = (
    (r"layernorm\.(.+)", r"embeddings.LayerNorm.\1"),
    (r"(encoder\.layer\.\d+\.(?:cross)?attention)\.attention\.(.+)", r"\1.self.\2"),
    (r"(encoder\.layer\..+)", r"\1"),
)
_REGIONS: tuple[Rule, ...] = (
    (r"pooled\.(.+)", r"Qformer_mask_pooling_proj{end}.\1"),
    (r"shape\.0\.(.+)", r"Qformer_mask_proj{end}.layers.0.\1"),
    (r"shape\.2\.(.+)", r"Qformer_mask_proj{end}.layers.1.\1"),
    (r"shape\.4\.(.+)", r"Qformer_mask_proj{end}.layers.2.\1"),
)
_AGGREGATOR: tuple[Rule, ...] = (
    (r"to_spatial\.(.+)", r"vlm2spatial_Qformer_proj.\1"),
    (r"spatial_norm\.(.+)", r"spatial_Qformer_ln.\1"),
    (r"(spatial|temporal)_queries", r"\1_Qformer_query_tokens"),
    (r"(word|position)s\.weight", r"temporal_Qformer.bert.embeddings.\1_embeddings.weight"),
    (r"(query|key|value)\.(.+)", lambda match: f"Qformer_temp_attn_{match[1][0]}.{match[2]}"),
    (r"out\.(.+)", r"Qformer_temp_proj.\1"),
    (r"final\.(.+)", r"Qformer_final_proj.\1"),
)
_INTERNLM2: tuple[Rule, ...] = (
    (r"lm_head\.(.+)", r"output.\1"),
    (r"model\.embed_tokens\.(.+)", r"model.tok_embeddings.\1"),
    (r"(model\.layers\.\d+)\.input_layernorm\.(.+)", r"\1.attention_norm.\2"),
    (r"(model\.layers\.\d+)\.post_attention_layernorm\.(.+)", r"\1.ffn_norm.\2"),
    (r"(model\.layers\.\d+)\.self_attn\.[qkv]_proj\.(.+)", r"\1.attention.wqkv.\2"),
    (r"(model\.layers\.\d+)\.self_attn\.o_proj\.(.+)", r"\1.attention.wo.\2"),
    (r"(model\.layers\.\d+)\.mlp\.gate_proj\.(.+)", r"\1.feed_forward.w1.\2"),
    (r"(model\.layers\.\d+)\.mlp\.up_proj\.(.+)", r"\1.feed_forward.w3.\2"),
    (r"(model\.layers\.\d+)\.mlp\.down_proj\.(.+)", r"\1.feed_forward.w2.\2"),
    (r"(model\.norm\..+)", r"\1"),
)
_MLP = {"proj_in": "layers.0", "layers.0": "layers.1", "proj_out": "layers.2"}
_SAM2: tuple[Rule, ...] = (
    (r"no_memory_embedding", "no_mem_embed"),
    (r"no_memory_positional_encoding", "no_mem_pos_enc"),
    (r"no_object_pointer", "no_obj_ptr"),
    (r"memory_temporal_positional_encoding", "maskmem_tpos_enc"),
    (r"(mask_downsample\..+)", r"\1"),
    (r"object_pointer_proj\.(proj_in|layers\.0|proj_out)\.(.+)",
     lambda match: f"obj_ptr_proj.{_MLP[match[1]]}.{match[2]}"),
    (r"vision_encoder\.neck\.convs\.(\d+)\.(.+)", r"image_encoder.neck.convs.\1.conv.\2"),
    (r"vision_encoder\.backbone\.patch_embed\.projection\.(.+)", r"image_encoder.trunk.patch_embed.proj.\1"),
    (r"vision_encoder\.backbone\.(blocks\.\d+)\.layer_norm(\d)\.(.+)", r"image_encoder.trunk.\1.norm\2.\3"),
    (r"vision_encoder\.backbone\.(blocks\.\d+)\.mlp\.proj_in\.(.+)", r"image_encoder.trunk.\1.mlp.layers.0.\2"),
    (r"vision_encoder\.backbone\.(blocks\.\d+)\.mlp\.proj_out\.(.+)", r"image_encoder.trunk.\1.mlp.layers.1.\2"),
    (r"vision_encoder\.backbone\.(.+)", r"image_encoder.trunk.\1"),
    (r"memory_attention\.layer_norm\.(.+)", r"memory_attention.norm.\1"),
    (r"(memory_attention\.layers\.\d+)\.layer_norm(\d)\.(.+)", r"\1.norm\2.\3"),
    (r"(memory_attention\.layers\.\d+\.\w+)\.o_proj\.(.+)", r"\1.out_proj.\2"),
    (r"(memory_attention\..+)", r"\1"),
    (r"memory_encoder\.mask_downsampler\.layers\.(\d)\.conv\.(.+)",
     lambda match: f"memory_encoder.mask_downsampler.encoder.{3 * int(match[1])}.{match[2]}"),
    (r"memory_encoder\.mask_downsampler\.layers\.(\d)\.layer_norm\.(.+)",
     lambda match: f"memory_encoder.mask_downsampler.encoder.{3 * int(match[1]) + 1}.{match[2]}"),
    (r"memory_encoder\.mask_downsampler\.final_conv\.(.+)", r"memory_encoder.mask_downsampler.encoder.12.\1"),
    (r"memory_encoder\.feature_projection\.(.+)", r"memory_encoder.pix_feat_proj.\1"),
    (r"memory_encoder\.projection\.(.+)", r"memory_encoder.out_proj.\1"),
    (r"memory_encoder\.memory_fuser\.(layers\.\d+)\.scale", r"memory_encoder.fuser.\1.g_weight"),
    (r"memory_encoder\.memory_fuser\.(layers\.\d+)\.depthwise_conv\.(.+)", r"memory_encoder.fuser.\1.dwconv.\2"),
    (r"memory_encoder\.memory_fuser\.(layers\.\d+)\.pointwise_conv(\d)\.(.+)", r"memory_encoder.fuser.\1.pwconv\2.\3"),
    (r"memory_encoder\.memory_fuser\.(layers\.\d+)\.layer_norm\.(.+)", r"memory_encoder.fuser.\1.norm.\2"),
    (r"(?:shared_image_embedding|prompt_encoder\.shared_embedding)\.positional_embedding",
     "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"),
    (r"prompt_encoder\.mask_embed\.conv1\.(.+)", r"sam_prompt_encoder.mask_downscaling.0.\1"),
    (r"prompt_encoder\.mask_embed\.layer_norm1\.(.+)", r"sam_prompt_encoder.mask_downscaling.1.\1"),
    (r"prompt_encoder\.mask_embed\.conv2\.(.+)", r"sam_prompt_encoder.mask_downscaling.3.\1"),
    (r"prompt_encoder\.mask_embed\.layer_norm2\.(.+)", r"sam_prompt_encoder.mask_downscaling.4.\1"),
    (r"prompt_encoder\.mask_embed\.conv3\.(.+)", r"sam_prompt_encoder.mask_downscaling.6.\1"),
    (r"prompt_encoder\.(.+)", r"sam_prompt_encoder.\1"),
    (r"mask_decoder\.(output_hypernetworks_mlps\.\d|\w+_head)\.(proj_in|layers\.0|proj_out)\.(.+)",
     lambda match: f"sam_mask_decoder.{match[1]}.{_MLP[match[2]]}.{match[3]}"),
    (r"mask_decoder\.upscale_conv1\.(.+)", r"sam_mask_decoder.output_upscaling.0.\1"),
    (r"mask_decoder\.upscale_layer_norm\.(.+)", r"sam_mask_decoder.output_upscaling.1.\1"),
    (r"mask_decoder\.upscale_conv2\.(.+)", r"sam_mask_decoder.output_upscaling.3.\1"),
    (r"mask_decoder\.(transformer\.layers\.\d)\.mlp\.proj_in\.(.+)", r"sam_mask_decoder.\1.mlp.layers.0.\2"),
    (r"mask_decoder\.(transformer\.layers\.\d)\.mlp\.proj_out\.(.+)", r"sam_mask_decoder.\1.mlp.layers.1.\2"),
    (r"mask_decoder\.transformer\.(layers\.\d)\.layer_norm(\d)\.(.+)", r"sam_mask_decoder.transformer.\1.norm\2.\3"),
    (r"mask_decoder\.transformer\.layer_norm_final_attn\.(.+)", r"sam_mask_decoder.transformer.norm_final_attn.\1"),
    (r"mask_decoder\.transformer\.(.+)\.o_proj\.(.+)", r"sam_mask_decoder.transformer.\1.out_proj.\2"),
    (r"mask_decoder\.(.+)", r"sam_mask_decoder.\1"),
)  # fmt: skip
_SEG = ((r"(.+)", r"text_hidden_fcs.\1"),)


def sources(names: Iterable[str], config: SamaConfig) -> dict[str, Source]:
    """The place of each of our weights in the released files, by our name. Raises KeyError for one without a rule."""
    return {name: _source(name, config) for name in names}


def _source(name: str, config: SamaConfig) -> Source:
    room, _, tail = name.partition(".")
    if room == "language_model":
        return _of_language_model(tail, config)
    if room == "sam2":
        return _of_sam2(tail)
    if room == "finder":
        return Source((_of_sam2(f"mask_decoder.{tail}").names[0].replace(DECODER, FINDER),))
    if room == "vision":
        source_name = _renamed(tail, _VISION)
        letter = re.search(r"\.([qkv])_proj\.", tail)
        return Source((source_name,), "third", "qkv".index(letter[1])) if letter else Source((source_name,))
    if room == "aggregator":
        return Source((_of_aggregator(tail),))
    return Source((_renamed(tail, _SEG if room == "seg_projection" else _REGIONS).format(end=""),))


def _of_aggregator(name: str) -> str:
    room, _, tail = name.partition(".")
    if room == "regions":
        return _renamed(tail, _REGIONS).format(end="_st")
    if room in {"spatial", "temporal"}:
        return f"{room}_Qformer.bert.{_renamed(tail, _QFORMER)}"
    return _renamed(name, _AGGREGATOR)


def _of_language_model(name: str, config: SamaConfig) -> Source:
    if config.language != "InternLM2ForCausalLM":
        return Source((f"language_model.{name}",))
    source_names = (f"language_model.{_renamed(name, _INTERNLM2)}",)
    letter = re.search(r"\.([qkv])_proj\.", name)
    return Source(source_names, "grouped", "qkv".index(letter[1])) if letter else Source(source_names)


def _of_sam2(name: str) -> Source:
    start = "grounding_encoder.sam2_model."
    if name == "prompt_encoder.point_embed.weight":
        rows = tuple(f"{start}sam_prompt_encoder.point_embeddings.{row}.weight" for row in range(4))
        return Source(rows, "stacked")
    return Source((start + _renamed(name, _SAM2),))


def _renamed(name: str, rules: Iterable[Rule]) -> str:
    for pattern, into in rules:
        match = re.fullmatch(pattern, name)
        if match:
            source_name: str = into(match) if callable(into) else match.expand(into)
            return source_name
    raise KeyError(name)


def taken(source: Source, files: Callable[[str], Any], heads: tuple[int, int]) -> Any:  # noqa: ANN401 - tensors
    """Our weight out of the tensors of the files; `heads` are those of queries and of keys of the language model."""
    import torch

    if source.part == "stacked":
        return torch.cat([files(name) for name in source.names])
    whole = files(source.names[0])
    if source.part == "whole":
        return whole
    if source.part == "third":
        return whole.chunk(3)[source.place]
    groups = heads[0] // heads[1]
    head = whole.shape[0] // (heads[1] * (groups + 2))
    parted = whole.view(heads[1], groups + 2, head, *whole.shape[1:])
    picked = (parted[:, :groups], parted[:, groups], parted[:, groups + 1])[source.place]
    return picked.reshape(-1, *whole.shape[1:])


def heads_of(config: SamaConfig) -> tuple[int, int]:
    """The number of the language model's heads for queries, and for keys."""
    language_config = config.language_config
    queries = int(language_config["num_attention_heads"])
    return queries, int(language_config.get("num_key_value_heads") or queries)
