"""Stands in for VideoGLaMM's command line, whose functions an adapter calls; tokens are code points."""

# ruff: noqa: A002 - called as there
from pathlib import Path

import numpy as np
import torch
from model.VideoGLaMM import VideoGLaMMForCausalLM

IMAGE_TOKEN_INDEX = -200


class Tokenizer:
    all_special_tokens = ("</s>",)

    def decode(self, ids, skip_special_tokens):
        assert skip_special_tokens is False
        return "".join(chr(int(one)) for one in ids)


class Conversation:
    NUM_FRAMES = 16

    def apply_for_chat(self, prompt_text, type="video", tokenizer=None):
        assert type == "video"
        assert isinstance(tokenizer, Tokenizer)
        return torch.tensor([[IMAGE_TOKEN_INDEX] * 16 + [ord(one) for one in f"user: {prompt_text} "]]).cuda()


def initialize_model_videogptplus(
    model_base, precision, local_rank, load_in_8bit, load_in_4bit, use_sam2_video_branch, base_llm_type
):
    assert Path("model/config_vision.txt").read_text() == "read by a relative path\n"
    assert Path(model_base).is_absolute()
    assert (precision, local_rank, base_llm_type) == ("fp32", "cpu", "phi3")
    assert (load_in_8bit, load_in_4bit, use_sam2_video_branch) == (False, False, True)
    return VideoGLaMMForCausalLM(), Tokenizer(), "encoders", Conversation(), "sam"


def preprocess_vision(
    np_images, type="video", enc_preprocessor=None, sam_preprocessor=None, conv_generator=None, precision="fp16"
):
    assert (type, enc_preprocessor, sam_preprocessor, precision) == ("video", "encoders", "sam", "fp32")
    (frames,) = np_images
    assert all(one.dtype == np.uint8 and one.shape == frames[0].shape for one in frames)
    count = conv_generator.NUM_FRAMES
    seen = [frames[at] for at in np.linspace(0, len(frames) - 1, count, dtype=int)] if len(frames) > count else frames
    seen = [*seen, *[seen[-1]] * (count - len(seen))]
    encoded = torch.stack([torch.from_numpy(one.copy()).float() for one in seen]).cuda()
    segmented = torch.stack([torch.from_numpy(one.copy()).float() for one in frames]).cuda()
    return [encoded], [encoded], [segmented], [frames[0].shape[:2]], [(1024, 1024)]
