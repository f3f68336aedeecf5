"""What the demos of referring expressions ask for in the demo's scenes, as data."""

from __future__ import annotations

from typing import NamedTuple


class Expression(NamedTuple):
    """Words for some of a scene's actors, or for nothing in it; `claims` say in a form that can be checked why."""

    words: str
    actors: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


class Picture(NamedTuple):
    """A frame of a scene that is an image by itself, and sentences for single actors in it."""

    scene: str
    frame: int
    sentences: tuple[tuple[str, tuple[str, ...]], ...]


# By the name of the scene. Some mean several actors, some (questions too) nothing that is there.
OF_VIDEOS: dict[str, tuple[Expression, ...]] = {
    "harbour": (
        Expression("the sailing boat that moves to the left", ("far",), ("far left", "near right")),
        Expression("the larger boat, which passes in front of the other one", ("near",), ("near hides far",)),
        Expression("the bird that flies out of the picture", ("gull",), ("gull leaves left",)),
        Expression("the orange thing that bobs up and down in its place", ("buoy",), ("buoy stays",)),
        Expression("both sailing boats", ("far", "near")),
        Expression("Which boat is farther to the right in the end?", ("near",), ("near overtakes far",)),
        Expression("the rowing boat that turns around"),
    ),
    "3518092246": (
        Expression("the duckling that arrives late", ("last",), ("last enters right", "first earlier last")),
        Expression("the two ducklings", ("first", "last")),
        Expression("the bird that swims against the others", ("swan",), ("swan right", "mother left", "first left")),
        Expression("Who leads the ducks?", ("mother",), ("mother trails first", "first trails last", "mother left")),
        Expression(
            "all birds that swim to the left", ("mother", "first", "last"), ("mother left", "first left", "last left")
        ),
        Expression("the dog that jumps into the water"),
    ),
    "evening_street": (
        Expression("the car that overtakes the other one", ("red",), ("red overtakes blue",)),
        Expression("the car that is overtaken", ("blue",), ("red overtakes blue",)),
        Expression("the vehicle that leaves the picture at the left edge", ("van",), ("van leaves left",)),
        Expression("the two cars", ("blue", "red")),
        Expression("Which car covers the other one for a while?", ("red",), ("red hides blue",)),
        Expression("the cyclist who waits at the lamp"),
    ),
    "1f17cd7ce2": (
        Expression("the robot that pushes a crate", ("pusher",), ("pusher right", "crate right")),
        Expression("the robot that stays where it is", ("waver",), ("waver stays",)),
        Expression("what is pushed across the floor", ("crate",), ("crate right",)),
        Expression("the thing that bounces to the left", ("ball",), ("ball left",)),
        Expression("every robot in the room", ("waver", "pusher")),
        Expression("Which robot is hidden for a while?", ("waver",), ("pusher hides waver",)),
        Expression("Who comes in through the door?"),
    ),
    "12": (
        Expression("the striped balloon that rises", ("riser",), ("riser up",)),
        Expression("the striped balloon that comes down", ("sinker",), ("sinker down",)),
        Expression("the balloon that comes closer", ("blue",), ("blue grows",)),
        Expression("what glides in and leaves again", ("plane",), ("plane enters left", "plane leaves right")),
        Expression("the two balloons with red and yellow stripes", ("riser", "sinker")),
        Expression("the bird that circles above the balloons"),
    ),
    "4077251293": (
        Expression("the grey ball that passes in front of the planet", ("moon",), ("moon hides planet",)),
        Expression("the satellite that drifts to the left", ("steady",), ("steady left", "tumbler right")),
        Expression("the satellite that is higher up", ("tumbler",), ("tumbler above steady",)),
        Expression("both satellites", ("tumbler", "steady")),
        Expression("What streaks across the whole picture?", ("comet",), ("comet left", "comet down")),
        Expression("the rocket that lands on the moon"),
    ),
}
OF_IMAGES = (
    Picture(
        "harbour",
        14,
        (
            ("near", ("larger sailing boat", "the boat close to us")),
            ("buoy", ("orange buoy", "orange thing with a lamp on top")),
            ("gull", ("white bird in the sky",)),
        ),
    ),
    Picture(
        "3",
        8,
        (
            ("star", ("red starfish on the sand", "animal with five arms")),
            ("jelly", ("pink jellyfish",)),
            ("upper", ("orange fish near the surface", "the higher of two orange fish")),
        ),
    ),
    Picture("3518092246", 12, (("mother", ("brown duck",)), ("swan", ("large white swan", "the bird nearest to us")))),
    Picture(
        "evening_street",
        16,
        (
            ("van", ("green van with a sun on it", "the vehicle on the far side")),
            ("red", ("red car",)),
            ("blue", ("blue car", "car with a white stripe that is blue")),
        ),
    ),
    Picture(
        "b5514f75d8",
        8,
        (
            ("kite", ("red and blue kite",)),
            ("cat", ("dark grey cat", "the animal on the ground")),
            ("bale", ("bale of hay",)),
            ("butterfly", ("orange butterfly",)),
        ),
    ),
    Picture("1f17cd7ce2", 10, (("crate", ("wooden crate",)), ("waver", ("robot without a crate",)))),
    Picture(
        "6025575114",
        10,
        (("owl", ("brown owl", "bird on top of the hill")), ("snowman", ("snowman with a black hat",))),
    ),
    Picture("12", 14, (("blue", ("blue and white balloon",)), ("plane", ("white paper plane",)))),
    Picture("4077251293", 10, (("planet", ("planet with a ring", "the biggest thing")), ("moon", ("grey moon",)))),
)
