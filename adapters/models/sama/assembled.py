"""All that answers questions, loaded: the model, what drives its language model and SAM 2, both tokenizers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sama_bench.adapters.models.sama.config import SamaConfig
from sama_bench.adapters.models.sama.generation import Language
from sama_bench.adapters.models.sama.loading import load
from sama_bench.adapters.models.sama.model import GroundedModel, SamaModel
from sama_bench.adapters.models.sama.question_words import QuestionWords
from sama_bench.adapters.models.sama.templates import TEMPLATES, Template
from sama_bench.adapters.models.sama.tokens import PLACE, SEG, Tokenizer, load_tokenizer
from sama_bench.adapters.models.sama.tracking import Tracker
from sama_bench.errors import each


@dataclass(frozen=True)
class Grounded:
    """What SAMA and Sa2VA have in common, ready to be asked."""

    model: GroundedModel
    tokenizer: Tokenizer
    template: Template
    language: Language
    tracker: Tracker
    place: int
    """The id of `<IMG_CONTEXT>`."""
    device: str
    dtype: torch.dtype

    def compile(self) -> None:
        """Let PyTorch compile what runs with few shapes: both image encoders, and memory attention."""
        self.model.vision.compile()
        self.model.sam2.vision_encoder.compile()
        self.model.sam2.memory_attention.compile(dynamic=True)

    def seg_vectors(self, hidden: Tensor) -> Tensor:
        """Hidden states of [SEG]s (N, d) as what SAM 2 looks for, (N, c)."""
        vectors: Tensor = self.model.seg_projection(hidden)
        return vectors

    def bare(self, text: str) -> str:
        """An answer without the words that end one."""
        for stop in self.template.stops:
            text = text.replace(stop, "")
        return text.strip()


@dataclass(frozen=True)
class Assembled(Grounded):
    """SAMA, ready to be asked."""

    model: SamaModel
    words: QuestionWords

    @classmethod
    def load(
        cls, folder: Path, vocabulary: Path, config: SamaConfig, device: str, dtype: torch.dtype, attention: str
    ) -> Assembled:
        """Load everything from a checkpoint's folder; `vocabulary` is BERT's vocab.txt.

        Raises UserError with all that does not go together.
        """
        makers: list[Any] = [lambda: load_tokenizer(folder), lambda: QuestionWords(vocabulary, config.sizes.words)]
        tokenizer, words = each(lambda make: make(), makers)
        tokenizer.check(int(config.language_config["vocab_size"]))
        model = load(folder, lambda: SamaModel(config, attention), config, device, dtype)
        template = TEMPLATES[config.template]
        language = Language(model.language_model, tokenizer, template.stops, tokenizer.id_of(SEG))
        place, tracker = tokenizer.id_of(PLACE), Tracker(model.sam2)
        return cls(model, tokenizer, template, language, tracker, place, device, dtype, words)
