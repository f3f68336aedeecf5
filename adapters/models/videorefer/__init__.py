"""VideoRefer, both generations."""

from sama_bench.adapters.models.videorefer.adapter import VideoRefer

__all__ = ["VideoRefer"]
