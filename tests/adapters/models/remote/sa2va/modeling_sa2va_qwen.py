"""Stands in for the Qwen variants: they need a processor, and look for [SEG] in their prompt, too."""

import torch

from .model_base import Base, DirectResize


class Sa2VAChatModelQwen(Base):
    def __init__(self, config):
        super().__init__(config)
        self.extra_image_processor = DirectResize()
        self.model = torch.nn.Module()
        self.model.generate = self.begun

    def predict_forward(
        self, image=None, video=None, text=None, past_text="", mask_prompts=None, tokenizer=None, processor=None
    ):
        assert type(processor).__name__ == "Sa2VAProcessor"
        mask = self.look(image, video, text, past_text, mask_prompts)
        said = self.model.generate(self.answers.pop(0), max_new_tokens=2048)
        asked = text.count("[SEG]")
        return {"prediction": said, "prediction_masks": [~mask] * asked + [mask] * said.count("[SEG]")}
