"""The demo of dialogues: three of the demo's scenes with rounds that need the ones before them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sama_bench.benchmark.definition import BenchmarkDefinition
from sama_bench.benchmarks.sama.definition import EXPECTED
from sama_bench.benchmarks.sama.reader import SamaReader
from sama_bench.benchmarks.sama.tasks import C, G
from sama_bench.demo.script import Round, Scene

# By the scene's name. Whoever is shown no earlier round cannot know what "it" is.
ROUNDS = {
    "harbour": (
        Round(
            "<video>\nWhich way does <mask> sail?",
            "<p> The larger of the two boats </p> [SEG] sails {near.way}.",
            ask=("near",),
            seg=(("near",),),
            claims=("near right", "near larger far"),
        ),
        Round(
            "And <mask>?",
            "<p> The smaller boat farther out </p> [SEG] sails {far.way}.",
            ask=("far",),
            seg=(("far",),),
            claims=("far left",),
        ),
        Round(
            "What hides a part of it when the two meet?",
            "<p> The larger boat </p> [SEG] slips in front of it.",
            seg=(("near",),),
            claims=("near hides far",),
        ),
        Round(
            "Point at the same boat once more, the one that is hidden.",
            "Here is <p> the smaller boat </p> [SEG] again.",
            seg=(("far",),),
        ),
        Round(
            "And the other one?",
            "That is <p> the boat closer to the viewer </p> [SEG].",
            seg=(("near",),),
        ),
        Round("Is anybody swimming between them?", "No, there is nobody in the water."),
    ),
    "evening_street": (
        Round(
            "<video>\nWhich way does <mask> drive?",
            "<p> The red car </p> [SEG] drives to the right.",
            ask=("red",),
            seg=(("red",),),
            claims=("red right",),
        ),
        Round(
            "What does it overtake?",
            "It overtakes <p> the blue car </p> [SEG].",
            seg=(("blue",),),
            claims=("red overtakes blue",),
        ),
        Round(
            "Does <mask> drive the same way as the two cars?",
            "No, <p> the van </p> [SEG] drives {van.way}.",
            ask=("van",),
            seg=(("van",),),
            claims=("van left",),
        ),
        Round(
            "Where does it leave the picture?",
            "<p> It </p> [SEG] leaves at the {van.exit} edge.",
            seg=(("van",),),
            claims=("van leaves left",),
        ),
        Round(
            "And the other one, which I asked about first: what colour is it?",
            "Red with a white stripe is <p> the car in the nearest lane </p> [SEG].",
            seg=(("red",),),
            claims=("red overtakes blue",),
        ),
        Round("Is a cyclist among them?", "No, they are two cars and a van."),
    ),
    "b5514f75d8": (
        Round(
            "<video>\nWhere is <mask> all the time?",
            "<p> The kite </p> [SEG] is up in the sky.",
            ask=("kite",),
            seg=(("kite",),),
            claims=("kite above cat", "kite visible"),
        ),
        Round(
            "And what does <mask> do?",
            "<p> The cat </p> [SEG] walks {cat.way}.",
            ask=("cat",),
            seg=(("cat",),),
            claims=("cat right",),
        ),
        Round(
            "What does it vanish behind?",
            "<p> The hay bale </p> [SEG] hides it for a moment.",
            seg=(("bale",),),
            claims=("bale hides cat", "cat vanishes"),
        ),
        Round(
            "Show the same animal on all frames.",
            "This is <p> the dark grey cat </p> [SEG].",
            seg=(("cat",),),
        ),
        Round(
            "And the other one that I asked about?",
            "This is <p> the red and blue kite </p> [SEG].",
            seg=(("kite",),),
        ),
        Round(
            "Is it higher up than the animal?",
            "Yes, <p> it </p> [SEG] is far above.",
            seg=(("kite",),),
            claims=("kite above cat",),
        ),
    ),
}


def with_follow_ups(scenes: tuple[Scene, ...]) -> tuple[Scene, ...]:
    """The scenes that have such rounds, with these in the place of their own."""
    return tuple(replace(scene, rounds=ROUNDS[scene.name]) for scene in scenes if scene.name in ROUNDS)


def _folder() -> Path:
    from sama_bench.demo.render import dialogue_root  # draws with OpenCV, which takes long to import

    return dialogue_root()


DEMO_DIALOGUE = BenchmarkDefinition(
    name="demo-dialogue",
    title="three of the demo's scenes with rounds that need the ones before them, in SAMA-Bench's form",
    tasks=(G, C),
    read=SamaReader,
    expects=EXPECTED,
    embedded=_folder,
)
