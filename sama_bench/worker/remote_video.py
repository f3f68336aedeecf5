"""A video in the worker, whose frames come from the process that asks."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from sama_bench.frames import Frame
from sama_bench.run.prefetch import BUDGET
from sama_bench.types import Video
from sama_bench.worker.framing import Channel
from sama_bench.worker.remote_errors import rebuild


class Feed:
    """Gets frames of the open video. The asker listens only while it waits for an answer: between `begin` and `end`."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.RLock()  # a model may load frames in threads
        self._listening = False
        self._owner = os.getpid()

    def listen(self, listening: bool) -> None:
        """Note whether the asker listens; waits for threads that are being given a frame."""
        with self._lock:
            self._listening = listening

    def frame(self, index: int) -> Frame | None:
        """Frame `index` (from 0), read-only; None where the asker cannot be asked now, or not by this process.

        Raises what getting it raised there: UserError where the file is broken.
        """
        if os.getpid() != self._owner:  # a process that a model forked must not take the messages of its parent
            return None
        with self._lock:
            if not self._listening:
                return None
            self._channel.send("frame", {"index": index})
            answer = self._channel.receive()
        if answer.kind == "failed":
            raise rebuild(answer.body)
        frame: Frame = np.frombuffer(answer.blocks[0], np.uint8).reshape(answer.body["shape"])
        frame.flags.writeable = False
        return frame


class FedVideo(Video):
    """A video as models know it; its frames are kept here up to the same budget as there.

    Without a `feed` the files are read here: both processes run on one machine, and many workers decode faster than
    one asker can.
    """

    def __init__(self, about: dict[str, Any], feed: Feed | None = None) -> None:
        height, width = about["size"]
        super().__init__(about["id"], about["source"], (height, width), tuple(map(Path, about["frames"])))
        self._feed = feed
        self._room = BUDGET // (height * width * 3)

    def __reduce__(self) -> tuple[object, ...]:
        """In another process it is a plain video, which reads the files itself."""
        return Video, (self.id, self.source, self.size, self.frames)

    def frame(self, index: int) -> Frame:
        """Frame `index` as an (H, W, 3) uint8 RGB array; raises UserError where the file cannot be decoded."""
        self.frames[index]  # raises what it raises of any video
        place = range(len(self))[index]
        frame = self._kept.get(place)
        if frame is not None:
            return frame
        if self._feed is None:
            frame = super().frame(place)
        elif (frame := self._feed.frame(place)) is None:
            return super().frame(place)
        if len(self._kept) < self._room:
            self._kept[place] = frame
        return frame
