"""Devices: named, or seen; each worker sees one."""

import os

import pytest

from sama_bench.errors import UserError
from sama_bench.worker import devices
from sama_bench.worker.devices import devices_of, environment


@pytest.fixture(autouse=True)
def _nothing_is_said(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)


def test_named_devices():
    assert devices_of("cuda:0, cuda:3") == ["cuda:0", "cuda:3"]
    assert devices_of("1,2") == ["cuda:1", "cuda:2"]
    assert devices_of("cuda") == ["cuda:0"]
    assert devices_of("cpu") == ["cpu"]


def test_what_names_no_device_is_told_all_at_once():
    with pytest.raises(UserError) as told:
        devices_of("gpu7,cuda:0,cuda:x,")
    assert [problem.partition("; ")[0] for problem in told.value.problems] == [
        "--devices gpu7,cuda:0,cuda:x,: 'gpu7' is no device",
        "--devices gpu7,cuda:0,cuda:x,: 'cuda:x' is no device",
        "--devices gpu7,cuda:0,cuda:x,: '' is no device",
    ]


def test_a_worker_sees_its_device_alone():
    assert environment(None) == {}
    assert environment("cpu") == {"CUDA_VISIBLE_DEVICES": ""}
    assert environment("cuda:2") == {"CUDA_VISIBLE_DEVICES": "2", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def test_numbers_count_what_this_process_sees(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,GPU-8f3a,-1,7")
    assert devices_of("auto") == ["cuda:0", "cuda:1"]
    assert environment("cuda:1") == {"CUDA_VISIBLE_DEVICES": "GPU-8f3a"}
    with pytest.raises(UserError, match="there is no cuda:2: CUDA_VISIBLE_DEVICES is '5,GPU-8f3a,-1,7' here"):
        environment("cuda:2")


@pytest.mark.skipif(os.name != "posix", reason="the command is a shell script")
def test_the_driver_is_asked_and_no_model_library(tmp_path, monkeypatch):
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\nprintf '0\\n1\\n2\\n'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert devices_of("auto") == ["cuda:0", "cuda:1", "cuda:2"]
    command.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'; exit 9\n")
    assert devices._by_driver() == []


def test_where_none_is_seen_it_is_told(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(UserError, match="no GPU is seen"):
        devices_of("auto")
