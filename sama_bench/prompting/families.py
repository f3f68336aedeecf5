"""Families of models, and how each is best asked."""

from __future__ import annotations

import re
from typing import NamedTuple

from sama_bench.errors import UserError

LABEL = "Frame {}: "
"""What stands before frame number {} (from 1) where the family is not known to have words of its own for that."""


def labelled(label: str, number: int) -> str:
    """What stands before picture `number` (from 1): `{}` in `label` is the number, `{seconds}` its seconds from 0."""
    return label.format(number, seconds=float(number - 1))


class Family(NamedTuple):
    """A family's template under `tasks/prompts/`, its way to write boxes, and how it numbers pictures.

    `label` is what stands before a picture, with `{}` for its number from 1.
    """

    prompt: str
    boxes: str
    label: str = LABEL


# Labels are those that the families' own processors write: the Qwen family's chat template before each picture (where
# it is asked to, by add_vision_id), InternVL's processor before each frame of a video (a line each: its template ends a
# picture with a line break).
FAMILIES = {
    "qwen2.5-vl": Family("json", "pixels", "Picture {}: "),
    "qwen3-vl": Family("json", "xyxy-1000", "Picture {}: "),
    "internvl": Family("ref-box", "xyxy-1000", "Frame{}: "),
    # vLLM's template and transformers' processor number Molmo2's pictures and frames themselves.
    "molmo2": Family("molmo2", "xyxy-1000", ""),
    "gemini": Family("json", "yxyx-1000"),
    "gpt": Family("json", "xyxy-1000"),
    "general": Family("json", "xyxy-1000"),
}

# The first that is found in the model's id decides. Qwen2-VL writes 0…1000 as Qwen3-VL does, Qwen2.5-VL pixels.
SIGNS = (
    (r"qwen2[._]5[-_]?(vl|omni)", "qwen2.5-vl"),
    (r"qwen([23]|3[._]5)?[-_]?(vl|omni)|qwen3", "qwen3-vl"),
    (r"molmo[-_]?2|molmo[-_]?point", "molmo2"),
    (r"internvl|intern[-_]?s1", "internvl"),
    (r"gemini|gemma", "gemini"),
    (r"\bgpt|\bo[1345]\b|chatgpt", "gpt"),
)


def family_of(model: str) -> str:
    """The family of a model by its id or path, or by the `model_type` of its config; `general` where none is known."""
    lowered = model.lower()
    return next((family for sign, family in SIGNS if re.search(sign, lowered)), "general")


def known(name: str) -> Family:
    """The family of that name; raises UserError with all names where there is none."""
    if name not in FAMILIES:
        raise UserError(f"there is no family {name!r} of models; there are {', '.join(FAMILIES)}")
    return FAMILIES[name]
