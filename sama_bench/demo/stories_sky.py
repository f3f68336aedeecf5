"""The demo's scenes in the air and beyond."""

from __future__ import annotations

from sama_bench.demo import backdrops, toys, vehicles
from sama_bench.demo.script import Actor, At, Round, Scene, Sway

_RED_AND_YELLOW = ((216, 56, 50), (252, 210, 76))

BALLOONS = Scene(
    video="lvvis/val/JPEGImages/12",
    split="lvvis_1.json",
    size=(270, 480),
    frames=28,
    backdrop=backdrops.valley,
    camera=(At(0, 0, 70), At(27, 0, 10)),
    actors=(
        Actor(
            "blue",
            lambda: vehicles.balloon(((66, 120, 214), (238, 242, 248))),
            (At(0, 146, 330, 0.3, near=0), At(27, 152, 250, 0.72, near=0)),
            "A blue and white balloon that is far away at first. It comes closer, so that it more than doubles in "
            "size in the middle of the picture.",
            sway=Sway(24, turn=3),
        ),
        Actor(
            "riser",
            lambda: vehicles.balloon(_RED_AND_YELLOW),
            (At(0, 66, 440, 1.05, near=1), At(27, 84, 130, 1.05, near=1)),
            "The hot-air balloon on the left, striped in red and yellow with a brown basket. It rises high up while "
            "its look-alike sinks.",
            sway=Sway(20, x=3, turn=4),
        ),
        Actor(
            "sinker",
            lambda: vehicles.balloon(_RED_AND_YELLOW),
            (At(0, 206, 140, 0.95, near=1.5), At(27, 192, 396, 0.95, near=1.5)),
            "The red and yellow striped balloon on the right. It looks like the other striped one but comes down "
            "instead of going up.",
            sway=Sway(16, x=2, turn=-4),
        ),
        Actor(
            "plane",
            vehicles.paper_plane,
            (
                At(0, -70, 262, 1, 8, 4),
                At(8, 60, 290, 1, 12, 4),
                At(16, 190, 262, 1, -16, 4),
                At(23, 330, 216, 1, -18, 4),
            ),
            "A white paper plane with a thin red line. It glides in from the left, dips, climbs again in front of the "
            "balloons and leaves on the right.",
        ),
    ),
    rounds=(
        Round(
            "<video>\nTwo balloons have the same stripes. Which of them is going up?",
            "<p> The striped balloon on the left </p> [SEG] rises, the one on the right comes down.",
            seg=(("riser",),),
            claims=("riser up", "sinker down"),
        ),
        Round(
            "Is <mask> coming closer or moving away?",
            "<p> The blue and white balloon </p> [SEG] comes closer: it grows a lot during the clip.",
            ask=("blue",),
            seg=(("blue",),),
            claims=("blue grows",),
        ),
        Round(
            "What flies through the picture and leaves again?",
            "<p> A paper plane </p> [SEG] glides in from the {plane.entry} and out on the {plane.exit}.",
            seg=(("plane",),),
            claims=("plane enters left", "plane leaves right"),
        ),
        Round(
            "How do <mask> and <mask> move relative to each other?",
            "They pass each other: <p> one </p> [SEG] moves {riser.way} and <p> the other </p> [SEG] {sinker.way}.",
            ask=("riser", "sinker"),
            seg=(("riser",), ("sinker",)),
            claims=("riser up", "sinker down"),
        ),
        Round(
            "Mark the balloons with red and yellow stripes.",
            "<p> These two balloons </p> [SEG] have red and yellow stripes; the third is blue and white.",
            seg=(("riser", "sinker"),),
        ),
        Round("Is there a helicopter in the sky?", "No, only three balloons and a paper plane are in the air."),
        Round(
            "Which balloon is partly hidden by <mask>?",
            "<p> The blue and white balloon </p> [SEG] is, as it is farther away.",
            ask=("sinker",),
            seg=(("blue",),),
            claims=("sinker hides blue",),
        ),
    ),
    clipped=True,
)

