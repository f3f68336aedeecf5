"""What is looked at before anything heavy is loaded; needs no weights, and PyTorch only where a device is asked for."""

import json
import time

import pytest

from sama_bench.adapters.shared.checkpoint import checkpoint
from sama_bench.errors import UserError


@pytest.fixture
def folder(tmp_path):
    """Makes the folder of a checkpoint with a config and a file of weights."""

    def make(weights=b"weights", **config):
        path = tmp_path / "model"
        path.mkdir(exist_ok=True)
        (path / "config.json").write_text(json.dumps({"model_type": "qwen2_5_vl", **config}))
        (path / "model.safetensors").write_bytes(weights)
        return path

    return make


def _problems(*args, **more):
    with pytest.raises(UserError) as raised:
        checkpoint(*args, **more)
    return list(raised.value.problems)


def test_a_folder_is_taken_with_its_config(folder):
    found = checkpoint(str(folder(hidden_size=8)), "cpu", "float16")
    assert (found.kind, found.config["hidden_size"], found.device, found.dtype) == ("qwen2_5_vl", 8, "cpu", "float16")


def test_auto_is_float32_where_there_is_no_gpu(folder, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    found = checkpoint(str(folder()), "auto", "auto")
    assert (found.device, found.dtype) == ("cpu", "float32")


def test_auto_is_bfloat16_on_a_gpu(folder, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    found = checkpoint(str(folder()), "auto", "auto")
    assert (found.device, found.dtype) == ("cuda", "bfloat16")
    assert checkpoint(str(folder()), "cuda:1", "auto").dtype == "bfloat16"
    assert "no such device" in _problems(str(folder()), "cuda:2", "auto")[0]


def test_the_digest_tells_weights_apart_and_not_where_they_lie(folder, tmp_path):
    one = checkpoint(str(folder()), "cpu", "auto").digest
    moved = tmp_path / "model"
    moved.rename(tmp_path / "elsewhere")
    assert checkpoint(str(tmp_path / "elsewhere"), "cpu", "auto").digest == one
    assert checkpoint(str(folder(b"others!")), "cpu", "auto").digest != one
    assert checkpoint(str(folder(hidden_size=9)), "cpu", "auto").digest != one


@pytest.mark.parametrize(
    ("file", "says"),
    [("config.json", "has no config.json"), ("model.safetensors", "has no weights (*.safetensors)")],
)
def test_a_folder_that_lacks_something_is_refused(file, folder, says):
    path = folder()
    (path / file).unlink()
    (told,) = _problems(str(path), "cpu", "auto")
    assert told == f"checkpoint {path}: the folder {says}"


@pytest.mark.parametrize("content", ["{", "[]", '"x"', "\xff"])
def test_a_broken_config_is_refused(content, folder):
    path = folder()
    (path / "config.json").write_text(content, "latin-1")
    assert "its config.json" in _problems(str(path), "cpu", "auto")[0]


@pytest.mark.parametrize("source", ["no/such/folder", "./models", "model", "", "owner/-x"])
def test_what_is_neither_a_folder_nor_an_id_is_told_without_asking_the_hub(monkeypatch, source, tmp_path):
    monkeypatch.chdir(tmp_path)
    (told,) = _problems(source, "cpu", "auto")
    assert "owner/name" in told


def test_a_hub_that_is_not_reached_is_told_without_a_pause(monkeypatch, tmp_path):
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    pauses = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    (told,) = _problems("Somebody/Some-Model-7B", "cpu", "auto")
    assert pauses == []
    assert told.startswith("checkpoint Somebody/Some-Model-7B: is not on this machine and cannot be had from the hub")
    assert "name its folder" in told


def test_all_problems_are_told_with_the_names_of_their_arguments(tmp_path):
    told = _problems(str(tmp_path), "gpu", "int4", prefix="grounder_")
    assert [one.split()[0].partition("=")[0] for one in told] == [
        "grounder_checkpoint", "grounder_dtype", "grounder_device",
    ]  # fmt: skip


def test_a_model_of_another_type_is_refused_before_it_is_loaded(folder):
    (told,) = _problems(str(folder()), "cpu", "auto", {"sam2_video", "sam2"})
    assert told.endswith("is a model of type qwen2_5_vl, expected sam2 or sam2_video")


@pytest.mark.parametrize(("installed", "told"), [("4.56.2", 1), ("4.57.0.dev0", 0), ("5.0.0rc1", 0), ("4.9.1", 1)])
def test_a_transformers_that_is_too_old_is_told(folder, installed, told, monkeypatch):
    monkeypatch.setattr("sama_bench.adapters.shared.checkpoint.version", lambda _: installed)
    if not told:
        checkpoint(str(folder()), "cpu", "auto")
        return
    (problem,) = _problems(str(folder()), "cpu", "auto")
    assert problem == f"transformers {installed} is installed, expected 4.57 or later: pip install -U transformers"


def test_code_of_the_checkpoints_own_is_not_run_unasked(folder):
    pytest.importorskip("transformers")
    path = folder(model_type="their_own", auto_map={"AutoModel": "theirs.Model"})
    (told,) = _problems(str(path), "cpu", "auto")
    assert "--trust-remote-code" in told
    assert checkpoint(str(path), "cpu", "auto", trust=True).trust
    known = folder(model_type="qwen2_5_vl", auto_map={"AutoModel": "theirs.Model"})
    assert checkpoint(str(known), "cpu", "auto").kind == "qwen2_5_vl"


def test_parts_without_weights_are_an_error_and_not_random(tiny_sam2, tmp_path):
    import torch
    import transformers
    from safetensors.torch import load_file, save_file

    for path in tiny_sam2.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = load_file(tmp_path / "model.safetensors")
    weights.pop("no_memory_embedding")
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    found = checkpoint(str(tmp_path), "cpu", "auto")
    with pytest.raises(UserError, match="has no weights for 1 parts of Sam2VideoModel, such as no_memory_embedding"):
        found.model(transformers.Sam2VideoModel)
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(UserError, match="its model does not load"):
        found.model(transformers.Sam2VideoModel)
    assert checkpoint(str(tiny_sam2), "cpu", "bfloat16").model(transformers.Sam2VideoModel).dtype == torch.bfloat16
