"""The demo's scenes on the ground."""

from __future__ import annotations

from sama_bench.demo import animals, backdrops, scenery, toys, vehicles
from sama_bench.demo.script import Actor, At, Round, Scene, Shade, Sway


def _bounces() -> tuple[At, ...]:
    """A ball that drops in, bounces to the left three times and rolls on."""
    floor, path = 210.0, []
    for start, length, height in ((-5.0, 12.0, 250.0), (7.0, 8.0, 92.0), (15.0, 6.0, 40.0)):
        for step in range(0, 13 if height == 40.0 else 12, 2):
            frame, t = start + length * step / 12, step / 12
            path.append(At(frame, 336 - 8 * frame, floor - height * 4 * t * (1 - t), 1, -14 * frame, 2))
    return (*path, At(25, 150, floor, 1, -330, 2))


CITY = Scene(
    video="mevis/val_u/JPEGImages/evening_street",
    split="mevis.json",
    size=(480, 270),
    frames=40,
    backdrop=backdrops.city,
    camera=(At(0, 0, 0), At(39, 380, 0)),
    actors=(
        Actor(
            "van",
            lambda: vehicles.van((54, 150, 98), (252, 216, 92)),
            (At(0, 588, 186, 0.95, near=1), At(39, 236, 186, 0.95, near=1)),
            "A green delivery van with a yellow sun painted on its side. It comes towards the two cars on the far "
            "side of the road, drives to the left and leaves the picture at the left edge.",
            cadence=3,
            flip=True,
            shade=Shade(70, 7),
        ),
        Actor(
            "blue",
            lambda: vehicles.car((58, 110, 206), (236, 240, 246)),
            (At(0, 304, 218, 1.05, near=2), At(39, 526, 218, 1.05, near=2)),
            "A blue car with a white stripe. It is ahead at first, but the red car overtakes it, and it falls back to "
            "the left side of the picture although it drives to the right.",
            cadence=3,
            shade=Shade(64, 7),
        ),
        Actor(
            "red",
            lambda: vehicles.car((208, 46, 46), (250, 244, 232)),
            (At(0, 78, 250, 1.15, near=3), At(39, 756, 250, 1.15, near=3)),
            "A red car with a white stripe in the lane nearest to the viewer. It starts behind the blue car, "
            "overtakes it and ends up on the right side of the picture.",
            cadence=3,
            shade=Shade(64, 8),
        ),
        *(Actor(f"lamp {x}", scenery.lamp_post, (At(0, x, 268, 1.2, near=4),)) for x in (250, 490, 730)),
    ),
    rounds=(
        Round(
            "<video>\nWhich car is ahead at the end of the clip?",
            "<p> The red car </p> [SEG]: it overtakes <p> the blue one </p> [SEG] on the way.",
            seg=(("red",), ("blue",)),
            claims=("red overtakes blue",),
        ),
        Round(
            "Does <mask> drive in the same direction as <mask>?",
            "No. <p> The van </p> [SEG] drives {van.way}, <p> the car </p> [SEG] to the right.",
            ask=("van", "red"),
            seg=(("van",), ("red",)),
            claims=("van left", "red right"),
        ),
        Round(
            "What covers <mask> while it is being overtaken?",
            "<p> The red car in the nearest lane </p> [SEG] covers its lower part.",
            ask=("blue",),
            seg=(("red",),),
            claims=("red hides blue",),
        ),
        Round(
            "Point out all vehicles that drive towards the right.",
            "<p> The two cars </p> [SEG] do, with the camera travelling alongside.",
            seg=(("red", "blue"),),
        ),
        Round(
            "Which vehicle drives out of the picture, and where?",
            "<p> The green van with the sun on its side </p> [SEG] leaves at the {van.exit} edge.",
            seg=(("van",),),
            claims=("van leaves left",),
        ),
        Round("Is a cyclist on the road?", "No, there are only two cars and a van."),
        Round(
            "Why does <mask> drift to the left in the picture?",
            "The camera moves faster than <p> the blue car </p> [SEG], so the car falls back although it drives "
            "forward.",
            ask=("blue",),
            seg=(("blue",),),
            claims=("blue left",),
        ),
        Round(
            "What is painted on <mask>?",
            "A yellow sun with rays, above a yellow stripe.",
            ask=("van",),
        ),
    ),
    frame_name="frame_{:06d}",
    clipped=True,
)

