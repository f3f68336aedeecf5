"""SAMA on PyTorch and transformers alone: its parts, the released files in them, and the adapter `sama`."""

from sama_bench.adapters.models.sama.adapter import Sama

__all__ = ["Sama"]
