"""The demo's scenes on and under water."""

from __future__ import annotations

from sama_bench.demo import animals, backdrops, scenery, toys, vehicles
from sama_bench.demo.script import Actor, At, Round, Scene, Shade, Sway

HARBOUR = Scene(
    video="mevis/val_u/JPEGImages/harbour",
    split="mevis.json",
    size=(480, 270),
    frames=36,
    backdrop=backdrops.harbour,
    actors=(
        Actor("lighthouse", toys.lighthouse, (At(0, 404, 130, 0.9, near=0),), listed=True),
        Actor(
            "far",
            lambda: vehicles.sailing_boat((150, 62, 50), (40, 96, 206)),
            (At(0, 366, 152, 0.62, near=1), At(35, 128, 156, 0.66, near=1)),
            "A sailing boat with two white sails, a brown hull and a small blue pennant, farther out than its twin. "
            "It crosses the bay from right to left and disappears in part behind the larger boat when the two meet.",
            flip=True,
            sway=Sway(18, y=1.5, turn=2),
        ),
        Actor(
            "near",
            lambda: vehicles.sailing_boat((150, 62, 50), (40, 96, 206)),
            (At(0, 84, 200, 0.98, near=2), At(35, 312, 206, 1.02, near=2)),
            "The larger of two white-sailed boats, close to the viewer, with a brown hull and a blue pennant at the "
            "mast. It sails steadily to the right and passes in front of the other boat in the middle of the clip.",
            sway=Sway(14, y=2, turn=2.5),
        ),
        Actor(
            "buoy",
            toys.buoy,
            (At(0, 414, 238, 1.1, near=3),),
            "An orange buoy with a white band and a little lamp on top, at the lower right. It stays where it is, "
            "bobbing up and down and rocking from side to side on the waves.",
            sway=Sway(12, y=3, turn=9),
        ),
        Actor(
            "gull",
            animals.gull,
            (At(0, 540, 62, 0.95, near=4), At(16, 300, 40, 0.95, near=4), At(33, -60, 66, 0.95, near=4)),
            "A white gull with grey wings and an orange beak. It flaps into the picture at the right, crosses the sky "
            "above the boats and flies out on the left before the clip ends.",
            cadence=6,
            flip=True,
        ),
    ),
    rounds=(
        Round(
            "<video>\nTwo white sailing boats are out in the bay. Which one is heading for the left side of the "
            "picture?",
            "<p> The smaller boat farther out </p> [SEG] sails {far.way}; the nearer one goes the other way.",
            seg=(("far",),),
            claims=("far left", "near right", "near larger far"),
        ),
        Round(
            "What happens to <mask> when the two boats meet?",
            "It slips behind <p> the larger sailing boat </p> [SEG], whose sails cover a part of it for a moment.",
            ask=("far",),
            seg=(("near",),),
            claims=("near hides far",),
        ),
        Round(
            "Does <mask> drift away during the clip?",
            "No, <p> the orange buoy </p> [SEG] only bobs and rocks on the spot.",
            ask=("buoy",),
            seg=(("buoy",),),
            claims=("buoy stays",),
        ),
        Round("Is anybody swimming near the boats?", "No, there is nobody in the water."),
        Round(
            "Describe what moves across this view.",
            "<p> A gull </p> [SEG] flies in from the {gull.entry} and out on the {gull.exit}, and below it <p> two "
            "sailing boats </p> [SEG] pass each other.",
            seg=(("gull",), ("far", "near")),
            claims=("gull enters right", "gull leaves left", "gull left", "near overtakes far"),
        ),
        Round(
            "Which of <mask> and <mask> gets across the picture faster?",
            "<p> The gull </p> [SEG] does: it covers the whole width while <p> the boat </p> [SEG] manages about half "
            "of it.",
            ask=("near", "gull"),
            seg=(("gull",), ("near",)),
            claims=("gull faster near",),
        ),
        Round(
            "What colour is the hull of <mask>?",
            "It is brown with a pale stripe, just like the hull of the other boat.",
            ask=("near",),
        ),
    ),
)

