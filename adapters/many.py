"""`Many` at its place in 0.1, for plug-ins that import it from here: it is `sama_bench.adapter.ModelFamily`."""

from sama_bench.adapter import ModelFamily as Many

__all__ = ["Many"]
