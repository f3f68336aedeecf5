"""Stands in for the InternVL variants: `predict_forward` knows no processor, as that of older checkpoints."""

import torch
from transformers import GenerationConfig

from .model_base import Base, DirectResize


class Sa2VAChatModel(Base):
    def __init__(self, config):
        super().__init__(config)
        self.init_prediction_config = False

    def preparing_for_generation(self, tokenizer, max_new_tokens=2048, torch_dtype=torch.bfloat16):
        self.tokenizer = tokenizer
        self.torch_dtype = torch_dtype
        self.extra_image_processor = DirectResize()
        self.gen_config = GenerationConfig(max_new_tokens=max_new_tokens)
        self.init_prediction_config = True

    def predict_forward(self, image=None, video=None, text=None, past_text="", mask_prompts=None, tokenizer=None):
        assert tokenizer.convert_tokens_to_ids("[SEG]") != tokenizer.unk_token_id
        if not self.init_prediction_config:
            self.preparing_for_generation(tokenizer=tokenizer)
        mask = self.look(image, video, text, past_text, mask_prompts)
        said = self.begun(self.answers.pop(0), max_new_tokens=self.gen_config.max_new_tokens)
        return {"prediction": said, "prediction_masks": [mask] * said.count("[SEG]")}
