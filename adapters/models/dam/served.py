"""DAM by its own server (dam_server.py): pictures whose alpha channel is the mask."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from sama_bench.adapters.models.dam.released import mask_picture
from sama_bench.adapters.models.dam.shown import WORDS, Shown
from sama_bench.adapters.shared.conversation import Message
from sama_bench.adapters.shared.ranges import not_negative
from sama_bench.frames import Frame
from sama_bench.llm_client import Failure, Request, Server
from sama_bench.types import Mask

ANY_MODEL = "describe_anything_model"
"""The name that its server takes whatever folder it was started with."""


HINT = " (eight pictures are taken only where dam_server.py was started with --image_video_joint_checkpoint)"
"""The server has one status for whatever goes wrong."""


class Served:
    """Asks the server at `base_url` (without `/v1`). Raises UserError where that is no address."""

    def __init__(self, base_url: str, timeout: float) -> None:
        self._server = Server(base_url, concurrency=1, timeout=not_negative("timeout", timeout))

    def describe(self, shown: Sequence[Shown]) -> str:
        """The description. Raises RuntimeError where the server gives none, UserError where nobody is there."""
        request = Request(messages(shown), ANY_MODEL)
        ((_, reply),) = self._server.ask_all([request])
        if isinstance(reply, Failure):
            raise RuntimeError(
                f"no answer after {reply.tries} tries: {reply.reason}{HINT if '500' in reply.reason else ''}"
            )
        return reply.text.strip()


def messages(shown: Sequence[Shown]) -> list[Message]:
    """The message of its example for videos: frames as PNG with the mask as alpha channel, then the words."""
    pictures = [{"type": "image_url", "image_url": {"url": data_url(*frame)}} for frame in shown]
    content = [{"type": "text", "text": "Video: "}, *pictures, {"type": "text", "text": WORDS}]
    return [{"role": "user", "content": content}]


def data_url(frame: Frame, mask: Mask) -> str:
    """A frame (H, W, 3) uint8 and its mask (H, W) bool as the data URL of an RGBA PNG, without loss."""
    buffer = io.BytesIO()
    Image.fromarray(np.dstack([frame, mask_picture(mask)])).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
