"""`bert-base-uncased`: SAMA's code asks the hub for its config and vocabulary while it is built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NAME = "bert-base-uncased"
FILES = ("config.json", "vocab.txt")
HELP = (
    f"download its {' and '.join(FILES)} where the hub can be reached (huggingface-cli download {NAME} --local-dir "
    "BERT), and name the folder: --model-arg bert=BERT"
)


def problem_of(folder: Path | None) -> str:
    """The problem of the folder that is said to hold it, or of the hub's cache where none is; '' if nothing."""
    if folder is not None:
        missing = [name for name in FILES if not (folder.expanduser() / name).is_file()]
        return f"bert={folder}: has no {' and no '.join(missing)}; {HELP}" if missing else ""
    if find_spec("huggingface_hub") is None or _cached() or _reachable():
        return ""
    return f"{NAME} (config and vocabulary) is not on this machine and the hub cannot be reached: {HELP}"


@contextmanager
def standing_in(folder: Path | None) -> Iterator[None]:
    """Let a given folder be found under the hub's name while the model is built; do nothing without one."""
    if folder is None:
        yield
        return
    from transformers import BertConfig, BertTokenizer

    path = str(folder.expanduser())
    kinds: tuple[Any, ...] = (BertConfig, BertTokenizer)
    for kind in kinds:
        kind.from_pretrained = _redirected(kind, path)
    try:
        yield
    finally:
        for kind in kinds:
            del kind.from_pretrained  # what it inherits is there again


def _redirected(kind: Any, path: str) -> Any:  # noqa: ANN401 - classes of transformers
    inherited = super(kind, kind).from_pretrained

    def from_pretrained(name: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        return inherited(path if name == NAME else name, *args, **more)

    return staticmethod(from_pretrained)


def _cached() -> bool:
    from huggingface_hub import try_to_load_from_cache

    return all(isinstance(try_to_load_from_cache(NAME, name), str) for name in FILES)


def _reachable() -> bool:
    from huggingface_hub import constants

    from sama_bench.adapters.shared.checkpoint import reach_hub

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        reach_hub()
    except OSError:
        return False
    return True
