import json
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from sama_bench.metrics import rle
from sama_bench.types import Key, Question, Region, Truth, Turn, Video


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
        regions = tuple(Region(track, video.size) for track in tracks)
        return Question(Key(task, number), video, text, regions, expects="text" if task == "c" else "phrases")

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


QWEN = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
INTERN = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<img>",
    "</img>",
    "<IMG_CONTEXT>",
    "<video>",
    "<box>",
    "</box>",
)


def _template(image, video):
    return (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}"
        "{% if c['type'] == 'image' %}" + image + "{% elif c['type'] == 'video' %}" + video + "{% else %}"
        "{{ c['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


def _tokenizer(special, **names):
    """A byte-level BPE, trained on the spot, with the special tokens of a family."""
    import tokenizers

    transformers = _transformers()
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    letters = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=letters, special_tokens=list(special), show_progress=False
    )
    bpe.train_from_iterator(['{"bbox_2d": [10, 20, 30, 40], "label": "the red kite"}'], trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=special[2],
        pad_token=special[0],
        additional_special_tokens=list(special[1:]),
        **names,
    )


def _transformers():
    """The module, with PyTorch at its first seed; so small a model gains nothing by more threads, and loses much."""
    pytest.importorskip("torchvision")
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return transformers


def _saved(folder, model, processor):
    own, words = model.generation_config, processor.tokenizer
    own.eos_token_id, own.pad_token_id = words.eos_token_id, words.pad_token_id
    own.do_sample, own.temperature = True, 0.1  # as the released ones have it
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _text_config(words, **more):
    return {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 2, "vocab_size": len(words), "max_position_embeddings": 4096,
        "initializer_range": 1.0, "bos_token_id": None, "eos_token_id": words.eos_token_id, **more,
    }  # fmt: skip