MEADOW = Scene(
    video="ref_youtube_vos/valid/JPEGImages/b5514f75d8",
    split="ref_youtube_vos_0.json",
    size=(480, 270),
    frames=30,
    backdrop=backdrops.meadow,
    camera=(At(0, 0, 0), At(29, 70, 0)),
    actors=(
        Actor(
            "kite",
            lambda: toys.kite((228, 72, 62), (58, 116, 212)),
            (At(0, 348, 66, near=0), At(29, 452, 58, near=0)),
            "A red and blue diamond kite with a tail of small bows. It dances to and fro in the sky on the right and "
            "stays up in the air throughout.",
            cadence=12,
            sway=Sway(15, x=22, y=9, turn=14),
        ),
        Actor(
            "cat",
            lambda: animals.cat((74, 72, 82), (232, 62, 62)),
            (At(0, 84, 222, near=1), At(29, 412, 226, near=1)),
            "A dark grey cat with a red collar and white paws. It strolls to the right through the meadow, vanishes "
            "behind a hay bale and comes out on the other side.",
            cadence=9,
            shade=Shade(46, 6),
        ),
        Actor(
            "bale",
            scenery.hay_bale,
            (At(0, 262, 238, 1.12, near=2),),
            "A round bale of golden hay that stands in the grass. It does not move by itself; it only shifts to the "
            "left in the picture because the camera pans.",
            shade=Shade(60, 8),
        ),
        Actor(
            "ball",
            lambda: toys.ball((226, 60, 72), (252, 216, 86), 24),
            (At(0, 560, 224, 1, 0, near=3), At(27, 20, 232, 1, -620, near=3)),
            "A red and yellow beach ball with a white cap. It rolls in from the right, passes in front of the hay "
            "bale and rolls out of the picture on the left.",
            shade=Shade(24, 5, 0, 22),
        ),
        Actor(
            "butterfly",
            lambda: animals.butterfly((244, 150, 44)),
            (
                At(0, 96, 150, 0.9, 60, 4),
                At(10, 178, 112, 0.9, 40, 4),
                At(20, 250, 128, 0.9, 80, 4),
                At(29, 330, 84, 0.9, 40, 4),
            ),
            "An orange butterfly with pale dots on its wings. It flutters up and down and makes its way to the right "
            "above the meadow.",
            cadence=4,
            sway=Sway(9, y=7, turn=12),
        ),
    ),
    rounds=(
        Round(
            "<video>\nWhat does <mask> walk behind?",
            "It walks behind <p> the hay bale </p> [SEG], which hides it completely for a moment.",
            ask=("cat",),
            seg=(("bale",),),
            claims=("bale hides cat", "cat vanishes", "cat right"),
        ),
        Round(
            "Which toy rolls away, and in which direction?",
            "<p> The beach ball </p> [SEG] rolls in from the {ball.entry} and out at the {ball.exit} edge.",
            seg=(("ball",),),
            claims=("ball enters right", "ball leaves left"),
        ),
        Round(
            "What is in the air in this clip?",
            "<p> A red and blue kite </p> [SEG] and <p> an orange butterfly </p> [SEG] are.",
            seg=(("kite",), ("butterfly",)),
            claims=("kite above cat", "butterfly above ball"),
        ),
        Round("Where is the dog?", "There is no dog; the only four-legged animal in the meadow is a cat."),
        Round(
            "Does <mask> really move?",
            "No, it stands still in the grass. It only seems to shift {bale.way} because the camera pans.",
            ask=("bale",),
            claims=("bale left",),
        ),
        Round(
            "Which animals travel to the right?",
            "<p> The cat and the butterfly </p> [SEG] both do.",
            seg=(("cat", "butterfly"),),
            claims=("cat right", "butterfly right"),
        ),
        Round(
            "Which toy passes in front of <mask>, the thing that <mask> walks behind?",
            "<p> The red and yellow ball </p> [SEG] rolls past in front of the hay.",
            ask=("bale", "cat"),
            seg=(("ball",),),
            claims=("ball hides bale",),
        ),
    ),
    text_ids=True,
)

