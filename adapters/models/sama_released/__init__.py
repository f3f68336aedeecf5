"""SAMA and what it takes to drive the released checkpoints."""

from sama_bench.adapters.models.sama_released.adapter import Sama

__all__ = ["Sama"]
