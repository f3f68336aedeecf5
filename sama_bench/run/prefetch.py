"""Frames of the next video are decoded while the model works on this one."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sama_bench.types import Video

BUDGET = 256 << 20
"""Bytes of decoded frames kept per video; two videos are held at a time."""
SLICE = 32 << 20


def ahead(videos: Iterable[Video], budget: int = BUDGET) -> Generator[Video, None, None]:
    """Give the videos in order, each with its frames in memory as far as `budget` bytes go.

    While one is worked on, a thread decodes the next. A video's frames are let go when the next one is asked for.
    What goes wrong in decoding (UserError: a broken frame) is raised when that video's turn comes, not before.
    Close the iterator, or exhaust it, to end the thread.
    """
    with _decoder(budget) as start:
        waiting: list[tuple[Video, Future[None]]] = []
        for video in videos:
            waiting.append((video, start(video)))
            if len(waiting) == 2:
                yield from _ready(*waiting.pop(0))
        for pending in waiting:
            yield from _ready(*pending)


def _ready(video: Video, decoding: Future[None]) -> Iterator[Video]:
    try:
        decoding.result()
        yield video
    finally:
        video.release()


class _Decoder:
    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.stopped = threading.Event()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="frames")

    def __call__(self, video: Video) -> Future[None]:
        return self.pool.submit(self._decode, video)

    def _decode(self, video: Video) -> None:
        # In slices, so that Ctrl-C need not wait for a whole video.
        for reached in range(SLICE, self.budget + SLICE, SLICE):
            if self.stopped.is_set():
                return
            video.preload(min(reached, self.budget))


@contextmanager
def _decoder(budget: int) -> Iterator[_Decoder]:
    decoder = _Decoder(budget)
    try:
        yield decoder
    finally:
        decoder.stopped.set()
        decoder.pool.shutdown(wait=True, cancel_futures=True)
