"""The interface of grounders at its place in 0.1, for plug-ins that import it from here: now `sama_bench.grounder`."""

from sama_bench.grounder import Grounder

__all__ = ["Grounder"]
