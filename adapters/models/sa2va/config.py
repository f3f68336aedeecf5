"""The configs of Sa2VA's InternVL variants: as SAMA's, with further language models and a larger vision tower."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from sama_bench.adapters.models.sama.config import (
    EXPECTED_OF_VISION,
    LANGUAGE_MODELS,
    LARGE_VISION,
    Family,
    Json,
    SamaConfig,
)
from sama_bench.errors import UserError

if TYPE_CHECKING:
    from typing_extensions import Self

Inference: TypeAlias = Literal["auto", "sa2va", "sa2va-i"]
SA2VA = Family("Sa2VA", tuple(LANGUAGE_MODELS), (EXPECTED_OF_VISION, LARGE_VISION))


class Sa2vaConfig(SamaConfig):
    """The facts that decide Sa2VA's parts; of the sizes only SAM 2's count."""

    family: ClassVar[Family] = SA2VA

    @classmethod
    def read(cls, content: Json) -> Self:
        """Read a config.json. Raises one UserError with everything that is not as the released code computes it."""
        if any("Qwen" in str(name) for name in content.get("architectures") or ()):
            raise UserError(
                f"config.json: architectures is {content['architectures'][0]}, a variant on Qwen-VL; --model "
                "sa2va-released runs it by its own code"
            )
        return super().read(content)
