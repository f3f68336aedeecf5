"""Stands in for the Qwen variants: they need a processor, and look for [SEG] in their prompt, too."""

from .model_base import Base, DirectResize


class Sa2VAChatModelQwen(Base):
    def __init__(self, config):
        super().__init__(config)
        self.extra_image_processor = DirectResize()

    def predict_forward(
        self, image=None, video=None, text=None, past_text="", mask_prompts=None, tokenizer=None, processor=None
    ):
        assert image is None
        assert type(processor).__name__ == "Sa2VAProcessor"
        mask = self.look(video, text, past_text, mask_prompts)
        said = self.answers.pop(0)
        asked = text.count("[SEG]")
        return {"prediction": said, "prediction_masks": [~mask] * asked + [mask] * said.count("[SEG]")}
