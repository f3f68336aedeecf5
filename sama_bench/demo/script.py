"""A scene of the demo as data: who is in it, how they move, and what is said about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from numpy import uint8
from numpy.typing import NDArray

from sama_bench.demo.sheet import Sprite

Image: TypeAlias = NDArray[uint8]


class At(NamedTuple):
    """The place of an actor (or the camera) at a frame; between two of them it moves evenly.

    `x`, `y` are picture pixels of the scene's world, `turn` degrees clockwise; of two actors the one with
    the larger `near` hides the other.
    """

    frame: float
    x: float
    y: float
    size: float = 1.0
    turn: float = 0.0
    near: float = 0.0


class Sway(NamedTuple):
    """A regular to and fro on top of the path: `x`, `y` pixels and `turn` degrees, once in `period` frames."""

    period: float
    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0


class Shade(NamedTuple):
    """A soft shadow below an actor: its half axes, and how far from the pivot it lies."""

    rx: float
    ry: float
    dx: float = 0.0
    dy: float = 0.0


@dataclass(frozen=True)
class Actor:
    """Something that is drawn in front of the backdrop.

    `poses` draws its sprites, shown in turn, all of them once in `cadence` frames. One with something said `about`
    it (what its C question expects) is annotated, with an object number; of the others only those that are
    `listed` have an object number (but no annotation: -1 in `anno_map`).
    """

    name: str
    poses: Callable[[], Sequence[Sprite]]
    path: tuple[At, ...]
    about: str = ""
    listed: bool = False
    cadence: float = 8.0
    flip: bool = False
    sway: Sway | None = None
    shade: Shade | None = None


@dataclass(frozen=True)
class Band:
    """A strip of the backdrop from row `top` down; it follows the camera by the factor `follows`.

    `image` is (H, W, 3) uint8 at twice the picture's resolution.
    """

    image: Image
    top: int = 0
    follows: float = 1.0


@dataclass(frozen=True)
class Round:
    """One question and its answer.

    `ask` names the actors that the `<mask>` marks of the question stand for, `seg` those of each `[SEG]` of
    the answer. `{name.way}` and the like are filled in from what was rendered (`facts.Facts`). `claims` says in
    a form that can be checked what the texts say: "gull leaves left", "near hides far" (`facts.holds`).
    """

    question: str
    answer: str
    ask: tuple[str, ...] = ()
    seg: tuple[tuple[str, ...], ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """One video of the demo with its dialogue.

    `folder` is the video's frame folder below the benchmark's root, `split` the file that lists it, `size` the
    (width, height) of its frames. `frame_name` makes the name of frame i. `text_ids` writes its ids as strings.
    `clipped` ends tracks with their last visible frame.
    """

    video: str
    split: str
    size: tuple[int, int]
    frames: int
    backdrop: Callable[[], Sequence[Band]]
    actors: tuple[Actor, ...]
    rounds: tuple[Round, ...]
    camera: tuple[At, ...] = (At(0, 0, 0),)
    frame_name: str = "{:05d}"
    text_ids: bool = False
    clipped: bool = False

    @property
    def name(self) -> str:
        """A short name, unique in the demo: the last part of the folder."""
        return self.video.rsplit("/", 1)[-1]

    @property
    def cast(self) -> tuple[Actor, ...]:
        """The actors that have an object number, in its order."""
        return tuple(actor for actor in self.actors if actor.about or actor.listed)
