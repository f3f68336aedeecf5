"""Parts of a selection for several machines: whole videos, of about equal cost, the same wherever it is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sama_bench.errors import UserError
from sama_bench.types import Key, Video

MOST = 100_000


@dataclass(frozen=True)
class Shard:
    """Part `number` (from 1) of `count`."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that "2/8" names; raises UserError where it names none."""
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if match is None or not 1 <= int(match[1]) <= int(match[2]) <= MOST:
            raise UserError(f"--shard {text}: expected NUMBER/COUNT with NUMBER from 1 to COUNT, such as 1/8 … 8/8")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def cost(video: Video, questions: int) -> int:
    """What so many questions about a video are expected to take, in frames times questions."""
    return max(1, len(video)) * questions


def shared_out(videos: Sequence[tuple[Video, Sequence[Key]]], count: int) -> list[list[int]]:
    """The numbers of the videos of each of `count` shards, in order: the costliest first, to the shard with least.

    Where costs are equal the order of the videos and of the shards decides: the same for everybody. Some shards are
    empty where there are fewer videos than shards.
    """
    costs = [cost(video, len(keys)) for video, keys in videos]
    loads = [0] * count
    shards: list[list[int]] = [[] for _ in range(count)]
    for number in sorted(range(len(costs)), key=lambda place: (-costs[place], place)):
        least = min(range(count), key=lambda shard: (loads[shard], shard))
        loads[least] += costs[number]
        shards[least].append(number)
    return [sorted(shard) for shard in shards]