WORKSHOP = Scene(
    video="ref_youtube_vos/valid/JPEGImages/1f17cd7ce2",
    split="ref_youtube_vos_1.json",
    size=(432, 240),
    frames=26,
    backdrop=backdrops.workshop,
    actors=(
        Actor(
            "waver",
            lambda: toys.robot((112, 172, 184), (240, 92, 78), wave=True),
            (At(0, 222, 196, 0.95, near=1),),
            "A turquoise robot with a red lamp on its head that stays in the middle of the workshop. It keeps waving "
            "one arm while its twin rolls past in front of it.",
            cadence=10,
            shade=Shade(42, 6),
        ),
        Actor(
            "ball",
            lambda: toys.ball((72, 170, 92), (246, 244, 236), 15),
            _bounces(),
            "A small green and white ball. It drops in at the top, bounces across the floor to the left and rolls on "
            "when it has lost its swing.",
            shade=None,
        ),
        Actor(
            "pusher",
            lambda: toys.robot((112, 172, 184), (240, 92, 78)),
            (At(0, 62, 228, near=3), At(25, 366, 228, near=3)),
            "A turquoise robot on black tracks, the one that moves. It rolls to the right through the workshop, "
            "pushing a wooden crate, and passes in front of the robot that stands still.",
            sway=Sway(5, y=0.8),
            shade=Shade(44, 7),
        ),
        Actor(
            "crate",
            toys.crate,
            (At(0, 150, 229, 1.05, near=3.5), At(25, 454, 229, 1.05, near=3.5)),
            "A wooden crate with crossed boards on its side. It is pushed across the floor to the right by a robot "
            "and has all but left the picture at the end.",
            shade=Shade(34, 6),
        ),
    ),
    rounds=(
        Round(
            "<video>\nThe two robots look the same. Which one is working?",
            "<p> The robot that rolls {pusher.way} </p> [SEG] is: it pushes <p> a wooden crate </p> [SEG] ahead of it.",
            seg=(("pusher",), ("crate",)),
            claims=("pusher right", "crate right"),
        ),
        Round(
            "What does <mask> do while <mask> passes?",
            "<p> It </p> [SEG] stays where it is and waves one arm.",
            ask=("waver", "pusher"),
            seg=(("waver",),),
            claims=("waver stays", "pusher hides waver"),
        ),
        Round(
            "Who hides <mask> for a while?",
            "<p> Its twin with the crate </p> [SEG] rolls past in front of it.",
            ask=("waver",),
            seg=(("pusher",),),
            claims=("pusher hides waver",),
        ),
        Round(
            "Segment every robot in the room.",
            "Here are <p> both robots </p> [SEG].",
            seg=(("waver", "pusher"),),
        ),
        Round("Is a person operating the robots?", "Nobody is to be seen; the robots are alone in the workshop."),
        Round(
            "How does <mask> travel?",
            "It drops in from above, bounces {ball.way} and then rolls on along the floor.",
            ask=("ball",),
            claims=("ball left",),
        ),
        Round(
            "Which things move in opposite directions?",
            "<p> The green and white ball </p> [SEG] goes {ball.way}, <p> the crate </p> [SEG] {crate.way}.",
            seg=(("ball",), ("crate",)),
            claims=("ball left", "crate right"),
        ),
    ),
)

