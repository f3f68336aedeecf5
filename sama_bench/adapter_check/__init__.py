"""Checks that every adapter has to pass, on a few questions of the demo benchmark."""

from sama_bench.adapter_check.check import check_adapter
from sama_bench.adapter_check.finding import Finding, holds

__all__ = ["Finding", "check_adapter", "holds"]