AQUARIUM = Scene(
    video="lvvis/val/JPEGImages/3",
    split="lvvis_0.json",
    size=(480, 270),
    frames=32,
    backdrop=backdrops.aquarium,
    actors=(
        Actor(
            "star",
            lambda: animals.starfish((232, 92, 62)),
            (At(0, 318, 248, 0.9, turn=14, near=0.5),),
            "A small red starfish with pale dots that lies on the sand at the bottom. It does not move at all.",
            shade=Shade(22, 7, 0, 10),
        ),
        Actor(
            "jelly",
            animals.jellyfish,
            (At(0, 424, 204, 1.05, near=1), At(31, 396, 70, 1.05, near=1)),
            "A pink jellyfish with long, pale tentacles on the right. It opens and closes its bell and rises slowly "
            "towards the surface.",
            cadence=12,
        ),
        Actor(
            "upper",
            animals.clownfish,
            (At(0, 66, 66, 0.95, -4, near=2), At(15, 190, 50, 0.95, 4, near=2), At(31, 338, 78, 0.95, 8, near=2)),
            "An orange clownfish with white bands that swims near the surface. It moves to the right all the time, "
            "while its look-alike below goes the other way.",
            cadence=6,
        ),
        Actor(
            "lower",
            animals.clownfish,
            (At(0, 366, 166, 0.85, 0, near=2), At(24, 92, 212, 0.85, -8, near=2), At(31, 84, 214, 0.85, -4, near=2)),
            "An orange clownfish with three white bands, the lower of two. It swims to the left, is covered by a big "
            "blue fish on the way, and hides behind the grey rock in the end.",
            cadence=6,
            flip=True,
        ),
        Actor(
            "tang",
            animals.tang,
            (At(0, -84, 140, 1, 0, near=3), At(16, 200, 166, 1, 4, near=3), At(31, 560, 148, 1, -4, near=3)),
            "A large blue fish with dark markings and a yellow tail. It comes in from the left, crosses the tank in "
            "front of the other animals and leaves on the right.",
            cadence=8,
        ),
        Actor("rock", lambda: scenery.rock(178, 124, (122, 118, 128), 81), (At(0, 84, 268, near=4),)),
        Actor("grass", lambda: scenery.weeds(7, 112, (66, 168, 104), 82), (At(0, 440, 268, near=5),), cadence=18),
        Actor("tuft", lambda: scenery.weeds(5, 66, (96, 172, 84), 83), (At(0, 230, 268, near=1.5),), cadence=18),
    ),
    rounds=(
        Round(
            "<video>\nWhere does <mask> go in the end?",
            "<p> This clownfish </p> [SEG] swims {lower.way} and hides behind the rock at the bottom, so it cannot be "
            "seen in the last frames.",
            ask=("lower",),
            seg=(("lower",),),
            claims=("lower left", "lower gone", "rock hides lower"),
        ),
        Round(
            "There are two clownfish. Which one keeps swimming to the right?",
            "<p> The one near the surface </p> [SEG]; its twin below swims to the left.",
            seg=(("upper",),),
            claims=("upper right", "lower left", "upper above lower"),
        ),
        Round(
            "Who swims between the camera and <mask>?",
            "<p> A big blue fish with a yellow tail </p> [SEG] does, and it covers the clownfish for a moment.",
            ask=("lower",),
            seg=(("tang",),),
            claims=("tang hides lower",),
        ),
        Round(
            "Segment all the orange fish.",
            "<p> The two clownfish </p> [SEG] are the orange ones.",
            seg=(("upper", "lower"),),
        ),
        Round("Can you find the shark?", "There is no shark here, only three fish, a jellyfish and a starfish."),
        Round(
            "How do <mask> and <mask> differ in the way they move?",
            "<p> The jellyfish </p> [SEG] pumps itself {jelly.way}, whereas <p> the starfish </p> [SEG] lies still on "
            "the sand.",
            ask=("jelly", "star"),
            seg=(("jelly",), ("star",)),
            claims=("jelly up", "star stays"),
        ),
        Round(
            "Which animal enters and leaves again before the clip is over?",
            "<p> The blue fish </p> [SEG] comes in from the {tang.entry} and is gone on the {tang.exit} by the end.",
            seg=(("tang",),),
            claims=("tang enters left", "tang leaves right"),
        ),
    ),
    text_ids=True,
)

