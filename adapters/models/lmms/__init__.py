"""The models of lmms-eval, another harness: asked in words, with marks on the frames, answering with boxes."""

from sama_bench.adapters.models.lmms.adapter import Lmms

__all__ = ["Lmms"]
