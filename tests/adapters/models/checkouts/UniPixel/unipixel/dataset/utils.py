"""Stands in for UniPixel's preparation of frames for the language model: pairs of them, sides multiples of 28."""

from PIL import Image


def process_vision_info(conversations, return_video_kwargs=False):
    assert return_video_kwargs
    video = conversations[0]["content"][0]
    frames = video["video"]
    assert all(isinstance(one, Image.Image) and one.mode == "RGB" for one in frames)
    assert video["min_pixels"] == 128 * 28 * 28
    assert video["max_pixels"] == 256 * 28 * 28 * int(16 / len(frames))
    resized = [one.resize((280, 168)) for one in frames]
    return None, [resized + resized[-1:] * (len(resized) % 2)], {"fps": [2.0]}
