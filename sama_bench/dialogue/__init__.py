"""Questions with the earlier turns before them: under which condition, which turns, and which are to be asked again."""

from sama_bench.dialogue.condition import ALONE, Condition
from sama_bench.dialogue.histories import Histories, RoundsOfVideo, waves
from sama_bench.dialogue.order import ordered, stale, window_of

__all__ = ["ALONE", "Condition", "Histories", "RoundsOfVideo", "ordered", "stale", "waves", "window_of"]
