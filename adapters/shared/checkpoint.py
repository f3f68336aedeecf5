"""Search for a model's weights and device, before anything heavy is loaded."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from sama_bench.adapters.shared.folder_parts import WEIGHTS, Part, lacking
from sama_bench.errors import UserError

Loaded: TypeAlias = Any
"""What transformers loads; its types are not to be had where it is absent."""
Dtype: TypeAlias = Literal["auto", "float32", "bfloat16", "float16"]
DTYPES: tuple[str, ...] = get_args(Dtype)
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
WANTED = ("*.json", "*.py", "*.safetensors", "*.model", "*.txt", "*.jinja")
"""The files of a repository of the hub that loading a checkpoint may take."""
PATIENCE = 3.0
"""Seconds within which the hub has to answer; its own client tries for half a minute."""
TAIL = 1 << 16
SINCE = (4, 57)
"""The first transformers with Qwen3-VL; with 4.56.0 a batch may answer otherwise, and SAM 2 fails on two objects."""


@dataclass(frozen=True)
class Checkpoint:
    """A model in the folder `folder`, or in the hub's cache, with what it is to run on.

    `source` is what the user named, `config` its config.json, `device` and `dtype` names as PyTorch has them.
    """

    source: str
    config: dict[str, Any]
    folder: Path
    device: str
    dtype: str
    trust: bool = False
    prefix: str = ""
    """What stands before the names of its arguments, as in grounder_checkpoint."""

    @property
    def kind(self) -> str:
        """The type of model that the config names, such as `qwen2_5_vl`."""
        return str(self.config.get("model_type", ""))

    @property
    def digest(self) -> str:
        """Eight hex digits that tell these weights from others: of the config, and each file's name, size and end."""
        digest = hashlib.sha256(json.dumps(self.config, sort_keys=True).encode())
        for path in sorted(self.folder.glob("*.safetensors")):
            with path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL))
                digest.update(f"{path.name} {size}".encode() + file.read())
        return digest.hexdigest()[:8]

    def processor(self, kind: Loaded) -> Loaded:
        """The processor, loaded by `kind` (AutoProcessor, …). Raises UserError where that fails."""
        with self._errors_told("processor"):
            return kind.from_pretrained(self._name, trust_remote_code=self.trust)

    def model(self, kind: Loaded) -> Loaded:
        """The model, loaded by `kind` (a class of transformers), on its device and ready to answer.

        Raises UserError where it does not load, and where a part of it has no weights: it would be random.
        """
        import torch
        from transformers.utils import logging

        bars: Loaded = logging
        bars.disable_progress_bar()  # the run has one of its own
        with self._errors_told("model"):
            model, loading_info = kind.from_pretrained(
                self._name, dtype=getattr(torch, self.dtype), use_safetensors=True, output_loading_info=True,
                trust_remote_code=self.trust,
            )  # fmt: skip
        if missing := sorted(loading_info["missing_keys"]):
            parts = f"{len(missing)} parts of {type(model).__name__}, such as {missing[0]}"
            raise self.refused(f"has no weights for {parts}; expected a checkpoint of that model")
        with self._errors_told("model"):
            return model.to(self.device).eval()

    def refused(self, reason: str) -> UserError:
        """The error that says why the checkpoint cannot be used."""
        return UserError(f"{self.prefix}checkpoint {self.source}: {reason}")

    @property
    def _name(self) -> str:
        return str(self.folder) if Path(self.source).expanduser().is_dir() else self.source

    @contextmanager
    def _errors_told(self, part: str) -> Iterator[None]:
        try:
            yield
        except Exception as problem:  # of transformers, the hub, safetensors and torch: they share no base
            raise self.refused(f"its {part} does not load ({line(problem)})") from problem


def checkpoint(
    source: str,
    device: str,
    dtype: str,
    kinds: Collection[str] = (),
    *,
    since: tuple[int, int] = SINCE,
    trust: bool = False,
    prefix: str = "",
    parts: Collection[Part] = (WEIGHTS,),
) -> Checkpoint:
    """Look for a checkpoint (a folder, or an id of the hub, of which only the config is fetched) and its device.

    `device` is cpu, cuda, cuda:1, mps or auto, `dtype` one of DTYPES; auto takes CUDA where there is one, and bfloat16
    on it, float32 elsewhere. `kinds` are the types of models that can be used, all where empty, `since` the version of
    transformers that is needed; `prefix` stands before the names of the arguments; a folder has to have the `parts`.
    Raises UserError with all that is not right.
    """
    problems: list[str] = []
    folder, config = Path(source), {}
    try:
        folder = found_at(source, parts)
        config = config_of(folder)
        problems += _unfit(config, kinds, trust)
    except UserError as problem:
        problems += problem.problems
    problems = [f"{prefix}checkpoint {source}: {problem}" for problem in problems]
    if dtype not in DTYPES:
        problems.append(f"{prefix}dtype={dtype}: expected {', '.join(DTYPES)}")
    if wrong := no_device(device):
        problems.append(f"{prefix}device={device}: {wrong}")
    if wrong := _too_old(since):
        problems.append(wrong)
    if problems:
        raise UserError(problems)
    device = device if device != "auto" else "cuda" if has("cuda") else "cpu"
    dtype = dtype if dtype != "auto" else "bfloat16" if device.startswith("cuda") else "float32"
    return Checkpoint(source, config, folder, device, dtype, trust, prefix)


