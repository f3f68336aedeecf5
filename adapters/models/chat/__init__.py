"""General vision-language models of transformers: asked in words, with marks on the frames, answering with boxes."""

from sama_bench.adapters.models.chat.adapter import Chat

__all__ = ["Chat"]
