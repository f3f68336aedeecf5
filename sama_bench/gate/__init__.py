"""The gate of a checkpoint: a paired test over videos against a baseline, corrected for several metrics."""

from sama_bench.callable_package import make_callable

make_callable(__name__)
