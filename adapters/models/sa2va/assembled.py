"""All that answers questions, loaded: Sa2VA, or Sa2VA-i where the files have its second mask decoder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from sama_bench.adapters.models.sa2va.config import Inference, Sa2vaConfig
from sama_bench.adapters.models.sa2va.corrected_tracking import CorrectedTracker
from sama_bench.adapters.models.sa2va.model import Sa2vaModel
from sama_bench.adapters.models.sama.assembled import Grounded
from sama_bench.adapters.models.sama.generation import Language
from sama_bench.adapters.models.sama.key_map import FINDER
from sama_bench.adapters.models.sama.loading import Files, load
from sama_bench.adapters.models.sama.templates import TEMPLATES
from sama_bench.adapters.models.sama.tokens import PLACE, SEG, load_tokenizer
from sama_bench.adapters.models.sama.tracking import Tracker
from sama_bench.errors import UserError


@dataclass(frozen=True)
class Assembled(Grounded):
    """Sa2VA, ready to be asked; `corrected` as Sa2VA-i asks it."""

    corrected: bool

    @classmethod
    def load(
        cls, folder: Path, config: Sa2vaConfig, inference: Inference, device: str, dtype: torch.dtype, attention: str
    ) -> Assembled:
        """Load everything from a checkpoint's folder. Raises UserError with all that does not go together."""
        with Files(folder) as files:
            two_decoders = any(FINDER in name for name in files.shapes)
        corrected = inference == "sa2va-i" or (inference == "auto" and two_decoders)
        if corrected and not two_decoders:
            raise UserError(
                "inference=sa2va-i: follows objects with SAM 2's original mask decoder, and the files have only "
                "Sa2VA's (no sam_mask_decoder_modified); expected a checkpoint of Sa2VA-i, such as kumuji/Sa2VA-i-4B"
            )
        tokenizer = load_tokenizer(folder)
        tokenizer.check(int(config.language_config["vocab_size"]))
        model = load(folder, lambda: Sa2vaModel(config, attention, two_decoders=two_decoders), config, device, dtype)
        if two_decoders and not corrected:
            model.sam2.mask_decoder = model.finder  # the one that Sa2VA has
        template = TEMPLATES[config.template]
        language = Language(model.language_model, tokenizer, template.stops, tokenizer.id_of(SEG))
        tracker = CorrectedTracker(model.sam2, model.finder) if corrected else Tracker(model.sam2)
        return cls(
            model, tokenizer, template, language, tracker, tokenizer.id_of(PLACE), device, dtype, corrected
        )  # fmt: skip