def found_at(source: str, parts: Collection[Part] = (WEIGHTS,)) -> Path:
    """The folder with the config; raises UserError where there is none, or a folder lacks some of the parts."""
    folder = Path(source).expanduser()
    if source and folder.is_dir():
        if missing := lacking(folder, parts):
            raise UserError(f"the folder has no {' and no '.join(missing)}")
        return folder
    if not HUB_ID.fullmatch(source):
        raise UserError("is no folder; expected one, or an id of the hub (owner/name)")
    return _fetched(source)


def whole_folder(source: str) -> str:
    """The folder of a checkpoint with all of its files; one of the hub is downloaded as far as it is not cached.

    Code that comes from a folder is loaded as it is. By an id, transformers wants to have installed what any of its
    files imports, also files that are tried and done without (flash_attn).
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        return str(folder)
    from huggingface_hub import snapshot_download

    return str(snapshot_download(source, allow_patterns=WANTED))


def _fetched(source: str) -> Path:
    if find_spec("huggingface_hub") is None:
        raise UserError("is no folder here, and without transformers the hub cannot be asked for it")
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    try:
        cached = try_to_load_from_cache(source, "config.json")
        if isinstance(cached, str):
            return Path(cached).parent
        reach_hub()
        return Path(hf_hub_download(source, "config.json", etag_timeout=PATIENCE)).parent
    except Exception as problem:  # of the hub, its HTTP client, the network and the disk
        raise UserError(
            f"is not on this machine and cannot be had from the hub ({line(problem)}); "
            "download it elsewhere and name its folder"
        ) from problem


def reach_hub() -> None:
    """Raise OSError at once where the hub cannot be reached; behind a proxy only its client can tell."""
    import socket
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    from huggingface_hub import constants

    host = urlsplit(constants.ENDPOINT)
    if not constants.HF_HUB_OFFLINE and not getproxies():
        port = host.port or (80 if host.scheme == "http" else 443)
        socket.create_connection((host.hostname or "", port), PATIENCE).close()


def cached_on_hub(source: str, files: Collection[str]) -> str:
    """The reason why these files of the hub's repository `source` cannot be had; '' where they are cached or there.

    At most these files are downloaded.
    """
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    try:
        for name in files:
            if not isinstance(try_to_load_from_cache(source, name), str):
                reach_hub()
                hf_hub_download(source, name, etag_timeout=PATIENCE)
    except Exception as problem:  # of the hub, its HTTP client, the network and the disk
        return f"is not on this machine and cannot be had from the hub ({line(problem)})"
    return ""


def config_of(folder: Path) -> dict[str, Any]:
    """The content of the folder's config.json; raises UserError where it cannot be read."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(f"its config.json cannot be read ({line(problem)})") from problem
    if not isinstance(config, dict):
        raise UserError("its config.json is no object")
    return config


def _unfit(config: dict[str, Any], kinds: Collection[str], trust: bool) -> list[str]:
    kind = str(config.get("model_type"))
    if kinds and kind not in kinds:
        return [f"is a model of type {kind}, expected {' or '.join(sorted(kinds))}"]
    if "auto_map" in config and not trust and not _known(kind):
        remedy = "--trust-remote-code allows that, if you trust its authors"
        return [f"brings code of its own, which would run on this machine; {remedy}"]
    return []


def _known(kind: str) -> bool:
    """True if transformers has this type of model itself."""
    from transformers import CONFIG_MAPPING

    return kind in CONFIG_MAPPING


def _too_old(since: tuple[int, int]) -> str:
    """The problem of the installed transformers; '' where nothing is wrong, or there is none."""
    try:
        installed = version("transformers")
    except PackageNotFoundError:
        return ""
    if tuple(int(part) for part in re.findall(r"\d+", installed)[:2]) >= since:
        return ""
    return (
        f"transformers {installed} is installed, expected {since[0]}.{since[1]} or later: pip install -U transformers"
    )


def no_device(device: str) -> str:
    """The reason why the device cannot be had; '' where it can."""
    if device in {"auto", "cpu"}:
        return ""
    if not re.fullmatch(r"cuda(:\d+)?|mps", device):
        return "expected auto, cpu, cuda, cuda:N or mps"
    return "" if has(device) else "PyTorch finds no such device here; device=cpu is always there"


def has(device: str) -> bool:
    """True if PyTorch finds this device."""
    import torch

    if device == "mps":
        return bool(torch.backends.mps.is_available())
    number = int(device.partition(":")[2] or 0)
    return bool(torch.cuda.is_available() and number < torch.cuda.device_count())


def line(problem: Exception) -> str:
    """A problem in one line: its type, and the first line of its message."""
    return f"{type(problem).__name__}: {str(problem).strip().partition(chr(10))[0]}"
