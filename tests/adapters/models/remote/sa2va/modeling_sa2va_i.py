"""Stands in for Sa2VA-i: it samples frames evenly, finds on these and follows on all, and fails on images."""

import numpy as np
import torch
from PIL import Image
from transformers import GenerationConfig

from .model_base import Base, DirectResize, Sam2, Sam2Model


class Sam2ModelI(Sam2Model):
    def forward_image(self, image, use_modified=False):
        self.encoded += len(image)
        return {"backbone_fpn": [image * (4 if use_modified else 2)], "vision_pos_enc": [torch.ones(1)]}

    def init_state(self, images):
        return {"images": images, "cached_features": {}, "device": images.device, "storage_device": images.device}


class Sam2I(Sam2):
    def __init__(self):
        super().__init__()
        self.sam2_model = Sam2ModelI()

    def get_sam2_embeddings(self, images):
        return self.sam2_model.init_state(images)

    def get_sam2_embeddings_training_like(self, images, expand_size=1):
        return {"current_vision_feats": self.sam2_model.forward_image(images.cuda(), use_modified=True)["backbone_fpn"]}

    def language_embd_inference(self, sam_states, language_embd, nf_nobj=None):
        """The pixels of the sampled frames that are purely red, (S, 1, h, w); whatever the words are."""
        pixels = sam_states["current_vision_feats"][0] / 4
        assert language_embd.shape[:2] == (len(pixels), 1)
        assert len(nf_nobj) == len(pixels)
        return ((pixels[:, :1] > 200) & (pixels[:, 1:] < 60).all(1, keepdim=True)).float() - 0.5

    def train_postprocess(self, images, pred_masks, sample_idx):
        """Red pixels of all frames from the first sampled one on; nothing where none was found on those."""
        assert len(pred_masks) == len(sample_idx)
        assert pred_masks.dtype == np.bool_
        state = self.sam2_model.init_state(images)
        frames = range(min(sample_idx), len(images))
        pixels = torch.stack([self.sam2_model.features(state, index)[0] / 2 for index in frames])
        red = ((pixels[:, :1] > 200) & (pixels[:, 1:] < 60).all(1, keepdim=True)).float() - 0.5
        return red if pred_masks.any() else red - 1


class Sa2VAChatModelI(Base):
    def __init__(self, config):
        super().__init__(config)
        self.grounding_encoder = Sam2I()
        self.init_prediction_config = False

    def preparing_for_generation(self, tokenizer, max_new_tokens=2048, torch_dtype=torch.bfloat16):
        self.torch_dtype = torch_dtype
        self.to(torch_dtype)
        self.extra_image_processor = DirectResize()
        self.gen_config = GenerationConfig(max_new_tokens=max_new_tokens)
        self.init_prediction_config = True

    def predict_forward(
        self, image=None, video=None, text=None, past_text="", mask_prompts=None, tokenizer=None, sample_num_frames=5
    ):
        if not self.init_prediction_config:
            self.preparing_for_generation(tokenizer=tokenizer)
        call = {"text": text, "frames": len(video or ()), "seen": [], "sample_num_frames": sample_num_frames}
        self.calls.append(call)
        said = self.begun(self.answers.pop(0), max_new_tokens=self.gen_config.max_new_tokens)
        if image is None and video is None:
            assert "<image>" not in text
            return {"prediction": said, "prediction_masks": []}
        assert text.startswith("<image>\n")
        if video is not None:
            sample_idx = np.linspace(0, len(video) - 1, sample_num_frames, dtype=int).tolist()
            assert all(one.size == video[0].size for one in video)
            call["seen"] = [np.array(one) for index, one in enumerate(video) if index in sample_idx]
        else:
            video = [image]
        width, height = video[0].size
        segmented = [self.extra_image_processor.apply_image(np.array(one)) for one in video]
        pixels = torch.stack([torch.from_numpy(one).permute(2, 0, 1).contiguous() for one in segmented])
        pixels = pixels.to(self.torch_dtype)
        assert all(isinstance(one, Image.Image) for one in video)
        masks = []
        for _ in range(said.count("[SEG]")):
            words = torch.cat([self.linear.bias[None]] * len(sample_idx))[:, None]
            states = self.grounding_encoder.get_sam2_embeddings_training_like(pixels[sample_idx])
            found = self.grounding_encoder.language_embd_inference(states, words, sample_idx)
            found = torch.nn.functional.interpolate(found, (height, width))[:, 0].sigmoid() > 0.5
            followed = self.grounding_encoder.train_postprocess(pixels, found.cpu().numpy(), sample_idx)
            masks.append((torch.nn.functional.interpolate(followed, (height, width))[:, 0].sigmoid() > 0.5).numpy())
        return {"prediction": said, "prediction_masks": masks, "sample_idx": sample_idx}