SPACE = Scene(
    video="VidSTG/val/4077251293",
    split="VidSTG_0.json",
    size=(480, 270),
    frames=24,
    backdrop=backdrops.space,
    actors=(
        Actor(
            "planet",
            lambda: toys.ringed_planet(56, (228, 188, 132), (190, 128, 88), (232, 210, 176)),
            (At(0, 246, 138, 1.1, -8, 2), At(23, 238, 134, 1.1, -4, 2)),
            "A big orange-brown planet with swirling bands and a tilted ring in the middle of the picture. It hardly "
            "moves while the moon goes around it.",
        ),
        Actor(
            "moon",
            lambda: toys.planet(21, (168, 168, 176), (118, 118, 130), 60, bands=False),
            (
                At(0, 96, 120, 1.05, 0, 3),
                At(4, 158, 158, 1.1, 20, 3),
                At(8, 270, 172, 1.15, 40, 3),
                At(11, 372, 150, 1.1, 55, 3),
                At(12, 384, 138, 1.05, 60, 1),
                At(16, 300, 104, 1, 80, 1),
                At(20, 190, 106, 0.95, 100, 1),
                At(23, 112, 112, 1, 115, 1),
            ),
            "A grey, spotted moon. It passes in front of the planet from left to right and then comes back behind it, "
            "so that it is hidden for a while.",
        ),
        Actor(
            "tumbler",
            vehicles.satellite,
            (At(0, 60, 44, 0.95, -20, 3.5), At(23, 214, 36, 0.95, 160, 3.5)),
            "A satellite with a golden body and two blue solar wings at the top left. It tumbles as it drifts to the "
            "right.",
        ),
        Actor(
            "steady",
            vehicles.satellite,
            (At(0, 424, 226, 0.95, 12, 3.5), At(23, 300, 240, 0.95, 12, 3.5)),
            "A satellite with blue solar wings at the lower right. It drifts to the left without turning, unlike its "
            "twin at the top.",
        ),
        Actor(
            "comet",
            toys.comet,
            (At(2, 500, 0, 1.1, near=4), At(19, -120, 330, 1.1, near=4)),
            "A bright comet with a long bluish tail. It comes in at the upper right, streaks across the picture in "
            "front of the planet and leaves at the lower left.",
        ),
    ),
    rounds=(
        Round(
            "<video>\nWhat does <mask> do first, pass in front of the planet or behind it?",
            "<p> The moon </p> [SEG] first passes in front of <p> the ringed planet </p> [SEG] and afterwards behind "
            "it.",
            ask=("moon",),
            seg=(("moon",), ("planet",)),
            claims=("moon hides planet", "planet hides moon"),
        ),
        Round(
            "One of the two satellites is out of control. Which?",
            "<p> The one at the top </p> [SEG]: it tumbles, while <p> the lower one </p> [SEG] keeps its attitude.",
            seg=(("tumbler",), ("steady",)),
            claims=("tumbler above steady", "tumbler right", "steady left"),
        ),
        Round(
            "Which object crosses the whole picture?",
            "<p> The comet </p> [SEG] does, from the upper right to the lower left.",
            seg=(("comet",),),
            claims=("comet left", "comet down", "comet faster steady"),
        ),
        Round(
            "Segment everything that was built by people.",
            "Only <p> the two satellites </p> [SEG] were.",
            seg=(("tumbler", "steady"),),
        ),
        Round("Where is the astronaut?", "No astronaut is visible in this clip."),
        Round(
            "Is <mask> larger than <mask>?",
            "Yes, <p> the planet </p> [SEG] is far larger than <p> its moon </p> [SEG].",
            ask=("planet", "moon"),
            seg=(("planet",), ("moon",)),
            claims=("planet larger moon",),
        ),
        Round(
            "Which way does <mask> drift, and does it turn?",
            "It drifts {steady.way} and does not turn at all.",
            ask=("steady",),
            claims=("steady left",),
        ),
    ),
    frame_name="frame_{}",
)

SCENES = (BALLOONS, SPACE)