POND = Scene(
    video="VidSTG/val/3518092246",
    split="VidSTG_1.json",
    size=(480, 270),
    frames=30,
    backdrop=backdrops.pond,
    actors=(
        Actor(
            "mother",
            lambda: animals.duck((158, 120, 82), (138, 100, 66), (104, 76, 54)),
            (At(0, 372, 158, 0.95, near=1), At(29, 106, 164, 1.0, near=1)),
            "A brown duck with a white ring around its neck. It leads the way and swims to the left across the pond "
            "with the ducklings behind it.",
            flip=True,
            sway=Sway(10, y=1.5),
            shade=Shade(44, 7, 0, 4),
        ),
        Actor(
            "first",
            animals.duckling,
            (At(0, 442, 170, 1.05, near=1.2), At(29, 178, 176, 1.1, near=1.2)),
            "A yellow duckling that stays close behind the brown duck as both swim to the left. It is there from the "
            "beginning and is covered by the swan for a while.",
            flip=True,
            sway=Sway(7, y=1.8),
            shade=Shade(20, 4, 0, 4),
        ),
        Actor(
            "last",
            animals.duckling,
            (At(0, 690, 176, 1.05, near=1.1), At(22, 268, 178, 1.1, near=1.1), At(29, 224, 182, 1.1, near=1.1)),
            "The second yellow duckling, the straggler of the family. It enters late from the right and hurries to "
            "the left until it has nearly caught up with the others.",
            flip=True,
            sway=Sway(5, y=2),
            shade=Shade(20, 4, 0, 4),
        ),
        Actor(
            "swan",
            animals.swan,
            (At(0, -40, 214, 1.05, near=2), At(29, 404, 230, 1.1, near=2)),
            "A large white swan with an orange beak, nearest to the viewer. It glides to the right, against the "
            "direction of the ducks, and passes in front of them.",
            sway=Sway(15, y=1.5),
            shade=Shade(58, 9, 0, 5),
        ),
        Actor("reeds", scenery.reeds, (At(0, 36, 276, near=4),)),
        Actor("more reeds", scenery.reeds, (At(0, 452, 282, 1.1, near=4),), flip=True),
    ),
    rounds=(
        Round(
            "<video>\nWhich birds follow <mask>?",
            "<p> Two yellow ducklings </p> [SEG] swim after it.",
            ask=("mother",),
            seg=(("first", "last"),),
            claims=("mother left", "first left", "last left"),
        ),
        Round(
            "One of the ducklings arrives late. Which one is it?",
            "<p> The duckling at the very back </p> [SEG] only comes in from the {last.entry} after the others have "
            "set off.",
            seg=(("last",),),
            claims=("last enters right", "first earlier last"),
        ),
        Round(
            "In which direction does <mask> swim compared with <mask>?",
            "<p> The swan </p> [SEG] swims {swan.way}, <p> the duck </p> [SEG] {mother.way}: they go opposite ways.",
            ask=("swan", "mother"),
            seg=(("swan",), ("mother",)),
            claims=("swan right", "mother left"),
        ),
        Round(
            "What blocks the view of <mask> for a moment?",
            "<p> The white swan </p> [SEG] glides past in front of it.",
            ask=("first",),
            seg=(("swan",),),
            claims=("swan hides first",),
        ),
        Round("Is there a boat on the pond?", "No, only birds are on the water."),
        Round(
            "Name the animals from the left to the right as they are at the end.",
            "First comes <p> the brown duck </p> [SEG], then <p> two ducklings </p> [SEG], and on the far right <p> "
            "the swan </p> [SEG].",
            seg=(("mother",), ("first", "last"), ("swan",)),
            claims=("mother trails first", "first trails last", "last trails swan"),
        ),
        Round(
            "Does <mask> move faster than the duckling ahead of it?",
            "Yes, <p> this little one </p> [SEG] hurries to close the gap.",
            ask=("last",),
            seg=(("last",),),
            claims=("last faster first",),
        ),
    ),
    frame_name="frame_{}",
)

SCENES = (HARBOUR, AQUARIUM, POND)
