"""DAM by its released entry point, `DescribeAnythingModel`, from a checkout or as it is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from sama_bench.adapter import Need
from sama_bench.adapters.models.dam.shown import FRAMES, WORDS, Shown
from sama_bench.adapters.shared.checkout import Checkout
from sama_bench.adapters.shared.checkpoint import Loaded
from sama_bench.adapters.shared.folder_parts import PROCESSOR, TOKENIZER, WEIGHTS_OF_OLD, Files, lacking
from sama_bench.adapters.shared.preflight import Ready, look
from sama_bench.adapters.shared.third_party_code import foreign, loading
from sama_bench.types import Mask

REPOSITORY = Checkout("describe-anything", "https://github.com/NVlabs/describe-anything", ("dam",))
NEEDS = (Need("torch", "torch"), Need("transformers", "transformers<5"))
PARTS = {
    "llm": (WEIGHTS_OF_OLD, TOKENIZER), "vision_tower": (WEIGHTS_OF_OLD, PROCESSOR), "mm_projector": (WEIGHTS_OF_OLD,),
    "context_provider": (WEIGHTS_OF_OLD,),
}  # fmt: skip
"""What each of its folders has to have."""
TOO_NEW = 5
"""The first transformers that lacks what DAM's code imports."""
DTYPE = "float16"
"""The only type of numbers that its code runs in, as it casts to it."""
TOKENS = 512


class Released:
    """The model, loaded once. Raises UserError with all that is missing, or where it does not load."""

    def __init__(self, checkpoint: str, repo: Path | None, device: str) -> None:
        here = Path(checkpoint).expanduser().is_dir()
        others = [*_problems_of_code(repo), *_too_new(), *(_missing_parts(checkpoint) if here else [])]
        ready = look(NEEDS, checkpoint, device, "auto", others=others, half=DTYPE, files=Files((), hub=not here))
        if repo is not None:
            REPOSITORY.add_to_path(repo)
        self._device = ready.device
        with loading(checkpoint, ready.device), _everything_on(ready.device):
            self._model = _loaded(ready)

    def describe(self, shown: Sequence[Shown]) -> str:
        """The description, without sampling. Raises what DAM's code raises."""
        from PIL import Image

        frames = [Image.fromarray(frame) for frame, _ in shown]
        masks = [Image.fromarray(mask_picture(mask)) for _, mask in shown]
        with foreign(self._device):
            words = f"Video: {'<image>' * FRAMES}{WORDS}"
            return str(self._model.get_description(frames, masks, words, temperature=0, max_new_tokens=TOKENS)).strip()


def mask_picture(mask: Mask) -> NDArray[np.uint8]:
    """A mask as its code and its server take it: (H, W) uint8 of 0 and 255."""
    return mask.astype(np.uint8) * np.uint8(255)


def _loaded(ready: Ready) -> Loaded:
    folder = ready.source
    if not Path(folder).is_dir():
        from huggingface_hub import snapshot_download

        folder = snapshot_download(folder)
    model = import_module("dam").DescribeAnythingModel(
        model_path=folder, conv_mode="v1", prompt_mode="full+focal_crop", device=ready.device
    )
    return model.to(ready.device)


@contextmanager
def _everything_on(device: str) -> Iterator[None]:
    """While the context is open, its language model is loaded to `device`: its code says `cuda` whatever it is told."""
    module: Loaded = import_module("dam.model.model_utils")
    prepare = module.prepare_config_for_eval

    def prepared(config: Loaded, options: dict[str, Loaded]) -> None:
        prepare(config, options)
        options["device_map"] = {"": device}

    with patch.object(module, "prepare_config_for_eval", prepared):
        yield


def _problems_of_code(repo: Path | None) -> list[str]:
    installed = repo is None and find_spec("dam") is not None
    return [] if installed else REPOSITORY.problems(repo)


def _too_new() -> list[str]:
    try:
        installed = version("transformers")
    except PackageNotFoundError:  # told with what is not installed
        return []
    if int(installed.partition(".")[0]) < TOO_NEW:
        return []
    return [f"transformers {installed} is installed, and DAM's code needs one before 5: sama-bench env dam"]


def _missing_parts(checkpoint: str) -> list[str]:
    folder = Path(checkpoint).expanduser()
    missing = [f"{name}/{part}" for name, parts in PARTS.items() for part in lacking(folder / name, parts)]
    named = ", ".join(missing)
    return [f"checkpoint {checkpoint}: has no {named}; expected a folder of DAM-3B-Video"] if missing else []
