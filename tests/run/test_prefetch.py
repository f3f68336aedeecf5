import threading

import numpy as np
import pytest

from sama_bench.errors import UserError
from sama_bench.run.prefetch import ahead
from sama_bench.types import Video

SIZE = (8, 8)
BYTES = 8 * 8 * 3


class Watched(Video):
    """A video that writes down which frames are decoded, and in which thread."""

    def __init__(self, name, frames=4, broken=False):
        super().__init__(name, "mevis", SIZE, tuple(range(frames)))
        self.decoded, self.threads, self.broken = [], set(), broken
        self.ready = threading.Event()

    def frame(self, index):
        if index in self._kept:
            return self._kept[index]
        if self.broken:
            raise UserError(f"{self.id}: broken")
        self.decoded.append(index)
        self.threads.add(threading.current_thread().name)
        return np.zeros((*SIZE, 3), np.uint8)

    def preload(self, budget):
        super().preload(budget)
        self.ready.set()


def test_the_next_video_is_decoded_while_one_is_worked_on():
    first, second, third = videos = [Watched(name) for name in "abc"]
    given = ahead(iter(videos))
    assert next(given) is first
    assert second.ready.wait(10)
    assert second.decoded == [0, 1, 2, 3]
    assert third.decoded == []
    assert next(given) is second
    second.frame(2)
    assert second.decoded == [0, 1, 2, 3]
    given.close()
    assert threading.current_thread().name not in second.threads


def test_at_most_two_videos_are_held_and_none_after_the_end():
    videos = [Watched(str(n)) for n in range(6)]
    for number, video in enumerate(ahead(videos)):
        assert video is videos[number]
        held = [other.id for other in videos if other._kept]
        assert set(held) <= {str(number), str(number + 1)}
        assert str(number) in held
    assert not any(video._kept for video in videos)
    assert list(ahead([])) == []


def test_only_the_budget_is_held():
    (video,) = videos = [Watched("a", frames=10)]
    for _ in ahead(videos, budget=3 * BYTES + 1):
        assert sorted(video._kept) == [0, 1, 2]


def test_a_broken_frame_is_told_when_its_video_comes():
    first, broken = Watched("a"), Watched("b", broken=True)
    given = ahead([first, broken, Watched("c")])
    assert next(given) is first
    with pytest.raises(UserError, match="b: broken"):
        next(given)


def test_no_thread_and_no_frame_is_left_when_it_is_closed():
    videos = [Watched(str(n)) for n in range(3)]
    given = ahead(videos)
    next(given)
    given.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("frames")]
    assert not videos[0]._kept
