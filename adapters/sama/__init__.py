"""SAMA and what it takes to drive the released checkpoints."""

from sama_bench.adapters.sama.adapter import Sama

__all__ = ["Sama"]
