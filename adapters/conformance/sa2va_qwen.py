"""Sa2VA's variants on Qwen2.5-VL and Qwen3-VL against its script of referring segmentation in videos."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from sama_bench.adapters.conformance.recipe import Loaded
from sama_bench.adapters.conformance.sa2va_family import Code, bring_code, fill
from sama_bench.adapters.conformance.sa2va_released import Sa2vaReleasedRecipe
from sama_bench.adapters.conformance.tiny import tokenizer
from sama_bench.adapters.models.sa2va_released import Sa2VA
from sama_bench.adapters.shared.third_party_code import foreign

IMAGE, VIDEO, START, END = "<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", START, END, IMAGE, VIDEO, "[SEG]", "<p>", "</p>")
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}" + START + IMAGE + END + "{% else %}{{ part['text'] }}{% endif %}{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
IDS = {
    f"{name}_token_id": SPECIAL.index(token)
    for name, token in (("image", IMAGE), ("video", VIDEO), ("vision_start", START), ("vision_end", END))
}
SMALL = {"hidden_size": 64, "intermediate_size": 96}
LANGUAGE = {
    **SMALL, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
    "max_position_embeddings": 32768, "bos_token_id": None, "eos_token_id": SPECIAL.index("<|im_end|>"),
    "pad_token_id": 0, "tie_word_embeddings": False,
}  # fmt: skip
SECTIONS = [2, 3, 3]
"""How the eight frequencies of a head are shared among time, height and width."""


class QwenRecipe(Sa2vaReleasedRecipe):
    """Compares questions and expressions with its data set of videos, as with the InternVL variants."""

    family: ClassVar[str]
    """How classes of transformers for this family begin."""
    vision: ClassVar[Mapping[str, Loaded]]
    """The sizes of the vision tower."""

    def _speaker(self, model: Loaded) -> Loaded:
        return model.model

    def _more(self, adapter: Sa2VA) -> Mapping[str, Loaded]:
        return adapter._fixed_args

    def _tiny(self, out: Path, repo: Path) -> Path:
        self._save_processor(out)
        self._save_config(out)
        bring_code(out, repo, self.code)
        with foreign("cpu"):
            fill(out, self.code)
        return out

    def _save_processor(self, out: Path) -> None:
        import transformers

        tokenizer(out, SPECIAL, "<|im_end|>", TEMPLATE)
        words = transformers.Qwen2TokenizerFast.from_pretrained(out)
        kind = getattr(transformers, f"{self.family}Processor")
        kind(*self._processors(words), chat_template=TEMPLATE).save_pretrained(out)

    @abstractmethod
    def _processors(self, words: Loaded) -> tuple[Loaded, Loaded, Loaded]:
        """The processors of pictures and of videos as the released checkpoints have them, the tokenizer in between."""

    def _save_config(self, out: Path) -> None:
        import transformers

        size = len(transformers.AutoTokenizer.from_pretrained(out))
        text = {**LANGUAGE, "vocab_size": size, "rope_scaling": {"rope_type": "default", "mrope_section": SECTIONS}}
        kind = getattr(transformers, f"{self.family}Config")
        config = kind(text_config=text, vision_config=dict(self.vision), **IDS, tie_word_embeddings=False)
        content = {**config.to_dict(), "model_type": "sa2va_chat"}
        (out / "config.json").write_text(json.dumps(content), encoding="utf-8")


class Qwen25Recipe(QwenRecipe):
    """`sa2va-released` with a checkpoint on Qwen2.5-VL."""

    adapter: ClassVar[str] = "sa2va-qwen2.5-vl"
    code: ClassVar[Code] = Code(
        "projects/sa2va/hf/models_qwen2_5_vl", "modeling_sa2va_qwen.Sa2VAChatModelQwen",
        "configuration_sa2va_chat.Sa2VAChatConfigQwen", vision="",
    )  # fmt: skip
    checkpoint: ClassVar[str] = "Sa2VA-Qwen2_5-VL-tiny"
    family: ClassVar[str] = "Qwen2_5_VL"
    vision: ClassVar[Mapping[str, Loaded]] = {
        **SMALL, "depth": 2, "num_heads": 4, "out_hidden_size": 64, "fullatt_block_indexes": [1],
    }  # fmt: skip

    def _processors(self, words: Loaded) -> tuple[Loaded, Loaded, Loaded]:
        import transformers

        return transformers.Qwen2VLImageProcessorFast(), words, transformers.Qwen2VLVideoProcessor()


class Qwen3Recipe(QwenRecipe):
    """`sa2va-released` with a checkpoint on Qwen3-VL."""

    adapter: ClassVar[str] = "sa2va-qwen3-vl"
    code: ClassVar[Code] = replace(Qwen25Recipe.code, folder="projects/sa2va/hf/models_qwen3vl")
    checkpoint: ClassVar[str] = "Sa2VA-Qwen3-VL-tiny"
    family: ClassVar[str] = "Qwen3VL"
    vision: ClassVar[Mapping[str, Loaded]] = {
        **SMALL, "depth": 2, "num_heads": 4, "out_hidden_size": 64, "deepstack_visual_indexes": [0],
        "num_position_embeddings": 64,
    }  # fmt: skip

    def _processors(self, words: Loaded) -> tuple[Loaded, Loaded, Loaded]:
        import transformers

        pictures = transformers.Qwen2VLImageProcessorFast(
            patch_size=16,
            image_mean=[0.5] * 3,
            image_std=[0.5] * 3,
            size={"shortest_edge": 65536, "longest_edge": 16777216},
        )
        return pictures, words, transformers.Qwen3VLVideoProcessor()
