"""Describe Anything (DAM-3B-Video): eight frames with a mask each in, a description out."""

from sama_bench.adapters.models.dam.adapter import Dam

__all__ = ["Dam"]
