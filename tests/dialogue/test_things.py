import numpy as np

from sama_bench.dialogue.back_reference import may_lean_back, refers_back
from sama_bench.dialogue.things import recurring, things_of, tracks_of_things
from sama_bench.metrics.rle import encode
from sama_bench.types import Key, Truth


def track(column):
    mask = np.zeros((4, 8), bool)
    mask[:, column] = True
    return [encode(mask)]


def truth(*tracks, things=()):
    return Truth(Key("g", "1"), "v", "", tracks, things=things)


def test_objects_alone_in_a_track_have_its_place_among_those_that_are_listed():
    told = truth(None, track(0), track(1), track(2), things=("", "17", "", "4"))
    assert things_of(told) == {"17": 0, "4": 2}
    assert tracks_of_things([told]) == {"17": track(0), "4": track(2)}


def test_without_names_equal_tracks_are_the_same_object():
    first, second = truth(track(0), track(1)), truth(track(2), track(1))
    assert len(recurring([first, second])) == 1
    assert recurring([first, truth()]) == set()


def test_what_refers_back():
    assert refers_back("Is it the same one?")
    assert refers_back("And THE OTHER?")
    assert not refers_back("What does <mask> do with it?")
    assert not refers_back("Which items are there?")
    assert may_lean_back("What happens then?")
    assert not refers_back("What happens then?")
