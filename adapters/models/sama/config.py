"""The config of SAMA's parts: from a checkpoint's config.json, and from SAMA's code where no config names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from sama_bench.adapters.models.sama.templates import TEMPLATES
from sama_bench.errors import UserError

if TYPE_CHECKING:
    from typing_extensions import Self

Json: TypeAlias = Mapping[str, Any]
TINY = "sama_bench_tiny"
"""Where a checkpoint of `sama-bench make-tiny` has sizes that SAMA's code writes out."""
KIND = "sa2va_chat"
LANGUAGE_MODELS = {
    "Qwen2ForCausalLM": "qwen2",
    "InternLM2ForCausalLM": "llama",
    "LlamaForCausalLM": "llama",
    "Phi3ForCausalLM": "phi3",
    "Qwen3ForCausalLM": "qwen3",
}
"""Classes of the released code, and the type of model of transformers that computes the same."""
EXPECTED = {
    "select_layer": -1, "downsample_ratio": 0.5, "ps_version": "v2", "use_llm_lora": 0, "use_backbone_lora": 0,
}  # fmt: skip
ABSENT = {"select_layer": -1, "downsample_ratio": 0.5, "ps_version": "v1", "use_llm_lora": 0, "use_backbone_lora": 0}
"""What the released classes of configs take where the file names nothing."""
EXPECTED_OF_VISION = {
    "patch_size": 14, "image_size": 448, "qkv_bias": True, "qk_normalization": False, "norm_type": "layer_norm",
    "layer_norm_eps": 1e-6, "hidden_act": "gelu",
}  # fmt: skip
ABSENT_OF_VISION = {
    **EXPECTED_OF_VISION, "image_size": 224, "qkv_bias": False, "qk_normalization": True, "norm_type": "rms_norm",
}  # fmt: skip
LARGE_VISION = {
    **EXPECTED_OF_VISION, "qkv_bias": False, "qk_normalization": True, "norm_type": "rms_norm",
}  # fmt: skip
"""InternViT-6B, which the largest Sa2VA has."""


@dataclass(frozen=True)
class Family:
    """The models of one released code: its name here, its classes of language models, its kinds of vision towers."""

    name: str
    language_models: tuple[str, ...]
    visions: tuple[Json, ...]


SAMA = Family(
    "SAMA",
    ("Qwen2ForCausalLM", "InternLM2ForCausalLM", "LlamaForCausalLM", "Phi3ForCausalLM"),
    (EXPECTED_OF_VISION,),
)


@dataclass(frozen=True)
class Sam2Sizes:
    """SAM 2.0 with Hiera-L, as SAMA's code writes it out."""

    image: int = 1024
    hiera_width: int = 144
    hiera_heads: int = 2
    blocks: tuple[int, ...] = (2, 6, 36, 4)
    global_blocks: tuple[int, ...] = (23, 33, 43)
    windows: tuple[int, ...] = (8, 4, 16, 8)
    background: tuple[int, ...] = (7, 7)
    width: int = 256
    attention_layers: int = 4
    attention_feed_forward: int = 2048
    fuser_width: int = 1024
    decoder_feed_forward: int = 2048


