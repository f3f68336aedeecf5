"""The files that a checkpoint's folder has to have: all that it lacks is told at once, before anything is loaded."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

SHARDS = 3
"""Of more shards than these that are missing, the others are counted."""


@dataclass(frozen=True)
class Part:
    """What a folder has to have: a file of one of these patterns; of `weights` all files that its index names.

    Without a `name` it is told by the first pattern.
    """

    name: str
    patterns: tuple[str, ...]
    weights: bool = False

    def lacks(self, folder: Path) -> str:
        """What the folder lacks of it; '' where it is there."""
        if not any(any(folder.glob(pattern)) for pattern in self.patterns):
            return f"{self.name} ({', '.join(self.patterns)})" if self.name else self.patterns[0]
        return _shards_missing(folder, self.patterns) if self.weights else ""


WEIGHTS = Part("weights", ("*.safetensors",), weights=True)
WEIGHTS_OF_OLD = Part("weights", ("*.safetensors", "*.bin"), weights=True)
"""The second format runs code as it is read; PyTorch 2.6 and later keep it from that."""
TOKENIZER = Part("tokenizer", ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt"))
PROCESSOR = Part("processor", ("preprocessor_config.json", "processor_config.json"))


@dataclass(frozen=True)
class Files:
    """The parts that a checkpoint's folder has to have; without `hub` it has to be a folder."""

    parts: tuple[Part, ...] = (WEIGHTS, TOKENIZER)
    hub: bool = True


def lacking(folder: Path, parts: Collection[Part]) -> list[str]:
    """What the folder lacks of the parts, and of its config.json, each in a few words; [] where all are there."""
    config = [] if (folder / "config.json").is_file() else ["config.json"]
    return [*config, *filter(None, (part.lacks(folder) for part in parts))]


def _shards_missing(folder: Path, patterns: Sequence[str]) -> str:
    """The shards that an index names and the folder lacks; '' where one set of weights is whole."""
    there = {path.name for pattern in patterns for path in folder.glob(pattern)}
    named = [names for pattern in patterns for path in folder.glob(f"{pattern}.index.json") if (names := _named(path))]
    if not named or any(names <= there for names in named) or there - set().union(*named):
        return ""
    missing = sorted(named[0] - there)
    more = f" and {len(missing) - SHARDS} more" if len(missing) > SHARDS else ""
    return f"{', '.join(missing[:SHARDS])}{more} of its {len(named[0])} files of weights"


def _named(index: Path) -> set[str]:
    """The files that an index of weights names; none where it cannot be read, which who loads it tells."""
    try:
        return {str(name) for name in json.loads(index.read_text("utf-8"))["weight_map"].values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