WINTER = Scene(
    video="VidSTG/val/6025575114",
    split="VidSTG_7.json",
    size=(480, 270),
    frames=34,
    backdrop=backdrops.winter,
    actors=(
        Actor(
            "wagon",
            lambda: vehicles.wagon((156, 46, 54), (92, 92, 104)),
            (At(0, 524, 157, near=1), At(33, 38, 157, near=1)),
            "A dark red passenger wagon with four lit windows, drawn by the green locomotive. It follows to the left, "
            "passes behind the snowy hill and comes out again.",
            cadence=3,
            flip=True,
        ),
        Actor(
            "engine",
            lambda: vehicles.locomotive((36, 98, 74)),
            (At(0, 406, 157, near=1), At(33, -80, 157, near=1)),
            "A green steam locomotive with red wheels. It pulls a wagon to the left, disappears behind the hill, "
            "comes out again and leaves the picture at the left edge.",
            cadence=3,
            flip=True,
        ),
        Actor("hill", lambda: scenery.hill(344, 150, (230, 238, 248), 84), (At(0, 252, 216, near=2),)),
        Actor(
            "owl",
            animals.owl,
            (At(0, 268, 70, 1.0, near=2.5),),
            "A brown owl with big yellow eyes that sits on top of the snowy hill. It sways a little but keeps its "
            "place while the train goes by below.",
            sway=Sway(20, turn=5),
        ),
        Actor("fir", scenery.fir, (At(0, 432, 216, 1.0, near=3),)),
        Actor("small fir", scenery.fir, (At(0, 386, 206, 0.7, near=2.9),)),
        Actor(
            "snowman",
            lambda: toys.snowman((204, 52, 62)),
            (At(0, 128, 254, near=4),),
            "A snowman with a black hat, a carrot nose and a red scarf in the foreground on the left. It stands still "
            "and is hidden in part when the sledge slides past.",
            shade=Shade(34, 6),
        ),
        Actor(
            "sledge",
            vehicles.sledge,
            (At(0, -60, 240, 1.15, 5, 5), At(29, 540, 266, 1.15, 5, 5)),
            "A wooden sledge with red runners, loaded with a blue and a pink parcel. It slides in from the left, "
            "passes in front of the snowman and leaves on the right.",
            shade=Shade(38, 6),
        ),
    ),
    rounds=(
        Round(
            "<video>\nWhat happens to <mask> on its way to the left?",
            "<p> The locomotive </p> [SEG] disappears behind the snowy hill, comes out again and leaves at the "
            "{engine.exit} edge.",
            ask=("engine",),
            seg=(("engine",),),
            claims=("engine vanishes", "hill hides engine", "engine leaves left"),
        ),
        Round(
            "Segment the whole train.",
            "The train consists of <p> a green locomotive and a red wagon </p> [SEG].",
            seg=(("engine", "wagon"),),
        ),
        Round(
            "Which two things move in opposite directions?",
            "<p> The sledge </p> [SEG] slides {sledge.way} while <p> the train </p> [SEG] runs {engine.way}.",
            seg=(("sledge",), ("engine", "wagon")),
            claims=("sledge right", "engine left", "wagon left"),
        ),
        Round(
            "Who is watching from the top of the hill?",
            "<p> A brown owl with yellow eyes </p> [SEG] sits up there.",
            seg=(("owl",),),
            claims=("owl stays", "owl above sledge"),
        ),
        Round(
            "What passes in front of <mask>?",
            "<p> A sledge loaded with parcels </p> [SEG].",
            ask=("snowman",),
            seg=(("sledge",),),
            claims=("sledge hides snowman",),
        ),
        Round("Are children playing in the snow?", "No children are to be seen, only a snowman they may have built."),
        Round(
            "Which is out of the picture first, <mask> or <mask>?",
            "<p> The sledge </p> [SEG] is gone before the end, while <p> the wagon </p> [SEG] can still be seen in "
            "the last frame.",
            ask=("wagon", "sledge"),
            seg=(("sledge",), ("wagon",)),
            claims=("wagon outlasts sledge", "sledge leaves right"),
        ),
        Round(
            "Does <mask> wear anything?",
            "Yes, a black hat and a red scarf.",
            ask=("snowman",),
            claims=("snowman stays",),
        ),
    ),
    frame_name="frame_{}",
)

SCENES = (CITY, MEADOW, WORKSHOP, WINTER)
