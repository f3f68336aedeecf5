import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent


def _cases():
    """The cases, under a name of their own: tests are imported without their folders."""
    called = "sa2va_native_cases"
    if called not in sys.modules:
        spec = importlib.util.spec_from_file_location(called, HERE / "cases.py")
        sys.modules[called] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[called])
    return sys.modules[called]


@pytest.fixture(scope="session")
def torch():
    """PyTorch, where a transformers is beside it that has what Sa2VA needs."""
    found = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("safetensors")
    if int(transformers.__version__.split(".")[0]) < 5:
        pytest.skip("the native Sa2VA needs transformers 5")
    found.set_num_threads(1)  # so small a model gains nothing by more, and loses much on a busy machine
    return found


@pytest.fixture(scope="session")
def cases():
    """What the released code was asked."""
    return _cases()


@pytest.fixture(scope="session")
def released():
    """What it answered: name of the case and of the number, and the numbers (`freeze.py`)."""
    kept = {}
    for path in sorted(HERE.glob("answers-*.npz")):
        with np.load(path, allow_pickle=False) as file:
            kept |= {f"{path.stem.removeprefix('answers-')}: {name}": value for name, value in file.items()}
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
def load():
    """Loads a checkpoint's folder."""

    def assembled(folder, inference="auto", dtype="float32"):
        import torch

        from sama_bench.adapters.models.sa2va.assembled import Assembled
        from sama_bench.adapters.models.sa2va.config import Sa2vaConfig
        from sama_bench.adapters.shared.checkpoint import config_of

        config = Sa2vaConfig.read(config_of(folder))
        return Assembled.load(folder, config, inference, "cpu", getattr(torch, dtype), "sdpa")

    return assembled


@pytest.fixture(scope="session")
def equal(torch, tmp_path_factory, cases, load):
    """The checkpoint of this name that the released code was asked, loaded."""
    made = {}

    def loaded(name):
        if name not in made:
            made.clear()
            folder = tmp_path_factory.mktemp("equal")
            cases.make(folder, name)
            made[name] = load(folder / name)
            (folder / name / "model.safetensors").unlink()
        return made[name]

    return loaded


@pytest.fixture(scope="session")
def tiny(torch, tmp_path_factory):
    """Folders of tiny checkpoints that answer every question with a phrase and a mask: sa2va, sa2va-i."""
    from sama_bench.adapters.models.sa2va.tiny import make

    folder = tmp_path_factory.mktemp("tiny")
    for name in ("sa2va", "sa2va-i"):
        make(folder / name, two_decoders=name == "sa2va-i", speaking=True)
    return folder
