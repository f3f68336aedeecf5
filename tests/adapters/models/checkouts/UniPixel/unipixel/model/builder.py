"""Stands in for UniPixel's loader; tokens are code points, special tokens numbers beyond them."""

import torch

SPECIAL = {"<|im_end|>": 1 << 21, "<|seg|>": (1 << 21) + 1, "<|mem|>": (1 << 21) + 2}


def encode(text):
    for token, number in SPECIAL.items():
        text = text.replace(token, chr(0xE000 + number - (1 << 21)))
    return [ord(one) - 0xE000 + (1 << 21) if 0xE000 <= ord(one) < 0xE003 else ord(one) for one in text]


def decode(ids):
    names = {number: token for token, number in SPECIAL.items()}
    return "".join(names.get(int(one)) or chr(int(one)) for one in ids)


class Data(dict):
    def to(self, device):
        return Data({key: value.to(device) if hasattr(value, "to") else value for key, value in self.items()})


class Tokenizer:
    eos_token_id = SPECIAL["<|im_end|>"]


class Processor:
    tokenizer = Tokenizer()

    def apply_chat_template(self, messages, add_generation_prompt):
        assert add_generation_prompt
        message, *later = messages
        assert message["role"] == "user"
        assert [one["type"] for one in message["content"]] == ["video", "text"]
        past = "".join(f"\n{one['role']}: {one['content']}" for one in later)
        return f"user: {message['content'][1]['text']}{past}\nassistant: "

    def __call__(self, text, images, videos, return_tensors, **more):
        assert images is None
        assert return_tensors == "pt"
        assert more == {"fps": [2.0]}
        (frames,), (words,) = videos, text
        width, height = frames[0].size
        grid = torch.tensor([[len(frames) // 2, height // 14, width // 14]])
        return Data(input_ids=torch.tensor([encode(words)]), video_grid_thw=grid)

    def decode(self, ids, clean_up_tokenization_spaces):
        assert clean_up_tokenization_spaces is False
        return decode(ids)


class Sam2:
    dtype = torch.float32


class Config:
    sam2_image_size = 64


class Model:
    """Says what it was asked; each <|seg|>, of the question too, has as many pixels as the frame is bright."""

    config, sam2, seg = Config(), Sam2(), ()

    def generate(self, input_ids, video_grid_thw, frames=None, frame_size=None, refer_mask=None, **more):
        assert more.pop("max_new_tokens") == 512
        assert more.pop("do_sample") is False
        assert more == dict.fromkeys(("temperature", "top_k", "top_p", "repetition_penalty"))
        asked = decode(input_ids[0])
        self._look_at(refer_mask, asked, video_grid_thw)
        said = f"{asked} cells {[] if refer_mask is None else refer_mask[0].sum((2, 3)).tolist()}"
        if frames is not None:
            said += " It is <|seg|>"
            self.seg = [self._mask(frames, frame_size)] * said.count("<|seg|>")
        # The question is said again without its tokens, so that those of the answer are counted alone.
        said = said.replace("<|seg|>", "(seg)", asked.count("<|seg|>")).replace("<|mem|>", "(mem)")
        return torch.cat([input_ids, torch.tensor([encode(said + "<|im_end|>")])], dim=1)

    def _look_at(self, refer_mask, asked, grid):
        if refer_mask is None:
            assert "<|mem|>" not in asked
            return
        (mask,) = refer_mask
        steps, rows, columns = grid[0].tolist()
        assert mask.dtype == torch.bool
        assert (mask.shape[0], *mask.shape[2:]) == (steps, rows // 2, columns // 2)
        assert int(mask.flatten(2).any(-1).sum()) == asked.count("<|mem|>")

    def _mask(self, frames, frame_size):
        (pixels,), (size,) = frames, frame_size
        assert pixels.shape[1:] == (3, 64, 64)
        assert pixels.dtype == torch.float32
        masks = torch.zeros(1, len(pixels), *size, dtype=torch.bool)
        for index, frame in enumerate(pixels):
            masks[0, index].view(-1)[: int(frame.mean().round())] = True
        return masks


def build_model(
    model_path,
    config=None,
    image_size=None,
    is_trainable=False,
    merge_adapter=False,
    attn_implementation="flash_attention_2",
    device="auto",
    dtype="bfloat16",
):
    assert (attn_implementation, device, dtype) == ("sdpa", "cpu", "float32")
    return Model(), Processor()