@dataclass(frozen=True)
class Sizes:
    """Sizes of the context aggregator, of regions and of SAM 2: no config names them."""

    spatial_input: int = 1408
    width: int = 768
    heads: int = 12
    feed_forward: int = 3072
    spatial_layers: int = 12
    temporal_layers: int = 2
    queries: int = 32
    words: int = 30530
    positions: int = 512
    window: int = 512
    """Rows of spatial queries that the temporal Q-Former sees at once: 16 frames."""
    region_hidden: int = 1024
    sam2: Sam2Sizes = field(default_factory=Sam2Sizes)

    def to_json(self) -> dict[str, Any]:
        """All sizes with JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Json) -> Sizes:
        """The sizes that are given, those of SAMA for the others. Raises ValueError for one that is not known."""
        sam2 = content.get("sam2", {})
        if unknown := [*_unknown(content, cls), *_unknown(sam2, Sam2Sizes)]:
            raise ValueError(f"{TINY} has {', '.join(unknown)}, which is no size of SAMA")
        sam2_sizes: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in sam2.items()
        }
        return cls(**{**content, "sam2": Sam2Sizes(**sam2_sizes)})


def _unknown(content: Json, kind: type[Any]) -> list[str]:
    return [name for name in content if name not in {field.name for field in fields(kind)}]


@dataclass(frozen=True)
class SamaConfig:
    """The facts that decide SAMA's parts. `language` is the language model's released class (Qwen2ForCausalLM, …)."""

    language: str
    language_config: Json
    vision_config: Json
    template: str
    sizes: Sizes = field(default_factory=Sizes)
    tiny: bool = False
    family: ClassVar[Family] = SAMA

    @property
    def width(self) -> int:
        """The width of the language model."""
        return int(self.language_config["hidden_size"])

    @property
    def tied(self) -> bool:
        """True if the head of the language model may be its embeddings, where the files hold no head."""
        return bool(self.language_config.get("tie_word_embeddings", False))

    @classmethod
    def read(cls, content: Json) -> Self:
        """Read a config.json. Raises one UserError with everything that is not as the released code computes it."""
        language, vision = content.get("llm_config") or {}, content.get("vision_config") or {}
        problems = [*_unfit_kind(content, cls.family), *_unfit_language(language, cls.family)]
        problems += _unfit_template(content)
        problems += _differing({**ABSENT, **content}, EXPECTED, "")
        problems += _unfit_vision(vision, cls.family)
        for name in ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"):
            problems += [f"vision_config.{name} is missing"] if name not in vision else []
        sizes = Sizes()
        try:
            sizes = Sizes.from_json(content.get(TINY, {}))
        except (TypeError, ValueError) as problem:
            problems.append(str(problem))
        if problems:
            raise UserError([f"config.json: {problem}" for problem in problems])
        template = str(content["template"]).replace("-", "_")
        return cls(language["architectures"][0], language, vision, template, sizes, TINY in content)


def _unfit_kind(content: Json, family: Family) -> list[str]:
    kind = content.get("model_type")
    return [] if kind == KIND else [f"model_type is {kind}, expected {KIND}, as {family.name}'s checkpoints have it"]


def _unfit_vision(vision: Json, family: Family) -> list[str]:
    """The differences to the kind of vision tower that is nearest."""
    wholes = [_differing({**ABSENT_OF_VISION, **vision}, expected, "vision_config.") for expected in family.visions]
    return min(wholes, key=len)


def _unfit_template(content: Json) -> list[str]:
    template = str(content.get("template")).replace("-", "_")
    if template in TEMPLATES:
        return []
    return [f"template is {content.get('template')}, expected {' or '.join(sorted(TEMPLATES))}"]


def _differing(content: Json, expected: Json, where: str) -> list[str]:
    return [
        f"{where}{name} is {content.get(name)}, expected {value}"
        for name, value in expected.items()
        if content.get(name) != value
    ]


def _unfit_language(language: Json, family: Family) -> list[str]:
    architectures = language.get("architectures") or [None]
    if architectures[0] not in family.language_models:
        return [f"llm_config.architectures is {architectures[0]}, expected {' or '.join(family.language_models)}"]
    needed = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
    problems = [f"llm_config.{name} is missing" for name in needed if name not in language]
    if architectures[0] in {"InternLM2ForCausalLM", "LlamaForCausalLM", "Qwen3ForCausalLM"}:
        for name in ("bias", "attention_bias", "mlp_bias"):
            problems += [f"llm_config.{name} is set, expected none"] if language.get(name) else []
    if language.get("use_sliding_window"):
        problems.append("llm_config.use_sliding_window is set, expected none")
    return problems + _unfit_rope(architectures[0], language.get("rope_scaling"), family)


def _unfit_rope(name: str, scaling: object, family: Family) -> list[str]:
    """InternLM2's `dynamic` changes nothing below the longest context, which no prompt comes near."""
    kind = (scaling.get("rope_type") or scaling.get("type")) if isinstance(scaling, Mapping) else None
    allowed = {"InternLM2ForCausalLM": {None, "dynamic", "default"}, "Phi3ForCausalLM": {None, "su", "longrope"}}
    if kind in allowed.get(name, {None, "default"}):
        return []
    return [f"llm_config.rope_scaling is of type {kind}, which {name} of {family.name} does not have"]
