"""Where the interface of grounders was in 0.1, for plug-ins that import it from here: it is `sama_bench.grounder`."""

from sama_bench.grounder import Grounder

__all__ = ["Grounder"]