def _qwen(folder, name, side, text, vision):
    """A Qwen-VL with its processor, whose patches are `side` wide, saved into `folder`."""
    transformers = _transformers()
    words = _tokenizer(QWEN)
    rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0}
    small = {"depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 32}
    token = words.convert_tokens_to_ids
    config = getattr(transformers, f"{name}Config")(
        text_config=_text_config(words, rope_parameters=rope, **text),
        vision_config={**small, "patch_size": side, "initializer_range": 0.3, **vision},
        image_token_id=token("<|image_pad|>"), video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"), vision_end_token_id=token("<|vision_end|>"),
    )  # fmt: skip
    size = {"shortest_edge": (2 * side) ** 2, "longest_edge": 16 * (2 * side) ** 2}
    videos = "Qwen2VLVideoProcessor" if name == "Qwen2_5_VL" else "Qwen3VLVideoProcessor"
    processor = getattr(transformers, f"{name}Processor")(
        transformers.Qwen2VLImageProcessor(size=size, patch_size=side),
        words,
        getattr(transformers, videos)(size=size, patch_size=side),
        chat_template=_template(*(f"<|vision_start|><|{kind}_pad|><|vision_end|>" for kind in ("image", "video"))),
    )
    return _saved(folder, getattr(transformers, f"{name}ForConditionalGeneration")(config), processor)


@pytest.fixture(scope="session")
def qwen25(tmp_path_factory):
    vision = {"fullatt_block_indexes": [1], "window_size": 56}
    return _qwen(tmp_path_factory.mktemp("qwen2.5-vl"), "Qwen2_5_VL", 14, {}, vision)


@pytest.fixture(scope="session")
def qwen3(tmp_path_factory):
    vision = {"deepstack_visual_indexes": [0], "num_position_embeddings": 64}
    return _qwen(tmp_path_factory.mktemp("qwen3-vl"), "Qwen3VL", 16, {"head_dim": 16}, vision)


@pytest.fixture(scope="session")
def internvl(tmp_path_factory):
    names = {"start": "<img>", "end": "</img>", "context": "<IMG_CONTEXT>"}
    special = {f"{name}_image_token": token for name, token in names.items()} | {"video_token": "<video>"}
    transformers = _transformers()
    words = _tokenizer(INTERN, extra_special_tokens=special)
    config = transformers.InternVLConfig(
        vision_config={
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
            "image_size": [56, 56], "patch_size": [14, 14], "initializer_range": 0.3,
        },
        text_config={"model_type": "qwen2", **_text_config(words)},
        image_token_id=words.convert_tokens_to_ids("<IMG_CONTEXT>"),
    )  # fmt: skip
    size = {"height": 56, "width": 56}
    processor = transformers.InternVLProcessor(
        transformers.GotOcr2ImageProcessor(size=size), words, transformers.InternVLVideoProcessor(size=size),
        image_seq_length=4, chat_template=_template("<IMG_CONTEXT>\n", "<video>\n"),
    )  # fmt: skip
    model = transformers.InternVLForConditionalGeneration(config)
    return _saved(tmp_path_factory.mktemp("InternVL3-hf"), model, processor)


MOLMO = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MOLMO_FRAMES = (
    "<im_start>", "<im_end>", "<im_patch>", "<im_col>", "<low_res_im_start>", "<|image|>", "<im_low>", "<frame_start>",
    "<frame_end>", "<|video|>",
)  # fmt: skip
"""What Molmo2 is told and never says: its head has no row for them."""


def _template_with_pictures_first():
    """A chat template of Molmo2's kind: all pictures first, numbered where they are several; roles take turns."""
    return (
        "{% set n = namespace(images=0, videos=0) %}{% for m in messages %}{% for c in m['content'] %}"
        "{% if c['type'] == 'image' %}{% set n.images = n.images + 1 %}"
        "{% elif c['type'] == 'video' %}{% set n.videos = n.videos + 1 %}{% endif %}{% endfor %}{% endfor %}"
        "{% for i in range(n.images) %}{{ 'Image %d' % (i + 1) if n.images > 1 }}<|image|>{% endfor %}"
        "{% if n.videos %}<|video|>{% endif %}"
        "{% for m in messages %}{% if m['role'] != ['user', 'assistant'][loop.index0 % 2] %}"
        "{{ raise_exception('roles must take turns') }}{% endif %}<|im_start|>{{ m['role'] }}\n"
        "{{ m['content'] | selectattr('type', 'equalto', 'text') | map(attribute='text') | join(' ') }}<|im_end|>\n"
        "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


@pytest.fixture(scope="session")
def molmo2(tmp_path_factory):
    transformers = _transformers()
    if not hasattr(transformers, "Molmo2ForConditionalGeneration"):
        pytest.skip("Molmo2 is in transformers since 5.24.0")
    words = _tokenizer(MOLMO)
    said = len(words)
    words.add_special_tokens({"additional_special_tokens": [*MOLMO[1:], *MOLMO_FRAMES]})
    token = words.convert_tokens_to_ids
    names = {
        "image_start_token_id": "<im_start>", "low_res_image_start_token_id": "<low_res_im_start>",
        "image_end_token_id": "<im_end>", "image_patch_id": "<im_patch>", "frame_start_token_id": "<frame_start>",
        "frame_end_token_id": "<frame_end>",
    }  # fmt: skip
    small = {
        "hidden_size": 32, "intermediate_size": 32, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16,
    }  # fmt: skip
    size = {"height": 84, "width": 84}
    config = transformers.Molmo2Config(
        text_config={
            **small, "vocab_size": said, "additional_vocab_size": len(words) - said, "num_hidden_layers": 2,
            "max_position_embeddings": 8192, "initializer_range": 1.0,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        },
        vision_config={**small, "num_hidden_layers": 2, "image_size": list(size.values()), "initializer_range": 0.3},
        adapter_config={**small, "vision_feature_layer": [1, 0], "text_hidden_size": 32, "initializer_range": 0.3},
        **{name: token(text) for name, text in names.items()},
    )  # fmt: skip
    processor = transformers.Molmo2Processor(
        transformers.Molmo2ImageProcessor(size=size, overlap_margins=[1, 1], max_crops=2),
        transformers.Molmo2VideoProcessor(size=size), words, chat_template=_template_with_pictures_first(),
    )  # fmt: skip
    model = transformers.Molmo2ForConditionalGeneration(config)
    return _saved(tmp_path_factory.mktemp("Molmo2-tiny"), model, processor)


@pytest.fixture
def questions(ask, scene, video):
    """Three questions of different length about videos of different length."""

    def make(*lengths):
        made = []
        for number, length in enumerate(lengths or (3, 12, 1)):
            frames, masks = scene(frames=length)
            question = ask(video(frames, f"v{number}"), masks, number=str(number))
            text = f"What is <mask> {'really ' * number}doing? Please respond with interleaved segmentation masks."
            made.append(replace(question, text=text))
        return made

    return make


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
    return lambda name: Path(__file__).parent / "models" / "checkouts" / name


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Makes a folder that looks like a checkpoint whose config says what is given, the same for the same."""
    made = {}

    def make(model_type=""):
        if model_type not in made:
            folder = made[model_type] = tmp_path_factory.mktemp("checkpoint")
            (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
            for name in ("model.safetensors", "tokenizer.json", "preprocessor_config.json"):
                (folder / name).write_bytes(b"")
        return str(made[model_type])

    return make


@pytest.fixture
def in_a_dialogue():
    """A question with earlier turns; each turn is its text, which of the regions are its own, and the answer."""

    def told(question, turns=(), last=None):
        shown = range(len(question.regions)) if last is None else last
        history = tuple(
            Turn(text, answer, tuple(question.regions[place] for place in places), None, "own")
            for text, places, answer in turns
        )
        return replace(question, regions=tuple(question.regions[place] for place in shown), history=history)

    return told


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
