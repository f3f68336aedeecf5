"""The interface of models at its place in 0.1, for plug-ins that import it from here: it is `sama_bench.adapter`."""

from sama_bench.adapter import Abilities, Adapter, BatchAdapter, Need

__all__ = ["Abilities", "Adapter", "BatchAdapter", "Need"]
