"""Sa2VA and Sa2VA-i, InternVL variants, on PyTorch and transformers alone: on SAMA's parts, and the adapter `sa2va`."""

from sama_bench.adapters.models.sa2va.adapter import Sa2VA

__all__ = ["Sa2VA"]
