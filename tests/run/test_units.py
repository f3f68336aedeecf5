"""Units of work: whole videos, longest first, whoever waits."""

import threading
import time
from collections import deque
from types import SimpleNamespace

from sama_bench.run.units import Unit, UnitQueue, units
from sama_bench.types import Key


class Frames:
    def __init__(self, name, count):
        self.id, self.count = name, count

    def __len__(self):
        return self.count


def todo(*sizes):
    """Videos v0, v1, … of so many frames and questions."""
    return [
        (SimpleNamespace(video=Frames(f"v{n}", frames)), [Key("g", f"{n}-{m}") for m in range(questions)])
        for n, (frames, questions) in enumerate(sizes)
    ]


def names(made):
    return [[one.video.id for one, _ in unit.videos] for unit in made]


def test_the_costliest_video_comes_first_and_each_is_a_unit():
    made = units(todo((10, 1), (10, 5), (30, 2), (10, 1)), at_once=0, workers=2)
    assert names(made) == [["v2"], ["v1"], ["v0"], ["v3"]]
    assert [unit.cost for unit in made] == [60, 50, 10, 10]


def test_videos_go_together_for_a_model_that_takes_many_questions_but_leave_each_worker_two_units():
    videos = todo(*[(10, 2)] * 8)
    assert [len(unit.keys) for unit in units(videos, at_once=6, workers=1)] == [6, 6, 4]
    assert [len(unit.keys) for unit in units(videos, at_once=64, workers=2)] == [4, 4, 4, 4]
    assert units([], at_once=4, workers=2) == []


def test_what_is_left_of_a_unit_and_its_parts():
    (unit,) = units(todo((1, 2), (1, 2)), at_once=4, workers=1)[:1]
    assert len(unit.keys) == 2  # two units for the one worker
    both = Unit([*unit.videos, *todo((1, 2))])
    assert [one.keys for one in both.smaller()] == [[*keys] for _, keys in both.videos]
    assert [one.keys for one in unit.smaller()] == [[key] for key in unit.keys]
    assert both.without(set(unit.keys[:1])).keys[0] == unit.keys[1]
    assert unit.without(set(unit.keys)) is None


def test_a_queue_is_at_its_end_when_nothing_waits_and_nobody_may_put_back():
    queue = UnitQueue(deque(units(todo((1, 1), (1, 1)), 0, 2)))
    first, second = queue.take(), queue.take()
    got = []
    waiting = threading.Thread(target=lambda: got.append(queue.take()))
    waiting.start()
    queue.done()
    time.sleep(0.05)
    assert got == []  # the second may still come back
    queue.put_back(second)
    queue.done()
    waiting.join(5)
    assert got == [second]
    queue.done()
    assert queue.take() is None
    assert first is not second


def test_a_dead_worker_leaves_a_unit_to_one_that_waits():
    queue = UnitQueue(deque(units(todo((1, 1)), 0, 2)))
    unit = queue.take()
    got = {}
    alive = threading.Thread(target=lambda: got.setdefault("alive", queue.take()))
    alive.start()
    while not queue._idle:
        time.sleep(0.001)
    queue.put_back(unit)
    dead = threading.Thread(target=lambda: got.setdefault("dead", queue.take(alive=False)))
    queue.done()
    dead.start()
    alive.join(5)
    queue.done()
    dead.join(5)
    assert got == {"alive": unit, "dead": None}


def test_a_queue_that_is_stopped_gives_nothing():
    queue = UnitQueue(deque(units(todo((1, 1)), 0, 1)))
    queue.stop()
    assert queue.take() is None
