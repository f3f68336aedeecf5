"""The model arguments with which a general model is asked in another way than its prompt template says."""

from __future__ import annotations

from typing import Literal, TypeAlias

Size: TypeAlias = int | Literal["full"]
Referents: TypeAlias = Literal["box", "outline", "number", "coordinates", "none"]
Boxes: TypeAlias = Literal["xyxy-1000", "yxyx-1000", "pixels"]


def given_options(
    frames: int | None, size: Size | None, referents: Referents | None, boxes: Boxes | None
) -> dict[str, str]:
    """The options that are not None, as `Prompting.load` takes them."""
    options = {"frames": frames, "size": size, "referents": referents, "boxes": boxes}
    return {name: str(value) for name, value in options.items() if value is not None}
