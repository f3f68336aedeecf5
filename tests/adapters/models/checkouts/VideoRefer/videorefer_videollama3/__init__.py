"""Stands in for VideoRefer-VideoLLaMA3: says what it was given, and a random number, as its clusters are drawn."""

from types import SimpleNamespace

import numpy as np
import torch


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 2).bfloat16()
        self.config = SimpleNamespace(torch_dtype=torch.bfloat16)


def model_init(model_path=None, **kwargs):
    assert kwargs == {"device_map": {"": "cpu"}, "attn_implementation": "flash_attention_2"}
    return Model(), {"image": None, "video": None, "text": None}, SimpleNamespace(init_kwargs={}, padding_side="right")


def get_model_output(images_or_videos, instruct, model, tokenizer, modal="video", **kwargs):
    frames, timestamps, carriers = images_or_videos
    masks, mask_ids = kwargs.pop("masks"), kwargs.pop("mask_ids")
    assert (tokenizer.init_kwargs, modal, kwargs) == ({"padding_side": "right"}, "video", {})
    assert all(one.dtype == np.uint8 and one.shape[-1] == 3 for one in (*frames, *carriers))
    assert masks.dtype == torch.uint8, "None makes the released code fail"
    assert len(masks) == len(mask_ids) == instruct.count("<region>")
    assert instruct.startswith("<video>\n") or instruct.endswith("\n<video>")
    pixels = torch.zeros(2, 2).to(model.config.torch_dtype).cuda()
    model.linear(pixels)
    shown = [f"{int(mask.sum())} on {int(carriers[at][0, 0, 0])}" for mask, at in zip(masks, mask_ids, strict=True)]
    seen = [(int(one[0, 0, 0]), round(at, 2)) for one, at in zip(frames, timestamps, strict=True)]
    return f"{instruct} | sees {seen} | {'; '.join(shown)} | {int(torch.randperm(10**6)[0])}"
