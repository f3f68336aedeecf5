"""Stands in for VideoRefer-7B: says what it was given."""

# ruff: noqa: PLR0917 - called as there
import torch


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 2)


def model_init(model_path=None, region=None, **kwargs):
    assert kwargs == {"device": "cpu"}
    return Model(), "processor", "tokenizer"


def mm_infer(
    image_or_video,
    instruct,
    model,
    tokenizer,
    modal="video",
    masks=None,
    ann_indices=None,
    frame_nums=None,
    frame=None,
    **kwargs,
):
    if isinstance(instruct, list):
        assert [message["role"] for message in instruct] == (["user", "assistant"] * len(instruct))[: len(instruct)]
        instruct = " / ".join(message["content"] for message in instruct)
    assert (modal, tokenizer, kwargs) == ("video", "tokenizer", {})
    assert model.linear.weight.dtype == torch.float16
    assert all(module.tokenizer == "tokenizer" for module in model.modules())
    video = image_or_video.half().cuda()
    assert video.shape == (8, 3, 4, 4)
    seen = f"sees {video[:, 0, 0, 0].int().tolist()}"
    if masks is None:
        assert (ann_indices, frame_nums, frame) == (None, None, None)
        assert "<region>" not in instruct
        return f"{instruct} | {seen}"
    assert masks.dtype == torch.float32
    assert masks.shape[:2] == (1, instruct.count("[<region>]"))
    assert frame_nums == [len(frame)]
    (indices,) = ann_indices
    carriers = frame.half()[:, 0, 0, 0].int().tolist()
    told = [f"{int(mask.sum())} on {[carriers[at] for at in one]}" for mask, one in zip(masks[0], indices, strict=True)]
    return f"{instruct} | {seen} | {'; '.join(told)}"
