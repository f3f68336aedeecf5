import json
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle
from sama_bench.types import Key, Question, Region, Truth, Video


@pytest.fixture
def video(tmp_path):
    """Writes (H, W, 3) RGB arrays as the frames of a video."""

    def write(frames, name="v"):
        paths = [tmp_path / f"{name}_{index}.png" for index in range(len(frames))]
        for path, frame in zip(paths, frames, strict=True):
            Image.fromarray(frame).save(path)
        return Video(name, "mevis", frames[0].shape[:2], tuple(paths))

    return write


@pytest.fixture
def ask():
    """Makes a question about masks (T, H, W), in the form that the task prescribes."""

    def make(video, *masks, task="g", number="1"):
        tracks = [rle.encode_track(track) for track in masks]
        if task == "g":
            tracks = [[None if one is None else rle.filled_box(one) for one in track] for track in tracks]
        text = " and ".join(["<mask>"] * len(masks)) or "what is there?"
        return Question(Key(task, number), video, text, tuple(Region(track, video.size) for track in tracks))

    return make


@pytest.fixture
def truth():
    """Makes the truth of a question from masks."""
    return lambda question, *masks: Truth(
        question.key, question.video.id, "<p>it</p> [SEG]", tuple(rle.encode_track(track) for track in masks)
    )


@pytest.fixture(scope="session")
def scene():
    """Renders a red textured disk that moves over a textured blue backdrop: frames and masks (T, H, W)."""

    def render(frames=10, size=(120, 200), step=(5, 1), start=(45, 50), radius=22):
        rng = np.random.default_rng(0)
        height, width = size
        backdrop = _texture(rng, size) * np.array([0.3, 0.4, 1.0])
        disk = 60 + _texture(rng, (2 * radius, 2 * radius)) * np.array([0.75, 0.15, 0.15])
        y, x = np.mgrid[:height, :width]
        pictures, masks = [], []
        for index in range(frames):
            left, top = (start[axis] + index * step[axis] - radius for axis in (0, 1))
            mask = (x - left - radius) ** 2 + (y - top - radius) ** 2 < radius**2
            picture = backdrop.copy()
            picture[mask] = disk[y[mask] - top, x[mask] - left]
            pictures.append(picture.astype(np.uint8))
            masks.append(mask)
        return pictures, np.stack(masks)

    return render


def _texture(rng, size):
    coarse = rng.integers(0, 256, (size[0] // 4 + 1, size[1] // 4 + 1)).astype(np.float32)
    return np.clip(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC), 0, 255)[..., None]


@pytest.fixture(scope="session")
def tiny_sam2(tmp_path_factory):
    """A folder with a Sam2Video model of random weights and its processor; frames are 64 x 64 to it."""
    pytest.importorskip("torchvision")
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    torch.set_num_threads(1)  # so small a model gains nothing by more, and loses much on a busy machine
    folder, side, wide = tmp_path_factory.mktemp("sam2"), 64, 128
    levels = [[side // step] * 2 for step in (4, 8, 16)]
    backbone = {
        "model_type": "sam2_hiera_det_model", "hidden_size": 8, "image_size": [side, side],
        "blocks_per_stage": [1, 1, 2, 1], "embed_dim_per_stage": [8, 16, 32, 64], "global_attention_blocks": [3],
        "num_attention_heads_per_stage": [1, 1, 2, 2], "window_size_per_stage": [4, 4, 2, 2],
        "window_positional_embedding_background_size": [4, 4],
    }  # fmt: skip
    config = transformers.Sam2VideoConfig(
        vision_config={
            "model_type": "sam2_vision_model", "backbone_config": backbone, "fpn_hidden_size": wide,
            "backbone_channel_list": [64, 32, 16, 8], "backbone_feature_sizes": levels,
        },
        prompt_encoder_config={"hidden_size": wide, "image_size": side},
        mask_decoder_config={"hidden_size": wide, "mlp_dim": 32, "iou_head_hidden_dim": 32},
        image_size=side, memory_attention_hidden_size=wide, memory_attention_num_layers=1,
        memory_attention_feed_forward_hidden_size=32, memory_attention_rope_feat_sizes=levels[-1],
        memory_encoder_hidden_size=wide, mask_downsampler_embed_dim=wide, memory_fuser_embed_dim=wide,
        memory_fuser_intermediate_dim=32,
    )  # fmt: skip
    torch.manual_seed(0)
    model = transformers.Sam2VideoModel(config)
    torch.nn.init.constant_(model.mask_decoder.pred_obj_score_head.proj_out.bias, 10.0)  # every object is seen
    size = {"height": side, "width": side}
    images = transformers.Sam2ImageProcessor(size=size, mask_size={"height": side // 4, "width": side // 4})
    processor = transformers.Sam2VideoProcessor(images, transformers.Sam2VideoVideoProcessor(size=size))
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def there(tmp_path_factory):
    """Makes adapters in an interpreter process of their own, as --python does, one for the same arguments.

    A checkout's modules stay there.
    """
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    made = {}

    def make(name, **args):
        from sama_bench.worker import remote

        key = (name, *args.items())
        if key not in made:
            log = tmp_path_factory.mktemp("log") / "worker.log"
            made[key] = remote(name, args, Path(sys.executable), log, 120, trust=False)
        return made[key]

    yield make
    for adapter in made.values():
        adapter._process.kill()


@pytest.fixture(scope="session")
def checkout():
    """The folder of a stand-in for a model's repository."""
    return lambda name: str(Path(__file__).parent / "checkouts" / name)


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Makes a folder that looks like a checkpoint whose config says what is given, the same for the same."""
    made = {}

    def make(model_type=""):
        if model_type not in made:
            folder = made[model_type] = tmp_path_factory.mktemp("checkpoint")
            (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
            (folder / "model.safetensors").write_bytes(b"")
        return str(made[model_type])

    return make


@pytest.fixture
def numbered(video, ask):
    """Asks about a video whose frame number n is all of the value n; region k is visible first on frame begins[k]."""

    def make(frames=20, begins=(), text=None, **more):
        shape = (60, 80)
        pictures = [np.full((*shape, 3), index, np.uint8) for index in range(frames)]
        tracks = np.zeros((len(begins), frames, *shape), np.bool_)
        for number, begin in enumerate(begins):
            tracks[number, begin:, 10 : 20 + number, 30:40] = True
        question = ask(video(pictures), *tracks, **more)
        return replace(question, text=question.text if text is None else text)

    return make
