"""PixelRefer, and PixelRefer-Lite, which sees the regions alone."""

from sama_bench.adapters.models.pixelrefer.adapter import PixelRefer
from sama_bench.adapters.models.pixelrefer.lite import Lite
from sama_bench.adapters.models.pixelrefer.model import Model

__all__ = ["Lite", "Model", "PixelRefer"]
