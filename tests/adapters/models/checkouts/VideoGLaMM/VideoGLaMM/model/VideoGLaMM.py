"""Stands in for VideoGLaMM's model: says what it sees; a mask is SAM 2's reddest pixels, first those of the prompt."""

# ruff: noqa: N999 - called as there
from types import SimpleNamespace

import torch
from flash_attn.bert_padding import pad_input  # noqa: F401 - imported there, and never called
from flash_attn.flash_attn_interface import flash_attn_varlen_qkvpacked_func  # noqa: F401


class Segmenter:
    def init_state_from_tensor(self, images, video_height, video_width, offload_state_to_cpu=False):
        assert images.shape[1:3] == (video_height, video_width)
        return {"device": torch.device("cuda"), "storage_device": torch.device("cuda"), "images": images.cuda()}


class VideoGLaMMForCausalLM:
    def __init__(self):
        self.model = SimpleNamespace(visual_model=Segmenter())

    def inference(
        self,
        images,
        context_images,
        images_for_sam,
        input_ids,
        resize_list,
        original_size_list,
        max_new_tokens=32,
        use_sam2_video_branch=False,
    ):
        assert use_sam2_video_branch
        assert max_new_tokens == 512
        assert torch.equal(images[0], context_images[0])
        assert len(images[0]) == 16
        assert images_for_sam[0].shape[1:3] == tuple(original_size_list[0])
        asked = "".join(chr(one) for one in input_ids[0].tolist() if one > 0)
        marked = [bool(one.any()) for one in _red(images[0])]
        seen = images[0][:, 0, 0, 2].int().tolist()
        said = f"<p> a thing </p> [SEG] marked {[at for at, one in enumerate(marked) if one]} of {seen}</s>"
        ids = torch.cat([input_ids[0], torch.tensor([ord(one) for one in said])])
        state = self.model.visual_model.init_state_from_tensor(images_for_sam[0], *original_size_list[0])
        torch.zeros(1).to(state["storage_device"])
        red = _red(state["images"].to(state["device"]))
        objects = [~red] * asked.count("[SEG]") + [red | (torch.arange(len(red)) == 1)[:, None, None]]
        return [ids], [{at: {n: one[at].numpy() for n, one in enumerate(objects)} for at in range(len(red))}]


def _red(frames):
    return (frames[..., 0] > 200) & (frames[..., 1:] < 60).all(-1)
