import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from sama_bench.metrics import rle
from sama_bench.types import Key, Question, Region

REMOTE = Path(__file__).parent / "remote"
QFORMER = "from transformers import BertConfig\n"
UTILS = """
import torch


class MaskPooling(torch.nn.Module):
    def forward(self, features, mask):
        return torch.einsum("bchw,bqhw->bqc", features, mask / (mask.sum() + 1e-8))
"""
TOKENS = ["<|im_start|>", "<img>", "</img>", "<IMG_CONTEXT>", "<vp>", "</vp>", "[SEG]", "<p>", "</p>"]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """A checkout with the two files that the model's code imports; its package must not be initialised."""
    root = tmp_path_factory.mktemp("checkout")
    models = root / "projects" / "llava_sam2" / "models"
    models.mkdir(parents=True)
    (models / "__init__.py").write_text("raise ImportError('xtuner')\n")
    (models / "qformer.py").write_text(QFORMER)
    (models / "utils.py").write_text(UTILS)
    return root


@pytest.fixture(scope="session")
def bert(tmp_path_factory):
    """The folder of a tiny BERT: config and vocabulary."""
    folder = tmp_path_factory.mktemp("bert")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join(words))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_size": 8, "num_attention_heads": 2}))
    return folder


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory, checkout, bert):
    """A checkpoint folder with code of its own, weights, and a tokenizer that knows SAMA's tokens."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    if not (4, 42) <= tuple(map(int, transformers.__version__.split(".")[:2])) < (4, 51):
        pytest.skip("SAMA's code needs a transformers from 4.42 to before 4.51")
    folder = tmp_path_factory.mktemp("checkpoint")
    for name in ("configuration_imitation.py", "modeling_imitation.py"):
        shutil.copy(REMOTE / name, folder / name)
    auto = {"AutoConfig": "configuration_imitation.ImitationConfig", "AutoModel": "modeling_imitation.Imitation"}
    config = {"model_type": "sama_imitation", "architectures": ["Imitation"], "auto_map": auto}
    (folder / "config.json").write_text(json.dumps(config))
    _tokenizer(folder)
    _weights(torch, folder, checkout, bert)
    return folder


def _tokenizer(folder):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = {letter: place for place, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    own = Tokenizer(models.BPE(vocab=letters, merges=[]))
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=own, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.add_special_tokens({"additional_special_tokens": TOKENS})
    tokenizer.save_pretrained(folder)


def _weights(torch, folder, checkout, bert):
    from safetensors.torch import save_file
    from transformers import AutoConfig, AutoModel

    from sama_bench.adapters.models.sama_released.bert import standing_in
    from sama_bench.adapters.models.sama_released.checkout import make_importable

    make_importable(checkout)
    torch.manual_seed(1)
    with standing_in(bert):
        config = AutoConfig.from_pretrained(folder, trust_remote_code=True)
        model = AutoModel.from_config(config, trust_remote_code=True)
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})


@pytest.fixture
def sama(checkpoint, checkout, bert):
    """Makes the adapter for the imitation, on the CPU."""
    from sama_bench.adapters.models.sama_released import Sama

    def make(**more):
        args = {"repo": checkout, "bert": bert, "device": "cpu", "dtype": "float32", **more}
        return Sama(str(checkpoint), trust_remote_code=True, **args)

    return make


@pytest.fixture
def question(video):
    """Makes a question with regions, about a video of random frames."""
    clips = {}

    def make(words, *regions, frames=12, task="g", number="1", size=(30, 40)):
        if frames not in clips:
            clips[frames] = video(list(np.random.default_rng(frames).integers(0, 256, (frames, *size, 3), np.uint8)))
        tracks = tuple(Region(rle.encode_track(region), size) for region in regions)
        return Question(Key(task, number), clips[frames], words, tracks, expects="text" if task == "c" else "phrases")

    return make
