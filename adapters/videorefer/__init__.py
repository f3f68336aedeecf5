"""VideoRefer, both generations."""

from sama_bench.adapters.videorefer.adapter import VideoRefer

__all__ = ["VideoRefer"]
