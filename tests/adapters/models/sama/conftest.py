import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent


def _module(name):
    """A module beside this file, under a name of its own: tests are imported without their folders."""
    called = f"sama_native_{name}"
    if called not in sys.modules:
        spec = importlib.util.spec_from_file_location(called, HERE / f"{name}.py")
        sys.modules[called] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[called])
    return sys.modules[called]


@pytest.fixture(scope="session")
def torch():
    """PyTorch, where a transformers is beside it that has what SAMA needs."""
    found = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("safetensors")
    if int(transformers.__version__.split(".")[0]) < 5:
        pytest.skip("the native SAMA needs transformers 5")
    found.set_num_threads(1)  # so small a model gains nothing by more, and loses much on a busy machine
    return found


@pytest.fixture(scope="session")
def cases():
    """What the released code was asked."""
    return _module("cases")


@pytest.fixture(scope="session")
def released():
    """What it answered: name of the case and of the number, and the numbers (`freeze.py`)."""
    kept = {}
    for path in HERE.glob("answers-*.npz"):
        with np.load(path, allow_pickle=False) as file:
            kept |= dict(file)
    return kept


@pytest.fixture(scope="session")
def films(tmp_path_factory, cases):
    """The video of so many frames."""
    folder, made = tmp_path_factory.mktemp("films"), {}

    def film(frames):
        if frames not in made:
            made[frames] = cases.film(frames, folder)
        return made[frames]

    return film


@pytest.fixture(scope="session")
def checkpoint(torch, tmp_path_factory):
    """A folder with a tiny checkpoint of random weights, as `sama-bench make-tiny` makes it."""
    from sama_bench.adapters.models.sama.tiny import make

    folder = tmp_path_factory.mktemp("tiny") / "qwen2"
    make(folder)
    return folder


@pytest.fixture(scope="session")
def parts(checkpoint):
    """That checkpoint, loaded."""
    return assembled(checkpoint)


def assembled(folder, attention="sdpa", dtype="float32"):
    import torch

    from sama_bench.adapters.models.sama.assembled import Assembled
    from sama_bench.adapters.models.sama.config import SamaConfig
    from sama_bench.adapters.models.sama.question_words import vocabulary
    from sama_bench.adapters.shared.checkpoint import config_of

    config = SamaConfig.read(config_of(folder))
    return Assembled.load(folder, vocabulary(None, folder), config, "cpu", getattr(torch, dtype), attention)


@pytest.fixture(scope="session")
def load():
    """Loads a checkpoint's folder."""
    return assembled


@pytest.fixture(scope="session")
def equal(torch, tmp_path_factory, cases):
    """The checkpoint of a kind of language model that the released code was asked, loaded."""
    from sama_bench.adapters.models.sama.tiny import make

    made = {}

    def loaded(kind):
        if kind not in made:
            made.clear()  # one at a time: they take 170 MB
            folder = tmp_path_factory.mktemp("equal") / kind
            make(folder, kind, cases.SIZES)
            made[kind] = assembled(folder)
            (folder / "model.safetensors").unlink()
        return made[kind]

    return loaded
